package web

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync"
	"testing"
	"time"

	"github.com/a-h/templ"

	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/i18n"
)

// inVisit runs use with a request that came through a Mux.
func inVisit(t *testing.T, r *http.Request, use func(w http.ResponseWriter, r *http.Request)) {
	t.Helper()
	called := false
	m := office(t, io.Discard, Route{Pattern: "POST /", Allow: Public(), Handle: func(w http.ResponseWriter, r *http.Request) error {
		called = true
		use(w, r)
		return nil
	}})
	m.ServeHTTP(httptest.NewRecorder(), r)
	if !called {
		t.Fatal("the handler was not reached")
	}
}

func posted(values url.Values) *http.Request {
	r := httptest.NewRequest("POST", "/", nil)
	r.PostForm, r.Form = values, values
	return r
}

func TestFormGetters(t *testing.T) {
	values := url.Values{
		"name": {"  Са\u0301уле\x00\r\nх  "}, "n": {"7"}, "big": {"700"}, "word": {"seven"}, "at": {"2000"}, "dot": {"8.05"}, "late": {"25:00"},
		"day": {"2022-01-12"}, "noday": {"12.01"}, "kind": {"b"}, "tick": {"1"}, "many": {"x", "y"}, "odd": {"z"}, "passphrase": {" pw "},
	}
	inVisit(t, posted(values), func(_ http.ResponseWriter, r *http.Request) {
		f, err := ReadForm(r)
		if err != nil {
			t.Fatal(err)
		}
		at, _ := f.Clock("at")
		dot, _ := f.Clock("dot")
		_, late := f.Clock("late")
		kind, odd := f.OneOf("kind", "a", "b"), f.OneOf("odd", "a", "b")
		got := []any{
			f.Text("name", 20), f.Int("n", 1, 9), f.Int("none", 3, 9), at, dot, late, f.Date("day", time.UTC).Day(),
			kind, odd, f.Bool("tick"), f.Bool("untick"), len(f.All("many")), f.Secret(r, "passphrase", 100), f.Value("passphrase"),
		}
		want := []any{
			"Са\u0301уле\nх", 7, 3, 20 * time.Hour, 8*time.Hour + 5*time.Minute, false, 12,
			"b", "z", true, false, 2, " pw ", "",
		}
		for i := range want {
			if got[i] != want[i] {
				t.Errorf("getter %d: %q, want %q", i, got[i], want[i])
			}
		}
		f.Int("big", 1, 9)
		f.Int("word", 1, 9)
		f.Date("noday", time.UTC)
		f.Required("empty", 10)
		f.Text("many", 0)
		for field, key := range map[string]string{
			"late": "web.not_clock", "odd": "web.choose", "big": "web.out_of_range", "word": "web.not_number",
			"noday": "web.not_date", "empty": "error.required", "many": "error.too_long",
		} {
			if got := f.Error(field); got != f.Lang.T(key) || got == "" {
				t.Errorf("%s: %q, want %s", field, got, key)
			}
		}
		if errs.KindOf(f.Err()) != errs.Invalid || len(f.Errors()) != 7 {
			t.Error(f.Err())
		}
	})
}

func TestFormFile(t *testing.T) {
	inVisit(t, upload(t, "list", "тізім.csv", "a,b"), func(_ http.ResponseWriter, r *http.Request) {
		f, err := ReadForm(r)
		if err != nil {
			t.Fatal(err)
		}
		file, name, ok := f.File("list")
		if !ok || name != "тізім.csv" {
			t.Fatal(name, ok)
		}
		if b, _ := io.ReadAll(file); string(b) != "a,b" {
			t.Errorf("%q", b)
		}
		if _, _, ok := f.File("other"); ok || f.Error("other") == "" {
			t.Error("a missing file is not an error")
		}
	})
}

func TestSubmit(t *testing.T) {
	var mu sync.Mutex
	writes := 0
	var fail error
	known := errs.Missing("receipt")
	save := func(w http.ResponseWriter, r *http.Request) error {
		f, err := ReadForm(r)
		if err != nil {
			return err
		}
		f.Required("name", 20)
		return f.Submit(w, r, func() (string, error) {
			mu.Lock()
			defer mu.Unlock()
			if fail != nil {
				return "", fail
			}
			writes++
			return "/saved", nil
		}, func() Page {
			return Page{Title: "again", Bare: true, Body: Input(f, Field{Name: "name", Label: "Name"})}
		})
	}
	m := office(t, io.Discard, Route{Pattern: "POST /save", Allow: Public(), Handle: save})
	m.cfg.Receipt = func(_ context.Context, _, token string) (string, error) {
		if token == "before-restart" {
			return "/old", nil
		}
		return "", known
	}
	post := func(token, name string) *httptest.ResponseRecorder {
		return ask{method: "POST", path: "/save", body: url.Values{TokenField: {token}, "name": {name}}.Encode()}.of(m)
	}

	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			if w := post("t1", "Сәуле"); w.Code != 303 || w.Header().Get("Location") != "/saved" {
				t.Error("a double click was answered", w.Code)
			}
		})
	}
	wg.Wait()
	if writes != 1 {
		t.Errorf("%d writes for one token", writes)
	}
	if w := post("before-restart", "Сәуле"); w.Header().Get("Location") != "/old" || writes != 1 {
		t.Error("the durable receipt was not asked")
	}
	w := post("t2", "")
	doc := parse(t, w.Body.String())
	if w.Code != 422 || attr(find(doc, "input", "name", "name"), "aria-invalid") != "true" {
		t.Error("a form with an error was answered", w.Code)
	}
	fail = errs.Fields{"name": "error.too_long"}.Err()
	if w := post("t2", "Сәуле Ахметова"); w.Code != 422 || attr(find(parse(t, w.Body.String()), "input", "name", "name"), "value") != "Сәуле Ахметова" {
		t.Error("what was typed is gone, or the noun's refusal is not shown", w.Code)
	}
	fail = errors.New("broken")
	if w := post("t2", "Сәуле"); w.Code != 500 {
		t.Error(w.Code)
	}
	fail = nil
	if w := post("t2", "Сәуле"); w.Code != 303 || writes != 2 {
		t.Error("a token was spent on a failure", w.Code, writes)
	}
}

func TestFields(t *testing.T) {
	f := (&Form{Lang: i18n.EN, Token: "t", values: url.Values{}, errors: errs.Fields{}}).Set("kind", "b").Set("pw", "secret").Set("many", "x", "z")
	f.Fail("kind", "web.choose")
	options := []Option{{"a", "A"}, {"b", "B"}}
	var all htmlOf
	all.add(t, FormHead(f), Input(f, Field{Name: "pw", Label: "P", Type: "password", Hint: "long"}),
		Select(f, Field{Name: "kind", Label: "K", Hint: "which"}, options), Radios(f, Field{Name: "kind", Label: "R"}, options),
		Checkboxes(f, Field{Name: "many", Label: "M"}, []Option{{"x", "X"}, {"y", "Y"}, {"z", "Z"}}),
		Checkbox(f, Field{Name: "kind", Label: "C"}), TextArea(f, Field{Name: "many", Label: "T"}, "3"), Submit("Go", "Ctrl+Enter"))
	doc := parse(t, all.String())
	if attr(find(doc, "input", "type", "password"), "value") != "" {
		t.Error("a password came back")
	}
	if attr(find(doc, "input", "name", TokenField), "value") != "t" || find(doc, "div", "role", "alert") == nil {
		t.Error("FormHead lacks a part")
	}
	sel := find(doc, "select", "", "")
	if attr(sel, "aria-describedby") != "f-kind-hint f-kind-error" || attr(sel, "aria-invalid") != "true" {
		t.Error("the error is not tied to its field")
	}
	checked := 0
	for n := range doc.Descendants() {
		for _, a := range n.Attr {
			if a.Key == "checked" || a.Key == "selected" {
				checked++
			}
		}
	}
	if checked != 5 { // option b, radio b, boxes x and z, the single box
		t.Errorf("%d choices came back, want 5", checked)
	}
}

type htmlOf struct{ s string }

func (h *htmlOf) add(t *testing.T, cs ...templ.Component) {
	t.Helper()
	for _, c := range cs {
		s, err := templ.ToGoHTML(t.Context(), c)
		if err != nil {
			t.Fatal(err)
		}
		h.s += string(s)
	}
}

func (h *htmlOf) String() string { return h.s }
