package office

import (
	"net/http"
	"strings"
	"time"

	"github.com/a-h/templ"

	"github.com/jumyla/jumyla/internal/account"
	"github.com/jumyla/jumyla/internal/centre"
	"github.com/jumyla/jumyla/internal/i18n"
	"github.com/jumyla/jumyla/internal/web"
)

// zone returns the centre's time zone, or the default one where there is no centre yet.
func (o *Office) zone(r *http.Request) *time.Location {
	c, err := centre.Get(r.Context(), o.db)
	if err != nil {
		c = &centre.Centre{Zone: centre.DefaultZone}
	}
	return c.Location()
}

func focus() templ.Attributes { return templ.Attributes{"autofocus": true} }

// secret describes a passphrase's field; auto is "current-password" or "new-password".
func secret(name, label, hint, auto string, attrs templ.Attributes) web.Field {
	return web.Field{Name: name, Label: label, Hint: hint, Type: "password", Auto: auto, Required: true, Attrs: attrs}
}

// stand describes the field for where the centre stands.
func stand(lang i18n.Lang, hint string) web.Field {
	return web.Field{Name: "coordinates", Label: lang.T("office.coordinates"), Hint: hint, Attrs: templ.Attributes{"list": "towns"}}
}

func langOptions() []web.Option {
	var out []web.Option
	for _, l := range i18n.Langs() {
		out = append(out, web.Option{Value: string(l), Label: l.Name()})
	}
	return out
}

func roleOptions(lang i18n.Lang, roles account.Roles) []web.Option {
	var out []web.Option
	for _, one := range roles.Each() {
		out = append(out, web.Option{Value: one.String(), Label: lang.T("role." + one.String())}) // i18n: role.*
	}
	return out
}

func roleWords(lang i18n.Lang, roles account.Roles) string {
	var out []string
	for _, o := range roleOptions(lang, roles) {
		out = append(out, o.Label)
	}
	return strings.Join(out, ", ")
}

// zones are those of Kazakhstan and around it, offered; any other may be typed.
func zones() []string {
	return []string{"Asia/Almaty", "Asia/Aqtau", "Asia/Aqtobe", "Asia/Atyrau", "Asia/Oral", "Asia/Qostanay", "Asia/Qyzylorda",
		"Asia/Bishkek", "Asia/Tashkent", "Asia/Dushanbe", "Asia/Omsk", "Asia/Urumqi"}
}

// Tabs are the views of the settings; here is the path of the one that is shown.
func Tabs(lang i18n.Lang, here string) []web.Tab {
	return []web.Tab{
		{Label: lang.T("office.centre"), Href: "/settings", Here: here == "/settings"},
		{Label: lang.T("office.accounts"), Href: "/accounts", Here: here == "/accounts"},
		{Label: lang.T("lan.devices"), Href: "/devices", Here: here == "/devices"},
		{Label: lang.T("copy.title"), Href: "/copy", Here: here == "/copy"},
		{Label: lang.T("extract.title"), Href: "/roads", Here: here == "/roads"},
		{Label: lang.T("first.title"), Href: "/first", Here: here == "/first"},
	}
}

// state returns an account's state as tone and message key.
func state(a *account.Account) (web.Tone, string) {
	switch {
	case a.Ended:
		return web.TonePlain, "office.state_ended"
	case a.Hash == "":
		return web.ToneWait, "office.state_invited"
	}
	return web.ToneGood, "office.state_active"
}

func stateTone(a *account.Account) web.Tone {
	tone, _ := state(a)
	return tone
}

func stateWord(lang i18n.Lang, a *account.Account) string {
	_, key := state(a)
	return lang.T(key)
}
