package area

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/i18n"
	"github.com/jumyla/jumyla/internal/id"
	"github.com/jumyla/jumyla/internal/store"
)

// since2022 is when the regions of Abai, Zhetysu and Ulytau came to be.
const since2022 = "2022-06-08"

func open(tb testing.TB) *store.DB {
	tb.Helper()
	db, err := store.Create(tb.Context(), store.Config{Dir: filepath.Join(tb.TempDir(), "c"), Kinds: []store.Registered{Kind}, KDF: store.KDF{Time: 1, Memory: 64, Threads: 1}},
		store.Secret{Passphrase: "төрт сөз жеткілікті"})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = db.Close() })
	return db
}

// load keeps the areas of a file and returns every area there is.
func load(tb testing.TB, db *store.DB, path string, how Loading) *Book {
	tb.Helper()
	f, err := os.Open(path)
	if err != nil {
		tb.Skipf("SKIPPED, no %s: %v", path, err)
	}
	defer f.Close()
	how.Source = "сынақ"
	areas, _, err := Read(f, how)
	if err != nil {
		tb.Fatal(path, err)
	}
	if err := db.Write(tb.Context(), store.Actor{}, func(tx *store.Tx) error { _, err := Keep(tb.Context(), tx, areas); return err }); err != nil {
		tb.Fatal(err)
	}
	b, err := Load(tb.Context(), db)
	if err != nil {
		tb.Fatal(err)
	}
	return b
}

func names(all []*Area) string {
	var out []string
	for _, a := range all {
		out = append(out, a.EN)
	}
	return strings.Join(out, " in ")
}

// TestSemey asks both divisions of the country about the same places.
func TestSemey(t *testing.T) {
	db := open(t)
	load(t, db, "testdata/before.geojson", Loading{})
	b := load(t, db, "testdata/since.geojson", Loading{From: since2022})
	for _, c := range []struct {
		lat, lon float64
		on, want string
	}{
		{50.41, 80.25, "2022-01-12", "East Kazakhstan"},
		{50.41, 80.25, "2022-06-07", "East Kazakhstan"},
		{50.41, 80.25, "2022-06-08", "Semey in Abai"},
		{50.41, 80.25, "2026-11-27", "Semey in Abai"},
		{49.95, 82.61, "2022-01-12", "East Kazakhstan"},
		{49.95, 82.61, "2026-11-27", "East Kazakhstan"},
		{43.24, 76.89, "2022-01-12", "Almaty (city)"}, // the region has a hole there
		{43.24, 77.30, "2022-01-12", "Almaty"},
		{51.52, 80.25, "2026-11-27", "Abai"}, // a little outside the outline
		{55, 60, "2026-11-27", ""},
	} {
		if got := names(b.At(c.lat, c.lon, c.on)); got != c.want {
			t.Errorf("%v, %v on %s lies in %q, want %q", c.lat, c.lon, c.on, got, c.want)
		}
	}
	for _, text := range []string{"630000000", "Восточно-Казахстанская область", "Шығыс Қазақстан облысы", "East Kazakhstan Region"} {
		for on, want := range map[string]bool{"2022-01-12": true, "2026-11-27": false} {
			if in, known := b.In(text, 50.41, 80.25, on); in != want || !known {
				t.Errorf("Semey in %s on %s: %v %v", text, on, in, known)
			}
		}
	}
	if in, known := b.In("Алматы", 43.24, 76.89, "2022-01-12"); in || known {
		t.Error("the city and, in Kazakh, the region: nobody may guess", in, known)
	}
	if _, known := b.In("Атлантида", 43, 76, "2022-01-12"); known {
		t.Error("an area that is not loaded is known")
	}
	if got := b.Translate(i18n.KK, "Восточно-Казахстанская"); got != "Шығыс Қазақстан" {
		t.Error(got)
	}
	if got := b.Translate(i18n.EN, "Медеу"); got != "Медеу" {
		t.Error(got)
	}
	var none *Book
	if none.At(43, 76, "") != nil || none.Named("x") != nil {
		t.Error("a book that is not there has areas")
	}
}

// TestLoadingAgainChangesNothing loads a file twice, and takes it back.
func TestLoadingAgainChangesNothing(t *testing.T) {
	db := open(t)
	first := load(t, db, "testdata/before.geojson", Loading{})
	again := load(t, db, "testdata/before.geojson", Loading{})
	if len(first.All()) != 3 || len(again.All()) != 3 {
		t.Fatalf("%d areas, then %d", len(first.All()), len(again.All()))
	}
	if before, after, err := db.Rebuild(t.Context()); err != nil || after != before {
		t.Error("a rebuild reaches another state", err)
	}
	var all []id.ID
	for _, a := range again.All() {
		all = append(all, a.ID.ID)
	}
	if err := db.Write(t.Context(), store.Actor{}, func(tx *store.Tx) error { return Remove(t.Context(), tx, all) }); err != nil {
		t.Fatal(err)
	}
	if b, err := Load(t.Context(), db); err != nil || len(b.All()) != 0 {
		t.Error(b, err)
	}
}

func TestBadFiles(t *testing.T) {
	for file, want := range map[string]string{
		"":           "area.truncated",
		"PK\x03\x04": "area.not_geojson",
		"<osm/>":     "area.not_geojson",
		`{"type":"FeatureCollection","features":[{"ty`: "area.truncated",
		`{"type":"Feature"}`:                           "area.not_geojson",
		`{"type":"FeatureCollection","features":[]}`:   "area.none",
		`[1,2]`: "area.not_geojson",
		`{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"name":"x"},"geometry":{"type":"Polygon","coordinates":[[[500,1],[2,2],[3,3],[1,1]]]}}]}`: "area.none",
		`{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"name":"x"},"geometry":{"type":"Polygon","coordinates":[[[1,1],[2,2],[1,1]]]}}]}`:         "area.none",
		`{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"name":"x"},"geometry":null}]}`:                                                           "area.none",
	} {
		_, _, err := Read(strings.NewReader(file), Loading{Source: "сынақ"})
		if bad, ok := errors.AsType[*errs.Error](err); !ok || bad.Key != want {
			t.Errorf("%.60q: %v, want %s", file, err, want)
		}
	}
}

// TestOpenStreetMap reads the level and the names of areas as OpenStreetMap has them.
func TestOpenStreetMap(t *testing.T) {
	read := func(props string, level Level) (Area, error) {
		file := `{"type":"FeatureCollection","features":[{"type":"Feature","properties":` + props + `,"geometry":{"type":"Polygon","coordinates":[[[76,43],[77,43],[77,44],[76,43]]]}}]}`
		all, _, err := Read(strings.NewReader(file), Loading{Source: "OpenStreetMap", Level: level})
		if err != nil {
			return Area{}, err
		}
		return all[0], nil
	}
	for props, want := range map[string]string{
		`{"admin_level":"4","name":"Алматы облысы","name:ru":"Алматинская область"}`:                     "region|Алматы облысы|Алматинская область|",
		`{"admin_level":6,"name":"Медеу ауданы","name:ru":"Медеуский район","name:en":"Medeu District"}`: "district|Медеу ауданы|Медеуский район|Medeu District",
		`{"admin_level":"6","name":"Медеуский район","name:kk":"Медеу ауданы"}`:                          "district|Медеу ауданы|Медеуский район|",
		`{"admin_level":"6","name":"Медеуский район"}`:                                                   "district||Медеуский район|",
		`{"admin_level":"6","name":"Медеу ауданы"}`:                                                      "district|Медеу ауданы||",
		`{"admin_level":"8","name":"Talgar"}`:                                                            "settlement|||Talgar",
		`{"admin_level":"9","name":"Талғар","name:kk":"Талғар","name:ru":"Талгар","name:en":"Talgar"}`:   "settlement|Талғар|Талгар|Talgar",
		`{"level":"district","admin_level":"4","name:ru":"Талгарский"}`:                                  "district||Талгарский|",
		`{"admin_level":"8","name":"Семей","name:ru":"Семипалатинск"}`:                                   "settlement|Семей|Семипалатинск|",
	} {
		a, err := read(props, "")
		if got := strings.Join([]string{string(a.Level), a.KK, a.RU, a.EN}, "|"); err != nil || got != want {
			t.Errorf("%s: %s %v, want %s", props, got, err, want)
		}
	}
	for _, props := range []string{`{"name":"Медеуский район"}`, `{"admin_level":"2","name":"Қазақстан"}`, `{"admin_level":"x","name":"Медеу"}`} {
		_, err := read(props, "")
		if bad, ok := errors.AsType[*errs.Error](err); !ok || bad.Fields["level"] != "area.which_level" {
			t.Errorf("%s without a level: %v", props, err)
		}
		if a, err := read(props, District); err != nil || a.Level != District {
			t.Errorf("%s as a district: %v %v", props, a.Level, err)
		}
	}
}

// TestTheCountry loads both divisions as they were published.
func TestTheCountry(t *testing.T) {
	const data = "../../../shared/data/kazakhstan/"
	db := open(t)
	load(t, db, data+"kz_adm1_17units_2019.geojson", Loading{To: since2022})
	load(t, db, data+"kz_adm2_2021.geojson", Loading{To: since2022})
	load(t, db, data+"kz_adm1_20units_2024.geojson", Loading{From: since2022})
	b := load(t, db, data+"kz_adm2_2024.geojson", Loading{From: since2022})
	if n := len(b.All()); n != 17+216+20+224 {
		t.Errorf("%d areas", n)
	}
	for _, c := range []struct {
		lat, lon float64
		on, want string
	}{
		{50.411, 80.227, "2022-01-12", "East Kazakhstan"}, {50.411, 80.227, "2026-11-27", "Abay"},
		{47.783, 67.700, "2022-01-12", "Karaganda"}, {47.783, 67.700, "2026-11-27", "Ulytau"}, // Zhezkazgan
		{45.017, 78.373, "2022-01-12", "Almaty"}, {45.017, 78.373, "2026-11-27", "Zhetysu"}, // Taldykorgan
	} {
		got := b.At(c.lat, c.lon, c.on)
		if len(got) == 0 || got[len(got)-1].Level != Region {
			t.Fatalf("%v", names(got))
		}
		t.Logf("%v, %v on %s: %s", c.lat, c.lon, c.on, names(got))
		if last := got[len(got)-1]; !strings.HasPrefix(last.EN, c.want[:4]) {
			t.Errorf("%v, %v on %s lies in %q, want %q", c.lat, c.lon, c.on, last.EN, c.want)
		}
	}
}

func FuzzDecode(f *testing.F) {
	f.Add(encode([]ring{{{1, 2}, {3, 4}, {5, 6}}}))
	f.Add([]byte{255, 255, 255, 255, 15})
	f.Fuzz(func(t *testing.T, b []byte) {
		rings, err := decode(b)
		if err != nil {
			return
		}
		back, err := decode(encode(rings))
		if err != nil || !bytes.Equal(encode(back), encode(rings)) {
			t.Fatal("written and read it is another")
		}
	})
}

func BenchmarkAt(b *testing.B) {
	const data = "../../../shared/data/kazakhstan/"
	book := load(b, open(b), data+"kz_adm2_2024.geojson", Loading{})
	for b.Loop() {
		book.At(50.411, 80.227, "2026-11-27")
	}
}

// TestTranslateGuessesNothing asks for names that the country gave to several areas, or to one after another.
func TestTranslateGuessesNothing(t *testing.T) {
	b := &Book{}
	for _, a := range []Area{
		{Level: District, Code: "751110000", KK: "Алмалы", RU: "Алмалинский"},
		{Level: Region, Code: "190000000", KK: "Алматы", RU: "Алматинская"},
		{Level: Region, Code: "750000000", KK: "Алматы", RU: "г. Алматы", EN: "Almaty"},
		{Level: Region, Code: "100000000", KK: "Абай", RU: "Абайская", To: since2022},
		{Level: Region, Code: "100000000", KK: "Абай", RU: "Область Абай", From: since2022},
	} {
		b.all = append(b.all, outlined{Area: a})
	}
	for _, c := range []struct {
		lang       i18n.Lang
		name, want string
	}{
		{i18n.RU, "Алмалы", "Алмалинский"},
		{i18n.KK, "Алмалинский район", "Алмалы"},
		{i18n.EN, "Алмалы", "Алмалы"}, // it has no name in English
		{i18n.RU, "Алматы", "Алматы"}, // the city or the region
		{i18n.RU, "Абай", "Область Абай"},
		{i18n.RU, "750000000", "г. Алматы"},
	} {
		if got := b.Translate(c.lang, c.name); got != c.want {
			t.Errorf("%s in %s is %s, want %s", c.name, c.lang, got, c.want)
		}
	}
}

// TestNoAreaHasTwoOutlines loads newer outlines of areas that are there, by code and validity, or by name where there is no code.
func TestNoAreaHasTwoOutlines(t *testing.T) {
	db := open(t)
	with := func(level Level, code, name, from, to string, corner int32) Area {
		return Area{Level: level, Code: code, RU: name, From: from, To: to, Source: "сынақ", Shape: encode([]ring{{{43, 76}, {44, 76}, {44, corner}}})}
	}
	one, two := with(Region, "750000000", "Алматы", "", "", 77), with(District, "", "Жамбылский", "", "", 77)
	twin := with(District, "", "Жамбылский", "", "", 78) // of another region, as a file without codes has it
	renamed, later, ended := one, one, one
	renamed.RU, renamed.Shape = "город Алматы", with("", "", "", "", "", 79).Shape
	later.From = since2022
	ended.To = since2022
	for i, step := range []struct {
		file []Area
		kept Kept
		all  int
	}{
		{[]Area{one, two, twin}, Kept{New: 3}, 3},
		{[]Area{one, two, twin}, Kept{Unchanged: 3}, 3},
		{[]Area{renamed}, Kept{Replaced: 1}, 3},
		{[]Area{one, renamed}, Kept{Unchanged: 1}, 3}, // the file's last counts
		{[]Area{ended, later}, Kept{New: 1, Replaced: 1}, 4},
		{[]Area{two, with(District, "", "Жамбылский", "", "", 80)}, Kept{Replaced: 1, Unchanged: 1}, 4},
	} {
		book, err := Load(t.Context(), db)
		if err != nil {
			t.Fatal(err)
		}
		if got := book.Compare(step.file); got != step.kept {
			t.Errorf("%d: it would be %+v, want %+v", i, got, step.kept)
		}
		var kept Kept
		err = db.Write(t.Context(), store.Actor{}, func(tx *store.Tx) error { kept, err = Keep(t.Context(), tx, step.file); return err })
		if err != nil || kept != step.kept {
			t.Errorf("%d: %+v %v, want %+v", i, kept, err, step.kept)
		}
		if book, err = Load(t.Context(), db); err != nil || len(book.All()) != step.all {
			t.Errorf("%d: %d areas %v, want %d", i, len(book.All()), err, step.all)
		}
	}
	// what two centres loaded, each on its own, becomes one
	again := later
	err := db.Write(t.Context(), store.Actor{}, func(tx *store.Tx) error {
		again.ID = ID{ID: tx.NewID()}
		return tx.Put(t.Context(), &again)
	})
	if err != nil {
		t.Fatal(err)
	}
	err = db.Write(t.Context(), store.Actor{}, func(tx *store.Tx) error { _, err := Keep(t.Context(), tx, []Area{later}); return err })
	if b, bad := Load(t.Context(), db); err != nil || bad != nil || len(b.All()) != 4 {
		t.Errorf("%d areas %v %v", len(b.All()), err, bad)
	}
}
