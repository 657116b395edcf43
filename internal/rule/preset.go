package rule

import (
	"time"

	"github.com/jumyla/jumyla/internal/errs"
)

// Areas that presets speak of.
const (
	AlmatyCity   = "almaty-city"
	AlmatyRegion = "almaty-region"
)

// Almaty2022 names the rules of Almaty and its region in January 2022, as the press had them.
const Almaty2022 = "almaty-2022-01"

// Sources of presets are message keys, so that each reads them in their own language.
const (
	sourceCity   = "rule.source.almaty_city"
	sourceRegion = "rule.source.almaty_region"
	sourceMoved  = "rule.source.almaty_moved"
)

// Preset returns rules that were once in force, to learn and to try plans with; NotFound for an unknown name.
func Preset(name string) ([]Rule, error) {
	if name != Almaty2022 {
		return nil, errs.Missing("preset")
	}
	const zone = "Asia/Almaty"
	loc, err := location(zone)
	if err != nil {
		return nil, err
	}
	at := func(d, h, m int) time.Time { return time.Date(2022, 1, d, h, m, 0, 0, loc).UTC() }
	const clock = 60
	city := Rule{Area: AlmatyCity, From: at(5, 1, 30), To: at(19, 0, 0), Zone: zone, PassExempt: true,
		Source: sourceCity}
	region := Rule{Area: AlmatyRegion, From: at(5, 12, 30), To: at(19, 0, 0), Zone: zone, PassExempt: true,
		Source: sourceRegion}
	curfew := func(r Rule, start int, from, to time.Time, source string) Rule {
		r.Kind, r.Start, r.End, r.From, r.To, r.Source = Curfew, start*clock, 7*clock, from, to, source
		return r
	}
	limit := func(r Rule, k Kind) Rule {
		r.Kind, r.PassExempt = k, r.PassExempt && k != Gathering
		return r
	}
	return []Rule{
		curfew(city, 23, city.From, city.To, city.Source),
		limit(city, EntryExit), limit(city, Gathering),
		curfew(region, 20, region.From, at(13, 0, 0), sourceMoved),
		curfew(region, 23, at(13, 0, 0), region.To, sourceMoved),
		limit(region, EntryExit), limit(region, Gathering),
	}, nil
}
