package app_test

import (
	"io"
	"maps"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/jumyla/jumyla/internal/i18n"
	"github.com/jumyla/jumyla/internal/testkit/browser"
)

// route is one line of the access table that is asked for with GET.
type route struct {
	pattern string
	path    *regexp.Regexp
}

// readable returns the access table's routes that somebody may look at.
func readable(t *testing.T) []route {
	t.Helper()
	table, err := os.ReadFile("testdata/access.golden")
	if err != nil {
		t.Fatal(err)
	}
	wild := regexp.MustCompile(`\\\{[^}]*\\\}`)
	var out []route
	for line := range strings.Lines(string(table)) {
		fields := strings.Fields(line)
		if len(fields) < 3 || fields[0] != "GET" || strings.HasPrefix(fields[1], "/assets/") || fields[1] == "/panic" { // a drill has no keys to destroy
			continue
		}
		out = append(out, route{fields[1], regexp.MustCompile("^" + wild.ReplaceAllString(regexp.QuoteMeta(strings.TrimSuffix(fields[1], "{$}")), "[^/]+") + "$")})
	}
	return out
}

// enter returns somebody who has chosen a role at the drill's door, without a browser.
func enter(t *testing.T, base, role string) *client {
	t.Helper()
	c := newClient(t, base)
	if _, at, status := c.submit("/try", "/try", url.Values{"role": {role}}); status != http.StatusOK {
		t.Fatalf("enter as %s: %d at %s", role, status, at)
	}
	return c
}

// page returns a whole page, or nothing where the path answers with something else: a fragment, a file, a stream, another place.
func (c *client) page(path string) (page string, ok bool) {
	c.t.Helper()
	r, err := c.http.Get(c.base + path)
	if err != nil {
		c.t.Fatal(err)
	}
	defer r.Body.Close()
	if r.StatusCode != http.StatusOK || !strings.HasPrefix(r.Header.Get("Content-Type"), "text/html") || r.Request.URL.Path != path {
		return "", false
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		c.t.Fatal(err)
	}
	return string(body), strings.HasPrefix(strings.ToLower(string(body)), "<!doctype html")
}

// notPages are routes with a variable in them that no page links to, for they are no pages; each with what they are.
var notPages = map[string]string{
	"/callbacks/{id}/held":         "a part that the page's script asks for",
	"/paper/{form}":                "a PDF",
	"/tiles/{version}/{z}/{x}/{y}": "a tile of the map",
	"/links/peers/{id}":            "needs another centre, and the drill has none: links.TestHandOverOverTheNetwork",
	"/links/entrust/{id}":          "needs another centre too: links.TestEntrustingNames",
	"/links/lost/{centre}":         "needs another centre that is lost: lost.TestACentreIsLostAndComesBack",
	"/f/{code}":                    "opens over the office's network alone: field.TestThePageLooks",
}

// pages finds an address for each route that is a page: the route itself, or the first link to it on a page already found or in begin.
func (c *client) pages(routes []route, begin ...string) map[string]string {
	c.t.Helper()
	found, known, tried := map[string]string{}, map[string]bool{}, map[string]bool{}
	for _, path := range begin {
		known[path] = true
	}
	link := regexp.MustCompile(`href="(?:https?://[^/"]+)?(/[^"#?]*)`)
	look := func(r route, path string) {
		if tried[path] || found[r.pattern] != "" {
			return
		}
		tried[path], known[r.pattern] = true, true
		page, ok := c.page(path)
		if !ok {
			return
		}
		found[r.pattern] = path
		for _, l := range link.FindAllStringSubmatch(page, -1) {
			known[l[1]] = true
		}
	}
	for again := true; again; {
		before := len(tried)
		for _, r := range routes {
			if !strings.Contains(strings.TrimSuffix(r.pattern, "{$}"), "{") {
				look(r, strings.TrimSuffix(r.pattern, "{$}"))
				continue
			}
			for _, path := range slices.Sorted(maps.Keys(known)) {
				if strings.HasPrefix(path, "/") && !strings.Contains(path, "{") && r.path.MatchString(path) {
					look(r, path)
				}
			}
		}
		again = len(tried) > before
	}
	for _, r := range routes {
		if !known[r.pattern] && notPages[r.pattern] == "" {
			c.t.Errorf("no page of the drill leads to %s: nothing was looked at", r.pattern)
		}
	}
	return found
}

// asked is what some pages are asked for, so that there is something on them.
var asked = map[string]string{"/search": "?q=%D0%B0%D0%B1%D0%B0%D0%B9", "/places": "?q=%D0%B0%D0%B1%D0%B0%D0%B9"}

// untold are the keys of a page that neither it nor its help says, and those that its help says although nothing listens.
const untold = `(() => {
	const help = document.getElementById("help");
	if (!help) return [];
	const told = [...help.querySelectorAll("kbd")].flatMap(e => [e.textContent.trim().toLowerCase(), ...e.textContent.trim().toLowerCase().split(" ")]);
	return [...document.querySelectorAll("main [data-key]")].filter(e => e.dataset.key && e.getClientRects().length && !e.querySelector("kbd") && !told.includes(e.dataset.key.toLowerCase()))
		.map(e => e.dataset.key + " does something that nobody is told");
})()`

// TestEveryPageCanBeUsed asks axe about every page of the access table as the drill shows it: light on a wide screen, dark on a
// phone, the languages in turn. No page may be wider than the phone. JUMYLA_SHOTS names a folder for pictures of them all, in
// every language, wide and phone, light and dark; then axe is asked about each of these.
func TestEveryPageCanBeUsed(t *testing.T) {
	base, shots := serveDemo(t), os.Getenv("JUMYLA_SHOTS")
	c := enter(t, base, "coordinator")
	_, relay, _ := c.submit("/relays", "/relays/next", nil) // a page of its own for whoever has taken the message
	_, code, _ := c.submit("/accounts", "/accounts", url.Values{"name": {"Жаңа Үлгі"}, "roles": {"operator"}, "lang": {"kk"}})
	_, quality, _ := c.submit("/quality", "/quality/next", nil)
	pages := c.pages(readable(t), relay, code, quality)
	patterns := slices.Sorted(maps.Keys(pages))
	for half := range 2 { // one browser keeps one core busy
		t.Run([]string{"even", "odd"}[half], func(t *testing.T) {
			t.Parallel()
			p := browser.Open(t)
			if half == 0 {
				lookAt(t, p, base+"/sign-in", "/sign-in", "kk", shots)
			}
			p.Go(base + "/try")
			p.Click("button[value=coordinator]")
			p.Until("location.pathname == '/board'")
			for i, pattern := range patterns {
				langs := i18n.Langs()
				if shots == "" {
					langs = langs[i%3 : i%3+1]
				}
				for _, lang := range langs {
					if i%2 == half {
						p.Cookie(base, "lang", string(lang))
						lookAt(t, p, base+pages[pattern]+asked[pattern], pattern, string(lang), shots)
					}
				}
			}
			for _, s := range p.Complaints() {
				t.Error(s)
			}
		})
	}
}

// stand is how a page may stand before somebody.
type stand struct {
	name          string
	width, height int64
	theme         string
	rules         []string // what axe is asked; nil: all
}

// looks are a wide screen and a phone, each theme once; for pictures each in both, where only colours can be worse.
func looks(all bool) []stand {
	out := []stand{{"wide-light", 1440, 900, "light", nil}, {"phone-dark", 390, 2400, "dark", nil}} // as high as its pages: no field lies half under the bar
	if all {
		out = append(out, stand{"wide-dark", 1440, 900, "dark", []string{"color-contrast"}}, stand{"phone-light", 390, 2400, "light", []string{"color-contrast"}})
	}
	return out
}

// lookAt checks one page in each of its looks.
func lookAt(t *testing.T, p *browser.Page, address, pattern, lang, shots string) {
	t.Helper()
	p.Go(address)
	name := strings.Trim(strings.NewReplacer("/", "-", "{", "", "}", "", "$", "").Replace(pattern), "-")
	for _, look := range looks(shots != "") {
		p.Viewport(look.width, look.height)
		p.Media("prefers-color-scheme", look.theme)
		if shots != "" {
			p.Screenshot(filepath.Join(shots, strings.Join([]string{name, lang, look.name}, "-")+".png"))
		}
		for _, v := range p.Axe(look.rules...) {
			t.Errorf("%s %s %s: %s", pattern, lang, look.name, v)
		}
		for _, key := range browser.Eval[[]string](p, untold) {
			t.Errorf("%s %s %s: %s", pattern, lang, look.name, key)
		}
		if w := browser.Eval[int64](p, "document.documentElement.scrollWidth"); w > look.width {
			t.Errorf("%s %s %s: %d px wide", pattern, lang, look.name, w)
		}
	}
	if shots != "" {
		p.Media("", "print")
		p.Viewport(794, 1123)
		p.Screenshot(filepath.Join(shots, strings.Join([]string{name, lang, "print"}, "-")+".png"))
		p.Media("", "")
	}
}
