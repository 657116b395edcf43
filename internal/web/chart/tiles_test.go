package chart_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/jumyla/jumyla/internal/account"
	"github.com/jumyla/jumyla/internal/i18n"
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
	m := web.New(web.Config{Log: slog.New(slog.DiscardHandler), Now: time.Now,
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

// drawn is a figure as a page has it.
func drawn(t *testing.T, c *chart.Chart, lang i18n.Lang, f chart.Figure) string {
	t.Helper()
	var b strings.Builder
	if err := chart.Picture(c.Draw(lang, f)).Render(t.Context(), &b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestFiguresAreDrawn(t *testing.T) {
	var c chart.Chart
	f := chart.Figure{ID: "m", Says: "a map", Pins: []chart.Pin{{ID: "a", Lat: 43.2389, Lon: 76.90, Text: "40", Tone: "urgent"}, {ID: "b", Lat: 43.2389, Lon: 76.90, Text: "7", Tone: "accent"},
		{ID: "c", Lat: 43.2389, Lon: 76.93, Text: "9", Tone: "wait", Open: true, Post: true}, {ID: "home", Lat: 43.2389, Lon: 76.90, Tone: "home"}},
		Lines: []chart.Line{{Points: [][2]float64{{43.2389, 76.90}, {43.2389, 76.93}}, Tone: "info"}}, Zones: []chart.Zone{{Points: [][2]float64{{43.2, 76.9}, {43.3, 76.9}, {43.3, 77}}, Say: "shut", Tone: "urgent"}}}
	for _, lang := range i18n.Langs() {
		got := drawn(t, &c, lang, f)
		if !strings.Contains(got, lang.T("chart.plain")) || !strings.Contains(got, "g-grid") || strings.Contains(got, "OpenStreetMap contributors") {
			t.Errorf("%s: without a map it is not a grid that says so: %s", lang, got)
		}
	}
	if err := c.Use(built(t)); err != nil {
		t.Fatal(err)
	}
	got := drawn(t, &c, i18n.KK, f)
	for _, want := range []string{"g-road g-primary", "Абай даңғылы", "© OpenStreetMap contributors", "pin-urgent pin-many", `<title>Мұнда 2 өтінім</title>`, "pin-home", "<rect x=\"-8\"", "zone-urgent", "run-info", "/tiles/"} {
		if !strings.Contains(got, want) {
			t.Errorf("not on the map: %s\n%s", want, got)
		}
	}
	if strings.Contains(got, "NaN") {
		t.Error("a place that is none was drawn")
	}
}

func BenchmarkPaper(b *testing.B) {
	file, err := os.Open("../../../../shared/data/roads/almaty-2013.osm.pbf")
	if err != nil {
		b.Skipf("SKIPPED, no extract beside the project: %v", err)
	}
	defer file.Close()
	var made bytes.Buffer
	if _, err := tiles.Build(b.Context(), file, &made); err != nil {
		b.Fatal(err)
	}
	var c chart.Chart
	if err := c.Use(made.Bytes()); err != nil {
		b.Fatal(err)
	}
	for _, half := range []float64{0.01, 0.05, 0.2} {
		b.Run(fmt.Sprint(half), func(b *testing.B) {
			v := chart.Fit([][2]float64{{43.2389 - half/2, 76.93 - half}, {43.2389 + half/2, 76.93 + half}}, 880, 560, 36)
			for b.Loop() {
				size := 0
				for _, p := range c.Ground(i18n.KK, v).Paths {
					size += len(p.D)
				}
				b.ReportMetric(float64(size), "bytes")
			}
		})
	}
}
