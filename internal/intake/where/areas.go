package where

import (
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
// where no district is known, and which settlement other centres may be told; one whose place lies in no area keeps what was typed. It reports whether that is new.
func (f *Finder) Sort(h *household.Household, now time.Time) bool {
	if h.Where == nil {
		return false
	}
	was, on := [3]string{h.Area, h.District, h.Settlement}, now.Format(time.DateOnly)
	all := f.book().At(h.Where.Lat, h.Where.Lon, on)
	h.Settlement = ""
	if len(all) == 0 {
		return was[2] != ""
	}
	best := all[0]
	for _, a := range all {
		if a.Level == area.District {
			best = a
		}
	}
	h.Area, h.District = best.Name(i18n.KK), ""
	district, settlement := f.book().Told(h.Where.Lat, h.Where.Lon, on)
	if district != nil {
		h.District = district.Name(i18n.KK)
	}
	if settlement != nil {
		h.Settlement = settlement.Name(i18n.KK)
	}
	return was != [3]string{h.Area, h.District, h.Settlement}
}

// AreaName is the name of a household's area in a language.
func (f *Finder) AreaName(lang i18n.Lang, name string) string { return f.book().Translate(lang, name) }
