package roads

import (
	"slices"
	"strconv"
	"strings"

	"github.com/paulmach/osm"
)

// Profile is how one moves.
type Profile uint8

// The profiles.
const (
	Car Profile = iota
	Foot
	profiles
)

// String is the profile's name on the command line.
func (p Profile) String() string { return [...]string{"car", "foot"}[p] }

// ParseProfile reads a profile's name.
func ParseProfile(s string) (Profile, bool) {
	for p := range profiles {
		if p.String() == s {
			return p, true
		}
	}
	return 0, false
}

// Class is what kind of road a segment is, by the tag highway.
type Class uint8

// The classes, large roads first.
const (
	Motorway Class = iota
	Trunk
	Primary
	Secondary
	Tertiary
	Unclassified
	Residential
	Living
	Service
	Track
	Path // for feet only
	Ferry
	classes
)

// classSpeed is a road's speed in km/h where nothing is signed, as driven in a free city or country road of
// Kazakhstan: Traffic rules of 2014 with changes allow 60 in built-up areas, 90 outside, 110 on motorways.
var classSpeed = [classes]uint8{Motorway: 100, Trunk: 80, Primary: 60, Secondary: 55, Tertiary: 45, Unclassified: 40,
	Residential: 30, Living: 15, Service: 15, Track: 15, Path: 0, Ferry: 12}

const (
	footSpeed = 5  // km/h, ISO 7176 and most routers
	signed    = 90 // per cent of a signed speed that is driven
	cityLimit = 60
)

var highways = map[string]Class{"motorway": Motorway, "motorway_link": Motorway, "trunk": Trunk, "trunk_link": Trunk,
	"primary": Primary, "primary_link": Primary, "secondary": Secondary, "secondary_link": Secondary,
	"tertiary": Tertiary, "tertiary_link": Tertiary, "unclassified": Unclassified, "road": Unclassified,
	"residential": Residential, "living_street": Living, "service": Service, "track": Track,
	"pedestrian": Path, "footway": Path, "path": Path, "steps": Path, "cycleway": Path, "bridleway": Path, "corridor": Path}

// surfaceLimit caps the speed in km/h on a surface; what is not here is paved.
var surfaceLimit = map[string]uint8{"unpaved": 40, "gravel": 40, "fine_gravel": 40, "pebblestone": 30, "compacted": 50, "dirt": 30, "earth": 30,
	"ground": 30, "grass": 15, "mud": 10, "sand": 15, "cobblestone": 30, "unhewn_cobblestone": 20, "sett": 40, "wood": 20, "ice": 20, "snow": 20}

// speeds is how fast a way may be used in each direction, in km/h; 0: not at all.
type speeds struct{ car, back, foot uint8 }

// no are the values that close a way to everybody but its owner.
var no = []string{"no", "private", "agricultural", "forestry", "emergency", "military", "psv", "bus", "permit"}

// allowed follows the most particular of the access tags that a way or a barrier has; unsaid where it has none.
func allowed(tags osm.Tags, unsaid bool, keys ...string) bool {
	for _, k := range keys {
		if v := tags.Find(k); v != "" {
			return !slices.Contains(no, v)
		}
	}
	return unsaid
}

var (
	carKeys  = []string{"motorcar", "motor_vehicle", "vehicle", "access"}
	footKeys = []string{"foot", "access"}
)

// classOf returns a way's class; ok is false for what cannot be used: a road that is planned or being built.
func classOf(tags osm.Tags) (c Class, ok bool) {
	if tags.Find("route") == "ferry" {
		return Ferry, true
	}
	c, ok = highways[tags.Find("highway")]
	return c, ok
}

// speedsOf reads a way's tags.
func speedsOf(tags osm.Tags, c Class) speeds {
	s := speeds{car: carSpeed(tags, c, "maxspeed:forward"), back: carSpeed(tags, c, "maxspeed:backward")}
	if !allowed(tags, c != Path, carKeys...) {
		s.car, s.back = 0, 0
	}
	switch oneway(tags, c) {
	case 1:
		s.back = 0
	case -1:
		s.car = 0
	case closed:
		s.car, s.back = 0, 0
	}
	if allowed(tags, c != Motorway && (c != Trunk || tags.Find("sidewalk") != "no"), footKeys...) {
		s.foot = footSpeed
		if c == Ferry {
			s.foot = classSpeed[Ferry]
		}
	}
	return s
}

func carSpeed(tags osm.Tags, c Class, directed string) uint8 {
	v := classSpeed[c]
	if c == Path { // opened to cars by a tag
		v = classSpeed[Living]
	}
	if strings.HasSuffix(tags.Find("highway"), "_link") {
		v = min(v, 50)
	}
	for _, key := range []string{"maxspeed", directed} {
		if kmh, ok := parseSpeed(tags.Find(key)); ok {
			v = uint8(max(int(kmh)*signed/100, 1))
		}
	}
	if limit, ok := surfaceLimit[tags.Find("surface")]; ok {
		v = min(v, limit)
	}
	if limit, ok := map[string]uint8{"grade3": 25, "grade4": 15, "grade5": 10}[tags.Find("tracktype")]; ok {
		v = min(v, limit)
	}
	return v
}

// parseSpeed reads maxspeed: "60", "60 km/h", "40 mph", "walk", "RU:urban", "KZ:rural". Junk is no speed.
func parseSpeed(s string) (uint8, bool) {
	s = strings.ToLower(strings.TrimSpace(s))
	if i := strings.IndexAny(s, ";|"); i >= 0 {
		s = s[:i]
	}
	switch {
	case s == "none":
		return 130, true
	case s == "walk" || strings.HasSuffix(s, ":walk"):
		return 7, true
	case strings.HasSuffix(s, ":living_street"):
		return 20, true
	case strings.HasSuffix(s, ":urban"):
		return cityLimit, true
	case strings.HasSuffix(s, ":rural"):
		return 90, true
	case strings.HasSuffix(s, ":motorway"):
		return 110, true
	}
	digits := strings.TrimRight(strings.TrimSuffix(strings.TrimSuffix(strings.TrimSuffix(s, "mph"), "km/h"), "kmh"), " ")
	v, err := strconv.ParseFloat(digits, 64)
	if strings.HasSuffix(s, "mph") {
		v *= 1.609344
	}
	if err != nil || !(v >= 1 && v <= 200) {
		return 0, false
	}
	return uint8(v), true
}

const closed = 2 // oneway: nobody knows in which direction now

// oneway returns 1 where cars may only follow the way, -1 only against it, 0 both.
func oneway(tags osm.Tags, c Class) int {
	v := tags.Find("oneway:motor_vehicle")
	if v == "" {
		v = tags.Find("oneway")
	}
	switch v {
	case "yes", "1", "true":
		return 1
	case "-1", "reverse":
		return -1
	case "no", "0", "false", "alternating":
		return 0
	case "reversible":
		return closed
	}
	if j := tags.Find("junction"); j == "roundabout" || j == "circular" || c == Motorway {
		return 1
	}
	return 0
}

// walls lists barriers that stop a car; what is not here (gate, lift_gate, toll_booth, kerb …) opens.
var walls = []string{"bollard", "block", "cycle_barrier", "kissing_gate", "turnstile", "stile", "motorcycle_barrier", "chain", "jersey_barrier",
	"debris", "log", "full-height_turnstile", "sump_buster", "bus_trap", "wall", "fence", "city_wall", "retaining_wall", "hedge", "ditch"}

// stops returns for whom a barrier is the end of the road.
func stops(tags osm.Tags) (car, foot bool) {
	b := tags.Find("barrier")
	if b == "" {
		return false, false
	}
	solid := slices.Contains([]string{"wall", "fence", "city_wall", "retaining_wall", "hedge"}, b)
	return !allowed(tags, !slices.Contains(walls, b), carKeys...), !allowed(tags, !solid, footKeys...)
}

// Period is a part of the day with its own speeds.
type Period uint8

// The periods, and the minute of the day at which each begins.
const (
	Night   Period = iota // 22:00 to 07:00
	Peak                  // 07:00 to 10:00 and 17:00 to 20:00
	Noon                  // 10:00 to 17:00
	Evening               // 20:00 to 22:00
	periods
)

// PeriodStarts lists when periods begin in a day, in minutes from midnight, in order.
var PeriodStarts = [...]struct {
	Minute int
	Period Period
}{{0, Night}, {7 * 60, Peak}, {10 * 60, Noon}, {17 * 60, Peak}, {20 * 60, Evening}, {22 * 60, Night}}

// PeriodAt returns the period of a minute of the day; minutes past midnight count on.
func PeriodAt(minute int) Period {
	minute = ((minute % 1440) + 1440) % 1440
	p := Night
	for _, s := range PeriodStarts {
		if minute >= s.Minute {
			p = s.Period
		}
	}
	return p
}

// traffic is the share of the free speed, in per cent, that traffic leaves by day: large roads lose most at the
// peak. An estimate for a large city.
var traffic = [periods][classes]uint8{
	Night:   {100, 100, 100, 100, 100, 100, 100, 100, 100, 100, 100, 100},
	Peak:    {60, 50, 50, 55, 65, 75, 85, 100, 100, 100, 100, 100},
	Noon:    {85, 75, 75, 75, 80, 90, 95, 100, 100, 100, 100, 100},
	Evening: {95, 90, 85, 85, 90, 95, 100, 100, 100, 100, 100, 100},
}
