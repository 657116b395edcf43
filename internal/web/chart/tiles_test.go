package chart_test

import (
	"bytes"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/jumyla/jumyla/internal/account"
	"github.com/jumyla/jumyla/internal/web"
	"github.com/jumyla/jumyla/internal/web/chart"
	"github.com/jumyla/jumyla/roads/tiles"
)

// town is an extract of one street.
const town = `<osm version="0.6"><node id="1" lat="43.2389" lon="76.8897"/><node id="2" lat="43.2389" lon="76.9397"/>
<way id="1"><nd ref="1"/><nd ref="2"/><tag k="highway" v="primary"/><tag k="name" v="Абай даңғылы"/></way></osm>`

func built(t *testing.T) []byte {
	t.Helper()
	var b bytes.Buffer
	if _, err := tiles.Build(t.Context(), strings.NewReader(town), &b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func ask(m *web.Mux, path string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	m.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
	return w
}

func TestTilesAreServed(t *testing.T) {
	var c chart.Chart
	viewer := &web.Viewer{AccountID: "a", Roles: account.Operator}
	m := web.New(web.Config{Log: slog.New(slog.NewTextHandler(io.Discard, nil)), Now: time.Now,
		Viewer: func(*http.Request) (*web.Viewer, error) { return viewer, nil }}, c.Routes())
	const middle = "/tiles/x/14/11692/6005" // of the street
	if w := ask(m, middle); w.Code != http.StatusNotFound {
		t.Errorf("without a map: %d", w.Code)
	}
	if err := c.Use(built(t)); err != nil {
		t.Fatal(err)
	}
	if w := ask(m, middle); w.Code != http.StatusOK || w.Header().Get("Content-Encoding") != "gzip" || w.Body.Len() == 0 {
		t.Errorf("%d %v, %d bytes", w.Code, w.Header(), w.Body.Len())
	}
	if w := ask(m, "/tiles/x/14/1/1"); w.Code != http.StatusNoContent {
		t.Errorf("a tile with nothing: %d", w.Code)
	}
	if w := ask(m, "/tiles/x/14/1/y"); w.Code != http.StatusNotFound {
		t.Errorf("no tile's address: %d", w.Code)
	}
	viewer = &web.Viewer{}
	if w := ask(m, middle); w.Code == http.StatusOK {
		t.Error("a stranger was given a tile")
	}
	if err := c.Use([]byte("not a map")); err == nil {
		t.Error("anything is taken for a map")
	}
}
