package app_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jumyla/jumyla/internal/i18n"
	"github.com/jumyla/jumyla/internal/testkit/browser"
)

// TestAnExtractIsLoadedOnAScreen brings bad files and then Almaty's extract to a running office: it says what is wrong in
// words, shows how far it is, and the map is there without a restart. Then with plain forms, in three languages, and away.
func TestAnExtractIsLoadedOnAScreen(t *testing.T) {
	const almaty = "../../../shared/data/roads/almaty-2013.osm.pbf"
	whole, err := os.ReadFile(almaty)
	if err != nil {
		t.Skipf("SKIPPED, no extract beside the project: %v", err)
	}
	p := browser.Open(t)
	base := serveDrill(t)
	shot := func(name string) {
		if dir := os.Getenv("JUMYLA_SHOTS"); dir != "" {
			p.Screenshot(filepath.Join(dir, name+".png"))
		}
	}
	file := func(name string, content []byte) string {
		path := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	load := func(path string) {
		p.Upload(`input[type="file"]`, path)
		p.Click(`form[data-drop] button`)
	}
	as(p, base, "coordinator")
	p.Cookie(base, "lang", "ru")
	p.Go(base + "/roads")
	if got := p.Text("#roads-use"); got != i18n.RU.T("extract.none") {
		t.Errorf("before: %q", got)
	}
	load(file("notes.osm", []byte("не карта")))
	p.See("#roads .tone-urgent")
	if got := p.Text("#roads"); !strings.Contains(got, i18n.RU.T("roads.not_extract")) || !strings.Contains(got, "notes.osm") {
		t.Errorf("no extract: %q", got)
	}
	load(file("almaty.osm.pbf", whole[:len(whole)/2]))
	p.Until(`document.querySelector("#roads").textContent.includes("almaty.osm.pbf") && document.querySelector("#roads .tone-urgent")`)
	if got := p.Text("#roads"); !strings.Contains(got, i18n.RU.T("roads.truncated")) {
		t.Errorf("half an extract: %q", got)
	}
	shot("roads-bad-ru")
	load(file("almaty.osm.pbf", whole))
	p.See("#roads-work, #roads .tone-good") // a fast machine is done before the page comes
	shot("roads-working-ru")
	p.See("#roads .tone-good")
	if got := p.Text("#roads-use"); !strings.Contains(got, "almaty.osm.pbf") {
		t.Errorf("in use: %q", got)
	}
	for _, c := range []struct {
		lang, theme string
		w, h        int64
	}{{"kk", "light", 1366, 900}, {"ru", "dark", 1366, 900}, {"en", "light", 390, 844}} {
		p.Viewport(c.w, c.h)
		p.Media("prefers-color-scheme", c.theme)
		p.Cookie(base, "lang", c.lang)
		p.Go(base + "/roads")
		for _, v := range p.Axe() {
			t.Errorf("%s: %s", c.lang, v)
		}
		shot("roads-" + c.lang)
	}
	for _, s := range p.Complaints() {
		t.Error(s)
	}
	p.Viewport(1366, 900)
	p.Scripts(false)
	p.Cookie(base, "lang", "en")
	p.Go(base + "/map")
	if p.Count(".chart-paper .g-road") == 0 {
		t.Error("the map is not in use")
	}
	p.Go(base + "/roads")
	load(file("again.osm.pbf", bytes.Repeat([]byte("x"), 100_000)))
	p.Until(`document.querySelector("#roads").textContent.includes("again.osm.pbf")`)
	if got := p.Text("#roads-use"); !strings.Contains(got, "almaty.osm.pbf") {
		t.Errorf("a bad file by plain forms: %q", got)
	}
	p.Click("#roads summary")
	p.Click(`form[action="/roads/remove"] button`)
	p.See("#roads .tone-wait")
	p.Go(base + "/map")
	if p.Count(".chart-paper .g-road") != 0 {
		t.Error("removed, and still drawn")
	}
}
