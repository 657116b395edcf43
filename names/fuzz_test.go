package names_test

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/jumyla/jumyla/names"
)

// strange is what people, lists and enemies write into a field for a name.
var strange = []string{
	"", " ", "А", "а.", "🙂", "🙂🙂 🙂", "K\u0430\u0439rat", "Қай\u0000рат", strings.Repeat("қ", 10_000), strings.Repeat("а ", 10_000), strings.Repeat("Ұлы", 3_000),
	"Қ\u0301\u0302\u0303айрат", strings.Repeat("\u0301", 5_000), "\u202eтарйаҚ", "\u200fقايرات\u200f", "ұлы", "қызы ұлы қызы", "---", "-", "'''''", "1234", "9", "ов", "ова ов ев",
	"\xff\xfe", "Ахметов\tҚайрат\n", "ﷺ", "日本太郎", "ΑΒΓ", "İı", "ǅ", "ß", strings.Repeat("shch", 2_500), "a b c d e f g h i j k l", "А. Б. В. Г. Д. Е. Ж.",
}

// TestStrange holds that nothing that is written into a name breaks the register or takes long, and that it can be
// added, compared, found and removed.
func TestStrange(t *testing.T) {
	x := register("Ахметов Қайрат")
	for _, s := range strange {
		slot := x.Add(names.Record{Name: s, Phones: []string{s}, Place: s, Address: s, Number: s, Children: []int{-1, 5_000_000}})
		for _, r := range strange {
			x.Compare(names.Record{Name: s, Address: r}, names.Record{Name: r, Address: s})
		}
		hits := x.Search(names.Record{Name: s}, 5)
		if key := names.Fold(s); len(key) > 0 && key[0].Kind == names.Core && !slices.ContainsFunc(hits, func(h names.Hit) bool { return h.Slot == slot }) {
			t.Errorf("%.40q is not found: %+v", s, hits)
		}
		x.Remove(slot)
	}
	if x.Len() != 1 {
		t.Errorf("%d records are left", x.Len())
	}
}

// TestHalfTheCountry holds that a register in which half bear one surname still finds, and puts the right one first.
func TestHalfTheCountry(t *testing.T) {
	x := names.NewIndex(names.DefaultWeights())
	for range 20_000 {
		x.Add(names.Record{Name: "Ахметов Марат"})
	}
	want := x.Add(names.Record{Name: "Ахметов Жәңгірхан"})
	if hits := x.Search(names.Record{Name: "Akhmetov Zhangirkhan"}, 3); len(hits) == 0 || hits[0].Slot != want {
		t.Errorf("found %+v, want slot %d", hits, want)
	}
	if hits := x.Search(names.Record{Name: "Ахметов"}, 3); len(hits) != 3 {
		t.Errorf("a surname alone finds %d", len(hits))
	}
}

// TestRegisterOfOne holds that one record is found, and that it is not everybody.
func TestRegisterOfOne(t *testing.T) {
	x := register("Ким Роман")
	if hits := x.Search(names.Record{Name: "Roman Kim"}, 3); len(hits) != 1 || !hits[0].Given {
		t.Errorf("%+v", hits)
	}
	if hits := x.Search(names.Record{Name: "Жұмабек Тоқтасынов"}, 3); len(hits) != 0 {
		t.Errorf("somebody else is found: %+v", hits)
	}
	if hits := names.NewIndex(names.DefaultWeights()).Search(names.Record{Name: "Ким"}, 3); len(hits) != 0 {
		t.Errorf("an empty register finds %+v", hits)
	}
}

func FuzzFold(f *testing.F) {
	for _, s := range strange {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		key := names.Fold(s)
		if len(key) > 6 {
			t.Fatalf("%d parts", len(key))
		}
		for _, token := range key {
			if len(token.Variants) == 0 || !utf8.ValidString(token.Text) && utf8.ValidString(s) {
				t.Fatalf("a token of %q is %+v", s, token)
			}
			for _, v := range token.Variants {
				if v.Sounds == "" || len(v.Sounds) > 20 {
					t.Fatalf("%q sounds as %q", s, v.Sounds)
				}
			}
		}
		names.FoldAddress(s)
		names.Phone(s)
		names.ParseBorn(s)
	})
}

func FuzzSearch(f *testing.F) {
	x := register("Ахметов Қайрат Серікұлы", "Ким Роман", "Нұрсұлтан Әбішев", "Иванова Наталья")
	for i, s := range strange {
		f.Add(s, strange[len(strange)-1-i])
	}
	f.Fuzz(func(t *testing.T, a, b string) {
		slot := x.Add(names.Record{Name: a, Phones: []string{b}, Address: b, Place: a})
		hits := x.Search(names.Record{Name: a, Phones: []string{b}}, 10)
		for i := range hits {
			if i > 0 && hits[i].Bits > hits[i-1].Bits {
				t.Fatalf("out of order: %+v", hits)
			}
			if hits[i].Bits != hits[i].Bits {
				t.Fatal("bits are no number")
			}
		}
		if e := x.Compare(names.Record{Name: a}, names.Record{Name: b}); e.Band == names.Same {
			t.Fatalf("a name alone joined %q and %q", a, b)
		}
		x.Remove(slot)
		if x.Len() != 4 {
			t.Fatalf("%d records", x.Len())
		}
	})
}
