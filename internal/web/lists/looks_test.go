package lists_test

import (
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jumyla/jumyla/internal/i18n"
	"github.com/jumyla/jumyla/internal/testkit/browser"
)

// TestAListWithoutAMouse brings a list, looks at it, corrects a row, takes it and takes it back, by keys alone, in three
// languages; each step is checked with axe. Screenshots go to JUMYLA_SHOTS if that is set.
func TestAListWithoutAMouse(t *testing.T) {
	p := browser.Open(t)
	for _, lang := range i18n.Langs() {
		o := open(t)
		o.lang = lang
		srv := httptest.NewServer(o.mux)
		t.Cleanup(srv.Close)
		look := func(step string) { // and the page listens to keys
			t.Helper()
			p.See("html[data-script]")
			for _, v := range p.Axe() {
				t.Errorf("%s, %s: %s", lang, step, v)
			}
			if shots := os.Getenv("JUMYLA_SHOTS"); shots != "" {
				p.Screenshot(filepath.Join(shots, "list-"+step+"-"+string(lang)+".png"))
			}
		}
		p.Viewport(1366, 768)
		p.Media("prefers-color-scheme", "light")
		p.Go(srv.URL + "/lists")
		look("0")
		p.Type("#f-text", ugly)
		p.Type("#f-sender", "Үйренетін әкімдік")
		p.Keys("Ctrl+Enter")
		p.See("#f-c0")
		look("1")
		p.Keys("Ctrl+Enter")
		p.See(`input[name="r4"]`)
		look("2")
		p.Viewport(390, 2400)
		p.Media("prefers-color-scheme", "dark")
		look("2-phone")
		if w := browser.Eval[int64](p, "document.documentElement.scrollWidth"); w > 390 {
			t.Errorf("%s: %d px wide on a phone", lang, w)
		}
		p.Viewport(1366, 768)
		p.Media("prefers-color-scheme", "light")
		browser.Eval[bool](p, `(document.querySelector('input[name="r4"]').select(), document.querySelector('input[name="r4"]').focus(), true)`)
		p.Keys("8 701 555 12 39", "Enter")
		p.Until(`document.body.innerText.includes(` + quote(lang.T("lists.import", "n", 3)) + `)`)
		p.See("html[data-script]")
		p.Keys("Ctrl+Enter")
		p.Until(`document.body.innerText.includes(` + quote(lang.T("lists.taken", "n", 3)) + `)`)
		if n := o.requests(); n != 3 {
			t.Errorf("%s: %d requests", lang, n)
		}
		look("3")
		browser.Eval[bool](p, `(document.querySelector('a[data-dialog="undo"]').focus(), true)`)
		p.Keys("Enter")
		p.See("#undo[open]")
		look("3-undo")
		browser.Eval[bool](p, `(document.querySelector('#undo button.grave').focus(), true)`)
		p.Keys("Enter")
		p.Until(`document.body.innerText.includes(` + quote(lang.T("lists.was_undone", "n", 3)) + `)`)
		if n := o.requests(); n != 0 {
			t.Errorf("%s: %d requests after undo", lang, n)
		}
		look("4")
	}
	for _, s := range p.Complaints() {
		t.Error(s)
	}
}

func quote(s string) string { return "\"" + strings.ReplaceAll(s, "\"", "\\\"") + "\"" }
