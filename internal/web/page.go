package web

import (
	"bytes"
	"cmp"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/a-h/templ"

	"github.com/jumyla/jumyla/internal/i18n"
)

// Page is a whole page of the office: what stands in the frame and around it.
type Page struct {
	Title  string          // in the viewer's language; the browser's title and, by PageHead, the heading
	Nav    string          // which entry of the rail is current: "board"
	Body   templ.Component // the page's own part
	Keys   []Key           // keys of this page, listed by "?"
	Help   string          // a sentence or two for "?"; "" shows the keys alone
	Bare   bool            // no rail, search or strip: sign-in, set-up, field pages
	Wide   bool            // uses the full width: board, plan
	Load   []string        // further bundles of assets/dist, for example "map.js"
	Camera bool            // it may look through the device's camera; no other page may
	Found  string          // by which address Back finds it again, where it answers a form; "" is the page of the form
}

// Key is one keyboard shortcut with its meaning, for the help panel.
type Key struct {
	Keys string // "Ctrl+Enter", "J K"
	Does string // in the viewer's language
}

// Render answers 200 with a whole page.
func Render(w http.ResponseWriter, r *http.Request, p Page) error {
	return renderStatus(w, r, http.StatusOK, p)
}

// Invalid answers 422 with a whole page: the form again, with what was typed and what is wrong with it.
func Invalid(w http.ResponseWriter, r *http.Request, p Page) error {
	return renderStatus(w, r, http.StatusUnprocessableEntity, p)
}

// Gone answers 410 with a whole page: what was here is over, and says so.
func Gone(w http.ResponseWriter, r *http.Request, p Page) error {
	return renderStatus(w, r, http.StatusGone, p)
}

func renderStatus(w http.ResponseWriter, r *http.Request, status int, p Page) error {
	if p.Camera {
		permit(w.Header(), "(self)")
	}
	if p.Bare {
		return buffered(w, r, status, BareFrame(takeToast(w, r, frameOf(r, p)), p.Body))
	}
	return buffered(w, r, status, Frame(takeToast(w, r, frameOf(r, p)), p.Body))
}

// Fragment answers 200 with a part of a page, for htmx.
func Fragment(w http.ResponseWriter, r *http.Request, c templ.Component) error {
	return buffered(w, r, http.StatusOK, c)
}

// buffered renders first and answers then, so that an error while rendering becomes an error page.
func buffered(w http.ResponseWriter, r *http.Request, status int, c templ.Component) error {
	var b bytes.Buffer
	if err := c.Render(r.Context(), &b); err != nil {
		return fmt.Errorf("render page: %w", err)
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Vary", "HX-Request")
	w.WriteHeader(status)
	if _, err := w.Write(b.Bytes()); err != nil {
		return fmt.Errorf("write page: %w", err)
	}
	return nil
}

// write renders an error; when even that fails, plain words remain.
func write(w http.ResponseWriter, r *http.Request, status int, c templ.Component) {
	if err := buffered(w, r, status, c); err != nil {
		http.Error(w, http.StatusText(status), status)
	}
}

// FrameData is what the frame shows around a page.
type FrameData struct {
	Page

	Viewer *Viewer
	Lang   i18n.Lang
	Centre string
	Strip  []StripItem
	Rail   []NavItem
	Theme  string // "light", "dark" or "" for the device's choice
	Here   string // this page, for forms that come back to it
	Query  string // what was searched for
	Toast  *Toast
	Assets *Assets

	guide   templ.Component           // what leads through a drill, or nil
	allowed func(pattern string) bool // may the viewer open it, and is it there at all
	posted  string                    // of an answer to a form: where Back and a reload find the page; "" of any other
}

func frameOf(r *http.Request, p Page) FrameData {
	v := visitOf(r)
	f := FrameData{
		Page: p, Viewer: v.viewer, Lang: v.viewer.Lang, Assets: v.m.cfg.Assets,
		Theme: cookieTheme(r), Here: r.URL.RequestURI(), Rail: v.nav(p.Nav),
		allowed: v.allowed,
	}
	if r.Method != http.MethodGet {
		f.Here = back(r)
		f.posted = cmp.Or(p.Found, f.Here)
	}
	if r.URL.Path == "/search" {
		f.Query = r.URL.Query().Get("q")
	}
	if v.m.cfg.Centre != nil {
		f.Centre = v.m.cfg.Centre(r.Context())
	}
	if v.m.cfg.Strip != nil && !p.Bare {
		f.Strip = v.m.cfg.Strip(r.Context(), f.Lang)
	}
	if v.m.cfg.Guide != nil && !p.Bare {
		f.guide = v.m.cfg.Guide(r)
	}
	return f
}

// Toast is what is said after an act, for ten seconds, with a way to take it back.
type Toast struct {
	Key  string `json:"k"`           // message key; its arguments hold refs and counts, never personal data
	Args []any  `json:"a,omitempty"` // name, value pairs; numbers as int
	Undo string `json:"u,omitempty"` // path to which "undo" is posted; "" shows no button
}

const toastCookie = "toast"

// Redirect sends the browser to a page of ours after an act (303), there to say toast.
func Redirect(w http.ResponseWriter, r *http.Request, to string, toast Toast) error {
	SetToast(w, r, toast)
	return See(w, r, to)
}

// SetToast keeps toast for the next page: call it in the function given to Form.Submit.
func SetToast(w http.ResponseWriter, r *http.Request, toast Toast) {
	b, err := json.Marshal(toast)
	if err != nil {
		return // an argument that is neither text nor a number: the act is done all the same
	}
	http.SetCookie(w, cookie(r, toastCookie, base64.RawURLEncoding.EncodeToString(b), 60))
}

// See sends the browser to a page of ours (303; HX-Redirect for htmx).
func See(w http.ResponseWriter, r *http.Request, to string) error {
	to = Local(to)
	if IsFragment(r) {
		w.Header().Set("HX-Redirect", to)
		w.WriteHeader(http.StatusNoContent)
		return nil
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
	return nil
}

// Local returns to when it is a path of ours, else "/": use it on "next" parameters.
func Local(to string) string {
	u, err := url.Parse(to)
	if err != nil || u.IsAbs() || u.Host != "" || !strings.HasPrefix(to, "/") || strings.HasPrefix(to, "//") || strings.ContainsAny(to, "\\\r\n\t") {
		return "/"
	}
	return to
}

// takeToast moves the toast from its cookie into the frame.
func takeToast(w http.ResponseWriter, r *http.Request, f FrameData) FrameData {
	c, err := r.Cookie(toastCookie)
	if err != nil {
		return f
	}
	http.SetCookie(w, cookie(r, toastCookie, "", -1))
	b, err := base64.RawURLEncoding.DecodeString(c.Value)
	if err != nil {
		return f
	}
	var t Toast
	if json.Unmarshal(b, &t) != nil || !i18n.Has(t.Key) {
		return f
	}
	for i, a := range t.Args {
		if n, ok := a.(float64); ok {
			t.Args[i] = int(n)
		}
	}
	if t.Undo != "" {
		t.Undo = Local(t.Undo)
	}
	f.Toast = &t
	return f
}

// cookie returns a cookie that scripts cannot read; seconds < 0 deletes it.
func cookie(r *http.Request, name, value string, seconds int) *http.Cookie {
	return &http.Cookie{ //nolint:gosec // Secure wherever there is TLS; without it only loopback is served
		Name: name, Value: value, Path: "/", MaxAge: seconds,
		HttpOnly: true, Secure: r.TLS != nil, SameSite: http.SameSiteLaxMode,
	}
}

const yearSeconds = 365 * 24 * 3600

// KeepLang makes lang this device's language: call it at sign-in with the account's own.
func KeepLang(w http.ResponseWriter, r *http.Request, lang i18n.Lang) {
	http.SetCookie(w, cookie(r, "lang", string(lang), yearSeconds))
}

func cookieLang(r *http.Request) (i18n.Lang, bool) {
	c, err := r.Cookie("lang")
	if err != nil {
		return "", false
	}
	return i18n.Parse(c.Value)
}

func langOf(r *http.Request) i18n.Lang {
	if l, ok := cookieLang(r); ok {
		return l
	}
	return i18n.Negotiate(r.Header.Get("Accept-Language"))
}

func cookieTheme(r *http.Request) string {
	c, err := r.Cookie("theme")
	if err != nil || c.Value != "light" && c.Value != "dark" {
		return ""
	}
	return c.Value
}

func chooseLanguage(w http.ResponseWriter, r *http.Request) error {
	f, err := ReadForm(r)
	if err != nil {
		return err
	}
	if l, ok := i18n.Parse(f.Text("lang", 2)); ok {
		KeepLang(w, r, l)
	}
	return See(w, r, f.Text("back", 2000))
}

func chooseTheme(w http.ResponseWriter, r *http.Request) error {
	f, err := ReadForm(r)
	if err != nil {
		return err
	}
	http.SetCookie(w, cookie(r, "theme", f.Text("theme", 5), yearSeconds))
	return See(w, r, f.Text("back", 2000))
}
