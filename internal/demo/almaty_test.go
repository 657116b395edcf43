package demo

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestStreets(t *testing.T) {
	districts := map[string]int{}
	for _, d := range Districts() {
		districts[d.Code] = 0
		if !InCity(d.Lat, d.Lon) || d.KK == "" || d.RU == "" || d.EN == "" {
			t.Errorf("%s: centre or names are wrong", d.Code)
		}
	}
	if len(districts) != 8 {
		t.Fatalf("%d districts", len(districts))
	}
	if n := len(Streets()); n < 120 {
		t.Errorf("only %d streets", n)
	}
	names := map[string]bool{}
	for _, s := range Streets() {
		if names[s.KK] || names[s.RU] || s.From < 1 || s.To <= s.From || len(s.Line) < 2 {
			t.Errorf("%s: stands twice, or has no houses or no line", s.KK)
		}
		names[s.KK], names[s.RU] = true, true
		for house := s.From; house <= s.To; house++ {
			at := s.At(house)
			if _, ok := districts[at.District]; !ok || !InCity(at.Lat, at.Lon) {
				t.Errorf("%s %d stands at %+v", s.KK, house, at)
			}
			districts[at.District]++
		}
		if s.At(s.To+1000) == (Anchor{}) || s.At(-5) == (Anchor{}) {
			t.Errorf("%s: a house out of range is nowhere", s.KK)
		}
	}
	for code, n := range districts {
		if n < 50 {
			t.Errorf("%s has only %d houses", code, n)
		}
	}
	for _, s := range Settlements() {
		if !InRegion(s.Lat, s.Lon) {
			t.Errorf("%s is outside the region", s.KK)
		}
	}
	for _, l := range Landmarks() {
		if _, ok := districts[l.District]; !ok || !InCity(l.Lat, l.Lon) {
			t.Errorf("%s is in no district", l.KK)
		}
	}
}

func TestLocate(t *testing.T) {
	for _, c := range []struct {
		address, street string
		house           int
	}{
		{"Абай 44", "Абай даңғылы", 44},
		{"Абая 44", "Абай даңғылы", 44},
		{"Абай даңғылы 44, 12-пәтер", "Абай даңғылы", 44},
		{"пр. Абая, 44 кв 12", "Абай даңғылы", 44},
		{"г. Алматы, проспект Абая, дом 44 кв 12", "Абай даңғылы", 44},
		{"ул. Фурманова, 100", "Назарбаев даңғылы", 100},
		{"Кабанбай батыра 154-3", "Қабанбай батыр көшесі", 154},
		{"қабанбай батыр көшесі 154", "Қабанбай батыр көшесі", 154},
		{"Толе би, 59а", "Төле би көшесі", 59},
		{"мкр Аксай-4, д.98", "Ақсай-4 ықшамауданы", 98},
		{"Ақсай-4 ықшамауданы, 12", "Ақсай-4 ықшамауданы", 12},
		{"5-й микрорайон, 12", "5-ықшамаудан", 12},
		{"мкр. 5, дом 12 кв 3", "5-ықшамаудан", 12},
		{"Жібек жолы 64", "Жібек жолы даңғылы", 64},
		{"Кульджинский тракт 20", "Құлжа тас жолы", 20},
	} {
		s, house, at, ok := Locate(c.address)
		if !ok || s.KK != c.street || house != c.house || !InCity(at.Lat, at.Lon) {
			t.Errorf("Locate(%q) = %s %d %v %v, want %s %d", c.address, s.KK, house, at, ok, c.street, c.house)
		}
	}
	for _, nowhere := range []string{"", "44", "Абай", "Невский проспект 5", "за базаром, синие ворота"} {
		if s, _, _, ok := Locate(nowhere); ok {
			t.Errorf("Locate(%q) found %s", nowhere, s.KK)
		}
	}
}

// TestLocateFindsAllWritings holds that every address that the drill writes leads back to its street.
func TestLocateFindsAllWritings(t *testing.T) {
	for _, seed := range seeds {
		for _, h := range Households(seed) {
			if h.Place.Street == "" {
				continue
			}
			s, house, at, ok := Locate(h.Place.Address)
			if !ok || s.KK != h.Place.Street || house != h.Place.House || at.District != h.Place.District {
				t.Errorf("Locate(%q) = %s %d %v, want %s %d", h.Place.Address, s.KK, house, ok, h.Place.Street, h.Place.House)
			}
		}
	}
}

// TestAbayFortyFour holds one address that can be looked up on any map: Abay 42 and 52 stand in the extract.
func TestAbayFortyFour(t *testing.T) {
	_, _, at, _ := Locate("Абай 44")
	known := Anchor{Lat: 43.24074, Lon: 76.92507} // house 42
	if m := metres(at, known); m > 600 {
		t.Errorf("Абай 44 stands %.0f m from Абай 42", m)
	}
}

// TestStreetsInDistricts compares the table with the districts' outlines.
func TestStreetsInDistricts(t *testing.T) {
	outlines := readOutlines(t)
	points, wrong := 0, 0
	for _, s := range Streets() {
		for _, a := range s.Line {
			points++
			if !nearOutline(outlines[a.District], a) {
				wrong++
				t.Errorf("%s: %v is not in %s", s.KK, a, a.District)
			}
		}
	}
	for _, d := range Districts() {
		if !nearOutline(outlines[d.Code], Anchor{Lat: d.Lat, Lon: d.Lon}) {
			t.Errorf("the centre of %s is outside it", d.Code)
		}
	}
	for _, l := range Landmarks() {
		if !nearOutline(outlines[l.District], Anchor{Lat: l.Lat, Lon: l.Lon}) {
			t.Errorf("%s is not in %s", l.RU, l.District)
		}
	}
	t.Logf("%d points, %d wrong", points, wrong)
}

type ring [][2]float64

func readOutlines(t *testing.T) map[string][]ring {
	t.Helper()
	shared := os.Getenv("JUMYLA_SHARED")
	if shared == "" {
		shared = filepath.Join("..", "..", "..", "shared")
	}
	b, err := os.ReadFile(filepath.Join(shared, "data", "kazakhstan", "almaty_districts.geojson"))
	if err != nil {
		t.Skip("SKIPPED: almaty_districts.geojson is not there: set JUMYLA_SHARED")
	}
	var doc struct {
		Features []struct {
			Properties struct{ Slug string }
			Geometry   struct {
				Type        string
				Coordinates json.RawMessage
			}
		}
	}
	if err := json.Unmarshal(b, &doc); err != nil {
		t.Fatal(err)
	}
	out := map[string][]ring{}
	for _, f := range doc.Features {
		if f.Geometry.Type == "MultiPolygon" {
			var many [][]ring
			if err := json.Unmarshal(f.Geometry.Coordinates, &many); err != nil {
				t.Fatal(err)
			}
			for _, p := range many {
				out[f.Properties.Slug] = append(out[f.Properties.Slug], p[0])
			}
			continue
		}
		var one []ring
		if err := json.Unmarshal(f.Geometry.Coordinates, &one); err != nil {
			t.Fatal(err)
		}
		out[f.Properties.Slug] = append(out[f.Properties.Slug], one[0])
	}
	return out
}

// nearOutline reports whether a point lies in an outline or within 300 m of it: streets are borders, and the
// outlines are simplified.
func nearOutline(rings []ring, a Anchor) bool {
	for _, r := range rings {
		for _, shift := range [][2]float64{{0, 0}, {0.0027, 0}, {-0.0027, 0}, {0, 0.0037}, {0, -0.0037}} {
			if inside(r, a.Lon+shift[1], a.Lat+shift[0]) {
				return true
			}
		}
	}
	return false
}

func inside(r ring, x, y float64) bool {
	in := false
	for i := range r {
		a, b := r[i], r[(i+1)%len(r)]
		if (a[1] > y) != (b[1] > y) && x < (b[0]-a[0])*(y-a[1])/(b[1]-a[1])+a[0] {
			in = !in
		}
	}
	return in
}

func TestTheTableSaysWhereItComesFrom(t *testing.T) {
	b, err := files.ReadFile("data/streets.tsv")
	if err != nil {
		t.Fatal(err)
	}
	head, _, _ := strings.Cut(string(b), "\nАбай")
	if !strings.Contains(head, "OpenStreetMap contributors") || !strings.Contains(head, "ODbL") {
		t.Error("streets.tsv has lost its source or its licence")
	}
}
