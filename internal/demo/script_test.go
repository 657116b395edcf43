package demo

import (
	"strings"
	"testing"

	"github.com/jumyla/jumyla/internal/i18n"
)

func TestScript(t *testing.T) {
	for _, seed := range seeds {
		for _, s := range Script(seed) {
			for _, l := range i18n.Langs() {
				for _, text := range []string{s.Title(l), s.Text(l)} {
					if strings.ContainsAny(text, "⟦{}") || text == "" {
						t.Errorf("%s in %s: %s", s.Code, l, text)
					}
				}
			}
		}
		same := 0
		first := scriptHousehold(Households(seed))
		for _, h := range Households(seed) {
			same += count(h.TruthID == first.TruthID)
		}
		if first.Place.House != 44 || same < 3 {
			t.Errorf("seed %d: the script's household is %s, %d records", seed, first.Place.Address, same)
		}
	}
}

func TestItemsHaveNames(t *testing.T) {
	for _, it := range Items() {
		if !i18n.Has("demo.item."+it.Code) || !i18n.Has("demo.item."+it.Code+".holds") {
			t.Errorf("%s has no name or contents", it.Code)
		}
	}
}
