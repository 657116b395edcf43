package tree

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/jumyla/jumyla/internal/i18n"
	"github.com/jumyla/jumyla/internal/id"
	"github.com/jumyla/jumyla/internal/store"
	"github.com/jumyla/jumyla/ledger"
)

// node is a centre of an invented country.
func node(n, parent byte, level string) Node {
	c := Node{Centre: store.Centre{Card: store.Card{Centre: ledger.ID{n}, Name: "Орталық " + string('A'+rune(n)), Level: level}}}
	if parent != 0 {
		c.Parent = ledger.ID{parent}
	}
	return c
}

func TestStandings(t *testing.T) {
	all := []Node{node(1, 0, "national"), node(2, 1, "regional"), node(3, 2, "district"), node(4, 9, "district"), node(5, 6, "regional"), node(6, 5, "regional"),
		node(7, 5, "district"), node(8, 10, "post"), node(10, 1, "district"), node(11, 12, "post"), node(12, 1, "district"), node(13, 13, "post"), node(14, 2, "district"), node(15, 14, "post")}
	all[8].GoesOn, all[10].Ended = id.ID{2}, true
	all[12].Standing, all[12].Said = Split, []id.ID{{2}, {1}}
	stand(all)
	got := order(all)
	var lines []string
	for i := range got {
		lines = append(lines, strings.Repeat(" ", got[i].Depth)+strings.TrimPrefix(got[i].Name, "Орталық ")+" "+string(got[i].Standing))
	}
	want := []string{"B top", " C under", "  D under", " K under", "  I lost", " M under", "  L ended", "F circle", " H under", "G circle", "E unknown", "O split", " P under", "N circle"}
	if !slices.Equal(lines, want) {
		t.Errorf("%q", lines)
	}
	if below := got.Below(id.ID{2}); len(below) != 2 || below[1].ID() != (id.ID{3}) {
		t.Error(below)
	}
	if astray := got.Astray(id.ID{2}); len(astray) != 1 || astray[0].ID() != (id.ID{14}) {
		t.Error(astray)
	}
	for _, lang := range i18n.Langs() {
		for i := range got {
			plain := (got[i].Standing == Top || got[i].Standing == Under) && !got[i].Ended && got[i].GoesOn.IsZero()
			if words := got.Words(lang, &got[i]); plain != (len(words) == 0) || strings.Contains(strings.Join(words, ""), "{") {
				t.Errorf("%s: %q", got[i].Name, words)
			}
		}
	}
}

// TestEveryCentreStandsOnce: whatever centres say of themselves, each is in the tree once, below the one that it names or at the top.
func TestEveryCentreStandsOnce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(0, 14).Draw(t, "centres")
		var all []Node
		for i := range n {
			c := node(byte(i+1), byte(rapid.IntRange(0, n+1).Draw(t, "parent")), rapid.SampledFrom([]string{"national", "regional", "district", "post", ""}).Draw(t, "level"))
			c.Ended = rapid.IntRange(0, 5).Draw(t, "ended") == 0
			if rapid.IntRange(0, 7).Draw(t, "split") == 0 {
				c.Standing, c.Said = Split, []id.ID{{1}, {2}}
			}
			all = append(all, c)
		}
		stand(all)
		got := order(all)
		if len(got) != n {
			t.Fatalf("%d of %d centres", len(got), n)
		}
		path := Tree{}
		for i := range got {
			c := &got[i]
			if got.Find(c.ID()) != c {
				t.Fatal("stands twice:", c.Name)
			}
			path = append(path[:c.Depth], *c)
			if c.Depth > 0 && path[c.Depth-1].ID() != c.Above() {
				t.Fatal("not below the one that it names:", c.Name)
			}
			if c.Depth == 0 && c.placed() {
				t.Fatal("at the top although it stands under", c.Above())
			}
		}
	})
}

// TestWhoseWordCounts: a centre's own word on its line, then what our people compared, then others'; where copies of it or others
// disagree, nobody's.
func TestWhoseWordCounts(t *testing.T) {
	us, c, p1, p2 := ledger.ID{1}, ledger.ID{2}, ledger.ID{3}, ledger.ID{4}
	say := func(by ledger.ID, inc uint32, seq, at uint64, parent ledger.ID) word {
		return word{card: store.Card{Centre: c, Name: "Ойдан", Parent: parent}, by: by, inc: inc, seq: seq, at: at}
	}
	opened := map[uint32]ledger.Opening{5: {Previous: 1, Cut: map[ledger.Class]uint64{ledger.Dir: 3}}}
	for name, v := range map[string]struct {
		said  []word
		above ledger.ID
		split bool
	}{
		"its own, said twice":                {[]word{say(c, 1, 1, 10, p1), say(c, 1, 2, 20, p2)}, p2, false},
		"its own after it was restored":      {[]word{say(c, 1, 1, 10, p1), say(c, 5, 2, 20, p2)}, p2, false},
		"its own before it was restored":     {[]word{say(c, 1, 1, 10, p1)}, p1, false},
		"a copy spoke later":                 {[]word{say(c, 5, 2, 20, p2), say(c, 1, 4, 30, p1)}, p2, true},
		"a copy spoke later, and said as it": {[]word{say(c, 5, 2, 20, p2), say(c, 1, 4, 30, p2)}, p2, false},
		"a copy spoke before":                {[]word{say(c, 1, 4, 15, p1), say(c, 5, 2, 20, p2)}, p2, false},
		"what we compared":                   {[]word{say(us, 1, 1, 10, p1), say(p1, 1, 1, 30, p2)}, p1, false},
		"a newer card than what came":        {[]word{say(c, 1, 1, 10, p1), say(us, 1, 1, 20, p2)}, p2, false},
		"it spoke after we compared":         {[]word{say(us, 1, 1, 10, p1), say(c, 1, 1, 20, p2)}, p2, false},
		"others agree":                       {[]word{say(p1, 1, 1, 10, p1), say(p2, 1, 1, 20, p1)}, p1, false},
		"others do not":                      {[]word{say(p1, 1, 1, 10, p1), say(p2, 1, 1, 20, p2)}, p1, true},
		"another said so last":               {[]word{say(p1, 1, 1, 10, p1), say(p1, 1, 2, 20, p2)}, p2, false},
	} {
		newest := uint32(5)
		if !slices.ContainsFunc(v.said, func(s word) bool { return s.inc == 5 }) {
			newest = 1
			if name == "its own before it was restored" {
				newest = 5
			}
		}
		w := &words{us: us, all: map[ledger.ID][]word{c: v.said}, openings: map[ledger.ID]map[uint32]ledger.Opening{c: opened}, newest: func(ledger.ID) uint32 { return newest }}
		n := Node{}
		w.of(c).tell(&n)
		if n.Parent != v.above || (n.Standing == Split) != v.split || v.split != (len(n.Said) == 2) {
			t.Errorf("%s: under %v, %q, %v", name, n.Parent, n.Standing, n.Said)
		}
	}
}
