package app_test

import (
	"net/http"
	"net/url"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/jumyla/jumyla/internal/i18n"
	"github.com/jumyla/jumyla/internal/store"
	"github.com/jumyla/jumyla/internal/testkit/browser"
)

// TestACallFitsOneScreen looks at the call in three languages: nothing of the form lies below the edge of the screen, also for
// a call on behalf of somebody else, and what holds for such a call alone is not in the way of others.
func TestACallFitsOneScreen(t *testing.T) {
	p := browser.Open(t)
	base := serve(t, filepath.Join(t.TempDir(), "centre"), store.Secret{})
	setUp(t, newClient(t, base))
	typeIn(p, base)
	const below = "Math.round(document.documentElement.scrollHeight - innerHeight)"
	for _, lang := range i18n.Langs() {
		p.Cookie(base, "lang", string(lang))
		for _, size := range []struct{ w, h, spare int64 }{{1280, 900, 0}, {1366, 768, 0}} {
			p.Viewport(size.w, size.h)
			p.Go(base + "/call")
			if over := browser.Eval[int64](p, below); over > size.spare {
				t.Errorf("%s at %d × %d: %d px below the edge", lang, size.w, size.h, over)
			}
			if browser.Eval[bool](p, "document.querySelector('#f-caller').getClientRects().length > 0") {
				t.Errorf("%s: the caller is asked for before the call is somebody else's", lang)
			}
			p.Click("[name=for][value=other]")
			p.See("#f-caller")
			if bottom := browser.Eval[int64](p, "Math.round(document.querySelector('#call .first').getBoundingClientRect().bottom)"); bottom > size.h {
				t.Errorf("%s at %d × %d: the act stands at %d", lang, size.w, size.h, bottom)
			}
		}
		p.Viewport(1280, 900)
		if over := browser.Eval[int64](p, below); over > 0 {
			t.Errorf("%s for somebody else: %d px below the edge", lang, over)
		}
	}
}

// TestACallThatWasBegunIsThrownAway begins two calls, finds both, throws one away, brings it back, and starts the other afresh.
func TestACallThatWasBegunIsThrownAway(t *testing.T) {
	base := serve(t, filepath.Join(t.TempDir(), "centre"), store.Secret{})
	c := newClient(t, base)
	setUp(t, c)
	begin := func(name string) string {
		t.Helper()
		page, _, _ := c.get("/call")
		draft := regexp.MustCompile(`data-draft-at="/call\?draft=([a-z0-9]+)"`).FindStringSubmatch(page)[1]
		token := regexp.MustCompile(`name="form_token" value="([^"]+)"`).FindStringSubmatch(page)[1]
		r, err := c.http.PostForm(base+"/call/draft", url.Values{"form_token": {token}, "draft": {draft}, "name": {name}, "needs": {"нан 2"}})
		if err != nil {
			t.Fatal(err)
		}
		if body, _, status := c.read(r); status != http.StatusOK {
			t.Fatalf("draft of %s: %d %s", name, status, text(body))
		}
		return draft
	}
	first, second := begin("Әсел Үлгі"), begin("Тимур Үлгі")
	see := func(path string, want, not string) {
		t.Helper()
		page, _, status := c.get(path)
		if status != http.StatusOK || want != "" && !strings.Contains(page, want) || not != "" && strings.Contains(page, not) {
			t.Errorf("%s, %d: %q is to be there and %q is not: %s", path, status, want, not, text(page))
		}
	}
	see("/calls/begun", "Әсел Үлгі", "")
	see("/calls/begun", "Тимур Үлгі", "")
	see("/call", "/calls/begun", "")
	body, at, _ := c.submit("/calls/begun", "/calls/begun/drop", url.Values{"call": {first}})
	undo := regexp.MustCompile(`action="(/calls/begun/back[^"]*)"`).FindStringSubmatch(body)
	if at != "/calls/begun" || strings.Contains(body, ">Әсел Үлгі<") || undo == nil {
		t.Fatalf("at %s: %s", at, text(body))
	}
	r, err := c.http.PostForm(base+undo[1], nil)
	if err != nil {
		t.Fatal(err)
	}
	if body, at, status := c.read(r); status != http.StatusOK || at != "/call" || !strings.Contains(body, "Әсел Үлгі") {
		t.Errorf("brought back: %d at %s: %s", status, at, text(body))
	}
	see("/calls/begun", "Әсел Үлгі", "")
	if r, err = c.http.PostForm(base+"/call/afresh", url.Values{"draft": {second}}); err != nil {
		t.Fatal(err)
	}
	c.read(r)
	see("/calls/begun", "Әсел Үлгі", "Тимур Үлгі")
	if r, err = c.http.PostForm(base+"/calls/begun/drop", url.Values{"call": {"nosuchdraft"}}); err != nil {
		t.Fatal(err)
	}
	if _, at, status := c.read(r); status != http.StatusOK || at != "/calls/begun" {
		t.Errorf("what is not there any more: %d at %s", status, at)
	}
}
