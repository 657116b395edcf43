package household

import (
	"strconv"
	"strings"

	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/id"
	"github.com/jumyla/jumyla/internal/store"
)

type lookKind struct{}

// Look is the fact that somebody saw a household's contact.
type Look struct {
	ID        id.Of[lookKind]
	Household id.ID  `audit:"household"`
	Account   id.ID  `audit:"account"`
	Page      string `audit:"page"`
}

// LookKind is how looks are written: to the audit lane.
var LookKind = store.Define(store.Spec[Look]{Name: "look", Schema: 1, Fact: true,
	Subjects: func(l *Look) []id.ID { return []id.ID{l.Household} }})

// ParsePoint reads coordinates in degrees, latitude first: "43.2389, 76.8897".
func ParsePoint(s string) (Point, error) {
	parts := strings.FieldsFunc(s, func(r rune) bool { return r == ',' || r == ' ' || r == ';' })
	if len(parts) == 2 {
		lat, err1 := strconv.ParseFloat(parts[0], 64)
		lon, err2 := strconv.ParseFloat(parts[1], 64)
		if err1 == nil && err2 == nil && lat >= -90 && lat <= 90 && lon >= -180 && lon <= 180 && (lat != 0 || lon != 0) {
			return Point{Lat: lat, Lon: lon}, nil
		}
	}
	return Point{}, &errs.Error{Kind: errs.Invalid, Key: "place.coordinates", Fields: map[string]string{"where": "place.coordinates"}}
}
