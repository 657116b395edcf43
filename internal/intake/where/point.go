package where

import (
	"context"
	"math"
	"strconv"
	"strings"

	"github.com/jumyla/jumyla/internal/centre"
	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/household"
	"github.com/jumyla/jumyla/internal/store"
	"github.com/jumyla/jumyla/internal/tabular/cell"
	"github.com/jumyla/jumyla/roads"
)

// Spot is a point that somebody pasted, with what is odd about it.
type Spot struct {
	household.Point
	Swapped bool    // longitude stood first, which only the distance from the centre could tell
	NoRoad  bool    // the extract has no road near: a lake, a mountain, the sea
	Near    *Answer // the house or landmark that lies there; nil where none is known
	Away    float64 // from it, in metres
}

// reach is how many degrees north and east of the centre, and as many the other ways, a point may lie: some 2,000 km. What
// lies beyond is another country, or the sea.
const reachLat, reachLon = 18, 28

// Coordinates reads a point as people paste it: "43.2389, 76.8897", in either order where only one lies within reach of
// the centre, degrees with minutes and seconds, or a link to a map. What cannot be meant is Invalid, with words for the
// field.
func (f *Finder) Coordinates(ctx context.Context, r store.Reader, text, field string) (Spot, error) {
	own, err := centre.Get(ctx, r)
	if err != nil {
		return Spot{}, err
	}
	within := cell.Bounds{South: -90, West: -180, North: 90, East: 180}
	if own.Lat != 0 || own.Lon != 0 {
		within = cell.Bounds{South: own.Lat - reachLat, West: own.Lon - reachLon, North: own.Lat + reachLat, East: own.Lon + reachLon}
	}
	p, why := cell.Coordinates(text, within)
	if why != "" {
		return Spot{}, invalid(field, string(why))
	}
	s := Spot{Point: household.Point{Lat: p.Lat, Lon: p.Lon}, Swapped: p.Swapped}
	f.lookAround(&s)
	return s, nil
}

func invalid(field, key string) error {
	return &errs.Error{Kind: errs.Invalid, Key: key, Fields: map[string]string{field: key}}
}

// At says what lies at a household's point.
func (f *Finder) At(p household.Point) Spot {
	s := Spot{Point: p}
	f.lookAround(&s)
	return s
}

// lookAround says what lies at a spot, as far as the extract knows.
func (f *Finder) lookAround(s *Spot) {
	x := f.loaded()
	if x.network != nil {
		away, covered := x.network.Away(roads.Point{Lat: s.Lat, Lon: s.Lon})
		s.NoRoad = covered && away > roads.TooFar
	}
	if x.streets == nil {
		return
	}
	if h, away, ok := x.streets.At(roads.Point{Lat: s.Lat, Lon: s.Lon}, 250); ok {
		a := ofMap(h)
		s.Near, s.Away = &a, away
	}
}

// Put sets where a household lives. What was erased has no place.
func (f *Finder) Put(ctx context.Context, tx *store.Tx, home household.ID, p household.Point) error {
	h, err := household.Kind.Get(ctx, tx, home.ID)
	if err != nil {
		return err
	}
	if h.Address == "" {
		return errs.New(errs.Conflict, "run.erased")
	}
	h.Where = &p
	f.Sort(h, tx.Now)
	return tx.Put(ctx, h)
}

// Chosen is an answer that somebody chose, as a form sends it: where it lies, how exact that is, and for which text.
func (a *Answer) Chosen() string {
	return strconv.FormatFloat(a.Lat, 'f', 6, 64) + "," + strconv.FormatFloat(a.Lon, 'f', 6, 64) + "," + string(a.What) + "|" + a.Text
}

// ParseChosen reads what Chosen wrote; ok is false for anything else.
func ParseChosen(s string) (text string, p household.Point, ok bool) {
	at, text, found := strings.Cut(s, "|")
	parts := strings.Split(at, ",")
	if !found || len(parts) != 3 || len(text) > 400 {
		return "", p, false
	}
	a := Answer{Text: text, What: What(parts[2])}
	var errLat, errLon error
	a.Lat, errLat = strconv.ParseFloat(parts[0], 64)
	a.Lon, errLon = strconv.ParseFloat(parts[1], 64)
	if errLat != nil || errLon != nil || !(math.Abs(a.Lat) <= 90 && math.Abs(a.Lon) <= 180) {
		return "", p, false
	}
	return text, a.Point(), true
}
