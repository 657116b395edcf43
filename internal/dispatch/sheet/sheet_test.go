package sheet_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jumyla/jumyla/internal/account"
	"github.com/jumyla/jumyla/internal/area"
	"github.com/jumyla/jumyla/internal/centre"
	"github.com/jumyla/jumyla/internal/contact"
	"github.com/jumyla/jumyla/internal/crew"
	"github.com/jumyla/jumyla/internal/dispatch/sheet"
	"github.com/jumyla/jumyla/internal/household"
	"github.com/jumyla/jumyla/internal/i18n"
	"github.com/jumyla/jumyla/internal/id"
	"github.com/jumyla/jumyla/internal/intake"
	"github.com/jumyla/jumyla/internal/place"
	"github.com/jumyla/jumyla/internal/request"
	"github.com/jumyla/jumyla/internal/rule"
	"github.com/jumyla/jumyla/internal/run"
	"github.com/jumyla/jumyla/internal/store"
	"github.com/jumyla/jumyla/internal/twin"
	"github.com/jumyla/jumyla/internal/volunteer"
	"github.com/jumyla/jumyla/roads"
	"github.com/jumyla/jumyla/roads/tiles"
)

var (
	noon = time.Date(2022, 1, 12, 6, 0, 0, 0, time.UTC) // in Almaty then
	day  = time.Date(2022, 1, 12, 0, 0, 0, 0, time.FixedZone("Almaty", 6*3600))
)

// door is an invented household at a real address of Almaty.
type door struct {
	address string
	lat     float64
	lon     float64
	trip    int
}

// doors lie west of the centre (Abay avenue, Gagarin avenue) and then in the hills of the south-east.
func doors() []door {
	return []door{{"Ауэзов көшесі 19", 43.248731, 76.901723, 0}, {"Розыбакиев көшесі 37", 43.2412, 76.8926, 0}, {"Тимирязев көшесі 42", 43.2296, 76.9046, 0},
		{"Достық даңғылы 125", 43.214291, 76.963689, 0}, {"Жамақаев көшесі 254", 43.2047, 76.9437, 0}}
}

// across is a run of 21 stops through the whole city, up to its northern edge.
func across() []door {
	out := []door{{"Жансүгіров көшесі 1", 43.352, 76.957, 0}}
	for i := range 20 {
		out = append(out, door{fmt.Sprintf("Абай даңғылы %d", i+1), 43.225 + 0.008*float64(i%10), 76.89 + 0.014*float64(i*7%6), 0})
	}
	return out
}

// office is a centre in the middle of Almaty with one run to the doors.
func office(t *testing.T, lang i18n.Lang, pass string, doors []door) *store.DB {
	t.Helper()
	kinds := append(account.Kinds(), centre.Kind, place.Kind, area.Kind, household.Kind, household.LookKind, household.VerdictKind, request.Kind, request.NeedKind, twin.QuestionKind, twin.AnswerKind, twin.WordKind, twin.SettingKind, request.QualityKind,
		request.CallbackKind, volunteer.Kind, volunteer.VerdictKind, crew.Kind, rule.Record, run.Kind, run.OutcomeKind, run.CheckKind, run.RenewalKind)
	db, err := store.Create(t.Context(), store.Config{Dir: filepath.Join(t.TempDir(), "c"), Kinds: kinds, KDF: store.KDF{Time: 1, Memory: 64, Threads: 1}, Now: func() time.Time { return noon }},
		store.Secret{Passphrase: "төрт сөз жеткілікті"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	write(t, db, func(ctx context.Context, tx *store.Tx) error {
		return centre.Create(ctx, tx, &centre.Centre{Name: "Оқу орталығы", Area: "almaty-city", Zone: "Asia/Almaty", Langs: []string{"kk"}, Phone: "+77000000099", Lat: 43.2565, Lon: 76.9284})
	})
	r := run.Run{Number: 1, CrewNo: 7, Day: "2022-01-12", Depart: 13 * 3600, Back: 17 * 3600}
	write(t, db, func(ctx context.Context, tx *store.Tx) error {
		v := &volunteer.Volunteer{Name: "Ерікті Үлгібаев", Phone: "+77000000001", Adult: volunteer.Said}
		v.ID.ID = tx.NewID()
		if err := tx.Put(ctx, v); err != nil {
			return err
		}
		if err := volunteer.See(ctx, tx, v.ID); err != nil {
			return err
		}
		cr := crew.Crew{Number: 7, Members: []crew.Member{{Volunteer: v.ID.ID, Role: crew.Driver}}, Vehicle: "Нива", Plate: "000 JUM 02", Baskets: 20, From: 8 * 60, To: 20 * 60, Lang: lang, Pass: pass}
		r.Crew = tx.NewID()
		if err := crew.Form(ctx, tx, &cr); err != nil {
			return err
		}
		r.Crew = cr.ID.ID
		return nil
	})
	write(t, db, func(ctx context.Context, tx *store.Tx) error {
		r.ID.ID = tx.NewID()
		for i, d := range doors {
			home := household.Household{Head: contact.Name(fmt.Sprintf("Ойдан Үй %d", i+1)), Address: contact.Address(d.address), Entrance: "2", Floor: "5", Keep: true}
			if d.lat != 0 {
				home.Where = &household.Point{Lat: d.lat, Lon: d.lon}
			}
			q, err := intake.Take(ctx, tx, intake.Call{Household: home, Phone: contact.Phone(fmt.Sprintf("+7700000%04d", 100+i)), Needs: []string{"нан 2", "су 1"}}, 7)
			if err != nil {
				return err
			}
			needs, err := request.Needs(ctx, tx, q.ID)
			if err != nil {
				return err
			}
			stop := run.Stop{Request: q.ID.ID, Arrive: int32(13*3600 + (i+1)*1800), Leave: int32(13*3600 + (i+1)*1800 + 600), Trip: d.trip}
			for _, n := range needs {
				n.Status, n.Run = request.Planned, r.ID.ID
				if err := tx.Put(ctx, &n); err != nil {
					return err
				}
				stop.Needs = append(stop.Needs, n.ID.ID)
			}
			r.Stops = append(r.Stops, stop)
		}
		return tx.Put(ctx, &r)
	})
	return db
}

func write(t *testing.T, db *store.DB, fn func(ctx context.Context, tx *store.Tx) error) {
	t.Helper()
	if err := db.Write(t.Context(), id.New(noon), func(tx *store.Tx) error { return fn(t.Context(), tx) }); err != nil {
		t.Fatal(err)
	}
}

// almaty is the ground of a real city; without its extract the test skips.
func almaty(t *testing.T) sheet.Ground {
	t.Helper()
	f, err := os.Open("../../../../shared/data/roads/almaty-2013.osm.pbf")
	if err != nil {
		t.Skip("SKIPPED: the extract of Almaty (../shared/data/roads) is not there; ways on sheets are not told")
	}
	defer f.Close()
	n, err := roads.Read(t.Context(), f, nil)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if _, err := tiles.Build(t.Context(), f, &b); err != nil {
		t.Fatal(err)
	}
	a, err := tiles.Open(bytes.NewReader(b.Bytes()), int64(b.Len()))
	if err != nil {
		t.Fatal(err)
	}
	return sheet.Ground{Roads: n, Map: a}
}

// printed is the sheet as a PDF, kept where JUMYLA_PRINT_OUT says, and its text.
func printed(t *testing.T, db *store.DB, name string, g sheet.Ground) (pages int, text string) {
	t.Helper()
	tool, err := exec.LookPath("pdftotext")
	if err != nil {
		t.Skip("SKIPPED: pdftotext (poppler-utils) is not installed; printed text is not checked")
	}
	var b bytes.Buffer
	if err := sheet.Write(t.Context(), db, &b, day, noon, i18n.RU, nil, g, 1); err != nil {
		t.Fatal(err)
	}
	if dir := os.Getenv("JUMYLA_PRINT_OUT"); dir != "" && name != "" {
		if err := os.WriteFile(filepath.Join(dir, name+".pdf"), b.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.CommandContext(t.Context(), tool, "-layout", "-", "-")
	cmd.Stdin = &b
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	return strings.Count(string(out), "\f"), strings.Join(strings.Fields(string(out)), " ")
}

func TestASheetTellsTheWay(t *testing.T) {
	g := almaty(t)
	for lang, c := range map[i18n.Lang]struct{ first, turn, centre, km string }{
		i18n.KK: {"оңтүстікке", "солға", "Орталыққа:", "км"}, i18n.RU: {"на юг", "налево", "В центр:", "км"}, i18n.EN: {"south", "left", "To the centre:", "km"},
	} {
		db := office(t, lang, "", doors())
		_, text := printed(t, db, "way-"+string(lang), g)
		for _, want := range []string{c.turn + " ", c.centre, " " + c.km + ": ", "Абая", "Тимирязева", lang.T("print.sketch_road"), tiles.Attribution} {
			if !strings.Contains(text, want) {
				t.Errorf("%s: no %q: %s", lang, want, text)
			}
		}
		if strings.Contains(text, "⟦") || strings.Contains(text, lang.T("print.sketch")) {
			t.Errorf("%s: %s", lang, text)
		}
	}
}

func TestWithoutAnExtractASketchSaysSo(t *testing.T) {
	_, text := printed(t, office(t, i18n.RU, "", doors()), "straight", sheet.Ground{})
	if !strings.Contains(text, i18n.RU.T("print.sketch")) || strings.Contains(text, "налево") || strings.Contains(text, tiles.Attribution) {
		t.Error(text)
	}
}

// TestPagesStayFew holds that the way costs a crew no more than a page of paper.
func TestPagesStayFew(t *testing.T) {
	g := almaty(t)
	db := office(t, i18n.RU, "", append(doors(), doors()...))
	straight, _ := printed(t, db, "ten-straight", sheet.Ground{})
	told, _ := printed(t, db, "ten", g)
	if told > straight+1 {
		t.Errorf("%d pages with the way, %d without", told, straight)
	}
	_, text := printed(t, office(t, i18n.RU, "", across()), "wide", g)
	if !strings.Contains(text, i18n.RU.T("print.sketch_road")) {
		t.Error("no sketch of a run across the city")
	}
}

// read is the way to each stop and home, as it is read aloud; "" where nothing is said.
func read(t *testing.T, db *store.DB, g sheet.Ground) []string {
	t.Helper()
	runs, err := run.OfDay(t.Context(), db, "2022-01-12")
	if err != nil || len(runs) != 1 {
		t.Fatal(err, runs)
	}
	in, err := sheet.Of(t.Context(), db, &runs[0], i18n.EN, g)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, s := range in.Stops {
		out = append(out, fmt.Sprint(s.Way))
	}
	return append(out, fmt.Sprint(in.Home))
}

// town has one street from the centre to the north, and a way around by the east.
func town(t *testing.T) sheet.Ground {
	t.Helper()
	n, err := roads.Read(t.Context(), strings.NewReader(`<osm version="0.6">
		<node id="1" lat="43.2565" lon="76.9284"/><node id="2" lat="43.2665" lon="76.9284"/><node id="3" lat="43.2765" lon="76.9284"/>
		<node id="4" lat="43.2565" lon="76.9484"/><node id="5" lat="43.2765" lon="76.9484"/>
		<way id="1"><nd ref="1"/><nd ref="2"/><nd ref="3"/><tag k="highway" v="primary"/><tag k="name" v="Direct"/><tag k="name:kk" v="Тура жол"/></way>
		<way id="2"><nd ref="1"/><nd ref="4"/><tag k="highway" v="primary"/><tag k="name" v="South"/></way>
		<way id="3"><nd ref="4"/><nd ref="5"/><tag k="highway" v="primary"/><tag k="name" v="East"/></way>
		<way id="4"><nd ref="5"/><nd ref="3"/><tag k="highway" v="primary"/><tag k="name" v="North"/></way></osm>`), nil)
	if err != nil {
		t.Fatal(err)
	}
	return sheet.Ground{Roads: n}
}

func TestTheWayGoesRoundWhatIsClosed(t *testing.T) {
	closed := rule.Rule{Kind: rule.ClosedZone, Area: "almaty-city", From: day, Zone: "Asia/Almaty", Source: "ойдан", PassExempt: true,
		Polygon: [][2]float64{{43.263, 76.925}, {43.263, 76.932}, {43.266, 76.932}, {43.266, 76.925}}}
	for name, c := range map[string]struct {
		pass string
		zone bool
		want string
	}{
		"open":   {"", false, "[2.2\u00a0km: north Direct 2.2\u00a0km; right North 10\u00a0m]"},
		"closed": {"", true, "[5.5\u00a0km: east South 1.6\u00a0km; left East 2.2\u00a0km; left North 1.6\u00a0km]"},
		"a pass": {"АЛ-1", true, "[2.2\u00a0km: north Direct 2.2\u00a0km; right North 10\u00a0m]"},
	} {
		db := office(t, i18n.EN, c.pass, []door{{"Солтүстік 1", 43.2765, 76.9285, 0}})
		if c.zone {
			write(t, db, func(ctx context.Context, tx *store.Tx) error { return rule.Apply(ctx, tx, []rule.Rule{closed}) })
		}
		if got := read(t, db, town(t)); got[0] != c.want {
			t.Errorf("%s: %q, want %q", name, got[0], c.want)
		}
	}
}

func TestWhatIsNotKnownIsNotTold(t *testing.T) {
	north, south, nowhere, sea := door{"Солтүстік 1", 43.2765, 76.9284, 0}, door{"Оңтүстік 1", 43.2566, 76.9384, 0}, door{"Белгісіз 1", 0, 0, 0}, door{"Теңіз 1", 44.9, 76.9284, 0}
	again := south
	again.trip = 1
	for name, c := range map[string]struct {
		doors []door
		want  []string
	}{
		"no place":        {[]door{north, nowhere, south}, []string{"[2.2\u00a0km: north", "[]", "[]", "[To the centre: "}},
		"far from roads":  {[]door{north, sea}, []string{"[2.2\u00a0km: north", "[the map knows no road, 181\u00a0km in a straight line]", "[To the centre: the map knows no road"}},
		"loads again":     {[]door{north, again}, []string{"[2.2", "[To the centre: 2.2\u00a0km: south Direct 2.2\u00a0km From the centre: 810\u00a0m: east South 810\u00a0m; the house is on the left]", "[To the centre: 810"}},
		"two at one door": {[]door{north, north}, []string{"[2.2", "[]", "[To the centre: 2.2"}},
	} {
		db := office(t, i18n.EN, "", c.doors)
		got := read(t, db, town(t))
		for i, want := range c.want {
			if i >= len(got) || !strings.HasPrefix(got[i], want) || strings.Contains(got[i], "⟦") {
				t.Errorf("%s, %d: %q, want %q", name, i, got, want)
			}
		}
		if pages, _ := printed(t, db, "", town(t)); pages == 0 {
			t.Errorf("%s: nothing printed", name)
		}
	}
	for _, s := range read(t, office(t, i18n.EN, "", doors()), sheet.Ground{}) {
		if s != "[]" {
			t.Errorf("without an extract: %s", s)
		}
	}
}
