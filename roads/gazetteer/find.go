package gazetteer

import (
	"cmp"
	"slices"
	"strings"
	"unicode"

	"github.com/jumyla/jumyla/names"
	"github.com/jumyla/jumyla/roads"
)

// Hit is a place that a text may mean.
type Hit struct {
	Kind      roads.Kind
	Names     []string // every spelling of the street or place, today's first
	In        string   // the settlement it lies in or near; "" where none is known
	House     string   // the house's number as it is in the extract or was asked for
	At        roads.Point
	Precision Precision
	Score     float64 // 1: every word as it is written there
}

// Precision says what At is the place of.
type Precision uint8

// From the best to the roughest.
const (
	Exact   Precision = iota // the house, or the place itself
	Between                  // reckoned between two houses of the street
	Rough                    // the street's middle: the house is not in the extract
)

// String is the precision's name in lower case.
func (p Precision) String() string { return [...]string{"exact", "between", "rough"}[p] }

// Most is how many hits are shown, and how sure the worst must be.
const (
	most      = 8
	leastSure = 0.45
)

// Find returns what a text may mean, the likeliest first, at most eight. The last word may be unfinished. A text in
// another keyboard's letters is tried again as it was meant.
func (g *Gazetteer) Find(text string) []Hit {
	hits := g.find(text)
	if len(hits) == 0 || hits[0].Score < 0.7 {
		for _, other := range relaid(text) {
			if more := g.find(other); len(more) > 0 && (len(hits) == 0 || more[0].Score > hits[0].Score) {
				hits = more
			}
		}
	}
	return hits
}

// asked is a text as words to look for.
type asked struct {
	words []heard
	total float32
	house string
}

// heard is a word with the words of the gazetteer that it may be.
type heard struct {
	like   map[int32]float32
	weight float32
}

func (g *Gazetteer) find(text string) []Hit {
	var best []Hit
	for _, q := range g.readings(text) {
		best = append(best, g.score(q)...)
	}
	slices.SortStableFunc(best, func(a, b Hit) int {
		return cmp.Or(cmp.Compare(b.Score, a.Score), cmp.Compare(a.Precision, b.Precision), cmp.Compare(a.Kind, b.Kind))
	})
	out := best[:0]
	for _, h := range best {
		if len(out) > 0 && out[0].knows(&h) {
			continue
		}
		if len(out) < most && !slices.ContainsFunc(out, func(o Hit) bool { return o.At == h.At && o.Kind == h.Kind && o.Names[0] == h.Names[0] }) {
			out = append(out, h)
		}
	}
	return out
}

// knows reports whether a house that was found makes another hit idle: another piece of its street, which has no such house.
func (h *Hit) knows(o *Hit) bool {
	return h.House != "" && h.Precision == Exact && o.Precision == Rough && h.In == o.In && nameKey(h.Names[0]) == nameKey(o.Names[0])
}

// readings are the ways to read a text: its number as a house's, or as part of the name, or the first number as part
// of the name and the next as the house's: Аксай 2, 24.
func (g *Gazetteer) readings(text string) []asked {
	a := names.FoldAddress(text)
	unfinished := !strings.HasSuffix(text, " ")
	out := []asked{g.ask(split(a.Street()), a.House(), unfinished)}
	if a.House() == "" {
		if b := names.FoldAddress(parted(text)); b.House() != "" {
			out = append(out, g.ask(split(b.Street()), b.House(), unfinished))
		}
		return out
	}
	parts := strings.FieldsFunc(text, func(r rune) bool { return r == ' ' || r == ',' })
	i := slices.IndexFunc(parts, func(p string) bool { return p[0] >= '0' && p[0] <= '9' })
	if i < 0 {
		return out
	}
	number := parts[i]
	if b := names.FoldAddress(strings.Join(slices.Delete(parts, i, i+1), " ")); b.House() != "" {
		return append(out, g.ask(append(split(b.Street()), foldHouse(number)), b.House(), unfinished))
	}
	return append(out, g.ask(append(split(a.Street()), a.House()), "", unfinished))
}

// parted puts a space between a letter and the digit that follows: достык125.
func parted(text string) string {
	var out strings.Builder
	last := ' '
	for _, r := range text {
		if unicode.IsLetter(last) && unicode.IsDigit(r) {
			out.WriteByte(' ')
		}
		out.WriteRune(r)
		last = r
	}
	return out.String()
}

func (g *Gazetteer) ask(words []string, house string, unfinished bool) asked {
	q := asked{house: house}
	for _, w := range words {
		h := g.hear(w, unfinished && house == "")
		q.words, q.total = append(q.words, h), q.total+h.weight
	}
	return q
}

// hear finds the words that one may be: itself, those it begins, those one slip away.
func (g *Gazetteer) hear(w string, unfinished bool) heard {
	h := heard{like: map[int32]float32{}, weight: 8} // a word that nothing has says as much as a rare one
	from, exact := slices.BinarySearch(g.words, w)
	if exact {
		h.like[int32(from)], h.weight = 1, g.weight[from]
	}
	if unfinished && len(w) >= 2 {
		for i := from; i < len(g.words) && i < from+400 && strings.HasPrefix(g.words[i], w); i++ {
			h.take(int32(i), 0.75+0.2*float32(len(w))/float32(len(g.words[i])))
		}
	}
	for _, left := range shortened(w) {
		for _, i := range g.cut[left] {
			if oneSlip(w, g.words[i]) {
				h.take(i, 1-1.2/float32(max(len(w), 4)))
			}
		}
	}
	if !exact {
		for i := range h.like {
			h.weight = min(h.weight, g.weight[i])
		}
	}
	return h
}

func (h *heard) take(word int32, like float32) {
	h.like[word] = max(h.like[word], like)
}

// oneSlip reports whether two words differ by one letter: wrong, missing, too many, or two changed about.
func oneSlip(a, b string) bool {
	if len(a) > len(b) {
		a, b = b, a
	}
	if len(b)-len(a) > 1 || len(a) < 3 {
		return false
	}
	i := 0
	for i < len(a) && a[i] == b[i] {
		i++
	}
	if len(a) < len(b) {
		return a[i:] == b[i+1:]
	}
	return i < len(a) && (a[i+1:] == b[i+1:] || i+1 < len(a) && a[i] == b[i+1] && a[i+1] == b[i] && a[i+2:] == b[i+2:])
}

// score weighs every spelling that shares a word with what was asked.
func (g *Gazetteer) score(q asked) []Hit {
	got := map[int32]float32{}
	for _, h := range q.words {
		here := map[int32]float32{}
		for w, like := range h.like {
			for _, s := range g.in[w] {
				here[s] = max(here[s], like*g.weight[w])
			}
		}
		for s, v := range here {
			got[s] += v
		}
	}
	best := map[int32]float64{}
	for s, v := range got {
		sp := &g.spells[s]
		score := min(float64(2*v/(q.total+sp.total)), 1)
		best[sp.entry] = max(best[sp.entry], score)
	}
	var out []Hit
	for e, score := range best {
		if score >= leastSure {
			out = append(out, g.hit(e, score, q.house))
		}
	}
	slices.SortFunc(out, func(a, b Hit) int {
		return cmp.Or(cmp.Compare(b.Score, a.Score), cmp.Compare(a.Names[0], b.Names[0]), cmp.Compare(a.At.Lat, b.At.Lat))
	})
	return out[:min(len(out), 4*most)]
}

// hit is an entry as an answer: with a house asked for, where that house is.
func (g *Gazetteer) hit(e int32, score float64, number string) Hit {
	en := &g.entries[e]
	h := Hit{Kind: en.kind, Names: en.names, In: en.in, At: en.at, Score: score}
	if number == "" {
		return h
	}
	if en.kind != roads.Street && en.kind != roads.Quarter {
		h.Score *= 0.8 // it has no houses
		return h
	}
	h.House, h.Precision = number, Rough
	want := foldHouse(number)
	for _, x := range en.houses {
		if x.folded == want {
			h.Kind, h.House, h.At, h.Precision = roads.House, x.number, x.at, Exact
			return h
		}
	}
	h.Score *= 0.9
	if at, ok := en.between(digits(number)); ok {
		h.Kind, h.At, h.Precision = roads.House, at, Between
	} else {
		h.Score *= 0.9
	}
	return h
}

// foldHouse makes 20а, 20А and 20 a one.
func foldHouse(number string) string {
	a := names.FoldAddress("Абая " + number)
	if a.House() != "" {
		return a.House()
	}
	return strings.ToLower(number)
}

// between reckons where a house stands from its neighbours on the same side of the street, by numbers.
func (e *entry) between(n int) (roads.Point, bool) {
	var low, high *house
	for i := range e.houses {
		h := &e.houses[i]
		if h.value == 0 || h.value%2 != n%2 {
			continue
		}
		if h.value <= n {
			low = h
		} else if high == nil {
			high = h
		}
	}
	switch {
	case n == 0 || low == nil && high == nil:
		return roads.Point{}, false
	case low == nil && high.value-n <= 6:
		return high.at, true
	case high == nil && n-low.value <= 6:
		return low.at, true
	case low == nil || high == nil:
		return roads.Point{}, false
	}
	k := float64(n-low.value) / float64(high.value-low.value)
	return roads.Point{Lat: low.at.Lat + k*(high.at.Lat-low.at.Lat), Lon: low.at.Lon + k*(high.at.Lon-low.at.Lon)}, true
}
