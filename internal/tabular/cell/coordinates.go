package cell

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// Why a cell holds no place.
const (
	CoordsUnknown   Reason = "tabular.coords.unknown"    // no pair of numbers in it
	CoordsAbsurd    Reason = "tabular.coords.absurd"     // not on the earth, or 0, 0
	CoordsOutside   Reason = "tabular.coords.outside"    // outside the bounds, either way round
	CoordsShortLink Reason = "tabular.coords.short_link" // a link that only the internet could open
)

// Point is a place in degrees, WGS 84.
type Point struct {
	Lat, Lon float64
	Swapped  bool // the cell had them the other way round, which only the bounds could tell
}

// Bounds is where places are expected; the zero value is everywhere.
type Bounds struct{ South, West, North, East float64 }

// Contains reports whether the bounds hold a place; those of the zero value hold all.
func (b Bounds) Contains(lat, lon float64) bool {
	return b == Bounds{} || lat >= b.South && lat <= b.North && lon >= b.West && lon <= b.East
}

// Coordinates reads a place: "43.25, 76.95", "43,25; 76,95", N43°15'20" E76°57'00", or a pasted link of
// 2GIS, Google, Yandex or OpenStreetMap, each in its own order. Outside the bounds it tries the other
// order and says so.
func Coordinates(cell string, within Bounds) (Point, Reason) {
	s := strings.TrimSpace(cell)
	switch {
	case s == "":
		return Point{}, Empty
	case len(s) > 2000:
		return Point{}, CoordsUnknown
	}
	var p Point
	var why Reason
	if i := strings.Index(s, "://"); i > 0 {
		p, why = fromLink(s)
	} else {
		p, why = fromText(strings.TrimPrefix(s, "geo:"))
	}
	if why != "" {
		return Point{}, why
	}
	return settle(p, within)
}

// settle checks a pair against the earth and the bounds.
func settle(p Point, within Bounds) (Point, Reason) {
	real := func(lat, lon float64) bool {
		return lat >= -90 && lat <= 90 && lon >= -180 && lon <= 180 && (lat != 0 || lon != 0)
	}
	switch {
	case real(p.Lat, p.Lon) && within.Contains(p.Lat, p.Lon):
		return p, ""
	case real(p.Lon, p.Lat) && within != (Bounds{}) && within.Contains(p.Lon, p.Lat):
		return Point{Lat: p.Lon, Lon: p.Lat, Swapped: true}, ""
	case !real(p.Lat, p.Lon):
		return Point{}, CoordsAbsurd
	}
	return Point{}, CoordsOutside
}

// fromLink reads the place out of a map's address.
func fromLink(s string) (Point, Reason) {
	i := strings.IndexFunc(s, unicode.IsSpace)
	if start := strings.Index(s, "http"); start > 0 {
		s = s[start:]
		i = strings.IndexFunc(s, unicode.IsSpace)
	}
	if i > 0 {
		s = s[:i]
	}
	u, err := url.Parse(s)
	if err != nil {
		return Point{}, CoordsUnknown
	}
	host := strings.ToLower(u.Hostname())
	switch {
	case host == "goo.gl" || host == "maps.app.goo.gl" || host == "go.2gis.com" || host == "yandex.ru" && strings.HasPrefix(u.Path, "/maps/-/") || host == "yandex.kz" && strings.HasPrefix(u.Path, "/maps/-/"):
		return Point{}, CoordsShortLink
	case strings.Contains(host, "2gis."):
		return link2GIS(u)
	case strings.Contains(host, "yandex."):
		return linkYandex(u)
	case strings.Contains(host, "google."):
		return linkGoogle(u)
	case strings.Contains(host, "openstreetmap.org") || host == "osm.org":
		return linkOSM(u)
	}
	return Point{}, CoordsUnknown
}

// link2GIS reads …/geo/ID/76.945,43.238 or ?m=76.945,43.238/16: longitude first.
func link2GIS(u *url.URL) (Point, Reason) {
	path := strings.Split(strings.Trim(u.Path, "/"), "/")
	for _, part := range slices.Backward(path) {
		if p, ok := pair(part, true); ok {
			return p, ""
		}
	}
	q := u.Query()
	for _, key := range []string{"m", "queryState"} {
		v, _, _ := strings.Cut(strings.TrimPrefix(q.Get(key), "center/"), "/")
		if p, ok := pair(v, true); ok {
			return p, ""
		}
	}
	return Point{}, CoordsUnknown
}

// linkYandex reads the point asked about, else the marked one, else the map's middle: longitude first,
// except in a route.
func linkYandex(u *url.URL) (Point, Reason) {
	q := u.Query()
	for _, key := range []string{"whatshere[point]", "pt", "ll"} {
		v, _, _ := strings.Cut(q.Get(key), "~")
		if f := strings.Split(v, ","); len(f) > 2 {
			v = f[0] + "," + f[1]
		}
		if p, ok := pair(v, true); ok {
			return p, ""
		}
	}
	stops := strings.Split(q.Get("rtext"), "~")
	if p, ok := pair(stops[len(stops)-1], false); ok {
		return p, ""
	}
	return Point{}, CoordsUnknown
}

// linkGoogle reads the place's own point (!3d…!4d…), a searched one, else the map's middle (@…).
func linkGoogle(u *url.URL) (Point, Reason) {
	if _, after, ok := strings.Cut(u.Path, "!3d"); ok {
		lat, rest, _ := strings.Cut(after, "!4d")
		lon, _, _ := strings.Cut(rest, "!")
		if p, ok := pair(lat+","+lon, false); ok {
			return p, ""
		}
	}
	q := u.Query()
	for _, key := range []string{"q", "query", "destination", "daddr", "ll", "center"} {
		if p, ok := pair(strings.TrimPrefix(q.Get(key), "loc:"), false); ok {
			return p, ""
		}
	}
	for part := range strings.SplitSeq(u.Path, "/") {
		f := strings.Split(strings.TrimPrefix(part, "@"), ",")
		if len(f) >= 2 {
			if p, ok := pair(f[0]+","+f[1], false); ok {
				return p, ""
			}
		}
	}
	return Point{}, CoordsUnknown
}

// linkOSM reads ?mlat=…&mlon=…, else #map=16/43.23/76.94.
func linkOSM(u *url.URL) (Point, Reason) {
	q := u.Query()
	if p, ok := pair(q.Get("mlat")+","+q.Get("mlon"), false); ok {
		return p, ""
	}
	f := strings.Split(strings.TrimPrefix(u.Fragment, "map="), "/")
	if len(f) >= 3 {
		if p, ok := pair(f[1]+","+f[2], false); ok {
			return p, ""
		}
	}
	return Point{}, CoordsUnknown
}

// pair reads "a,b" of a link; lonFirst says which is which.
func pair(s string, lonFirst bool) (Point, bool) {
	a, b, ok := strings.Cut(s, ",")
	x, err1 := strconv.ParseFloat(strings.TrimSpace(a), 64)
	y, err2 := strconv.ParseFloat(strings.TrimSpace(b), 64)
	if !ok || err1 != nil || err2 != nil {
		return Point{}, false
	}
	if lonFirst {
		return Point{Lat: y, Lon: x}, true
	}
	return Point{Lat: x, Lon: y}, true
}

// fromText reads two numbers, each of degrees, minutes and seconds if it has such signs.
func fromText(s string) (Point, Reason) {
	s = strings.ToUpper(s)
	if strings.ContainsAny(s, "°'′\"″") {
		return fromDegrees(s)
	}
	words := strings.FieldsFunc(s, func(r rune) bool { return unicode.IsSpace(r) || r == ';' || r == '/' || r == '|' })
	var nums []string
	for _, w := range words {
		w = strings.Trim(w, ",()[]:=NESWСВШД")
		if w == "" || strings.Trim(w, "LATONGШИРОТДЛГА.:=") == "" {
			continue
		}
		nums = append(nums, w)
	}
	switch {
	case len(nums) == 1 && strings.Count(nums[0], ",") == 1:
		nums = strings.Split(nums[0], ",")
	case len(nums) == 1 && strings.Count(nums[0], ",") == 3: // 43,25,76,95
		f := strings.Split(nums[0], ",")
		nums = []string{f[0] + "." + f[1], f[2] + "." + f[3]}
	}
	if len(nums) != 2 {
		return Point{}, CoordsUnknown
	}
	lat, err1 := strconv.ParseFloat(strings.ReplaceAll(nums[0], ",", "."), 64)
	lon, err2 := strconv.ParseFloat(strings.ReplaceAll(nums[1], ",", "."), 64)
	if err1 != nil || err2 != nil {
		return Point{}, CoordsUnknown
	}
	return Point{Lat: lat, Lon: lon}, ""
}

// fromDegrees reads N43°15'20" E76°57'00" with the letters before, after or absent.
func fromDegrees(s string) (Point, Reason) {
	var nums []float64
	var values []float64
	for _, r := range degreeTokens(s) {
		switch {
		case r.sign == '°' && len(nums) > 0:
			values = append(values, degrees(nums))
			nums = []float64{r.v}
		case r.sign == 0 && len(nums) == 0:
		default:
			nums = append(nums, r.v)
		}
	}
	if len(nums) > 0 {
		values = append(values, degrees(nums))
	}
	if len(values) != 2 {
		return Point{}, CoordsUnknown
	}
	p := Point{Lat: values[0], Lon: values[1]}
	if strings.ContainsRune(s, 'S') || strings.Contains(s, "Ю") {
		p.Lat = -p.Lat
	}
	if strings.ContainsRune(s, 'W') || strings.Contains(s, "З") {
		p.Lon = -p.Lon
	}
	return p, ""
}

// degreeToken is a number and the sign after it.
type degreeToken struct {
	v    float64
	sign rune
}

func degreeTokens(s string) []degreeToken {
	var out []degreeToken
	start := -1
	for i, r := range s + " " {
		digit := r >= '0' && r <= '9' || r == '.'
		switch {
		case digit && start < 0:
			start = i
		case !digit && start >= 0 && r != ',':
			if v, err := strconv.ParseFloat(strings.ReplaceAll(s[start:i], ",", "."), 64); err == nil {
				out = append(out, degreeToken{v, sign(r)})
			}
			start = -1
		}
	}
	return out
}

func sign(r rune) rune {
	switch r {
	case '°':
		return '°'
	case '\'', '′', '’':
		return '\''
	case '"', '″', '”':
		return '"'
	}
	return 0
}

// degrees adds up degrees, minutes and seconds.
func degrees(n []float64) float64 {
	v, unit := 0.0, 1.0
	for _, x := range n {
		v += x / unit
		unit *= 60
	}
	return v
}
