package gazetteer

import (
	"encoding/csv"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jumyla/jumyla/roads"
)

func street(lat, lon float64, names ...string) roads.Place {
	return roads.Place{Kind: roads.Street, Names: names, At: roads.Point{Lat: lat, Lon: lon}}
}

func houseAt(lat, lon float64, street, number string) roads.Place {
	return roads.Place{Kind: roads.House, Street: []string{street}, House: number, At: roads.Point{Lat: lat, Lon: lon}}
}

// town is a few streets with names as extracts have them.
func town() *Gazetteer {
	return New([]roads.Place{
		{Kind: roads.Settlement, Names: []string{"Алматы", "Almaty"}, At: roads.Point{Lat: 43.25, Lon: 76.93}},
		{Kind: roads.Settlement, Names: []string{"Қаскелең", "Каскелен"}, At: roads.Point{Lat: 43.2, Lon: 76.62}},
		street(43.21, 76.96, "пр. Достык", "Достық даңғылы", "Ленина"), street(43.23, 76.961, "проспект Достык"), street(43.25, 76.962, "пр. Достык"),
		houseAt(43.214291, 76.963689, "пр. Достык", "125"), houseAt(43.2160, 76.9630, "пр. Достык", "121"), houseAt(43.2150, 76.9632, "Достық даңғылы", "123А"),
		street(43.24, 76.90, "улица Абая"), houseAt(43.241, 76.91, "улица Абая", "44"),
		street(43.2, 76.62, "улица Абая"), houseAt(43.201, 76.621, "Абай көшесі", "7"),
		street(43.26, 76.94, "Төле би көшесі", "улица Толе би"), houseAt(43.2601, 76.9401, "Толе би", "59"),
		street(43.27, 76.95, "улица Сейфуллина"), street(43.28, 76.97, "Желтоқсан көшесі"),
		street(43.22, 76.85, "мкр. Орбита-1"), houseAt(43.221, 76.851, "мкр. Орбита-1", "29"),
		{Kind: roads.Landmark, Names: []string{"ЦУМ"}, At: roads.Point{Lat: 43.262, Lon: 76.943}},
	})
}

func TestFind(t *testing.T) {
	g := town()
	for q, want := range map[string]string{
		"пр. Достык 125":                           "house пр. Достык 125 exact",
		"Достық даңғылы, 125":                      "house пр. Достык 125 exact",
		"Dostyk ave 125":                           "house пр. Достык 125 exact",
		"проспект Ленина, 125":                     "house пр. Достык 125 exact",
		"достык 123а":                              "house пр. Достык 123А exact",
		"достык125":                                "house пр. Достык 125 exact", // no time for a space
		"125 Достык":                               "house пр. Достык 125 exact",
		"Достық д-лы 125":                          "house пр. Достык 125 exact",
		"Dostyq 125":                               "house пр. Достык 125 exact", // the Latin alphabet of 2021
		"Lenin ave 125":                            "house пр. Достык 125 exact",
		"достык, д. 125, кв. 8":                    "house пр. Достык 125 exact",
		"ДОСТЫК 125":                               "house пр. Достык 125 exact",
		"Достыкк 125":                              "house пр. Достык 125 exact", // a key twice
		"Дотсык 125":                               "house пр. Достык 125 exact", // two keys changed about
		"Востык 125":                               "house пр. Достык 125 exact", // the key beside
		"мкр Орбита 1 дом 29":                      "house мкр. Орбита-1 29 exact",
		"Orbita-1, 29":                             "house мкр. Орбита-1 29 exact",
		"Достык 119":                               "house пр. Достык 119 between",
		"достык 900":                               "street пр. Достык 900 rough",
		"дост":                                     "street пр. Достык  exact",
		"Дастык 125":                               "house пр. Достык 125 exact", // heard wrong
		"ljcnsr 125":                               "house пр. Достык 125 exact", // Russian keys under Latin letters
		swap("dostyk 125", latinKeys, russianKeys): "house пр. Достык 125 exact", // Latin meant, Russian keys
		"ул. Толе би 59":                           "house Төле би көшесі 59 exact",
		"Tole bi 59":                               "house Төле би көшесі 59 exact",
		"Zheltoksan":                               "street Желтоқсан көшесі  exact",
		"желтоксан":                                "street Желтоқсан көшесі  exact",
		"сейфулина":                                "street улица Сейфуллина  exact",
		"Орбита-1, 29":                             "house мкр. Орбита-1 29 exact",
		"цум":                                      "landmark ЦУМ  exact",
		"Каскелен":                                 "settlement Қаскелең  exact",
		"":                                         "",
		"125":                                      "",
		"\x00\xff":                                 "",
		"проспект":                                 "",
		strings.Repeat("я", 999):                   "",
	} {
		got := ""
		if hits := g.Find(q); len(hits) > 0 {
			h := hits[0]
			got = fmt.Sprintf("%s %s %s %s", h.Kind, h.Names[0], h.House, h.Precision)
		}
		if got != want {
			t.Errorf("%q finds %q, want %q", q, got, want)
		}
	}
}

func TestFindTellsStreetsOfOneNameApart(t *testing.T) {
	g := town()
	hits := g.Find("Абая 7")
	if len(hits) < 2 || hits[0].In != "Қаскелең" || hits[0].Precision != Exact || hits[1].In != "Алматы" {
		t.Errorf("%+v", hits)
	}
}

func TestBetween(t *testing.T) {
	e := entry{}
	for _, n := range []int{2, 10, 11, 21} {
		e.houses = append(e.houses, numbered(n))
	}
	for n, want := range map[int]float64{2: 2, 6: 6, 10: 10, 14: 10, 16: 10, 15: 15, 21: 21} {
		if at, ok := e.between(n); !ok || math.Abs(at.Lat-want) > 1e-9 {
			t.Errorf("%d lies at %v, want %v", n, at.Lat, want)
		}
	}
	for _, n := range []int{0, 18, 3, 31} {
		if at, ok := e.between(n); ok {
			t.Errorf("%d lies at %v", n, at)
		}
	}
}

func numbered(n int) house { return house{value: n, at: roads.Point{Lat: float64(n)}} }

func TestAt(t *testing.T) {
	g := town()
	if h, away, ok := g.At(roads.Point{Lat: 43.2143, Lon: 76.9637}, 60); !ok || h.House != "125" || away > 5 {
		t.Errorf("%+v %v", h, away)
	}
	if h, _, ok := g.At(roads.Point{Lat: 43.3, Lon: 77.2}, 250); ok {
		t.Errorf("%+v", h)
	}
}

// TestACountryOfOneName has a street of one name in each of many towns: every house finds its own, and is said to be there.
func TestACountryOfOneName(t *testing.T) {
	var places []roads.Place
	r := rand.New(rand.NewPCG(4, 4))
	type asked struct {
		at   roads.Point
		town string
	}
	var all []asked
	for i := range 40 {
		for k := range 40 {
			lat, lon, town := 41+float64(i)*.35+r.Float64()*.05, 48+float64(k)*.5+r.Float64()*.05, fmt.Sprintf("Ауыл %d-%d", i, k)
			places = append(places, roads.Place{Kind: roads.Settlement, Names: []string{town}, At: roads.Point{Lat: lat, Lon: lon}},
				street(lat+.001, lon, "улица Абая"), houseAt(lat+.002+r.Float64()*.02, lon+r.Float64()*.02, "Абай көшесі", "7"))
			all = append(all, asked{places[len(places)-1].At, town})
		}
	}
	g := New(places)
	if streets := len(g.entries) - len(all); streets != len(all) {
		t.Errorf("%d streets in %d towns", streets, len(all))
	}
	for _, a := range all {
		if h, away, ok := g.At(a.at, 5); !ok || h.In != a.town || away > 1 {
			t.Fatalf("%s: %+v %v", a.town, h, away)
		}
	}
}

// real is the gazetteer of Almaty's extract of 2013.
func real(tb testing.TB) *Gazetteer {
	tb.Helper()
	f, err := os.Open(filepath.Join(data, "almaty-2013.osm.pbf"))
	if err != nil {
		tb.Skipf("SKIPPED, no extract of Almaty beside the project: %v", err)
	}
	defer f.Close()
	places, err := roads.ReadPlaces(tb.Context(), f, nil)
	if err != nil {
		tb.Fatal(err)
	}
	return New(places)
}

const data = "../../../shared/data/roads"

// addresses are the houses of Almaty's extract as somebody else read them: street, number, latitude, longitude.
func addresses(tb testing.TB) [][]string {
	tb.Helper()
	f, err := os.Open(filepath.Join(data, "almaty_addresses.csv"))
	if err != nil {
		tb.Skipf("SKIPPED, no addresses of Almaty beside the project: %v", err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		tb.Fatal(err)
	}
	var out [][]string
	for _, r := range rows[1:] {
		if r[2] != "" && r[3] != "" {
			out = append(out, []string{r[2], r[3], r[6], r[7]})
		}
	}
	return out
}

// TestEveryAddressIsFound asks for each house as the extract has it, without what kind of street it is, and with a
// letter wrong.
func TestEveryAddressIsFound(t *testing.T) {
	g, rows := real(t), addresses(t)
	slip := func(s string) string {
		r := []rune(s)
		i := len(r) / 2
		return string(slices.Delete(r, i, i+1))
	}
	for name, c := range map[string]struct {
		ask   func(street, house string) string
		floor float64
	}{
		"as it is":           {func(s, h string) string { return s + " " + h }, 0.97},
		"with a comma":       {func(s, h string) string { return s + ", дом " + h }, 0.97},
		"a letter left out":  {func(s, h string) string { return slip(s) + ", " + h }, 0.75},
		"in capital letters": {func(s, h string) string { return strings.ToUpper(s) + " " + h }, 0.97},
	} {
		found := 0
		for _, r := range rows {
			hits := g.Find(c.ask(r[0], r[1]))
			if len(hits) > 0 && hits[0].Precision == Exact && hits[0].House != "" && nearRow(hits, r) {
				found++
			} else if name == "as it is" {
				t.Logf("not found: %v", r)
			}
		}
		share := float64(found) / float64(len(rows))
		t.Logf("%s: %.3f of %d", name, share, len(rows))
		if share < c.floor {
			t.Errorf("%s: %.3f of %d found first, want %.2f", name, share, len(rows), c.floor)
		}
	}
}

// nearRow reports whether one of the first two hits lies where the row says: a street may have a number twice.
func nearRow(hits []Hit, r []string) bool {
	var at roads.Point
	if _, err := fmt.Sscan(r[2], &at.Lat); err != nil {
		return false
	}
	if _, err := fmt.Sscan(r[3], &at.Lon); err != nil {
		return false
	}
	for _, h := range hits[:min(2, len(hits))] {
		if metres(h.At, at) < 150 {
			return true
		}
	}
	return false
}

func FuzzFind(f *testing.F) {
	g := town()
	for _, s := range []string{"пр. Достык 125", "lj", "8 мкр", "٨", "ё-ё/1/2"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for _, h := range g.Find(s) {
			if len(h.Names) == 0 || h.Score <= 0 || h.Score > 1 {
				t.Fatalf("%+v", h)
			}
		}
	})
}

// TestTheHouseOfAlmaty asks the real extract for the house that stands in three scripts, and for others, by what people say.
func TestTheHouseOfAlmaty(t *testing.T) {
	g := real(t)
	for q, want := range map[string][2]float64{
		"пр. Достык 125":       {43.214291, 76.963689},
		"Достық даңғылы, 125":  {43.214291, 76.963689},
		"Dostyk ave 125":       {43.214291, 76.963689},
		"проспект Ленина 125":  {43.214291, 76.963689}, // the name of before 1991
		"ljcnsr 125":           {43.214291, 76.963689}, // Latin keys
		"Tole bi 59":           {43.2544, 76.9437},
		"Төле би көшесі 59":    {43.2544, 76.9437},
		"улица Толе би, д. 59": {43.2544, 76.9437},
	} {
		hits := g.Find(q)
		if len(hits) == 0 || hits[0].Kind != roads.House || hits[0].Precision != Exact || metres(hits[0].At, roads.Point{Lat: want[0], Lon: want[1]}) > 300 {
			t.Errorf("%q: %+v", q, hits[:min(len(hits), 1)])
		}
		for _, h := range hits[min(len(hits), 1):] {
			if hits[0].knows(&h) {
				t.Errorf("%q: a piece of the street without the house is shown as well: %+v", q, h)
			}
		}
	}
	for q, kind := range map[string]roads.Kind{"Зеленый базар": roads.Landmark, "Самал-2": roads.Street, "Каскелен": roads.Settlement, "аэропорт": roads.Quarter} {
		if hits := g.Find(q); len(hits) == 0 || hits[0].Kind != kind {
			t.Errorf("%q: %+v, want a %s", q, hits[:min(len(hits), 1)], kind)
		}
	}
}

// typed are texts as they grow under an operator's fingers: from the third letter on, with slips, on the wrong keyboard.
func typed(texts []string, count int) []string {
	r := rand.New(rand.NewPCG(2, 2))
	out := make([]string, count)
	for i := range out {
		text := []rune(texts[r.IntN(len(texts))])
		switch r.IntN(8) {
		case 0:
			k := r.IntN(len(text))
			text = slices.Delete(text, k, k+1)
		case 1:
			text = []rune(swap(string(text), russianKeys, latinKeys))
		}
		out[i] = string(text[:min(3+r.IntN(len(text)), len(text))])
	}
	return out
}

// measure asks, and tells how long the slowest hundredth of the answers took at least.
func measure(b *testing.B, g *Gazetteer, texts []string) {
	b.Helper()
	all := typed(texts, 5000)
	var took []time.Duration
	b.ResetTimer()
	for b.Loop() {
		start := time.Now()
		g.Find(all[len(took)%len(all)])
		took = append(took, time.Since(start))
	}
	slices.Sort(took)
	b.ReportMetric(took[len(took)/2].Seconds()*1000, "p50-ms")
	b.ReportMetric(took[len(took)*99/100].Seconds()*1000, "p99-ms")
}

// BenchmarkFind asks Almaty for what is being typed.
func BenchmarkFind(b *testing.B) {
	g := real(b)
	var texts []string
	for _, r := range addresses(b) {
		texts = append(texts, r[0]+" "+r[1])
	}
	measure(b, g, texts)
}

// BenchmarkFindMillion asks among a million generated houses on twenty-five thousand streets of a hundred towns.
func BenchmarkFindMillion(b *testing.B) {
	r := rand.New(rand.NewPCG(1, 1))
	parts := []string{"бай", "тау", "жан", "мар", "сер", "нур", "ал", "кан", "дос", "бек", "ер", "ту", "ис", "ку", "ша"}
	word := func() string {
		var w strings.Builder
		for range 2 + r.IntN(3) {
			w.WriteString(parts[r.IntN(len(parts))])
		}
		return w.String()
	}
	var places []roads.Place
	var asked []string
	for range 25_000 {
		lat, lon, name := 42+float64(r.IntN(10)), 60+float64(r.IntN(10)), "улица "+word()+"а"
		places = append(places, street(lat, lon, name))
		for n := range 40 {
			places = append(places, houseAt(lat, lon, name, fmt.Sprint(n+1)))
		}
		asked = append(asked, fmt.Sprint(name, " ", 1+r.IntN(40)))
	}
	measure(b, New(places), asked)
}
