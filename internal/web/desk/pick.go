package desk

import (
	"context"

	"github.com/jumyla/jumyla/internal/centre"
	"github.com/jumyla/jumyla/internal/household"
	"github.com/jumyla/jumyla/internal/i18n"
	"github.com/jumyla/jumyla/internal/web/chart"
)

// picking is a map on which the place is shown that the field "where" shall hold. It begins where the household
// lies as far as is known, with a pin there, else with all of the map.
func (d *Desk) picking(ctx context.Context, lang i18n.Lang, known *household.Point) (chart.Figure, error) {
	c, err := centre.Get(ctx, d.db)
	if err != nil {
		return chart.Figure{}, err
	}
	f := chart.Figure{ID: "pick", Says: lang.T("chart.pick_says"), Pick: "f-where"}
	if c.Lat != 0 || c.Lon != 0 {
		f.Pins = append(f.Pins, chart.Pin{ID: "home", Lat: c.Lat, Lon: c.Lon, Say: c.Name, Tone: "home"})
		const around = 0.08 // degrees: a city
		f.Around = [][2]float64{{c.Lat - around, c.Lon - around}, {c.Lat + around, c.Lon + around}}
	}
	if known != nil {
		const around = 0.008 // degrees: some blocks
		say := lang.T("chart.found")
		if known.Rough {
			say = lang.T("chart.rough")
		}
		f.Pins = []chart.Pin{{ID: "known", Lat: known.Lat, Lon: known.Lon, Say: say, Tone: "wait", Rough: known.Rough}}
		f.Around = [][2]float64{{known.Lat - around, known.Lon - around}, {known.Lat + around, known.Lon + around}}
	}
	return d.Map.Draw(lang, f), nil
}

// point is where the form's place lies as far as is known: what was pasted before what the address says; nil for nowhere.
func (b *beside) point() *household.Point {
	switch {
	case b.spot != nil:
		return &b.spot.Point
	case b.found != nil:
		p := b.found.Point()
		return &p
	}
	return nil
}

// at is the point for the map that is open beside.
func (b *beside) at() string {
	if p := b.point(); p != nil {
		return degrees(p.Lat, p.Lon)
	}
	return ""
}

// rough reports whether that point is only the middle of a street or an area.
func (b *beside) rough() bool {
	p := b.point()
	return p != nil && p.Rough
}
