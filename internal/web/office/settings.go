package office

import (
	"errors"
	"net/http"
	"strconv"

	"github.com/jumyla/jumyla/internal/centre"
	"github.com/jumyla/jumyla/internal/contact"
	"github.com/jumyla/jumyla/internal/place"
	"github.com/jumyla/jumyla/internal/store"
	"github.com/jumyla/jumyla/internal/tabular/cell"
	"github.com/jumyla/jumyla/internal/web"
)

func (o *Office) showSettings(w http.ResponseWriter, r *http.Request) error {
	c, err := centre.Get(r.Context(), o.db)
	if err != nil {
		return err
	}
	version, err := store.Version(r.Context(), o.db, c.ID.ID)
	if err != nil {
		return err
	}
	f := web.NewForm(r).Set("version", version).Set("name", c.Name).Set("area", areaShown(web.Lang(r), c.Area)).Set("area_own", ownTick(c.Area)).Set("zone", c.Zone).
		Set("langs", c.Langs...).Set("phone", c.Phone.String()).Set("coordinates", writeCoordinates(c.Lat, c.Lon)).Set("basket", strconv.Itoa(c.BasketDays()))
	return web.Render(w, r, settingsPageOf(f))
}

func settingsPageOf(f *web.Form) web.Page {
	return web.Page{Title: f.Lang.T("office.settings"), Nav: "settings", Body: settingsPage(f)}
}

func (o *Office) saveSettings(w http.ResponseWriter, r *http.Request) error {
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	typed := readCentre(f)
	typed.Phone = web.Parse(f, "phone", "error.phone", func(s string) (contact.Phone, error) {
		p, ok := contact.ParsePhone(s)
		if !ok {
			return "", errors.New("no phone")
		}
		return p, nil
	})
	readStand(f, &typed, func(address string) (lat, lon float64, ok bool) {
		hit, err := place.Locate(r.Context(), o.db, address)
		return hit.Lat, hit.Lon, err == nil && !hit.Rough
	})
	days := f.Int("basket", 0, 366)
	typed.Basket = &days
	f.Take(typed.Validate())
	save := func() (string, error) {
		err := o.write(r.Context(), r, func(tx *store.Tx) error {
			c, err := centre.Get(r.Context(), tx)
			if err != nil {
				return err
			}
			if err := tx.Expect(r.Context(), c.ID.ID, f.Value("version")); err != nil {
				return err
			}
			typed.ID, typed.Secret, typed.FirstSteps = c.ID, c.Secret, c.FirstSteps
			return tx.Put(r.Context(), &typed)
		})
		if err != nil {
			return "", err
		}
		web.SetToast(w, r, web.Toast{Key: "office.saved"})
		return "/settings", nil
	}
	return f.Submit(w, r, save, func() web.Page { return settingsPageOf(f) })
}

// readCentre reads the fields that set-up and settings have in common.
func readCentre(f *web.Form) centre.Centre {
	return centre.Centre{Name: f.Required("name", 120), Area: readArea(f), Zone: f.Text("zone", 60), Langs: f.All("langs")}
}

// writeCoordinates is the other way round; "" where nobody has said it.
func writeCoordinates(lat, lon float64) string {
	if lat == 0 && lon == 0 {
		return ""
	}
	return strconv.FormatFloat(lat, 'f', -1, 64) + ", " + strconv.FormatFloat(lon, 'f', -1, 64)
}

// readStand reads where the centre stands: coordinates as any map gives them, a town, for whose middle it is taken, or an
// address that find knows exactly. find may be nil.
func readStand(f *web.Form, c *centre.Centre, find func(address string) (lat, lon float64, ok bool)) {
	text := f.Text("coordinates", 400)
	if text == "" {
		return
	}
	at, why := cell.Coordinates(text, cell.Bounds{})
	if why == "" {
		c.Lat, c.Lon = at.Lat, at.Lon
		return
	}
	if t, ok := centre.TownOf(text); ok {
		c.Lat, c.Lon = t.Lat, t.Lon
		return
	}
	ok := false
	if find != nil && why == cell.CoordsUnknown {
		c.Lat, c.Lon, ok = find(text)
	}
	key := "centre.coordinates"
	if why == cell.CoordsShortLink {
		key = string(why)
	}
	f.Check(ok, "coordinates", key)
}
