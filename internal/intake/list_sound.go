package intake

import (
	"context"
	"fmt"

	"github.com/jumyla/jumyla/internal/household"
	"github.com/jumyla/jumyla/internal/id"
	"github.com/jumyla/jumyla/internal/store"
	"github.com/jumyla/jumyla/names"
)

// homes are the households of the register and those of a list, by what their names sound like: Matches for five thousand
// at once. Only what is as good as certain is a duplicate here; what may be one waits in the queue of pairs.
type homes struct {
	index *names.Index
	known map[names.Slot]id.ID // those of the register
	rows  map[names.Slot]int   // those of the list
}

// homesOf reads the register.
func homesOf(ctx context.Context, r store.Reader) (*homes, error) {
	weights, err := Learnt(ctx, r)
	if err != nil {
		return nil, err
	}
	h := &homes{names.NewIndex(weights), map[names.Slot]id.ID{}, map[names.Slot]int{}}
	err = household.Briefs(ctx, r, func(b household.Brief) { h.known[h.index.Add(briefRecord(b))] = b.ID.ID })
	if err != nil {
		return nil, fmt.Errorf("read households: %w", err)
	}
	return h, nil
}

// rowRecord is what a row is compared by, as briefRecord is of one that is known.
func rowRecord(h *household.Household) names.Record {
	b := household.Brief{Head: h.Head, Address: h.Address, Flat: h.Flat}
	for _, p := range h.Phones {
		b.Tails = append(b.Tails, household.Tail(p))
	}
	return briefRecord(b)
}

func (s *homes) add(row int, h *household.Household) { s.rows[s.index.Add(rowRecord(h))] = row }

// twin returns the household of the register that a row is as good as certain to be, and whether one stands above it.
func (s *homes) twin(row int, h *household.Household) (known id.ID, above bool) {
	for _, hit := range s.index.Search(rowRecord(h), maxMatches) {
		at, listed := s.rows[hit.Slot]
		if hit.Band != names.Same || listed && at >= row {
			continue
		}
		if !listed && known.IsZero() {
			known = s.known[hit.Slot]
		}
		above = above || listed
	}
	return known, above
}
