// Package gazetteer finds the streets, houses, settlements and landmarks of an extract as people write them while
// they type: in Kazakh, Russian or Latin letters, with abbreviations and slips, by old names and new; and tells what
// lies at a point. It holds everything in memory, opens no file, and knows nothing of households.
package gazetteer

import (
	"cmp"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/jumyla/jumyla/names"
	"github.com/jumyla/jumyla/roads"
)

// Gazetteer is never changed after it is made, and safe for several goroutines.
type Gazetteer struct {
	entries []entry
	words   []string           // of all names, folded, in order
	weight  []float32          // by word: how rare it is, in bits
	in      [][]int32          // by word: the spellings that have it
	cut     map[string][]int32 // words by what is left of them when a letter is taken out
	spells  []spelling
	points  *grid
}

// entry is a place that can be found: a street with its houses, or another.
type entry struct {
	kind   roads.Kind
	names  []string
	in     string // the settlement that it lies in or near
	at     roads.Point
	ways   []roads.Point // of a street
	houses []house       // of a street, by number
}

type house struct {
	number string
	folded string // as it is looked for
	value  int    // its digits: what houses are in order by
	at     roads.Point
}

// spelling is one name of an entry as folded words.
type spelling struct {
	entry int32
	words []int32
	total float32 // weight of its words
}

// Near bounds what belongs together: ways of one name, and houses with their street, in metres.
const near = 3000

// New makes a gazetteer of an extract's places.
func New(places []roads.Place) *Gazetteer {
	g := &Gazetteer{cut: map[string][]int32{}}
	streets := g.streets(places)
	for _, p := range places {
		switch p.Kind {
		case roads.Street:
		case roads.House:
			g.house(p, streets)
		case roads.Settlement, roads.Quarter, roads.Landmark:
			g.entries = append(g.entries, entry{kind: p.Kind, names: p.Names, at: p.At})
		}
	}
	for i := range g.entries {
		slices.SortStableFunc(g.entries[i].houses, func(a, b house) int {
			return cmp.Or(cmp.Compare(a.value, b.value), cmp.Compare(a.number, b.number))
		})
	}
	g.settle()
	g.index()
	g.points = newGrid(g)
	return g
}

// streets joins the ways of one name that lie near each other, and returns the entries by each folded name and place.
func (g *Gazetteer) streets(places []roads.Place) streets {
	ways := map[string][]*roads.Place{}
	var keys []string
	for i := range places {
		if places[i].Kind != roads.Street {
			continue
		}
		key := nameKey(places[i].Names[0])
		if ways[key] == nil {
			keys = append(keys, key)
		}
		ways[key] = append(ways[key], &places[i])
	}
	by := streets{}
	for _, key := range keys {
		for _, street := range together(ways[key]) {
			e := int32(len(g.entries))
			g.entries = append(g.entries, join(street))
			for _, name := range g.entries[e].names {
				by.add(nameKey(name), g.entries[e].ways, e)
			}
		}
	}
	return by
}

// streets are entries by name and by where they are: a country has thousands of one name.
type streets map[district][]int32

// district is a name's streets in a piece of land that is wider than what belongs together.
type district struct {
	key  string
	cell [2]int32
}

const wide = 0.1 // degrees: more than near up to the 70th parallel

func (s streets) add(key string, ways []roads.Point, e int32) {
	for _, w := range ways {
		d := district{key, cellOf(w, wide)}
		if !slices.Contains(s[d], e) {
			s[d] = append(s[d], e)
		}
	}
}

// around returns the streets of a name that may be near a point.
func (s streets) around(key string, at roads.Point) []int32 {
	var out []int32
	c := cellOf(at, wide)
	for lat := c[0] - 1; lat <= c[0]+1; lat++ {
		for lon := c[1] - 1; lon <= c[1]+1; lon++ {
			out = append(out, s[district{key, [2]int32{lat, lon}}]...)
		}
	}
	return out
}

// together parts ways of one name into streets: what is near to one of a street's ways is of that street.
func together(ways []*roads.Place) [][]*roads.Place {
	var out [][]*roads.Place
	for left := ways; len(left) > 0; {
		street := []*roads.Place{left[0]}
		left = left[1:]
		for i := 0; i < len(street); i++ {
			var apart []*roads.Place
			for _, w := range left {
				if metres(street[i].At, w.At) < near {
					street = append(street, w)
				} else {
					apart = append(apart, w)
				}
			}
			left = apart
		}
		out = append(out, street)
	}
	return out
}

// join makes one street of its ways; it lies at the way that is nearest to their middle.
func join(ways []*roads.Place) entry {
	e := entry{kind: roads.Street}
	var sum roads.Point
	for _, w := range ways {
		e.ways = append(e.ways, w.At)
		sum.Lat, sum.Lon = sum.Lat+w.At.Lat, sum.Lon+w.At.Lon
		for _, name := range w.Names {
			if !slices.Contains(e.names, name) {
				e.names = append(e.names, name)
			}
		}
	}
	n := float64(len(ways))
	middle := roads.Point{Lat: sum.Lat / n, Lon: sum.Lon / n}
	e.at = slices.MinFunc(e.ways, func(a, b roads.Point) int { return cmp.Compare(metres(a, middle), metres(b, middle)) })
	return e
}

// nearest returns the entry of several that lies nearest to a point and not too far, or -1.
func (g *Gazetteer) nearest(entries []int32, at roads.Point) int32 {
	best, found := float64(near), int32(-1)
	for _, e := range entries {
		for _, w := range g.entries[e].ways {
			if d := metres(w, at); d < best {
				best, found = d, e
			}
		}
	}
	return found
}

// house gives a house to its street; a street that no way is named after is made of its houses.
func (g *Gazetteer) house(p roads.Place, by streets) {
	key := nameKey(p.Street[0])
	e := g.nearest(by.around(key, p.At), p.At)
	if e < 0 {
		e = int32(len(g.entries))
		g.entries = append(g.entries, entry{kind: roads.Street, names: p.Street, at: p.At, ways: []roads.Point{p.At}})
		by.add(key, []roads.Point{p.At}, e)
	}
	g.entries[e].houses = append(g.entries[e].houses, house{number: p.House, folded: foldHouse(p.House), value: digits(p.House), at: p.At})
}

// digits are the first digits of a house's number; 0 where it has none.
func digits(number string) int {
	from := strings.IndexFunc(number, func(r rune) bool { return r >= '0' && r <= '9' })
	if from < 0 {
		return 0
	}
	to := from
	for to < len(number) && number[to] >= '0' && number[to] <= '9' && to-from < 6 {
		to++
	}
	n, err := strconv.Atoi(number[from:to])
	if err != nil {
		return 0
	}
	return n
}

// settle names for each entry the settlement that lies nearest, where one lies within 15 km.
func (g *Gazetteer) settle() {
	const land = 0.5 // degrees: more than 15 km up to the 70th parallel
	centres := map[[2]int32][]int{}
	for i, e := range g.entries {
		if e.kind == roads.Settlement {
			c := cellOf(e.at, land)
			centres[c] = append(centres[c], i)
		}
	}
	for i := range g.entries {
		best, c := 15_000.0, cellOf(g.entries[i].at, land)
		for lat := c[0] - 1; lat <= c[0]+1; lat++ {
			for lon := c[1] - 1; lon <= c[1]+1; lon++ {
				for _, k := range centres[[2]int32{lat, lon}] {
					if d := metres(g.entries[k].at, g.entries[i].at); d < best && k != i {
						best, g.entries[i].in = d, g.entries[k].names[0]
					}
				}
			}
		}
	}
}

// index folds every name, counts words, and lists where each stands.
func (g *Gazetteer) index() {
	count := map[string]int{}
	var folded [][]string
	for i, e := range g.entries {
		seen := map[string]bool{}
		for _, name := range e.names {
			words := foldName(name)
			key := strings.Join(words, " ")
			if len(words) == 0 || seen[key] {
				continue
			}
			seen[key] = true
			for _, w := range words {
				count[w]++
			}
			folded = append(folded, words)
			g.spells = append(g.spells, spelling{entry: int32(i)})
		}
	}
	number := map[string]int32{}
	for w := range count {
		g.words = append(g.words, w)
	}
	slices.Sort(g.words)
	for i, w := range g.words {
		number[w] = int32(i)
		g.weight = append(g.weight, float32(math.Log2(float64(len(g.spells)+1)/float64(count[w]))+0.5))
		for _, left := range shortened(w) {
			g.cut[left] = append(g.cut[left], int32(i))
		}
	}
	g.in = make([][]int32, len(g.words))
	for s, words := range folded {
		for _, w := range words {
			n := number[w]
			g.spells[s].words = append(g.spells[s].words, n)
			g.spells[s].total += g.weight[n]
			g.in[n] = append(g.in[n], int32(s))
		}
	}
}

// foldName are the folded words of a name, numbers apart: 8 Марта, Орбита-1. What kind of street it is, is left out.
func foldName(name string) []string {
	a := names.FoldAddress(name)
	words := split(a.Street())
	if a.House() != "" {
		words = append(words, a.House())
	}
	return words
}

func nameKey(name string) string {
	words := foldName(name)
	slices.Sort(words)
	return strings.Join(words, " ")
}

// split parts folded words at spaces and between letters and digits: orbita1 is orbita 1.
func split(folded string) []string {
	var out []string
	for w := range strings.FieldsSeq(folded) {
		if i := strings.IndexAny(w, "0123456789"); i > 0 {
			out = append(out, w[:i], w[i:])
		} else {
			out = append(out, w)
		}
	}
	return out
}

// shortened returns a word and what is left of it when any one letter is taken out; short words only themselves.
// (The symmetric delete method of W. Garbe's SymSpell, 2012.)
func shortened(w string) []string {
	out := []string{w}
	if len(w) < 4 {
		return out
	}
	for i := range len(w) {
		if left := w[:i] + w[i+1:]; !slices.Contains(out, left) {
			out = append(out, left)
		}
	}
	return out
}

// metres is the distance of two points that are not far from each other.
func metres(a, b roads.Point) float64 {
	const degree = 6_371_008.8 * math.Pi / 180
	return math.Hypot((a.Lat-b.Lat)*degree, (a.Lon-b.Lon)*degree*math.Cos((a.Lat+b.Lat)/2*math.Pi/180))
}
