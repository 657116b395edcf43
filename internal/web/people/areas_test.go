package people_test

import (
	"bytes"
	"fmt"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/jumyla/jumyla/internal/area"
	"github.com/jumyla/jumyla/internal/i18n"
)

// loadAreas sends a file by the form of the page, and returns the page that comes back.
func (o *office) loadAreas(role string, want int, path, from string) string {
	o.t.Helper()
	return o.sendAreas(role, want, path, from).Body.String()
}

func (o *office) sendAreas(role string, want int, path, from string) *httptest.ResponseRecorder {
	o.t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		b = []byte(path) // the file itself
	}
	var body bytes.Buffer
	m := multipart.NewWriter(&body)
	for k, v := range map[string]string{"source": "сынақ, қолдан сызылған", "from": from, "level": ""} {
		if err := m.WriteField(k, v); err != nil {
			o.t.Fatal(err)
		}
	}
	part, err := m.CreateFormFile("file", "areas.geojson")
	if err == nil {
		_, err = part.Write(b)
	}
	if err == nil {
		err = m.Close()
	}
	if err != nil {
		o.t.Fatal(err)
	}
	r := httptest.NewRequest(http.MethodPost, "/areas", &body)
	r.Header.Set("Content-Type", m.FormDataContentType())
	r.Header.Set("X-Role", role)
	w := httptest.NewRecorder()
	o.mux.ServeHTTP(w, r)
	if w.Code != want {
		o.t.Fatalf("%d, want %d\n%s", w.Code, want, w.Body)
	}
	return w
}

// TestLoadingAreasAgainSaysWhatChanged loads a file, the file again, and a newer outline of one of its areas.
func TestLoadingAreasAgainSaysWhatChanged(t *testing.T) {
	o := open(t)
	b, err := os.ReadFile("../../area/testdata/since.geojson")
	if err != nil {
		t.Fatal(err)
	}
	newer := strings.Replace(string(b), "51.5", "51.6", 2)
	if newer == string(b) {
		t.Fatal("the newer file is the same")
	}
	for _, step := range []struct {
		file string
		kept area.Kept
	}{
		{string(b), area.Kept{New: 3}},
		{string(b), area.Kept{Unchanged: 3}},
		{newer, area.Kept{Replaced: 1, Unchanged: 2}},
		{newer, area.Kept{Unchanged: 3}},
	} {
		for _, o.lang = range []i18n.Lang{i18n.KK, i18n.RU, i18n.EN} {
			w := o.sendAreas("coordinator", http.StatusSeeOther, step.file, "2022-06-08")
			r := httptest.NewRequest(http.MethodGet, "/areas", nil)
			r.Header.Set("X-Role", "coordinator")
			for _, c := range w.Result().Cookies() {
				r.AddCookie(c)
			}
			page := httptest.NewRecorder()
			o.mux.ServeHTTP(page, r)
			if says := step.kept.In(o.lang); !strings.Contains(page.Body.String(), says) {
				t.Errorf("%s: the page does not say %q", o.lang, says)
			}
			step.kept = area.Kept{Unchanged: 3}
		}
		if book, err := area.Load(t.Context(), o.db); err != nil || len(book.All()) != 3 {
			t.Fatalf("%d areas, %v", len(book.All()), err)
		}
	}
}

// TestHowManyLiveThereIsTyped: a figure is kept by who may, and the page says what other centres are told then.
func TestHowManyLiveThereIsTyped(t *testing.T) {
	o := open(t)
	o.lang = i18n.EN
	outline := func(level, name string, size float64) string {
		return fmt.Sprintf(`{"type":"Feature","properties":{"level":%q,"name_en":%q},"geometry":{"type":"Polygon","coordinates":[[[76,43],[%[3]f,43],[%[3]f,%[4]f],[76,%[4]f],[76,43]]]}}`, level, name, 76+size, 43+size)
	}
	o.loadAreas("coordinator", http.StatusSeeOther, `{"type":"FeatureCollection","features":[`+outline("district", "Widedale", 1)+","+outline("settlement", "Bigtown", .1)+`]}`, "")
	b, err := area.Load(t.Context(), o.db)
	if err != nil {
		t.Fatal(err)
	}
	page := func() string {
		r := httptest.NewRequest(http.MethodGet, "/areas", nil)
		r.Header.Set("X-Role", "coordinator")
		w := httptest.NewRecorder()
		o.mux.ServeHTTP(w, r)
		return w.Body.String()
	}
	row := func() string { return regexp.MustCompile(`(?s)<tr><td>Bigtown</td>.*?</tr>`).FindString(page()) }
	if !strings.Contains(row(), "<td>Widedale</td>") {
		t.Error("a settlement of no known size is named:", row())
	}
	for name, people := range map[string]string{"Widedale": "60000", "Bigtown": "40000"} {
		o.post("/areas/people", "operator", http.StatusForbidden, form("area", b.Named(name)[0].ID.String(), "people", people))
		o.post("/areas/people", "coordinator", http.StatusSeeOther, form("area", b.Named(name)[0].ID.String(), "people", people))
	}
	if !strings.Contains(row(), "<td>Bigtown</td>") || strings.Count(row(), "Bigtown") != 2 || !strings.Contains(row(), "40000") {
		t.Error("a large settlement is not named:", row())
	}
	o.post("/areas/people", "coordinator", http.StatusUnprocessableEntity, form("area", "x", "people", "7"))
	o.post("/areas/people", "coordinator", http.StatusUnprocessableEntity, form("area", b.Named("Bigtown")[0].ID.String(), "people", "-7"))
}

func TestAreasAreLoadedAndRemoved(t *testing.T) {
	o := open(t)
	o.lang = i18n.EN
	o.loadAreas("coordinator", http.StatusSeeOther, "../../area/testdata/before.geojson", "")
	o.loadAreas("coordinator", http.StatusSeeOther, "../../area/testdata/since.geojson", "2022-06-08")
	o.loadAreas("operator", http.StatusForbidden, "../../area/testdata/since.geojson", "")
	for file, says := range map[string]string{"PK": "not a GeoJSON file", `{"type":`: "ends in the middle", `{"type":"FeatureCollection"}`: "no area with a name"} {
		if page := o.loadAreas("coordinator", http.StatusUnprocessableEntity, file, ""); !strings.Contains(page, says) {
			t.Errorf("%q: the page does not say %q", file, says)
		}
	}
	b, err := area.Load(t.Context(), o.db)
	if err != nil || len(b.All()) != 6 {
		t.Fatal(len(b.All()), err)
	}
	var first *area.Area
	for _, a := range b.All() {
		if a.Level == area.Region && a.From == "2022-06-08" {
			first = a
		}
	}
	o.post("/areas/"+first.ID.String()+"/remove", "coordinator", http.StatusSeeOther, nil)
	o.post("/areas/"+first.ID.String()+"/remove", "coordinator", http.StatusSeeOther, nil) // pressed twice
	if b, err = area.Load(t.Context(), o.db); err != nil || len(b.All()) != 4 {
		t.Error(len(b.All()), err)
	}
}
