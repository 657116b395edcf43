package lan

import (
	"bytes"
	"encoding/pem"
	"net/http"
	"strings"

	"github.com/a-h/templ"

	"github.com/jumyla/jumyla/internal/i18n"
	"github.com/jumyla/jumyla/internal/web"
)

// joinPage is the plain page for a device that does not know the centre yet.
type joinPage struct {
	lang   i18n.Lang
	state  state
	style  string // address of the style sheet
	secure string // address of the office
	device string // which of devices() asks, as far as it says
}

// Join answers plain requests from the network. It gives the authority's certificate, its fingerprint and what to do
// with them, and nothing else: whatever is asked for, the answer is that page.
func (d *Door) Join() http.Handler {
	css := web.Embedded().URL("app.css")
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) { d.showJoin(w, r, css) })
	mux.HandleFunc("GET "+css, func(w http.ResponseWriter, _ *http.Request) {
		b, _ := web.Embedded().Read("app.css")
		w.Header().Set("Content-Type", "text/css; charset=utf-8")
		_, _ = w.Write(b)
	})
	mux.HandleFunc("GET /jumyla.crt", func(w http.ResponseWriter, _ *http.Request) {
		d.give(w, func(der []byte) []byte { return der })
	})
	mux.HandleFunc("GET /jumyla.pem", func(w http.ResponseWriter, _ *http.Request) {
		d.give(w, func(der []byte) []byte { return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}) })
	})
	mux.HandleFunc("GET /", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/", http.StatusSeeOther) })
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cache-Control", "no-store")
		mux.ServeHTTP(w, r)
	})
}

// give answers with the authority's certificate, as devices expect it: they open it with what installs certificates.
func (d *Door) give(w http.ResponseWriter, encode func(der []byte) []byte) {
	s := d.state()
	if !s.open {
		http.Error(w, "not open", http.StatusServiceUnavailable)
		return
	}
	w.Header().Set("Content-Type", "application/x-x509-ca-cert")
	_, _ = w.Write(encode(s.auth.Cert))
}

func (d *Door) showJoin(w http.ResponseWriter, r *http.Request, css string) {
	lang, ok := i18n.Parse(r.URL.Query().Get("lang"))
	if !ok {
		lang = i18n.Negotiate(r.Header.Get("Accept-Language"))
	}
	p := joinPage{lang: lang, state: d.state(), style: css, device: deviceOf(r.UserAgent())}
	if at, ok := localAddr(r); ok {
		p.secure = "https://" + at.String() + "/"
	}
	status := http.StatusOK
	if !p.state.open {
		status = http.StatusServiceUnavailable
	}
	var b bytes.Buffer
	if err := p.document().Render(r.Context(), &b); err != nil {
		d.log.ErrorContext(r.Context(), "join page", "error", err)
		http.Error(w, http.StatusText(http.StatusInternalServerError), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write(b.Bytes())
}

// devices are those that the page has instructions for.
func devices() []string { return []string{"android", "ios", "windows", "mac", "linux", "firefox"} }

// deviceOf guesses from a browser's own name which instructions to open; a wrong guess costs a click.
func deviceOf(agent string) string {
	for _, c := range [][2]string{{"Firefox", "firefox"}, {"Android", "android"}, {"iPhone", "ios"}, {"iPad", "ios"}, {"Windows", "windows"}, {"Mac OS", "mac"}, {"Linux", "linux"}} {
		if strings.Contains(agent, c[0]) {
			return c[1]
		}
	}
	return ""
}

func (p joinPage) deviceName(device string) string { return p.lang.T("lan.device." + device) } // i18n: lan.device.*

// steps returns what to do on a device, one step a line of the catalogue.
func (p joinPage) steps(device string) []string {
	return strings.Split(p.lang.T("lan.steps."+device), "\n") // i18n: lan.steps.*
}

func langHref(l i18n.Lang) templ.SafeURL { return templ.SafeURL("/?lang=" + string(l)) }

// lines puts a fingerprint's groups into lines of four, as they are read aloud.
func lines(groups []string) []string {
	var out []string
	for ; len(groups) >= 4; groups = groups[4:] {
		out = append(out, strings.Join(groups[:4], " "))
	}
	return out
}
