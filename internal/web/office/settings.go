package office

import (
	"errors"
	"net/http"
	"strconv"
	"strings"

	"github.com/jumyla/jumyla/internal/centre"
	"github.com/jumyla/jumyla/internal/contact"
	"github.com/jumyla/jumyla/internal/store"
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
	f := web.NewForm(r).Set("version", version).Set("name", c.Name).Set("area", c.Area).Set("zone", c.Zone).
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
	at := web.Parse(f, "coordinates", "centre.coordinates", readCoordinates)
	typed.Lat, typed.Lon = at[0], at[1]
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
			typed.ID, typed.Secret = c.ID, c.Secret
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
	return centre.Centre{Name: f.Required("name", 120), Area: f.Text("area", 200), Zone: f.Text("zone", 60), Langs: f.All("langs")}
}

func writeCoordinates(lat, lon float64) string {
	if lat == 0 && lon == 0 {
		return ""
	}
	return strconv.FormatFloat(lat, 'f', -1, 64) + ", " + strconv.FormatFloat(lon, 'f', -1, 64)
}

// readCoordinates reads latitude and longitude as maps give them: "43.2389, 76.8897", "43,2389 76,8897".
func readCoordinates(s string) (at [2]float64, err error) {
	parts := strings.FieldsFunc(s, func(r rune) bool { return r == ' ' || r == ';' || r == '\t' })
	if len(parts) == 1 {
		parts = strings.Split(s, ",")
	}
	if len(parts) != 2 {
		return at, errors.New("not two numbers")
	}
	for i, p := range parts {
		p = strings.Replace(strings.TrimSuffix(p, ","), ",", ".", 1)
		if at[i], err = strconv.ParseFloat(strings.TrimSpace(p), 64); err != nil {
			return at, err
		}
	}
	return at, nil
}
