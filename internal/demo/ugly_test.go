package demo

import (
	"bytes"
	"encoding/csv"
	"strconv"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/charmap"
)

func TestUglyListIsTheSameEachTime(t *testing.T) {
	x1, c1, err := UglyList(4)
	if err != nil {
		t.Fatal(err)
	}
	x2, c2, err := UglyList(4)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(x1, x2) || !bytes.Equal(c1, c2) {
		t.Error("the same seed gives two files")
	}
}

func TestUglyXLSX(t *testing.T) {
	for _, seed := range seeds {
		b, _, err := UglyList(seed)
		if err != nil {
			t.Fatal(err)
		}
		f, err := excelize.OpenReader(bytes.NewReader(b))
		if err != nil {
			t.Fatal(err)
		}
		sheet := f.GetSheetName(0)
		merged, err := f.GetMergeCells(sheet)
		if err != nil || len(merged) < 8 {
			t.Errorf("%d merged cells, %v", len(merged), err)
		}
		lines, err := f.GetRows(sheet)
		if err != nil {
			t.Fatal(err)
		}
		text := ""
		for _, l := range lines {
			text += strings.Join(l, "\t") + "\n"
		}
		for _, want := range []string{"Аты-жөні / ФИО", "Итого", "8 (700) 000-", Mark, "частный сектор"} {
			if !strings.Contains(text, want) {
				t.Errorf("seed %d: no %q in the list", seed, want)
			}
		}
		two := 0
		for i, p := range UglyRows(seed) {
			if got := lines[p.Row-1][0]; got != strconv.Itoa(i+1) {
				t.Errorf("seed %d: row %d has number %s, want %d", seed, p.Row, got, i+1)
			}
			two += count(len(p.Phones) == 2)
		}
		if two < 4 {
			t.Errorf("seed %d: only %d cells with two phones", seed, two)
		}
	}
}

func TestUglyRows(t *testing.T) {
	for _, seed := range seeds {
		truth := map[string]bool{}
		for _, h := range Households(seed) {
			truth[h.TruthID] = true
		}
		known, again := 0, 0
		for _, p := range UglyRows(seed) {
			if p.Known != truth[p.TruthID] {
				t.Errorf("seed %d: %s known = %v", seed, p.TruthID, p.Known)
			}
			known += count(p.Known && !p.Again)
			again += count(p.Again)
		}
		if n := len(UglyRows(seed)); n != UglyRowCount || known != uglyKnownCount || again != uglyAgainCount {
			t.Errorf("seed %d: %d rows, %d known, %d again", seed, n, known, again)
		}
	}
}

func TestUglyCSV(t *testing.T) {
	_, b, err := UglyList(1)
	if err != nil {
		t.Fatal(err)
	}
	s, err := charmap.Windows1251.NewDecoder().Bytes(b)
	if err != nil {
		t.Fatal(err)
	}
	r := csv.NewReader(bytes.NewReader(s))
	r.Comma, r.FieldsPerRecord = ';', -1
	lines, err := r.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if len(lines) < UglyRowCount+6 || !strings.Contains(string(s), "Итого") || !strings.Contains(string(s), "Аты-ж?ні / ФИО") {
		t.Errorf("%d lines:\n%s", len(lines), s)
	}
	for _, l := range lines {
		if len(l) == 9 && l[0] != "" && l[1] != "" && l[2] != "" && l[0] != "№ р/с" && (strings.Contains(strings.Join(l, ""), "?") || !Invented(l[8])) {
			t.Errorf("somebody's letters are lost, or the mark: %q", l)
		}
	}
}
