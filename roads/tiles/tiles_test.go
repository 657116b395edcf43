package tiles

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/planar"

	"github.com/jumyla/jumyla/roads"
)

// data are real extracts that stand beside the project; tests that want them skip without.
const data = "../../../shared/data/roads"

var extracts = []string{"almaty-2013.osm.pbf", "liechtenstein-2015.osm.pbf", "andorra-2013.osm.pbf", "moscow.osm.gz"}

var made = map[string][]byte{}

// real returns the archive of an extract, made once, and the extract's size.
func real(tb testing.TB, name string) (*Archive, int64) {
	tb.Helper()
	f, err := os.Open(filepath.Join(data, name))
	if err != nil {
		tb.Skipf("SKIPPED, no extract %s beside the project: %v", name, err)
	}
	defer f.Close()
	if made[name] == nil {
		var b bytes.Buffer
		if _, err := Build(tb.Context(), f, &b); err != nil {
			tb.Fatal(err)
		}
		made[name] = b.Bytes()
	}
	info, err := f.Stat()
	if err != nil {
		tb.Fatal(err)
	}
	return open(tb, made[name]), info.Size()
}

func open(tb testing.TB, b []byte) *Archive {
	tb.Helper()
	a, err := Open(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		tb.Fatal(err)
	}
	return a
}

// get returns a tile's layers.
func (a *Archive) get(tb testing.TB, z, x, y uint32) map[string][]shown {
	tb.Helper()
	b, ok, err := a.Tile(z, x, y)
	if err != nil || !ok {
		tb.Fatalf("tile %d/%d/%d: %v %v", z, x, y, ok, err)
	}
	if b, err = unpack(b); err != nil {
		tb.Fatal(err)
	}
	got, err := decode(b)
	if err != nil {
		tb.Fatal(err)
	}
	return got
}

// at is the tile that holds a place.
func at(z uint32, lat, lon float64) (x, y uint32) {
	p := project(lat, lon)
	size := float64(uint32(world) >> z)
	return uint32(p[0] / size), uint32(p[1] / size)
}

func TestRealExtracts(t *testing.T) {
	for _, name := range extracts {
		a, size := real(t, name)
		if got := int64(len(made[name])); got > 2*size { // with roads and addresses at most three times: TestWhatABuildTakes
			t.Errorf("%s: %d bytes of map of %d bytes of extract", name, got, size)
		}
		x, y := at(MaxZoom, (a.South+a.North)/2, (a.West+a.East)/2)
		for z := uint32(MaxZoom); z >= uint32(a.MinZoom); z-- {
			if _, _, err := a.Tile(z, x>>(MaxZoom-z), y>>(MaxZoom-z)); err != nil {
				t.Errorf("%s, zoom %d: %v", name, z, err)
			}
		}
		seen := map[string]int{}
		for _, e := range a.list {
			b := make([]byte, e.length)
			if _, err := a.file.ReadAt(b, int64(a.data+e.offset)); err != nil {
				t.Fatal(err)
			}
			b, err := unpack(b)
			if err != nil {
				t.Fatal(err)
			}
			got, err := decode(b)
			if err != nil {
				t.Fatal(err)
			}
			for l, fs := range got {
				seen[l] += len(fs)
				for _, f := range fs {
					sound(t, l, f)
				}
			}
		}
		for l := range layers {
			if seen[l.String()] == 0 && l != mark && l != place && l != stream && l != rail {
				t.Errorf("%s: nothing in layer %s", name, l)
			}
		}
		t.Logf("%s: zooms %d to %d, %d tiles, %d bytes of %d, %v", name, a.MinZoom, MaxZoom, len(a.list), len(made[name]), size, seen)
	}
}

// sound finds shapes that no browser should be given.
func sound(t *testing.T, layer string, f shown) {
	t.Helper()
	if len(f.lines) == 0 {
		t.Fatalf("%s: a feature without a shape", layer)
	}
	for i, l := range f.lines {
		for _, p := range l {
			if p[0] < -margin-1 || p[1] < -margin-1 || p[0] > extent+margin+1 || p[1] > extent+margin+1 {
				t.Fatalf("%s: a point outside the tile: %v", layer, p)
			}
		}
		if f.kind == shapeArea && i == 0 && planar.Area(orb.Ring(l)) < 0 {
			t.Fatalf("%s: an outer ring that goes the wrong way", layer)
		}
	}
}

func TestAlmaty(t *testing.T) {
	a, _ := real(t, "almaty-2013.osm.pbf")
	x, y := at(MaxZoom, 43.2389, 76.9454) // Republic Square
	got := a.get(t, MaxZoom, x, y)
	streets := map[string]bool{}
	for _, f := range got["road"] {
		streets[f.tags["name"]+f.tags["name:ru"]] = true
	}
	if len(streets) < 20 || len(got["building"]) < 50 || len(got["house"]) < 5 {
		t.Errorf("%d named streets, %d buildings, %d houses", len(streets), len(got["building"]), len(got["house"]))
	}
	wide := a.get(t, uint32(a.MinZoom), x>>(MaxZoom-a.MinZoom), y>>(MaxZoom-a.MinZoom))
	if len(wide["place"]) == 0 || len(wide["house"]) > 0 || len(wide["building"]) > 0 {
		t.Errorf("the city from afar: %d places, %d houses, %d buildings", len(wide["place"]), len(wide["house"]), len(wide["building"]))
	}
}

// sheet writes an extract by hand: nodes at x, y steps of 0.001° by number.
type sheet struct{ nodes, ways, relations strings.Builder }

func (s *sheet) node(id, x, y int, tags string) {
	fmt.Fprintf(&s.nodes, `<node id="%d" lat="%f" lon="%f">%s</node>`, id, 43.2+float64(y)/1000, 76.91+float64(x)/1000, tags)
}

func (s *sheet) way(id int, tags string, refs ...int) {
	fmt.Fprintf(&s.ways, `<way id="%d">`, id)
	for _, r := range refs {
		fmt.Fprintf(&s.ways, `<nd ref="%d"/>`, r)
	}
	s.ways.WriteString(tags + `</way>`)
}

func tag(k, v string) string { return `<tag k="` + k + `" v="` + v + `"/>` }

func (s *sheet) build(t *testing.T) map[string][]shown {
	t.Helper()
	text := `<osm version="0.6">` + s.nodes.String() + s.ways.String() + s.relations.String() + `</osm>`
	var b bytes.Buffer
	if _, err := Build(t.Context(), strings.NewReader(text), &b); err != nil {
		t.Fatal(err)
	}
	x, y := at(MaxZoom, 43.205, 76.915)
	return open(t, b.Bytes()).get(t, MaxZoom, x, y)
}

// square adds four nodes around a middle, and returns them closed.
func (s *sheet) square(first, x, y, half int) []int {
	for i, d := range [][2]int{{-1, -1}, {1, -1}, {1, 1}, {-1, 1}} {
		s.node(first+i, x+d[0]*half, y+d[1]*half, "")
	}
	return []int{first, first + 1, first + 2, first + 3, first}
}

func TestAreasOfManyWays(t *testing.T) {
	s := &sheet{}
	s.way(1, tag("highway", "residential")+tag("name", "Тест көшесі")+tag("name:ru", "улица Тестовая"), s.square(1, 5, 5, 4)[:4]...)
	o := s.square(11, 5, 5, 3)
	s.way(2, "", o[0], o[1], o[2])
	s.way(3, "", o[0], o[3], o[2]) // the other half, backwards
	s.way(4, "", s.square(21, 5, 5, 1)...)
	s.way(5, tag("natural", "water"), 11, 12) // does not close
	s.relations.WriteString(`<relation id="1">` + tag("type", "multipolygon") + tag("landuse", "forest") +
		`<member type="way" ref="2" role="outer"/><member type="way" ref="3" role="outer"/><member type="way" ref="4" role="inner"/><member type="relation" ref="1" role="outer"/></relation>` +
		`<relation id="2">` + tag("type", "multipolygon") + tag("natural", "water") + `<member type="way" ref="5" role="outer"/><member type="way" ref="99" role="outer"/><member type="relation" ref="1" role="inner"/></relation>`)
	got := s.build(t)
	if g := got["green"]; len(g) != 1 || len(g[0].lines) != 2 || g[0].tags["class"] != "wood" {
		t.Errorf("a wood with a clearing: %+v", g)
	}
	if len(got["water"]) != 0 {
		t.Error("a ring that does not close was drawn")
	}
	if r := got["road"]; len(r) != 1 || r[0].tags["name"] != "Тест көшесі" || r[0].tags["name:ru"] != "улица Тестовая" || r[0].tags["name:kk"] != "" {
		t.Errorf("%+v", r)
	}
}

func TestOldAreasAndMissingNodes(t *testing.T) {
	s := &sheet{}
	ring := s.square(1, 5, 5, 3)
	s.way(1, tag("building", "yes")+tag("addr:housenumber", "44"), ring...)
	s.way(2, "", s.square(11, 5, 5, 1)...)
	s.relations.WriteString(`<relation id="1">` + tag("type", "multipolygon") + `<member type="way" ref="1" role="outer"/><member type="way" ref="2" role="inner"/></relation>`)
	s.way(3, tag("highway", "primary"), 1, 2, 98, 3, 4) // 98 lies beyond the border
	s.way(4, tag("highway", "primary"), 97, 98)
	s.way(5, tag("natural", "wood"), 1, 96, 95, 94, 1)
	got := s.build(t)
	if b := got["building"]; len(b) != 1 || len(b[0].lines) != 2 {
		t.Errorf("a house around its yard is drawn once, with the yard: %+v", b)
	}
	if h := got["house"]; len(h) != 1 || h[0].tags["name"] != "44" {
		t.Errorf("%+v", h)
	}
	if len(got["road"]) != 2 {
		t.Errorf("a road is two pieces around what is missing: %+v", got["road"])
	}
	if len(got["green"]) != 0 {
		t.Error("an area was made of one corner")
	}
}

func TestLinesGoOn(t *testing.T) {
	s := &sheet{}
	for i := range 6 {
		s.node(i+1, i, 5, "")
	}
	name := tag("highway", "residential") + tag("name", "Абай даңғылы")
	s.way(1, name, 1, 2)
	s.way(2, name, 3, 2)
	s.way(3, name, 3, 4)
	s.way(4, tag("highway", "residential"), 4, 5, 6)
	if r := s.build(t)["road"]; len(r) != 2 {
		t.Errorf("%d lines, want one of each name: %+v", len(r), r)
	}
}

func TestBadFiles(t *testing.T) {
	var b bytes.Buffer
	for text, want := range map[string]error{"lat,lon\n": roads.ErrNotExtract, `<osm version="0.6"></osm>`: roads.ErrEmpty, `<osm version="0.6"><node id="1"`: roads.ErrTruncated} {
		if _, err := Build(t.Context(), strings.NewReader(text), &b); !errors.Is(err, want) {
			t.Errorf("%q: %v", text, err)
		}
	}
	if _, err := Open(strings.NewReader(strings.Repeat("x", 200)), 200); !errors.Is(err, roads.ErrNotExtract) {
		t.Error(err)
	}
	w := newWriter()
	if _, err := w.write(&b, 10, orb.Bound{Min: orb.Point{1, 1}, Max: orb.Point{2, 2}}); err != nil {
		t.Fatal(err)
	}
	if a := open(t, b.Bytes()); len(a.list) != 0 {
		t.Error("an empty archive has tiles")
	}
	if _, err := Open(bytes.NewReader(b.Bytes()[:130]), 130); !errors.Is(err, roads.ErrDamaged) {
		t.Error(err)
	}
}

// TestNumbers holds tiles' numbers against those that the specification gives.
func TestNumbers(t *testing.T) {
	for _, c := range []struct {
		z, x, y uint32
		want    uint64
	}{{0, 0, 0, 0}, {1, 0, 0, 1}, {1, 0, 1, 2}, {1, 1, 1, 3}, {1, 1, 0, 4}, {2, 0, 0, 5}, {12, 3423, 1763, 19078479}} {
		if got := tileID(c.z, c.x, c.y); got != c.want {
			t.Errorf("%d/%d/%d: %d, want %d", c.z, c.x, c.y, got, c.want)
		}
	}
}

func TestManyTiles(t *testing.T) {
	w := newWriter()
	for x := range uint32(128) {
		for y := range uint32(128) {
			w.tile(14, x, y, fmt.Appendf(nil, "%d", (x*131+y*17)%1000))
		}
	}
	var b bytes.Buffer
	if _, err := w.write(&b, 14, orb.Bound{Min: orb.Point{1, 1}, Max: orb.Point{2, 2}}); err != nil {
		t.Fatal(err)
	}
	a := open(t, b.Bytes())
	for x := range uint32(128) {
		for y := range uint32(128) {
			if got, ok, err := a.Tile(14, x, y); !ok || err != nil || string(got) != fmt.Sprint((x*131+y*17)%1000) {
				t.Fatalf("%d/%d: %q %v %v", x, y, got, ok, err)
			}
		}
	}
	if _, ok, _ := a.Tile(14, 200, 0); ok {
		t.Error("a tile that nobody made")
	}
}

func FuzzOpen(f *testing.F) {
	var b bytes.Buffer
	w := newWriter()
	l := newLayer()
	l.add(orb.Point{1, 2}, [2]string{"name", "Абай"})
	w.tile(14, 1, 2, pack(l.encode(nil, "road")))
	if _, err := w.write(&b, 14, orb.Bound{Min: orb.Point{1, 1}, Max: orb.Point{2, 2}}); err != nil {
		f.Fatal(err)
	}
	f.Add(b.Bytes())
	f.Fuzz(func(t *testing.T, b []byte) {
		a, err := Open(bytes.NewReader(b), int64(len(b)))
		if err != nil {
			return
		}
		for _, e := range a.list[:min(len(a.list), 50)] {
			if e.length > uint64(len(b)) {
				t.Fatal("an entry beyond the file")
			}
		}
	})
}

func FuzzDecode(f *testing.F) {
	l := newLayer()
	l.add(orb.Polygon{{{0, 0}, {9, 0}, {9, 9}, {0, 0}}}, [2]string{"class", "wood"})
	l.add(orb.MultiLineString{{{0, 0}, {9, 0}}}, [2]string{"name", "Абай"})
	f.Add(l.encode(nil, "green"))
	f.Fuzz(func(_ *testing.T, b []byte) { _, _ = decode(b) })
}

// slowest asks again and again, and tells how long the slowest hundredth of the answers took at least.
func slowest(b *testing.B, ask func(r *rand.Rand) error) {
	b.Helper()
	r := rand.New(rand.NewPCG(1, 1))
	var took []time.Duration
	for b.Loop() {
		start := time.Now()
		if err := ask(r); err != nil {
			b.Fatal(err)
		}
		took = append(took, time.Since(start))
	}
	slices.Sort(took)
	b.ReportMetric(took[len(took)*99/100].Seconds()*1000, "p99-ms")
}

// BenchmarkView reads the twelve tiles that fill a screen, anywhere in Almaty, from the city as a whole to its houses.
func BenchmarkView(b *testing.B) {
	a, _ := real(b, "almaty-2013.osm.pbf")
	slowest(b, func(r *rand.Rand) error {
		z := uint32(a.MinZoom + r.IntN(MaxZoom-a.MinZoom+1))
		x, y := at(z, a.South+r.Float64()*(a.North-a.South), a.West+r.Float64()*(a.East-a.West))
		for i := range uint32(12) {
			if _, _, err := a.Tile(z, x-2+i%4, y-1+i/4); err != nil {
				return err
			}
		}
		return nil
	})
}

// BenchmarkDraw draws such a screen as plain shapes.
func BenchmarkDraw(b *testing.B) {
	a, _ := real(b, "almaty-2013.osm.pbf")
	slowest(b, func(r *rand.Rand) error {
		_, err := a.Draw(View{Lat: a.South + r.Float64()*(a.North-a.South), Lon: a.West + r.Float64()*(a.East-a.West), Zoom: 12 + 4*r.Float64(), W: 900, H: 600})
		return err
	})
}

// BenchmarkBuild makes the map of Almaty.
func BenchmarkBuild(b *testing.B) {
	text, err := os.ReadFile(filepath.Join(data, "almaty-2013.osm.pbf"))
	if err != nil {
		b.Skipf("SKIPPED, no extract beside the project: %v", err)
	}
	for b.Loop() {
		var out bytes.Buffer
		s, err := Build(b.Context(), bytes.NewReader(text), &out)
		if err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(float64(s.Bytes), "bytes")
	}
}
