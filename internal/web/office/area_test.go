package office_test

import (
	"net/url"
	"regexp"
	"testing"

	"github.com/jumyla/jumyla/internal/area"
	"github.com/jumyla/jumyla/internal/centre"
	"github.com/jumyla/jumyla/internal/i18n"
	"github.com/jumyla/jumyla/internal/web/office"
)

func TestTheAreaThatACentreServes(t *testing.T) {
	for _, c := range []struct {
		text, town string
		own        bool
		want       string
		ok         bool
	}{
		{"Алматы", "", false, "almaty-city", true},
		{"область Абай", "", true, "abai-region", true}, // a tick too many
		{"Semey", "", false, "abai-region", true},
		{"", "Усть-Каменогорск", false, "east-kazakhstan-region", true},
		{"Astana", "Семей", false, "astana-city", true},
		{"", "43.2, 76.9", false, "", true}, // nobody may guess
		{" ", "", false, "", true},
		{"Талғар ауданы", "", false, "", false},
		{"Талғар ауданы", "Семей", true, "Талғар ауданы", true},
	} {
		if got, ok := office.Area(c.text, c.town, c.own); got != c.want || ok != c.ok {
			t.Errorf("%q at %q, own %v: %q %v", c.text, c.town, c.own, got, ok)
		}
	}
	for _, town := range centre.Towns() { // whose name alone says what is served
		for _, lang := range i18n.Langs() {
			if _, ok := office.Area("", town.Name(lang), false); !ok {
				t.Error(town)
			}
			if code, _ := office.Area("", town.Name(lang), false); code == "" {
				t.Error(town.Name(lang), "lies nowhere")
			}
		}
	}
}

// TestSettingsAskWhatAreaIsMeant types an area that nobody knows, and is answered with the nearest and a box.
func TestSettingsAskWhatAreaIsMeant(t *testing.T) {
	d := newDesk(t)
	d.signIn(aigul, pass)
	send := func(status int, name, own string, see ...string) {
		t.Helper()
		page := d.want(200, "GET", "/settings", nil, `<option value="область Абай">`).Body.String()
		version := regexp.MustCompile(`name="version" value="([^"]*)"`).FindStringSubmatch(page)[1]
		v := fields("version", version, "name", "Орталық", "area", name, "zone", "Asia/Almaty", "langs", "kk", "basket", "7")
		if own != "" {
			v = merge(v, "area_own", own)
		}
		d.want(status, "POST", "/settings", v, see...)
	}
	serves := func(want string) {
		t.Helper()
		if c, err := centre.Get(t.Context(), d.db); err != nil || c.Area != want {
			t.Errorf("serves %q, want %q (%v)", c.Area, want, err)
		}
	}
	near, _ := area.ByCode("kostanay-region")
	send(422, "Кастонай", "", i18n.RU.T("office.area_unknown"), near.RU, `name="area_own"`, `value="Кастонай"`)
	send(303, "Қостанай облысы", "")
	serves("kostanay-region")
	d.want(200, "GET", "/settings", nil, `value="`+near.RU+`"`)
	send(303, "Наурзум", "1")
	serves("Наурзум")
	d.want(200, "GET", "/settings", nil, `value="Наурзум"`, `name="area_own"`)
	send(422, "Наурзум", "")
	send(303, "Алматы", "")
	serves("almaty-city")
}

func merge(v url.Values, field, value string) url.Values {
	v.Set(field, value)
	return v
}
