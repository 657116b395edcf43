package names

import (
	"bufio"
	"os"
	"strings"
	"testing"
)

func TestDbg(t *testing.T) {
	f, _ := os.Open("../../shared/data/names/kz/corpus_100k.tsv")
	s := bufio.NewScanner(f)
	x := NewIndex(DefaultWeights())
	for s.Scan() {
		_, n, _ := strings.Cut(s.Text(), "\t")
		x.Add(Record{Name: n})
	}
	nv := map[int]int{}
	tot := 0
	for _, f := range x.forms {
		nv[len(f.token.Variants)]++
	}
	for _, b := range x.blocks {
		tot += len(b)
	}
	t.Log(len(x.forms), nv, len(x.blocks), tot)
	for _, n := range strings.Split(os.Getenv("Q"), "|") {
		for _, tok := range Fold(n) {
			var keys []uint32
			for _, v := range tok.Variants {
				keys = blockKeys(keys, v)
			}
			c := 0
			for _, k := range keys {
				c += len(x.blocks[k])
			}
			sc := &scratch{}
			near, bg := x.neighbours(&tok, sc)
			t.Log(tok, len(keys), c, len(near), bg)
		}
	}
	if a, b, ok := strings.Cut(os.Getenv("C"), "|"); ok {
		e := x.Compare(Record{Name: a}, Record{Name: b})
		t.Logf("%+v", e)
	}
}
