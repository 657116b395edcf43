package drill

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/jumyla/jumyla/internal/account"
	"github.com/jumyla/jumyla/internal/demo"
	"github.com/jumyla/jumyla/internal/place"
	"github.com/jumyla/jumyla/internal/store"
)

// housesOfStreet is about how many houses of a street the book holds beside those that called.
const housesOfStreet = 30

// address is a house under one of its street's names; house 0 is the middle of the street.
type address struct {
	name  string
	house int
	at    demo.Anchor
}

// addresses returns what the book of addresses gets: each street under every name that is found differently,
// with the houses of those who called and some between.
func (l *loader) addresses() []address {
	called := map[string]map[int]bool{}
	note := func(p demo.Place) {
		if called[p.Street] == nil {
			called[p.Street] = map[int]bool{}
		}
		called[p.Street][p.House] = true
	}
	for _, h := range l.world.Households {
		note(h.Place)
	}
	for _, r := range l.world.Requests {
		note(r.Household.Place)
	}
	var out []address
	for _, s := range l.world.Streets {
		out = append(out, ofStreet(s, called[s.KK])...)
	}
	return out
}

func ofStreet(s demo.Street, called map[int]bool) []address {
	var out []address
	for _, name := range names(s) {
		if _, numbered := place.Key(name); numbered != "" { // Ақсай-4: its number would be taken for a house's
			out = append(out, address{name, 0, s.At((s.From + s.To) / 2)})
			continue
		}
		every := max(1, (s.To-s.From+1)/housesOfStreet)
		for house := s.From; house <= s.To; house++ {
			if (house-s.From)%every == 0 || called[house] {
				out = append(out, address{name, house, s.At(house)})
			}
		}
	}
	return out
}

// names returns a street's names without those that are found as another one is.
func names(s demo.Street) []string {
	all := append([]string{s.KK, s.RU}, s.Others...)
	if digits, _, ok := strings.Cut(s.RU, "-й микрорайон"); ok { // as people write it
		all = append(all, digits+" мкр")
	}
	var out []string
	seen := map[string]bool{}
	for _, name := range all {
		street, number := place.Key(name)
		if key := street + " " + number; !seen[key] {
			seen[key] = true
			out = append(out, name)
		}
	}
	return out
}

func (l *loader) placeID(i int) place.ID { return place.ID{ID: l.id("place", i, signedUp())} }

func (l *loader) places(ctx context.Context) error {
	return l.inPieces(ctx, account.Coordinator, len(l.book), piece, func(int) time.Time { return signedUp() },
		func(tx *store.Tx, i int) (bool, error) { return has(ctx, tx, place.Kind, l.placeID(i).ID) },
		func(tx *store.Tx, i int) error {
			a := l.book[i]
			p := &place.Place{ID: l.placeID(i), Street: a.name, Lat: a.at.Lat, Lon: a.at.Lon, Area: l.district(a.at.District)}
			if a.house > 0 {
				p.House = strconv.Itoa(a.house)
			}
			return tx.Put(ctx, p)
		})
}

// district is the name of one of the city's districts.
func (l *loader) district(code string) string {
	for _, d := range l.world.Districts {
		if d.Code == code {
			return d.KK
		}
	}
	return ""
}
