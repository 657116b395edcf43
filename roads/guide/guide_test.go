package guide_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"strings"
	"testing"

	"github.com/jumyla/jumyla/roads"
	"github.com/jumyla/jumyla/roads/guide"
)

// town is an extract under way.
type town struct{ nodes, ways strings.Builder }

// put puts a node, in thousandths of a degree.
func (tn *town) put(name rune, x, y float64) *town {
	fmt.Fprintf(&tn.nodes, `<node id="%d" lat="%f" lon="%f"/>`, name, 43+y/1000, 76+x/1000)
	return tn
}

func (tn *town) way(id int, over string, tags ...string) *town {
	fmt.Fprintf(&tn.ways, `<way id="%d">`, id)
	for _, r := range over {
		fmt.Fprintf(&tn.ways, `<nd ref="%d"/>`, r)
	}
	for _, tag := range tags {
		k, v, _ := strings.Cut(tag, "=")
		fmt.Fprintf(&tn.ways, `<tag k="%s" v="%s"/>`, k, v)
	}
	tn.ways.WriteString(`</way>`)
	return tn
}

func (tn *town) read(t *testing.T) *roads.Network {
	t.Helper()
	n, err := roads.Read(t.Context(), strings.NewReader(`<osm version="0.6">`+tn.nodes.String()+tn.ways.String()+`</osm>`), nil)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// grid is three by three junctions with streets between:
//
//	g h i
//	d e f
//	a b c
func grid() *town {
	tn := new(town)
	for i, name := range "abcdefghi" {
		tn.put(name, float64(i%3*10), float64(i/3*10))
	}
	for i, over := range []string{"abc", "def", "ghi", "adg", "beh", "cfi"} {
		tn.way(i+1, over, "highway=residential", "name="+over)
	}
	return tn
}

func at(x, y float64) roads.Point { return roads.Point{Lat: 43 + y/1000, Lon: 76 + x/1000} }

// tell writes a way's stretches as a driver hears them: the turn, the street, hundreds of metres.
func tell(r roads.Route) string {
	var out []string
	for i, s := range guide.Stretches(r) {
		turn := s.Turn.String()
		switch {
		case i == 0:
			turn = [...]string{"north", "east", "south", "west"}[int(math.Round(s.Heading/90))%4]
		case s.Roundabout:
			turn = "round " + turn
		}
		name := s.Name
		if s.Ferry {
			name += " by ship"
		}
		out = append(out, strings.TrimSpace(fmt.Sprintf("%s %s", turn, name)))
	}
	return strings.Join(out, ", ")
}

func TestStretches(t *testing.T) {
	crossing := func() *town { // of a street and an avenue with two carriageways, 20 m apart, each one way; names unlike
		tn := new(town)
		for _, p := range []struct {
			name rune
			x, y float64
		}{{'a', 0, -10}, {'b', 0, 0}, {'c', 0, .18}, {'d', 0, 10}, {'e', -10, 0}, {'f', 10, 0}, {'g', -10, .18}, {'h', 10, .18}} {
			tn.put(p.name, p.x, p.y)
		}
		tn.way(1, "abcd", "highway=residential", "name=Abay")
		tn.way(2, "ebf", "highway=primary", "oneway=yes", "name=Dostyk", "name:kk=Достық", "name:ru=Достык")
		tn.way(3, "hcg", "highway=primary", "oneway=yes", "name=Dostyk", "name:kk=Достық", "name:ru=Достык")
		tn.way(4, "fh", "highway=primary").way(5, "ge", "highway=primary") // the ends are no dead ends
		return tn
	}
	ring := func() *town { // a roundabout with four arms
		tn := new(town)
		for _, p := range []struct {
			name rune
			x, y int
		}{{'n', 0, 3}, {'e', 3, 0}, {'s', 0, -3}, {'w', -3, 0}, {'N', 0, 20}, {'E', 20, 0}, {'S', 0, -20}, {'W', -20, 0}} {
			tn.put(p.name, float64(p.x), float64(p.y))
		}
		tn.way(1, "swne"+"s", "highway=residential", "junction=roundabout") // clockwise: anybody's guess, but the turn is the same
		tn.way(2, "Nn", "highway=residential", "name=North")
		tn.way(3, "Ee", "highway=residential", "name=East")
		tn.way(4, "Ss", "highway=residential", "name=South")
		tn.way(5, "Ww", "highway=residential", "name=West")
		return tn
	}
	link := grid()
	link.put('x', 20, 20.3).put('y', 20, 40)
	link.way(7, "ix", "highway=residential") // a few metres without a name, then another street straight on
	link.way(8, "xy", "highway=residential", "name=xy")
	for name, c := range map[string]struct {
		town     *town
		from, to roads.Point
		want     string
	}{
		"one street":          {grid(), at(1, 0), at(9, 0), "east abc"},
		"left":                {grid(), at(10, 5), at(5, 10), "north beh, left def"},
		"right, later":        {grid(), at(10, 5), at(15, 10), "north beh, right def"},
		"both carriageways":   {crossing(), at(0, -8), at(0, 8), "north Abay"},
		"the nearer one":      {crossing(), at(0, -8), at(8, 0), "north Abay, right Dostyk"},
		"the one behind":      {crossing(), at(0, -8), at(-8, .18), "north Abay, left Dostyk"},
		"there and back":      {crossing(), at(-8, 0), at(-8, .18), "east Dostyk, back Dostyk"},
		"ring, right":         {ring(), at(0, -15), at(15, 0), "north South, round right East"},
		"ring, ahead":         {ring(), at(0, -15), at(0, 15), "north South, round ahead North"},
		"ring, left":          {ring(), at(0, -15), at(-15, 0), "north South, round left West"},
		"a nameless crossing": {link, at(20, 12), at(20, 35), "north cfi, ahead xy"},
	} {
		n := c.town.read(t)
		w := n.Weights(roads.Car, roads.Moment{Minute: 12 * 60})
		r, ok := w.Route(w.Snap(c.from), w.Snap(c.to))
		if !ok {
			t.Errorf("%s: no way", name)
			continue
		}
		if got := tell(r); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
		sum := int32(0)
		for _, s := range guide.Stretches(r) {
			sum += s.Metres
		}
		if d := sum - r.Metres; d < -3 || d > 3 {
			t.Errorf("%s: %d m told, %d m driven", name, sum, r.Metres)
		}
	}
}

// TestStretchesOfACity tells ways of a real city: no metre is lost, no stretch is nothing, and a street is told twice in
// a row only where the way turns within it.
func TestStretchesOfACity(t *testing.T) {
	f, err := os.Open("../../../shared/data/roads/almaty-2013.osm.pbf")
	if err != nil {
		t.Skip("SKIPPED: the extract of Almaty (../shared/data/roads) is not there; ways of a real city are not told")
	}
	defer f.Close()
	n, err := roads.Read(t.Context(), f, nil)
	if err != nil {
		t.Fatal(err)
	}
	d := n.Drives(roads.Car, 2)
	rnd := rand.New(rand.NewPCG(1, 2))
	told := 0
	for range 500 {
		from, to := roads.Point{Lat: 43.2 + rnd.Float64()*0.09, Lon: 76.84 + rnd.Float64()*0.13}, roads.Point{Lat: 43.2 + rnd.Float64()*0.09, Lon: 76.84 + rnd.Float64()*0.13}
		r, ok := d.Route(from, to, 14*60)
		if !ok {
			continue
		}
		told++
		sum, last := int32(0), guide.Stretch{}
		for i, s := range guide.Stretches(r) {
			if sum += s.Metres; s.Metres <= 0 && i > 0 && len(r.Shape) > 2 {
				t.Errorf("%v to %v: stretch %d of nothing", from, to, i)
			}
			if i > 0 && s.Turn == guide.Ahead && !s.Roundabout && s.Name != "" && s.Name == last.Name && s.RU == last.RU && s.KK == last.KK {
				t.Errorf("%v to %v: %q goes on in itself", from, to, s.Name)
			}
			last = s
		}
		if off := math.Abs(float64(sum - r.Metres)); off > 3+float64(r.Metres)/500+float64(len(r.Shape))/5 {
			t.Errorf("%v to %v: %d m told, %d m driven", from, to, sum, r.Metres)
		}
	}
	if told < 300 {
		t.Errorf("only %d ways", told)
	}
}
