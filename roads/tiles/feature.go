package tiles

import (
	"slices"
	"strings"

	"github.com/paulmach/orb"
	"github.com/paulmach/osm"
)

// MaxZoom is the deepest zoom of an archive; a browser enlarges its tiles for what lies below.
const MaxZoom = 14

// layer is one of a tile's layers, in the order in which they are drawn.
type layer uint8

const (
	land     layer = iota // built-up ground: residential, industry
	green                 // wood, park, grass, grave, pitch
	water                 // areas
	stream                // lines: river, canal, stream
	building              //
	rail                  //
	road                  // motorway, trunk, primary, secondary, tertiary, street, yard, track, path
	house                 // a number
	mark                  // what a crew looks for: hospital, clinic, pharmacy, police, fire, school
	place                 // city, town, village, quarter, locality
	layers
)

func (l layer) String() string {
	return [...]string{"land", "green", "water", "stream", "building", "rail", "road", "house", "mark", "place"}[l]
}

// feature is a thing of the map, in world units: 2²⁶ of them go around the earth, so that one is a step of a tile at
// MaxZoom.
type feature struct {
	style

	names names
	shape orb.Geometry // Point, LineString, or MultiPolygon
	bound orb.Bound
}

// style says how a thing is drawn, and from which zoom on.
type style struct {
	layer layer
	class string
	from  uint8 // zoom
	named uint8 // zoom from which its name goes along
}

// names are a thing's own and those in our languages where they differ.
type names struct{ name, kk, ru, en, ref string }

func namesOf(tags osm.Tags) names {
	n := names{name: text(tags, "name"), ref: text(tags, "ref")}
	for key, to := range map[string]*string{"name:kk": &n.kk, "name:ru": &n.ru, "name:en": &n.en} {
		if v := text(tags, key); v != n.name {
			*to = v
		}
	}
	return n
}

// text is a tag's value, copied so that the block that it came in can go, and nothing a screen cannot show.
func text(tags osm.Tags, key string) string {
	v := tags.Find(key)
	if len(v) > 255 {
		return ""
	}
	return strings.TrimSpace(strings.ToValidUTF8(strings.Clone(v), ""))
}

// roadClasses are the classes of roads by the tag's value. Links are drawn as what they lead to.
var roadClasses = map[string]style{
	"motorway": {road, "motorway", 5, 11}, "trunk": {road, "trunk", 6, 11}, "primary": {road, "primary", 8, 11},
	"secondary": {road, "secondary", 10, 12}, "tertiary": {road, "tertiary", 11, 13},
	"unclassified": {road, "street", 12, 14}, "residential": {road, "street", 12, 14}, "living_street": {road, "street", 12, 14}, "road": {road, "street", 12, 14},
	"pedestrian": {road, "street", 13, 14}, "service": {road, "yard", 14, 14}, "track": {road, "track", 14, 14},
	"path": {road, "path", 14, 14}, "footway": {road, "path", 14, 14}, "cycleway": {road, "path", 14, 14}, "steps": {road, "path", 14, 14}, "bridleway": {road, "path", 14, 14},
}

// areas are the classes of what is drawn as an area, by tag and value; the first that fits counts.
var areas = []struct {
	key, value string
	style
}{
	{"natural", "water", style{water, "water", 6, 13}}, {"waterway", "riverbank", style{water, "water", 6, 13}}, {"landuse", "reservoir", style{water, "water", 6, 13}},
	{"landuse", "basin", style{water, "water", 10, 14}}, {"natural", "glacier", style{water, "ice", 8, 14}},
	{"leisure", "park", style{green, "park", 9, 13}}, {"leisure", "garden", style{green, "park", 12, 14}}, {"leisure", "nature_reserve", style{green, "park", 8, 13}},
	{"landuse", "forest", style{green, "wood", 8, 14}}, {"natural", "wood", style{green, "wood", 8, 14}}, {"natural", "scrub", style{green, "wood", 11, 14}},
	{"landuse", "cemetery", style{green, "grave", 11, 13}}, {"landuse", "grass", style{green, "grass", 12, 14}}, {"landuse", "meadow", style{green, "grass", 11, 14}},
	{"landuse", "recreation_ground", style{green, "park", 12, 14}}, {"landuse", "village_green", style{green, "grass", 13, 14}}, {"landuse", "orchard", style{green, "grass", 11, 14}},
	{"landuse", "allotments", style{green, "grass", 12, 14}}, {"natural", "grassland", style{green, "grass", 11, 14}}, {"natural", "heath", style{green, "grass", 11, 14}},
	{"leisure", "golf_course", style{green, "park", 11, 14}}, {"leisure", "pitch", style{green, "pitch", 14, 14}}, {"leisure", "stadium", style{green, "pitch", 12, 13}},
	{"landuse", "residential", style{land, "homes", 9, 14}}, {"landuse", "industrial", style{land, "works", 10, 14}}, {"landuse", "commercial", style{land, "works", 11, 14}},
	{"landuse", "retail", style{land, "works", 11, 14}}, {"landuse", "railway", style{land, "works", 12, 14}}, {"aeroway", "aerodrome", style{land, "works", 10, 13}},
}

// marks are what a crew looks for, by amenity.
var marks = map[string]string{"hospital": "hospital", "clinic": "clinic", "doctors": "clinic", "pharmacy": "pharmacy", "police": "police",
	"fire_station": "fire", "school": "school", "university": "school", "kindergarten": "school", "bus_station": "station"}

var places = map[string]style{
	"city": {place, "city", 4, 4}, "town": {place, "town", 7, 7}, "village": {place, "village", 10, 10}, "suburb": {place, "quarter", 11, 11},
	"quarter": {place, "quarter", 13, 13}, "neighbourhood": {place, "quarter", 13, 13}, "hamlet": {place, "village", 12, 12}, "isolated_dwelling": {place, "locality", 14, 14}, "locality": {place, "locality", 14, 14},
}

var streams = map[string]style{"river": {stream, "river", 8, 12}, "canal": {stream, "canal", 10, 13}, "stream": {stream, "stream", 12, 14}, "ditch": {stream, "stream", 14, 14}, "drain": {stream, "stream", 14, 14}}

// areaOf says how an area is drawn.
func areaOf(tags osm.Tags) (style, bool) {
	for _, a := range areas {
		if tags.Find(a.key) == a.value {
			return a.style, true
		}
	}
	if b := tags.Find("building"); b != "" && b != "no" {
		return style{building, "", 14, MaxZoom + 1}, true
	}
	return style{}, false
}

// lineOf says how a way is drawn as a line.
func lineOf(tags osm.Tags) (style, bool) {
	if s, ok := roadClasses[strings.TrimSuffix(tags.Find("highway"), "_link")]; ok {
		if tags.Find("area") == "yes" {
			return style{}, false
		}
		if tags.Find("tunnel") == "yes" {
			s.class += "-under"
		}
		return s, true
	}
	if s, ok := streams[tags.Find("waterway")]; ok {
		return s, tags.Find("tunnel") == ""
	}
	switch r := tags.Find("railway"); {
	case r == "rail" && tags.HasTag("service"):
		return style{rail, "siding", 13, MaxZoom + 1}, true
	case r == "rail" || r == "narrow_gauge":
		return style{rail, "rail", 8, MaxZoom + 1}, true
	case r == "tram" || r == "light_rail":
		return style{rail, "siding", 13, MaxZoom + 1}, true
	}
	return style{}, false
}

// pointsOf are what a thing shows besides its shape: its number, what it is for, the name of a settlement.
func pointsOf(tags osm.Tags) []feature {
	var out []feature
	if s, ok := places[tags.Find("place")]; ok && tags.Find("name") != "" {
		out = append(out, feature{style: s, names: namesOf(tags)})
	}
	if class, ok := marks[tags.Find("amenity")]; ok && tags.Find("name") != "" {
		out = append(out, feature{style: style{mark, class, 14, 14}, names: namesOf(tags)})
	}
	if n := text(tags, "addr:housenumber"); n != "" && len(n) <= 12 {
		out = append(out, feature{style: style{house, "", 14, 14}, names: names{name: n}})
	}
	return out
}

// drawn reports whether a way shows anything.
func drawn(tags osm.Tags) bool {
	if len(tags) == 0 {
		return false
	}
	_, line := lineOf(tags)
	_, area := areaOf(tags)
	return line || area || len(pointsOf(tags)) > 0
}

// isArea reports whether a relation is one.
func isArea(r *osm.Relation) bool { return r.Tags.Find("type") == "multipolygon" }

// keptKeys are the tags that are read after a way has been passed.
var keptKeys = []string{"highway", "area", "tunnel", "waterway", "railway", "service", "natural", "landuse", "leisure", "aeroway", "building", "amenity", "place",
	"name", "name:kk", "name:ru", "name:en", "ref", "addr:housenumber"}

func kept(tags osm.Tags) osm.Tags {
	var out osm.Tags
	for _, t := range tags {
		if slices.Contains(keptKeys, t.Key) {
			out = append(out, osm.Tag{Key: strings.Clone(t.Key), Value: strings.Clone(t.Value)})
		}
	}
	return out
}
