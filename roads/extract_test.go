package roads

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// data are real extracts that stand beside the project; tests that want them skip without.
const data = "../../shared/data/roads"

var extracts = []string{"almaty-2013.osm.pbf", "liechtenstein-2015.osm.pbf", "andorra-2013.osm.pbf", "moscow.osm.gz"}

var made = map[string]*Network{}

// real returns the network of an extract, made once.
func real(tb testing.TB, name string) *Network {
	tb.Helper()
	if n := made[name]; n != nil {
		return n
	}
	f, err := os.Open(filepath.Join(data, name))
	if err != nil {
		tb.Skipf("SKIPPED, no extract %s beside the project: %v", name, err)
	}
	defer f.Close()
	n, err := Read(tb.Context(), f, nil)
	if err != nil {
		tb.Fatal(err)
	}
	made[name] = n
	return n
}

// town is a small extract that is written by hand: nodes by a letter at x, y steps of 0.001°, ways over them.
type town struct{ nodes, ways, relations strings.Builder }

func (tn *town) node(name rune, x, y int, tags ...string) *town {
	fmt.Fprintf(&tn.nodes, `<node id="%d" lat="%f" lon="%f">%s</node>`, name, 43+float64(y)/1000, 76+float64(x)/1000, tagXML(tags))
	return tn
}

func (tn *town) way(id int, over string, tags ...string) *town {
	fmt.Fprintf(&tn.ways, `<way id="%d">`, id)
	for _, r := range over {
		fmt.Fprintf(&tn.ways, `<nd ref="%d"/>`, r)
	}
	tn.ways.WriteString(tagXML(tags) + `</way>`)
	return tn
}

// turn adds a restriction; via is a node's letter or ways by commas.
func (tn *town) turn(kind string, from int, via string, to int, tags ...string) *town {
	fmt.Fprintf(&tn.relations, `<relation id="%d">`, tn.relations.Len()+1)
	fmt.Fprintf(&tn.relations, `<member type="way" ref="%d" role="from"/><member type="way" ref="%d" role="to"/>`, from, to)
	if via[0] >= '0' && via[0] <= '9' {
		for id := range strings.SplitSeq(via, ",") {
			fmt.Fprintf(&tn.relations, `<member type="way" ref="%s" role="via"/>`, id)
		}
	} else {
		fmt.Fprintf(&tn.relations, `<member type="node" ref="%d" role="via"/>`, []rune(via)[0])
	}
	tn.relations.WriteString(tagXML(append([]string{"type=restriction", kind}, tags...)) + `</relation>`)
	return tn
}

func tagXML(tags []string) string {
	var b strings.Builder
	for _, t := range tags {
		k, v, _ := strings.Cut(t, "=")
		fmt.Fprintf(&b, `<tag k="%s" v="%s"/>`, k, v)
	}
	return b.String()
}

func (tn *town) xml() string {
	return `<?xml version="1.0"?><osm version="0.6">` + tn.nodes.String() + tn.ways.String() + tn.relations.String() + `</osm>`
}

func (tn *town) read(tb testing.TB) *Network {
	tb.Helper()
	n, err := Read(tb.Context(), strings.NewReader(tn.xml()), nil)
	if err != nil {
		tb.Fatal(err)
	}
	return n
}

// street is two nodes and a road.
func street() *town {
	return new(town).node('a', 0, 0).node('b', 10, 0).way(1, "ab", "highway=residential", "name=Абай")
}

func TestReadRefusesWhatIsNoExtract(t *testing.T) {
	xml := street().xml()
	var z bytes.Buffer
	w := gzip.NewWriter(&z)
	if _, err := w.Write([]byte(xml)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		file string
		want error
	}{
		"empty":              {"", ErrNotExtract},
		"text":               {"lat,lon\n1,2\n", ErrNotExtract},
		"a zip":              {"PK\x03\x04 and so on", ErrNotExtract},
		"xml":                {xml, nil},
		"xml after a mark":   {"\xef\xbb\xbf \n" + xml, nil},
		"gzip":               {z.String(), nil},
		"gzip cut":           {z.String()[:z.Len()/2], ErrTruncated},
		"xml cut":            {xml[:len(xml)*2/3], ErrTruncated},
		"no road":            {`<osm version="0.6"><node id="1" lat="1" lon="2"/></osm>`, ErrEmpty},
		"only a planned one": {strings.ReplaceAll(xml, "residential", "proposed"), ErrEmpty},
		"a road in the air":  {`<osm version="0.6"><way id="1"><nd ref="1"/><nd ref="2"/><tag k="highway" v="primary"/></way></osm>`, ErrEmpty},
		"coordinates beyond": {strings.ReplaceAll(xml, `lat="43`, `lat="143`), ErrEmpty},
	} {
		_, err := Read(t.Context(), strings.NewReader(c.file), nil)
		if !errors.Is(err, c.want) || c.want == nil && err != nil {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
}

func TestReadCutAnywhere(t *testing.T) {
	b, err := os.ReadFile(filepath.Join(data, "andorra-2013.osm.pbf"))
	if err != nil {
		t.Skipf("SKIPPED, no extract beside the project: %v", err)
	}
	for _, at := range []int{1, 20, 100, 5_000, len(b) / 2, len(b) - 1} {
		if _, err := Read(t.Context(), bytes.NewReader(b[:at]), nil); err == nil {
			t.Errorf("cut at %d: no error", at)
		}
	}
}

func TestBorderNodesThatAreMissing(t *testing.T) {
	tn := new(town).node('a', 0, 0).node('b', 10, 0).node('d', 30, 0).node('e', 40, 0).node('f', 50, 0).
		way(1, "abcdef", "highway=primary")
	n := tn.read(t)
	if len(n.segs) != 2 || n.Extract.Missing != 1 {
		t.Fatalf("%d segments, %d missing", len(n.segs), n.Extract.Missing)
	}
}

func TestSpeeds(t *testing.T) {
	for name, c := range map[string]struct {
		tags string
		want speeds
	}{
		"plain":              {"highway=primary", speeds{60, 60, 5}},
		"signed":             {"highway=primary maxspeed=40", speeds{36, 36, 5}},
		"junk speed":         {"highway=primary maxspeed=fast", speeds{60, 60, 5}},
		"mph":                {"highway=primary maxspeed=30mph", speeds{43, 43, 5}},
		"country":            {"highway=tertiary maxspeed=KZ:urban", speeds{54, 54, 5}},
		"by direction":       {"highway=primary maxspeed=50 maxspeed:backward=30", speeds{45, 27, 5}},
		"one-way":            {"highway=primary oneway=yes", speeds{60, 0, 5}},
		"against":            {"highway=primary oneway=-1", speeds{0, 60, 5}},
		"roundabout":         {"highway=primary junction=roundabout", speeds{60, 0, 5}},
		"roundabout, no":     {"highway=primary junction=roundabout oneway=no", speeds{60, 60, 5}},
		"motorway":           {"highway=motorway", speeds{100, 0, 0}},
		"reversible":         {"highway=primary oneway=reversible", speeds{0, 0, 5}},
		"private":            {"highway=service access=private", speeds{0, 0, 0}},
		"private, cars may":  {"highway=service access=private motor_vehicle=yes", speeds{15, 15, 0}},
		"footway":            {"highway=footway", speeds{0, 0, 5}},
		"no walking":         {"highway=primary foot=no", speeds{60, 60, 0}},
		"gravel":             {"highway=secondary surface=gravel", speeds{40, 40, 5}},
		"field":              {"highway=track tracktype=grade5", speeds{10, 10, 5}},
		"ferry":              {"route=ferry", speeds{12, 12, 12}},
		"ferry without cars": {"route=ferry motor_vehicle=no", speeds{0, 0, 12}},
	} {
		n := new(town).node('a', 0, 0).node('b', 10, 0).node('c', 20, 0).way(1, "ab", strings.Fields(c.tags)...).way(2, "bc", "highway=road").read(t)
		got := n.attrs[0].speeds
		if c.want == (speeds{}) {
			got = speeds{}
			if len(n.segs) != 1 {
				t.Errorf("%s: %d segments", name, len(n.segs))
			}
		}
		if got != c.want {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}

func TestConditions(t *testing.T) {
	closes := func(v string) bool { return v == "no" }
	tue := Moment{1, 8 * 60}
	for text, want := range map[string]bool{
		"no @ (07:00-09:00)":                     true,
		"no @ 07:00-09:00":                       true,
		"no @ (09:00-10:00)":                     false,
		"no @ (Mo-Fr 07:00-09:00)":               true,
		"no @ (Sa,Su 07:00-09:00)":               false,
		"no @ (22:00-09:00)":                     true,
		"no @ (Mo 22:00-09:00)":                  true, // Monday's night
		"no @ (Tu 22:00-09:00)":                  false,
		"no @ (Fr-Tu)":                           true,
		"yes @ (07:00-09:00)":                    false,
		"yes @ (12:00-13:00); no @ (07:30-8:30)": true,
		"no @ (weight>5)":                        false,
		"no @ (Mo-Fr 7-9)":                       false,
		"no":                                     false,
		"":                                       false,
	} {
		got := parseConditions(text, closes)
		holds := false
		for _, c := range got {
			holds = holds || c.Holds(tue)
		}
		if holds != want {
			t.Errorf("%q: %v (%v)", text, holds, got)
		}
	}
}

func FuzzConditions(f *testing.F) {
	f.Add("no @ (Mo-Fr 07:00-09:00,17:00-19:00); yes @ (Sa)")
	f.Fuzz(func(t *testing.T, s string) {
		for _, c := range parseConditions(s, func(string) bool { return true }) {
			for day := range 7 {
				_ = c.Holds(Moment{day, 0})
			}
		}
	})
}

func FuzzRead(f *testing.F) {
	f.Add([]byte(street().xml()))
	f.Add([]byte(grid().xml()))
	f.Fuzz(func(t *testing.T, b []byte) {
		n, err := Read(t.Context(), bytes.NewReader(b), nil)
		if err != nil {
			return
		}
		if !n.sound() {
			t.Fatal("a network that does not hold together")
		}
		n.Weights(Car, Moment{}).Snap(Point{43, 76})
	})
}

// FuzzDecode changes what stands in a file of roads, beneath its checksum: what is taken can be asked.
func FuzzDecode(f *testing.F) {
	for _, tn := range []*town{street(), grid().turn("restriction:conditional=no_left_turn @ (11:00-13:00)", 2, "e", 5), wall("bollard")} {
		n, err := Read(f.Context(), strings.NewReader(tn.xml()), nil)
		if err != nil {
			f.Fatal(err)
		}
		x := &fields{}
		x.network(n)
		f.Add(x.b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		n, err := parse(b)
		if err != nil {
			return
		}
		for _, p := range []Profile{Car, Foot} {
			w := n.Weights(p, noon)
			a, b := w.Snap(at(5, 10)), w.Snap(at(10, 15))
			tab, err := w.Table(t.Context(), []Snap{a}, []Snap{b}, 1)
			if err != nil {
				t.Fatal(err)
			}
			if r, ok := w.Route(a, b); ok != (tab.Seconds[0] != None) || ok && r.Seconds != tab.Seconds[0] {
				t.Fatalf("a way of %d s, a cell of %d s", r.Seconds, tab.Seconds[0])
			}
		}
	})
}

func FuzzDecodePlaces(f *testing.F) {
	places := []Place{{Kind: Street, Names: []string{"Абай даңғылы", "Abay ave"}, At: Point{43, 76}}, {Kind: House, Street: []string{"Абай даңғылы"}, House: "44", At: Point{43, 76}}}
	x := &fields{}
	x.places(&places)
	f.Add(x.b)
	f.Fuzz(func(t *testing.T, b []byte) {
		got, err := parsePlaces(b)
		if err != nil {
			return
		}
		again := &fields{}
		again.places(&got)
		if more, err := parsePlaces(again.b); err != nil || len(more) != len(got) {
			t.Fatalf("%d places, then %d: %v", len(got), len(more), err)
		}
	})
}

// TestFilesKeepPlaces brings every kind of place back as it was.
func TestFilesKeepPlaces(t *testing.T) {
	f, err := os.Open(filepath.Join(data, extracts[0]))
	if err != nil {
		t.Skipf("SKIPPED, no extract beside the project: %v", err)
	}
	defer f.Close()
	places, err := ReadPlaces(t.Context(), f, nil)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := EncodePlaces(&b, places); err != nil {
		t.Fatal(err)
	}
	whole := b.Bytes()
	got, err := DecodePlaces(bytes.NewReader(whole))
	if err != nil || len(got) != len(places) {
		t.Fatalf("%d of %d: %v", len(got), len(places), err)
	}
	for i, p := range places {
		q := got[i]
		if q.Kind != p.Kind || q.House != p.House || !slices.Equal(q.Names, p.Names) || !slices.Equal(q.Street, p.Street) || math.Abs(q.At.Lat-p.At.Lat)+math.Abs(q.At.Lon-p.At.Lon) > 3e-7 {
			t.Fatalf("%+v became %+v", p, q)
		}
	}
	for _, bad := range []struct {
		file []byte
		want error
	}{{whole[:len(whole)-1], ErrDamaged}, {nil, ErrDamaged}, {[]byte("jumyla places 0\nolder"), ErrVersion}, {[]byte("jumyla roads 1\n and not places"), ErrNotExtract}} {
		if _, err := DecodePlaces(bytes.NewReader(bad.file)); !errors.Is(err, bad.want) {
			t.Errorf("%.20q: %v, want %v", bad.file, err, bad.want)
		}
	}
}

// TestAWayRoundTheWorldIsNoWay has a node that somebody put at the other end of the world: its street is too long to tell.
func TestAWayRoundTheWorldIsNoWay(t *testing.T) {
	xml := grid().node('x', 0, 0).way(20, "ax", "highway=track", "maxspeed=1").xml()
	n, err := Read(t.Context(), strings.NewReader(strings.ReplaceAll(xml, `id="120" lat="43.000000" lon="76.000000"`, `id="120" lat="-43" lon="-104"`)), nil)
	if err != nil {
		t.Fatal(err)
	}
	w := n.Weights(Car, noon)
	from, to := w.Snap(at(5, 10)), w.Snap(Point{-43, -104})
	if r, ok := w.Route(from, to); ok || to.OnRoad() {
		t.Errorf("%d s, %d m, %+v", r.Seconds, r.Metres, to)
	}
}
