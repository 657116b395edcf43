package intake

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/jumyla/jumyla/internal/contact"
	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/household"
	"github.com/jumyla/jumyla/internal/id"
	"github.com/jumyla/jumyla/internal/list"
	"github.com/jumyla/jumyla/internal/store"
	"github.com/jumyla/jumyla/names"
)

// Register is the households that a centre knows, searched by what their names sound like in any script, by
// phones with a digit wrong and addresses with a letter wrong. It stands in memory, is built from the database
// after it is opened, and follows each commit. What it finds is read again from the database, so that nobody
// who was erased is ever shown.
type Register struct {
	Roll *Roll // the volunteers

	db *store.DB

	one    sync.Mutex // one builds or catches up at a time
	mu     sync.RWMutex
	stale  map[id.ID]bool // written since it was looked at
	listed bool           // a list has come or gone since
	built  bool
	homes  shelf
	doors  doors
	pairs  pairs
}

// NewRegister returns a register that is empty until Build has read the database.
func NewRegister(db *store.DB) *Register {
	g := &Register{Roll: newRoll(db), db: db, stale: map[id.ID]bool{}, homes: newShelf(names.DefaultWeights()), doors: newDoors(), pairs: pairs{}}
	db.OnCommit(func(c store.Change) {
		g.mu.Lock()
		defer g.mu.Unlock()
		for _, h := range c.Records[household.Kind.Name()] {
			g.stale[h] = true
		}
		g.listed = g.listed || c.Kinds[list.Kind.Name()]
	})
	return g
}

// shelf is an index with the identities of what stands in it.
type shelf struct {
	index *names.Index
	slots map[id.ID]names.Slot
	ids   map[names.Slot]id.ID
}

func newShelf(w names.Weights) shelf {
	return shelf{index: names.NewIndex(w), slots: map[id.ID]names.Slot{}, ids: map[names.Slot]id.ID{}}
}

func (s *shelf) drop(v id.ID) {
	if slot, ok := s.slots[v]; ok {
		s.index.Remove(slot)
		delete(s.slots, v)
		delete(s.ids, slot)
	}
}

func (s *shelf) put(v id.ID, r names.Record) {
	s.drop(v)
	slot := s.index.Add(r)
	s.slots[v], s.ids[slot] = slot, v
}

// Build reads every household, with the weights that people's decisions have taught, and finds the pairs that
// may be one. Until it is done, phones and addresses are found only as they are written.
func (g *Register) Build(ctx context.Context) error {
	g.one.Lock()
	defer g.one.Unlock()
	weights, err := Learnt(ctx, g.db)
	if err != nil {
		return err
	}
	homes, doors := newShelf(weights), newDoors()
	var ids []id.ID
	var list []names.Record
	err = household.Briefs(ctx, g.db, func(b household.Brief) {
		r := briefRecord(b)
		homes.put(b.ID.ID, r)
		doors.put(b.ID, b.House)
		ids, list = append(ids, b.ID.ID), append(list, r)
	})
	if err != nil {
		return fmt.Errorf("build register: %w", err)
	}
	found := pairs{}
	for _, p := range names.Dedupe(list, weights, 1) {
		found.add(ids[p.A], ids[p.B], p.Evidence.Bits)
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	g.homes, g.doors, g.pairs, g.built = homes, doors, found, true
	return nil
}

func briefRecord(b household.Brief) names.Record {
	return names.Record{Name: string(b.Head), Phones: b.Tails, Address: withFlat(string(b.Address), b.Flat)}
}

func withFlat(address, flat string) string {
	if flat == "" || address == "" {
		return address
	}
	return address + ", кв " + flat
}

// recordOf is what a household is compared by.
func recordOf(h *household.Household, now time.Time) names.Record {
	r := names.Record{Name: string(h.Head), Address: withFlat(string(h.Address), h.Flat)}
	for _, p := range h.Phones {
		r.Phones = append(r.Phones, p.String())
	}
	for _, age := range h.Children {
		r.Children = append(r.Children, now.Year()-age)
	}
	return r
}

// catchUp brings the register to what has been written since.
func (g *Register) catchUp(ctx context.Context) error {
	g.mu.RLock()
	idle := !g.built || len(g.stale) == 0 && !g.listed
	g.mu.RUnlock()
	if idle {
		return nil
	}
	g.one.Lock()
	defer g.one.Unlock()
	if err := g.relist(ctx); err != nil {
		return err
	}
	g.mu.Lock()
	stale := g.stale
	g.stale = map[id.ID]bool{}
	g.mu.Unlock()
	for v := range stale {
		b, err := household.BriefOf(ctx, g.db, household.ID{ID: v})
		if err != nil && !errs.Is(err, errs.NotFound) {
			g.mu.Lock()
			maps.Copy(g.stale, stale) // another time; what was done is done again
			g.mu.Unlock()
			return fmt.Errorf("follow households: %w", err)
		}
		g.follow(v, b, err == nil)
	}
	return nil
}

// relist finds the households that a list has brought or taken away as a whole.
func (g *Register) relist(ctx context.Context) error {
	g.mu.Lock()
	listed := g.listed
	g.listed = false
	g.mu.Unlock()
	if !listed {
		return nil
	}
	ids, err := household.IDs(ctx, g.db)
	if err != nil {
		g.mu.Lock()
		g.listed = true // another time: whoever asked may only have typed on
		g.mu.Unlock()
		return fmt.Errorf("follow lists: %w", err)
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	there := make(map[id.ID]bool, len(ids))
	for _, h := range ids {
		there[h.ID] = true
		if _, known := g.homes.slots[h.ID]; !known {
			g.stale[h.ID] = true
		}
	}
	for v := range g.homes.slots {
		if !there[v] {
			g.stale[v] = true
		}
	}
	return nil
}

// follow takes a household as it is now; one that was erased, or is no longer there, leaves at once.
func (g *Register) follow(v id.ID, b household.Brief, there bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.homes.drop(v)
	g.doors.drop(household.ID{ID: v})
	g.pairs.drop(v)
	if !there {
		return
	}
	r := briefRecord(b)
	for _, hit := range g.homes.index.Search(r, maxMatches) {
		if hit.Band != names.Different {
			g.pairs.add(v, g.homes.ids[hit.Slot], hit.Bits)
		}
	}
	g.homes.put(v, r)
	g.doors.put(b.ID, b.House)
}

// gone reports whether a household was erased: nothing of it can be compared.
func gone(h *household.Household) bool { return h.Head == "" && h.Address == "" }

// like returns households that sound like r, the likeliest first, and those whose address is a letter off.
func (g *Register) like(ctx context.Context, r names.Record, house string) ([]household.ID, error) {
	if err := g.catchUp(ctx); err != nil {
		return nil, err
	}
	g.mu.RLock()
	defer g.mu.RUnlock()
	var out []household.ID
	for _, hit := range g.homes.index.Search(r, maxMatches) {
		if hit.Band != names.Different {
			out = append(out, household.ID{ID: g.homes.ids[hit.Slot]})
		}
	}
	return append(out, g.doors.near(house)...), nil
}

// Named returns the households whose name sounds like text, in whatever script either is written, the likeliest
// first.
func (g *Register) Named(ctx context.Context, text string, limit int) ([]household.ID, error) {
	if err := g.catchUp(ctx); err != nil {
		return nil, err
	}
	g.mu.RLock()
	defer g.mu.RUnlock()
	var out []household.ID
	best := 0.0
	for _, hit := range g.homes.index.Search(names.Record{Name: text}, limit) {
		best = max(best, hit.Name)
		if hit.Name <= 0 || hit.Name < best/2 {
			continue
		}
		out = append(out, household.ID{ID: g.homes.ids[hit.Slot]})
	}
	return out, nil
}

// compare weighs what speaks for a call or another record being this household.
func (g *Register) compare(a, b names.Record) names.Evidence {
	if g == nil {
		return names.NewIndex(names.DefaultWeights()).Compare(a, b)
	}
	g.mu.RLock()
	defer g.mu.RUnlock()
	return g.homes.index.Compare(a, b)
}

// doors finds houses whose street is written with one letter wrong.
type doors struct {
	streets map[string]map[string][]household.ID // street → house → who lives there
	keys    map[household.ID]string
}

func newDoors() doors {
	return doors{streets: map[string]map[string][]household.ID{}, keys: map[household.ID]string{}}
}

// split parts a HouseKey at its house: the last word, which begins with a digit.
func split(key string) (street, house string) {
	i := strings.LastIndexByte(key, ' ')
	if i < 0 {
		return key, ""
	}
	return key[:i], key[i+1:]
}

func (d *doors) put(h household.ID, key string) {
	if key == "" {
		return
	}
	street, house := split(key)
	if d.streets[street] == nil {
		d.streets[street] = map[string][]household.ID{}
	}
	d.streets[street][house] = append(d.streets[street][house], h)
	d.keys[h] = key
}

func (d *doors) drop(h household.ID) {
	key, ok := d.keys[h]
	if !ok {
		return
	}
	street, house := split(key)
	at := d.streets[street]
	at[house] = slices.DeleteFunc(at[house], func(o household.ID) bool { return o == h })
	if len(at[house]) == 0 {
		delete(at, house)
	}
	if len(at) == 0 {
		delete(d.streets, street)
	}
	delete(d.keys, h)
}

// near returns who lives at that house of a street that is one letter off.
func (d *doors) near(key string) []household.ID {
	street, house := split(key)
	if len(street) < 5 || house == "" {
		return nil
	}
	var out []household.ID
	for other, houses := range d.streets {
		if other != street && oneOff(other, street) {
			out = append(out, houses[house]...)
		}
	}
	slices.SortFunc(out, func(a, b household.ID) int { return strings.Compare(b.String(), a.String()) })
	return out[:min(len(out), maxMatches)]
}

// oneOff reports whether two words differ in one letter: another, one more, or two that changed places.
func oneOff(a, b string) bool {
	if len(a) > len(b) {
		a, b = b, a
	}
	if len(b)-len(a) > 1 {
		return false
	}
	for a != "" && a[0] == b[0] {
		a, b = a[1:], b[1:]
	}
	if len(a) < len(b) {
		return a == b[1:]
	}
	if a == "" || a[1:] == b[1:] {
		return true
	}
	return len(a) > 1 && a[0] == b[1] && a[1] == b[0] && a[2:] == b[2:]
}

// Tails of phones are what Briefs has; those of a call are cut the same way.
func tailed(p contact.Phone) []string {
	if p == "" {
		return nil
	}
	return []string{household.Tail(p)}
}
