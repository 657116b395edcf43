package office

import (
	"strings"

	"github.com/a-h/templ"

	"github.com/jumyla/jumyla/internal/area"
	"github.com/jumyla/jumyla/internal/i18n"
	"github.com/jumyla/jumyla/internal/web"
)

// nearest is how many areas are named to somebody who typed none of them.
const nearest = 3

// Area is the code of the area that a text means; of one that is empty, that of the town where the centre stands. One that
// nobody knows stays in its people's words where they say that it is their own; else ok is false.
func Area(text, town string, own bool) (code string, ok bool) {
	k, ok := area.Find(text)
	if !ok {
		k, ok = area.OfTown(text)
	}
	if strings.TrimSpace(text) == "" {
		k, _ = area.OfTown(town)
		return k.Code, true
	}
	if !ok && own {
		return text, true
	}
	return k.Code, ok
}

// NearArea names in a language the known areas that a text may have meant; all there are where it is like none.
func NearArea(lang i18n.Lang, text string) string {
	all := area.Nearest(text, nearest)
	if len(all) == 0 {
		all = area.KnownAreas()
	}
	var out []string
	for _, k := range all {
		out = append(out, k.Name(lang))
	}
	return strings.Join(out, ", ")
}

func readArea(f *web.Form) string {
	code, ok := Area(f.Text("area", 200), f.Value("coordinates"), f.Bool("area_own"))
	f.Check(ok, "area", "office.area_unknown")
	return code
}

// areaShown is a centre's area as its field shows it.
func areaShown(lang i18n.Lang, code string) string {
	if k, ok := area.ByCode(code); ok {
		return k.Name(lang)
	}
	return code
}

// ownTick is the box's value for an area that is kept: ticked where nobody knows it.
func ownTick(code string) string {
	if _, ok := Area(code, "", false); ok {
		return ""
	}
	return "1"
}

// areaField describes the field: the areas are offered, and what was not understood is answered with the nearest.
func areaField(f *web.Form) web.Field {
	hint := f.Lang.T("office.area_hint")
	if f.Error("area") != "" {
		hint = f.Lang.T("office.area_near", "areas", NearArea(f.Lang, f.Value("area")))
	}
	return web.Field{Name: "area", Label: f.Lang.T("office.area"), Hint: hint, Attrs: templ.Attributes{"list": "areas"}}
}

// ownArea reports whether the box for an area of one's own is shown: only who needs it sees it.
func ownArea(f *web.Form) bool { return f.Error("area") != "" || f.Bool("area_own") }
