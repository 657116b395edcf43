package app

import (
	"html"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/jumyla/jumyla/internal/i18n"
)

// TestALockedCentreSaysSoToOtherDevices asks a closed centre from the network: every page says where it is opened.
func TestALockedCentreSaysSoToOtherDevices(t *testing.T) {
	s := &server{opt: Options{Dir: t.TempDir(), Log: slog.New(slog.DiscardHandler)}}
	s.closed(true)
	for _, path := range []string{"/", "/board", "/f/one"} {
		r := httptest.NewRequest(http.MethodGet, path, nil)
		r.RemoteAddr = "192.168.1.7:40000"
		r.Header.Set("Accept", "text/html")
		r.AddCookie(&http.Cookie{Name: "lang", Value: "en"})
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		if body := w.Body.String(); w.Code != http.StatusServiceUnavailable || !strings.Contains(body, html.EscapeString(i18n.EN.T("office.closed_elsewhere"))) {
			t.Errorf("%s: %d %.400s", path, w.Code, body)
		}
	}
}
