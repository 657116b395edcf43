package desk

import (
	"context"

	"github.com/jumyla/jumyla/internal/centre"
	"github.com/jumyla/jumyla/internal/household"
	"github.com/jumyla/jumyla/internal/i18n"
	"github.com/jumyla/jumyla/internal/web/chart"
)

// picking is a map on which the place is shown that the field "where" shall hold. It begins where the household
// roughly lies, else with all of the map.
func (d *Desk) picking(ctx context.Context, lang i18n.Lang, rough *household.Point) (chart.Figure, error) {
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
	if rough != nil {
		const around = 0.008 // degrees: some blocks
		f.Pins = []chart.Pin{{ID: "rough", Lat: rough.Lat, Lon: rough.Lon, Say: lang.T("chart.rough"), Tone: "wait", Rough: true}}
		f.Around = [][2]float64{{rough.Lat - around, rough.Lon - around}, {rough.Lat + around, rough.Lon + around}}
	}
	return d.Map.Draw(lang, f), nil
}
