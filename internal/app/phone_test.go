package app_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/jumyla/jumyla/internal/i18n"
	"github.com/jumyla/jumyla/internal/testkit/browser"
)

// TestAPhoneShowsWhereOneIs opens pages on a narrow window: what is open is in sight among the tabs and below.
func TestAPhoneShowsWhereOneIs(t *testing.T) {
	p := browser.Open(t)
	base := serveDrill(t)
	as(p, base, "coordinator")
	p.Viewport(360, 740)
	for _, lang := range i18n.Langs() {
		p.Cookie(base, "lang", string(lang))
		for _, path := range []string{"/settings", "/first", "/links", "/links/erasures", "/situation", "/people", "/lists"} {
			p.Go(base + path)
			hidden := browser.Eval[string](p, `[...document.querySelectorAll('.tabs [aria-current="page"], .rail [aria-current="page"]')]
				.filter(e => { const r = e.getBoundingClientRect(); return r.left < -1 || r.right > innerWidth + 1 }).map(e => e.textContent.trim()).join("; ")`)
			if hidden != "" || p.Count(`.rail [aria-current="page"]`) == 0 {
				t.Errorf("%s %s: not in sight: %q", lang, path, hidden)
			}
		}
	}
}

// TestThePageSaysWhatIsNeeded sends a form without what it needs and chooses a file: the page's words are read, not those of a
// browser that speaks another language.
func TestThePageSaysWhatIsNeeded(t *testing.T) {
	p := browser.Open(t)
	base := serveDrill(t)
	as(p, base, "coordinator")
	file := filepath.Join(t.TempDir(), "outlines.geojson")
	if err := os.WriteFile(file, []byte("{}"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, lang := range i18n.Langs() {
		p.Cookie(base, "lang", string(lang))
		p.Go(base + "/areas")
		const field = `document.querySelector("main input[type=file]")`
		if said := p.Text(".pick span"); said != lang.T("web.choose_file") {
			t.Errorf("%s: the field of a file says %q", lang, said)
		}
		p.Click("main form:has(input[type=file]) button[type=submit]")
		if said := browser.Eval[string](p, field+".validationMessage"); said != lang.T("error.required") {
			t.Errorf("%s: the empty field says %q", lang, said)
		}
		p.Upload("main input[type=file]", file)
		p.Until(`document.querySelector(".pick span").textContent == "outlines.geojson"`)
		if !browser.Eval[bool](p, field+".validity.valid") {
			t.Errorf("%s: the field is still at fault", lang)
		}
	}
	for _, c := range p.Complaints() {
		t.Error("the console says:", c)
	}
}
