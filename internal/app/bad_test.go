package app_test

import (
	"archive/zip"
	"bytes"
	"errors"
	"html"
	"io"
	"maps"
	"mime/multipart"
	"net/http"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"

	htmlparse "golang.org/x/net/html"

	"github.com/jumyla/jumyla/internal/i18n"
	"github.com/jumyla/jumyla/internal/store"
	"github.com/jumyla/jumyla/internal/web"
)

// in makes the client's pages come in a language.
func (c *client) in(lang i18n.Lang) {
	c.t.Helper()
	at, err := url.Parse(c.base)
	if err != nil {
		c.t.Fatal(err)
	}
	c.http.Jar.SetCookies(at, []*http.Cookie{{Name: "lang", Value: string(lang), Path: "/"}})
}

// answers holds that a page has a status, and says the message of a key in a language.
func answers(t *testing.T, what string, lang i18n.Lang, body string, status, want int, key string) {
	t.Helper()
	said := html.UnescapeString(body)
	for i, part := range strings.Split(lang.T(key), "{") {
		if i > 0 {
			_, part, _ = strings.Cut(part, "}")
		}
		if status != want || !strings.Contains(said, part) {
			t.Errorf("%s, %s: %d, want %d with %q: %s", what, lang, status, want, part, text(body))
		}
	}
}

// bring sends a list as the page's form does.
func (c *client) bring(content string) (body, at string, status int) {
	c.t.Helper()
	page, _, _ := c.get("/lists")
	var b bytes.Buffer
	m := multipart.NewWriter(&b)
	fields := hidden(c.t, page, "/lists")
	fields.Set("what", "requests")
	for name := range fields {
		if err := m.WriteField(name, fields.Get(name)); err != nil {
			c.t.Fatal(err)
		}
	}
	f, err := m.CreateFormFile("file", "тізім")
	if err == nil {
		_, err = f.Write([]byte(content))
	}
	if err = errors.Join(err, m.Close()); err != nil {
		c.t.Fatal(err)
	}
	r, err := c.http.Post(c.base+"/lists", m.FormDataContentType(), &b)
	if err != nil {
		c.t.Fatal(err)
	}
	return c.read(r)
}

// unpacksTo is a workbook by name that holds far more than it weighs.
func unpacksTo(t *testing.T, megabytes int) string {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, name := range []string{"[Content_Types].xml", "xl/workbook.xml", "xl/worksheets/sheet1.xml"} {
		w, err := z.Create(name)
		for range megabytes {
			if err == nil {
				_, err = w.Write(make([]byte, 1<<20))
			}
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// openOffice serves a centre that was just set up, and returns its coordinator's browser and its folder.
func openOffice(t *testing.T) (*client, string) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "centre")
	c := newClient(t, serve(t, dir, store.Secret{}))
	setUp(t, c)
	return c, dir
}

// TestABadFileAtThePage sends what is no list: each is refused in the reader's language, and nothing is kept.
func TestABadFileAtThePage(t *testing.T) {
	c, _ := openOffice(t)
	bomb := unpacksTo(t, 80)
	for _, lang := range i18n.Langs() {
		c.in(lang)
		body, _, status := c.bring("PK\x03\x04 and then nothing of the kind")
		answers(t, "a broken XLSX", lang, body, status, http.StatusUnprocessableEntity, "tabular.file.broken")
		body, _, status = c.bring(bomb)
		answers(t, "a zip bomb", lang, body, status, http.StatusUnprocessableEntity, "tabular.file.bomb")
		if body, _, _ := c.get("/lists"); strings.Contains(body, `id="came"`) {
			t.Error("something is kept of a file that is none")
		}
	}
}

// TestTwoGigabytesAtThePage says that so much comes: it is refused by its size, in the reader's language.
func TestTwoGigabytesAtThePage(t *testing.T) {
	c, _ := openOffice(t)
	for _, lang := range i18n.Langs() {
		c.in(lang)
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, c.base+"/lists", io.MultiReader(strings.NewReader("--x\r\n"), iotest.ErrReader(io.EOF)))
		if err != nil {
			t.Fatal(err)
		}
		r.ContentLength = 2 << 30
		r.Header.Set("Content-Type", "multipart/form-data; boundary=x")
		r.Header.Set("Expect", "100-continue") // as curl and browsers do: first asked, then sent
		r.Header.Set("Accept", "text/html")
		resp, err := c.http.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		body, _, status := c.read(resp)
		answers(t, "2 GB", lang, body, status, http.StatusRequestEntityTooLarge, "web.too_large")
	}
}

// TestBadRowsAtThePage brings a list with a bad row of each kind: each stands there with its reason, beside what can be taken.
func TestBadRowsAtThePage(t *testing.T) {
	c, _ := openOffice(t)
	list := "адрес;телефон;что нужно;дата\nАбая 1\x00;;хлеб;30.12.1899\nАбая 2;;хлеб;;" + strings.Repeat("x;", 36) + "\n" + strings.Repeat("ұзын көше ", 1000) + ";;хлеб;\nАбая 3;позвоните соседям;хлеб;\n"
	for _, lang := range i18n.Langs() {
		c.in(lang)
		body, at, status := c.bring(list)
		if status != http.StatusOK || !strings.HasPrefix(at, "/lists/") {
			t.Fatalf("%d at %s: %s", status, at, text(body))
		}
		c.submit(at, at+"/look", url.Values{"what": {"requests"}, "header": {"1"}, "c0": {"address"}, "c1": {"phone"}, "c2": {"needs"}, "c3": {""}})
		body = c.settled(at)
		answers(t, "what can be taken", lang, body, http.StatusOK, http.StatusOK, "lists.will_refuse")
		body, _, status = c.get(at + "?show=refused")
		for what, key := range map[string]string{"a row with 40 columns": "tabular.row.extra_cells", "an address of 10,000 letters": "tabular.cell.too_long", "a phone of letters": "tabular.phone.letters"} {
			answers(t, what, lang, body, status, http.StatusOK, key)
		}
		if body, _, _ := c.get(at + "?show=taken"); !strings.Contains(body, "Абая 1") || strings.Contains(body, "\x00") {
			t.Errorf("%s: NUL bytes and a date in 1899 do not keep a row out: %s", lang, text(body))
		}
		c.submit(at, at+"/drop", nil)
	}
	if board, _, _ := c.get("/board"); strings.Contains(board, "Абая") {
		t.Error("a list is seen that was never taken")
	}
}

// settled returns the page of a list once nothing is being done with it.
func (c *client) settled(at string) string {
	c.t.Helper()
	for {
		body, _, status := c.get(at)
		if status != http.StatusOK {
			c.t.Fatalf("%s: %d", at, status)
		}
		if !strings.Contains(body, `id="work"`) {
			return body
		}
		if c.t.Context().Err() != nil {
			c.t.Fatal("it never ends")
		}
	}
}

// TestABadCallAtThePage types into the call what cannot be right: the form comes back with all that was typed.
func TestABadCallAtThePage(t *testing.T) {
	c, _ := openOffice(t)
	long := strings.Repeat("ұзын көше ", 1000)
	for _, lang := range i18n.Langs() {
		c.in(lang)
		for what, bad := range map[string]struct{ field, value, key string }{
			"a phone of letters":           {"phone", "мама", "error.phone"},
			"an address of 10,000 letters": {"address", long, "error.too_long"},
		} {
			v := call()
			v.Set(bad.field, bad.value)
			body, _, status := c.submit("/call", "/call", v)
			answers(t, what, lang, body, status, http.StatusUnprocessableEntity, bad.key)
			if !strings.Contains(body, "Сәуле Ойдан") || !strings.Contains(html.UnescapeString(body), strings.TrimSpace(bad.value)) {
				t.Errorf("%s, %s: what was typed is lost", what, lang)
			}
		}
		v := call()
		v.Set("address", "Абай\x00 44")
		if body, _, status := c.submit("/call", "/call", v); status != http.StatusOK || strings.Contains(body, "\x00") {
			t.Errorf("NUL bytes, %s: %d", lang, status)
		}
		body, _, status := c.get("/plan?day=1899-12-30")
		answers(t, "a date in 1899", lang, body, status, http.StatusUnprocessableEntity, "app.date")
	}
}

// TestTheDoorAtThePage tries a wrong passphrase at sign-in and at a locked centre, and opens a folder that another program has.
func TestTheDoorAtThePage(t *testing.T) {
	c, dir := openOffice(t)
	other := newClient(t, serve(t, dir, store.Secret{})) // a second program on the folder: it serves the page that unlocks
	stranger := newClient(t, c.base)
	for _, lang := range i18n.Langs() {
		stranger.in(lang)
		body, _, status := stranger.submit("/sign-in", "/sign-in", url.Values{"name": {"Айгүл Тестова"}, "passphrase": {"бөтен сөз бұл"}})
		answers(t, "a wrong passphrase", lang, body, status, http.StatusUnprocessableEntity, "account.wrong")
		other.in(lang)
		body, _, status = other.submit("/unlock", "/unlock", url.Values{"passphrase": {passphrase}})
		answers(t, "two programs", lang, body, status, http.StatusServiceUnavailable, "store.in_use")
	}
	if _, _, status := c.get("/board"); status != http.StatusOK {
		t.Errorf("whoever was in is out: %d", status)
	}
}

// TestTheSameFormTwiceAtThePage sends a call twice, as a double click does, and a correction from a page that has gone stale.
func TestTheSameFormTwiceAtThePage(t *testing.T) {
	c, _ := openOffice(t)
	page, _, _ := c.get("/call")
	form := hidden(t, page, "/call")
	maps.Copy(form, call())
	var places []string
	for range 2 {
		r, err := c.http.PostForm(c.base+"/call", form)
		if err != nil {
			t.Fatal(err)
		}
		body, _, status := c.read(r)
		if status != http.StatusOK {
			t.Fatalf("%d: %s", status, text(body))
		}
		places = append(places, saved(t, body))
	}
	if board, _, _ := c.get("/board"); places[0] == "" || places[0] != places[1] || strings.Count(board, "Абай 44") != 1 {
		t.Errorf("a double click made %q", places)
	}
	for i, lang := range i18n.Langs() {
		c.in(lang)
		at := places[0] + "/edit"
		body, _, _ := c.get(at)
		first, second := filled(t, body, at), filled(t, body, at) // two windows opened the same page
		first.Set("address", "Достық "+string(rune('1'+i)))
		second.Set("address", "Мира "+string(rune('1'+i)))
		second.Set(web.TokenField, second.Get(web.TokenField)+"2") // each page has its own
		if body, _, status := c.submit(at, at, first); status != http.StatusOK {
			t.Fatalf("%d %s", status, text(body))
		}
		r, err := c.http.PostForm(c.base+at, second)
		if err != nil {
			t.Fatal(err)
		}
		body, _, status := c.read(r)
		answers(t, "a stale form", lang, body, status, http.StatusUnprocessableEntity, "edit.clash")
		for _, address := range []string{first.Get("address"), second.Get("address")} {
			if !strings.Contains(body, address) {
				t.Errorf("a stale form, %s: it does not show what both wrote: %s", lang, text(body))
			}
		}
	}
}

// filled is a form as a browser would send it untouched.
func filled(tb testing.TB, body, action string) url.Values {
	tb.Helper()
	doc, err := htmlparse.Parse(strings.NewReader(body))
	if err != nil {
		tb.Fatal(err)
	}
	v := url.Values{}
	for form := range doc.Descendants() {
		if form.Data != "form" || attr(form, "action") != action {
			continue
		}
		for n := range form.Descendants() {
			name := attr(n, "name")
			switch {
			case name == "":
			case n.Data == "input" && (attr(n, "type") != "checkbox" && attr(n, "type") != "radio" || has(n, "checked")):
				v.Add(name, attr(n, "value"))
			case n.Data == "textarea" && n.FirstChild != nil:
				v.Add(name, n.FirstChild.Data)
			case n.Data == "select":
				for o := range n.Descendants() {
					if o.Data == "option" && has(o, "selected") {
						v.Add(name, attr(o, "value"))
					}
				}
			}
		}
	}
	if len(v) == 0 {
		tb.Fatalf("no form goes to %s: %s", action, text(body))
	}
	return v
}

func has(n *htmlparse.Node, name string) bool {
	for _, a := range n.Attr {
		if a.Key == name {
			return true
		}
	}
	return false
}
