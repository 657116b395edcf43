package where

import (
	"slices"
	"time"

	"github.com/jumyla/jumyla/internal/area"
	"github.com/jumyla/jumyla/internal/household"
	"github.com/jumyla/jumyla/internal/i18n"
)

// UseAreas puts areas in the place of those before; nil for none.
func (f *Finder) UseAreas(b *area.Book) { f.areas.Store(b) }

func (f *Finder) book() *area.Book {
	if f == nil {
		return nil
	}
	return f.areas.Load()
}

// Sort says in which district a household with a place lies, as the country is divided at a moment, or in which region
// where no district is known; one whose place lies in no area keeps what was typed. It reports whether that is new.
func (f *Finder) Sort(h *household.Household, now time.Time) bool {
	if h.Where == nil {
		return false
	}
	all := f.book().At(h.Where.Lat, h.Where.Lon, now.Format(time.DateOnly))
	if len(all) == 0 {
		return false
	}
	best, wide := all[0], ""
	for _, a := range slices.Backward(all) { // a settlement may be so small that its name names somebody
		if a.Level != area.Settlement {
			wide = a.Name(i18n.KK)
		}
		if a.Level == area.District {
			best = a
		}
	}
	was := [2]string{h.Area, h.District}
	h.Area, h.District = best.Name(i18n.KK), wide
	return was != [2]string{h.Area, h.District}
}

// AreaName is the name of a household's area in a language.
func (f *Finder) AreaName(lang i18n.Lang, name string) string { return f.book().Translate(lang, name) }
