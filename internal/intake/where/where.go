// Package where finds where an address lies: in the office's own book of places and, where the office has loaded an
// extract, among its streets, houses and landmarks. It makes one list of answers that says of each where it came from
// and how exact it is, reads coordinates that somebody pasted, and tells what lies at a point. It warns and never
// blocks: an address that nobody knows stays as it was typed.
package where

import (
	"cmp"
	"context"
	"math"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/jumyla/jumyla/internal/area"
	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/household"
	"github.com/jumyla/jumyla/internal/place"
	"github.com/jumyla/jumyla/internal/store"
	"github.com/jumyla/jumyla/names"
	"github.com/jumyla/jumyla/roads"
	"github.com/jumyla/jumyla/roads/gazetteer"
)

// Finder finds addresses. One that is nil or has no extract knows the book alone. It is safe for several goroutines.
type Finder struct {
	extract atomic.Pointer[extract]
	areas   atomic.Pointer[area.Book]
}

// extract is what an office has loaded.
type extract struct {
	streets *gazetteer.Gazetteer
	network *roads.Network
}

// Use puts an extract's streets and roads in the place of those before; nil for none.
func (f *Finder) Use(streets *gazetteer.Gazetteer, network *roads.Network) {
	f.extract.Store(&extract{streets, network})
}

// Loaded reports whether there is an extract to look in.
func (f *Finder) Loaded() bool { return f.loaded().streets != nil }

func (f *Finder) loaded() extract {
	if f == nil {
		return extract{}
	}
	if x := f.extract.Load(); x != nil {
		return *x
	}
	return extract{}
}

// Source is where an answer came from.
type Source string

// The sources.
const (
	Book Source = "book" // the office's own book of places
	Map  Source = "map"  // the extract
)

// What an answer's point is the place of.
type What string

// From the most exact to the roughest.
const (
	House      What = "house"
	Landmark   What = "landmark"
	Between    What = "between" // reckoned between two houses of the street
	Street     What = "street"  // its middle
	Quarter    What = "quarter"
	Settlement What = "settlement"
)

// Answer is a place that an address may mean.
type Answer struct {
	Text  string   // as it is written: street and house
	Other []string // the street's other names and spellings, old ones too
	In    string   // the district or settlement; "" where it is not known
	Lat   float64
	Lon   float64
	From  Source
	What  What

	score float64
}

// Rough reports whether only the street or the area is known.
func (a *Answer) Rough() bool { return a.What == Street || a.What == Quarter || a.What == Settlement }

// Point is the answer as a household keeps it.
func (a *Answer) Point() household.Point {
	return household.Point{Lat: a.Lat, Lon: a.Lon, Rough: a.Rough(), Reckoned: a.What == Between}
}

// Area is the district that the book names for the place; "" for what comes from the extract, which knows only towns.
func (a *Answer) Area() string {
	if a.From == Book {
		return a.In
	}
	return ""
}

// Most is how many answers there are at most.
const Most = 8

// How sure an answer must be to be taken without anybody having chosen it.
const (
	sureHouse = 0.8
	sureRough = 0.7
	apart     = 1500 // metres from which on two equally good answers are two places
)

// Find returns what has been typed so far may mean, the likeliest first, at most Most.
func (f *Finder) Find(ctx context.Context, r store.Reader, text string) ([]Answer, error) {
	if strings.TrimSpace(text) == "" {
		return nil, nil
	}
	out, err := book(ctx, r, strings.TrimSpace(text))
	if err != nil {
		return nil, err
	}
	out = append(out, f.mapped(text)...)
	slices.SortStableFunc(out, func(a, b Answer) int { return cmp.Compare(b.score, a.score) })
	return distinct(out), nil
}

// Locate returns the place that an address means, where that is sure: the house, or the middle of its street or quarter.
// One that nothing knows, or that may be several places, is NotFound.
func (f *Finder) Locate(ctx context.Context, r store.Reader, address string) (Answer, error) {
	all, err := f.Find(ctx, r, address+" ") // all of its words are finished
	if err != nil {
		return Answer{}, err
	}
	if len(all) == 0 || !sure(&all[0]) {
		return Answer{}, errs.Missing("place")
	}
	for _, other := range all[1:] {
		if other.What == all[0].What && all[0].score-other.score < 0.02 && metres(&all[0], &other) > apart && other.From == all[0].From {
			return Answer{}, errs.Missing("place")
		}
	}
	return all[0], nil
}

func sure(a *Answer) bool {
	if a.Rough() {
		return a.score >= sureRough
	}
	return a.score >= sureHouse
}

// book asks the office's own places.
func book(ctx context.Context, r store.Reader, text string) ([]Answer, error) {
	var out []Answer
	best, err := place.Locate(ctx, r, text)
	switch {
	case err == nil:
		out = append(out, ofBook(best, 1))
	case !errs.Is(err, errs.NotFound):
		return nil, err
	}
	more, err := place.Search(ctx, r, text, Most)
	for _, h := range more {
		out = append(out, ofBook(h, 0.75)) // it begins like this
	}
	return out, err
}

func ofBook(h place.Hit, score float64) Answer {
	a := Answer{Text: strings.TrimSpace(h.Street + " " + h.House), In: h.Area, Lat: h.Lat, Lon: h.Lon, From: Book, What: House, score: score}
	if h.Rough {
		a.What, a.score = Street, score*0.85 // a house reckoned from its neighbours is better
	}
	return a
}

// mapped asks the extract. The text comes untrimmed: a last word that is followed by a space is finished.
func (f *Finder) mapped(text string) []Answer {
	g := f.loaded().streets
	if g == nil {
		return nil
	}
	var out []Answer
	for _, h := range g.Find(text) {
		out = append(out, ofMap(h))
	}
	return out
}

func ofMap(h gazetteer.Hit) Answer {
	a := Answer{Text: h.Names[0], Other: h.Names[1:], In: h.In, Lat: h.At.Lat, Lon: h.At.Lon, From: Map, score: h.Score}
	if h.House != "" {
		a.Text += " " + h.House
	}
	switch h.Kind {
	case roads.House:
		a.What = House
	case roads.Street:
		a.What = Street
	case roads.Quarter:
		a.What = Quarter
	case roads.Settlement:
		a.What = Settlement
	case roads.Landmark:
		a.What = Landmark
	}
	if h.Precision == gazetteer.Between {
		a.What = Between
	}
	return a
}

// distinct drops what is said twice: the same house, of the book and of the extract, or the same street again.
func distinct(all []Answer) []Answer {
	var out []Answer
	var keys []string
	for _, a := range all {
		key := names.FoldAddress(a.Text).String()
		twice := false
		for i := range out {
			twice = twice || keys[i] == key && (metres(&out[i], &a) < apart || out[i].From != a.From && out[i].What == a.What)
		}
		if !twice && len(out) < Most {
			out, keys = append(out, a), append(keys, key)
		}
	}
	return out
}

func metres(a, b *Answer) float64 { return between(a.Lat, a.Lon, b.Lat, b.Lon) }

// between is the distance of two points in metres (haversine, mean radius).
func between(aLat, aLon, bLat, bLon float64) float64 {
	const rad = math.Pi / 180
	h := math.Pow(math.Sin((bLat-aLat)*rad/2), 2) + math.Cos(aLat*rad)*math.Cos(bLat*rad)*math.Pow(math.Sin((bLon-aLon)*rad/2), 2)
	return 2 * 6_371_009 * math.Asin(math.Min(1, math.Sqrt(h)))
}
