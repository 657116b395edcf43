package brief_test

import (
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jumyla/jumyla/internal/area"
	"github.com/jumyla/jumyla/internal/household"
	"github.com/jumyla/jumyla/internal/i18n"
	"github.com/jumyla/jumyla/internal/intake/where"
	"github.com/jumyla/jumyla/internal/request"
	"github.com/jumyla/jumyla/internal/store"
)

// outlines is three areas of which one has a name in Russian alone.
func outlines(t *testing.T) *where.Finder {
	t.Helper()
	const ground = `"geometry":{"type":"Polygon","coordinates":[[[76,43],[77,43],[77,44],[76,43]]]}}`
	areas, _, err := area.Read(strings.NewReader(`{"type":"FeatureCollection","features":[
		{"properties":{"kk":"Түрксіб","ru":"Турксибский","en":"Turksib","code":"751910000"},`+ground+`,
		{"properties":{"kk":"Жетісу","ru":"Жетысуский","en":"Jetisu","code":"751510000"},`+ground+`,
		{"properties":{"ru":"Заречный","code":"751000001"},`+ground+`]}`), area.Loading{Level: area.District, Source: "сынақ"})
	if err != nil {
		t.Fatal(err)
	}
	db, err := store.Create(t.Context(), store.Config{Dir: filepath.Join(t.TempDir(), "a"), Kinds: []store.Registered{area.Kind}, KDF: store.KDF{Time: 1, Memory: 64, Threads: 1}},
		store.Secret{Passphrase: "төрт сөз жеткілікті"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	if err := db.Write(t.Context(), store.Actor{}, func(tx *store.Tx) error { _, err := area.Keep(t.Context(), tx, areas); return err }); err != nil {
		t.Fatal(err)
	}
	book, err := area.Load(t.Context(), db)
	if err != nil {
		t.Fatal(err)
	}
	f := &where.Finder{}
	f.UseAreas(book)
	return f
}

// ask keeps one more household of an area, with a request that waits.
func (o *office) ask(name string) {
	o.t.Helper()
	err := o.db.Write(o.t.Context(), store.Actor{}, func(tx *store.Tx) error {
		h := &household.Household{Head: "Ойдан Адам", Address: "Ойдан көшесі, 1", People: 1, Area: name}
		q := &request.Request{At: noon, Calls: 1}
		n := &request.Need{What: request.Basket, Class: "food", Count: 1, Status: request.Open}
		h.ID.ID, q.ID.ID, n.ID.ID = tx.NewID(), tx.NewID(), tx.NewID()
		q.Household, n.Request = h.ID, q.ID
		if err := request.Number(o.t.Context(), tx, q, 7); err != nil {
			return err
		}
		for _, rec := range []any{h, q, n} {
			if err := tx.Put(o.t.Context(), rec); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		o.t.Fatal(err)
	}
}

// TestAreasInThePagesLanguage keeps areas under names in two languages, as they are typed and as they are outlined.
func TestAreasInThePagesLanguage(t *testing.T) {
	o := open(t)
	for _, name := range []string{"Түрксіб", "Турксибский район", "Жетісу", "Заречный", "Ойдан аудан"} {
		o.ask(name)
	}
	o.brief.Find = outlines(t)
	for lang, rows := range map[i18n.Lang][]string{
		i18n.KK: {"Түрксіб 2", "Жетісу 1", "Заречный 1", "Ойдан аудан 1"},
		i18n.RU: {"Турксибский 2", "Жетысуский 1", "Заречный 1", "Ойдан аудан 1"},
		i18n.EN: {"Turksib 2", "Jetisu 1", "Заречный 1", "Ойдан аудан 1"},
	} {
		o.lang = lang
		want(t, o.read("operator", "tr"), rows...)
		w := o.do(http.MethodGet, "/situation.pdf", "operator", nil)
		text := extract(t, w.Body)
		for _, row := range rows {
			name, _, _ := strings.Cut(row, " ")
			want(t, []string{text}, name)
		}
	}
	o.lang = i18n.EN
	lacks(t, o.read("operator", "tr"), "Түрксіб", "Турксиб", "Жет")
}
