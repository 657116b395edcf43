package roads

import (
	"context"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"

	"github.com/paulmach/osm"
)

// Kind is what a named place is.
type Kind uint8

// The kinds.
const (
	Street Kind = iota
	House
	Settlement // city, town, village
	Quarter    // district, suburb, microdistrict
	Landmark   // a named building, shop, school, park, stop
)

// String is the kind's name in lower case.
func (k Kind) String() string {
	return [...]string{"street", "house", "settlement", "quarter", "landmark"}[k]
}

// Place is something of an extract that people name.
type Place struct {
	Kind   Kind
	Names  []string // every name and spelling, today's first; of a House none
	Street []string // of a House: its street's spellings
	House  string   // its number
	At     Point
}

// nameKeys are the tags that hold names, today's first.
var nameKeys = []string{"name", "name:kk", "name:ru", "name:en", "official_name", "short_name", "alt_name", "int_name", "loc_name", "old_name",
	"alt_name:kk", "alt_name:ru", "old_name:kk", "old_name:ru"}

// landmarkKeys make a named thing a landmark.
var landmarkKeys = []string{"amenity", "shop", "office", "tourism", "leisure", "historic", "healthcare", "railway", "public_transport", "building", "military", "man_made"}

// ReadPlaces collects the named places of an extract, in no order that means anything: streets by each of their ways,
// houses with a number and a street, settlements, quarters and landmarks. Errors are those of Read, but for ErrEmpty.
func ReadPlaces(ctx context.Context, file io.ReadSeeker, progress func(done float64)) ([]Place, error) {
	size, err := file.Seek(0, io.SeekEnd)
	if err != nil {
		return nil, fmt.Errorf("measure extract: %w", err)
	}
	c := &placeReader{}
	ways := Keep{SkipNodes: true, SkipRelations: true, FilterWay: func(w *osm.Way) bool { _, ok := placeOf(w.Tags); return ok }}
	err = scan(ctx, &counter{file, size, 0, progress, 0, 0.5}, ways, func(o osm.Object) {
		if w, ok := o.(*osm.Way); ok {
			c.way(w)
		}
	})
	if err != nil {
		return nil, err
	}
	c.settle()
	nodes := Keep{SkipWays: true, SkipRelations: true, FilterNode: func(n *osm.Node) bool { return len(n.Tags) > 0 || c.wants(int64(n.ID)) }}
	err = scan(ctx, &counter{file, size, 0, progress, 0.5, 0.5}, nodes, func(o osm.Object) {
		if n, ok := o.(*osm.Node); ok {
			c.node(n)
		}
	})
	if err != nil {
		return nil, err
	}
	return c.finish(), nil
}

// placeReader remembers which nodes a way's place is reckoned from.
type placeReader struct {
	out  []Place
	refs [][]int64 // by place of a way
	ids  []int64   // all refs, ascending
	at   []Point   // by ids; NaN where the file lacks the node
}

// placeOf reads tags; ok is false for what nobody names.
func placeOf(tags osm.Tags) (p Place, ok bool) {
	for _, key := range nameKeys {
		for name := range strings.FieldsFuncSeq(tags.Find(key), func(r rune) bool { return r == ';' || r == '(' || r == ')' }) { // Достык (Ленина)
			name = strings.ToValidUTF8(strings.TrimSpace(name), "")
			if name != "" && len(name) <= 255 && !slices.Contains(p.Names, name) {
				p.Names = append(p.Names, strings.Clone(name))
			}
		}
	}
	street := tags.Find("addr:street")
	if street == "" {
		street = tags.Find("addr:place")
	}
	switch {
	case len(p.Names) > 0 && tags.HasTag("highway") && tags.Find("highway") != "bus_stop":
		p.Kind = Street
	case len(p.Names) > 0 && tags.HasTag("place"):
		p.Kind = Quarter
		if slices.Contains([]string{"city", "town", "village", "hamlet", "isolated_dwelling"}, tags.Find("place")) {
			p.Kind = Settlement
		}
	case tags.Find("addr:housenumber") != "" && street != "":
		p.Kind, p.House, p.Street = House, strings.Clone(tags.Find("addr:housenumber")), []string{strings.Clone(street)}
	case len(p.Names) > 0 && slices.ContainsFunc(landmarkKeys, tags.HasTag):
		p.Kind = Landmark
	default:
		return p, false
	}
	return p, true
}

// way keeps up to sixteen nodes of a way, evenly spread.
func (c *placeReader) way(w *osm.Way) {
	p, ok := placeOf(w.Tags)
	if !ok || len(w.Nodes) == 0 {
		return
	}
	const most = 16
	var refs []int64
	step := max(1, (len(w.Nodes)+most-1)/most)
	for i := 0; i < len(w.Nodes); i += step {
		refs = append(refs, int64(w.Nodes[i].ID))
	}
	c.ids = append(c.ids, refs...)
	for _, p := range faces(p) {
		c.out, c.refs = append(c.out, p), append(c.refs, refs)
	}
}

// faces are what a place is found as: a named house with a number is a landmark too.
func faces(p Place) []Place {
	if p.Kind != House {
		return []Place{p}
	}
	out := []Place{{Kind: House, House: p.House, Street: p.Street, At: p.At}}
	if len(p.Names) > 0 {
		out = append(out, Place{Kind: Landmark, Names: p.Names, At: p.At})
	}
	return out
}

func (c *placeReader) settle() {
	slices.Sort(c.ids)
	c.ids = slices.Compact(c.ids)
	c.at = make([]Point, len(c.ids))
	for i := range c.at {
		c.at[i].Lat = math.NaN()
	}
}

func (c *placeReader) wants(id int64) bool {
	_, ok := slices.BinarySearch(c.ids, id)
	return ok
}

func (c *placeReader) node(n *osm.Node) {
	at := Point{n.Lat, n.Lon}
	if math.IsNaN(n.Lat) || math.IsNaN(n.Lon) || math.Abs(n.Lat) > 90 || math.Abs(n.Lon) > 180 {
		return
	}
	if i, ok := slices.BinarySearch(c.ids, int64(n.ID)); ok {
		c.at[i] = at
	}
	if p, ok := placeOf(n.Tags); ok && p.Kind != Street {
		p.At = at
		c.out = append(c.out, faces(p)...)
	}
}

// finish puts ways at the middle of their nodes; those whose nodes the file lacks are left out.
func (c *placeReader) finish() []Place {
	kept := c.out[:0]
	for i, p := range c.out {
		if i < len(c.refs) {
			at, ok := c.middle(c.refs[i])
			if !ok {
				continue
			}
			p.At = at
		}
		kept = append(kept, p)
	}
	return kept
}

func (c *placeReader) middle(refs []int64) (Point, bool) {
	var pts []Point
	var sum Point
	for _, r := range refs {
		if i, ok := slices.BinarySearch(c.ids, r); ok && !math.IsNaN(c.at[i].Lat) {
			pts = append(pts, c.at[i])
			sum.Lat, sum.Lon = sum.Lat+c.at[i].Lat, sum.Lon+c.at[i].Lon
		}
	}
	if len(pts) == 0 {
		return Point{}, false
	}
	n := float64(len(pts))
	return Point{sum.Lat / n, sum.Lon / n}, true
}
