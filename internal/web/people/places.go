package people

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/jumyla/jumyla/internal/account"
	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/i18n"
	"github.com/jumyla/jumyla/internal/place"
	"github.com/jumyla/jumyla/internal/store"
	"github.com/jumyla/jumyla/internal/web"
)

// placesPage is the book of addresses: its size, a search, a form for one place.
type placesPage struct {
	lang  i18n.Lang
	form  *web.Form
	total int
	lists bool // may bring a list
	text  string
	hits  []place.Hit
}

// maxHits is how many places a search shows: past it one types on.
const maxHits = 30

func (p *People) places(w http.ResponseWriter, r *http.Request) error {
	v, err := p.placesPage(r, web.NewForm(r))
	if err != nil {
		return err
	}
	return web.Render(w, r, v.page())
}

func (p *People) placesPage(r *http.Request, f *web.Form) (*placesPage, error) {
	total, err := place.Count(r.Context(), p.db)
	if err != nil {
		return nil, err
	}
	v := &placesPage{lang: f.Lang, form: f, total: total, lists: may(r, account.Coordinator)}
	return v, p.find(r, v)
}

func (p *People) find(r *http.Request, v *placesPage) error {
	v.text = strings.TrimSpace(r.URL.Query().Get("q"))
	if v.text == "" {
		return nil
	}
	var err error
	v.hits, err = place.Search(r.Context(), p.db, v.text, maxHits)
	return err
}

func (v *placesPage) page() web.Page {
	return web.Page{Title: v.lang.T("places.title"), Nav: "places", Body: v.view()}
}

func (p *People) findPlaces(w http.ResponseWriter, r *http.Request) error {
	v := &placesPage{lang: web.Lang(r)}
	if err := p.find(r, v); err != nil {
		return err
	}
	return web.Fragment(w, r, v.found())
}

func (p *People) addPlace(w http.ResponseWriter, r *http.Request) error {
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	v, err := p.placesPage(r, f)
	if err != nil {
		return err
	}
	n := place.Place{Street: f.Required("street", 200), House: f.Text("house", 30), Lat: degrees(f, "lat", 90), Lon: degrees(f, "lon", 180)}
	d := done{to: "/places", toast: web.Toast{Key: "places.added"}}
	return p.submit(w, r, f, d, func(ctx context.Context, tx *store.Tx) error {
		if err := notInBook(ctx, tx, n); err != nil {
			return err
		}
		one := n
		one.ID = place.ID{ID: tx.NewID()}
		return tx.Put(ctx, &one)
	}, v.page)
}

// notInBook refuses a house that the book has already: two would lie at two ends of the town.
func notInBook(ctx context.Context, tx *store.Tx, n place.Place) error {
	hit, err := place.Locate(ctx, tx, strings.TrimSpace(n.Street+" "+n.House))
	switch {
	case errs.Is(err, errs.NotFound):
		return nil
	case err != nil:
		return err
	case !hit.Rough && n.House != "":
		return errs.Fields{"house": "places.known"}.Err()
	}
	return nil
}

// degrees reads an angle as maps show it; a comma is a point.
func degrees(f *web.Form, field string, limit float64) float64 {
	f.Check(f.Value(field) != "", field, "error.required")
	v := web.Parse(f, field, "places.not_degrees", func(s string) (float64, error) {
		v, err := strconv.ParseFloat(strings.ReplaceAll(s, ",", "."), 64)
		if err != nil {
			return 0, fmt.Errorf("read degrees: %w", err)
		}
		return v, nil
	})
	f.Check(v >= -limit && v <= limit, field, "places.not_degrees")
	return v
}

func at(h *place.Hit) string { return fmt.Sprintf("%.5f, %.5f", h.Lat, h.Lon) }
