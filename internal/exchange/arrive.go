package exchange

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/i18n"
	"github.com/jumyla/jumyla/internal/id"
	"github.com/jumyla/jumyla/internal/store"
	"github.com/jumyla/jumyla/ledger"
)

// chunkOf is how many entries are taken in at once: others must be able to write meanwhile.
const chunkOf = 200

// LeftOut is a centre's lane in a file that was not taken in; the others were.
type LeftOut struct {
	Centre id.ID  `json:"centre"`
	Name   string `json:"name"` // "" where it is not known here
	Class  string `json:"class"`
	Why    string `json:"why"` // a message key; its argument "centre" is the centre's name
}

// Say says in words why.
func (r LeftOut) Say(lang i18n.Lang) string { return lang.T(r.Why, "centre", r.Name) }

// arrival is what another centre sent, while it is checked (see, checked) and then taken in (apply). Until checked
// has answered, nothing is written. A lane that is refused keeps none of the others out.
type arrival struct {
	db     *store.DB
	pieces []store.Piece
	counts []Counts
	ours   []uint64             // how far each lane goes here, on whichever branch
	fresh  []int                // of each piece, how many entries are not here yet
	starts map[ledger.Hash]bool // what pieces go on from, and whether it is in another piece
	told   [][]told             // of each piece of dir, what it says of centres
	faults []*errs.Error        // why a piece is refused
	parts  int                  // sealed parts that come after the pieces
	dir    *ledger.Directory
}

// told is an entry of dir that may be believed when its lane's signature is right.
type told struct {
	entry ledger.Entry
	hash  ledger.Hash
}

// arrive begins to look at pieces that a centre sent.
func arrive(ctx context.Context, db *store.DB, pieces []store.Piece) (*arrival, error) {
	d, err := db.Decider(ctx) // a reading of our own: nothing that is only looked at may be believed
	if err != nil {
		return nil, err
	}
	n := len(pieces)
	a := &arrival{db: db, pieces: pieces, dir: d.Directory, counts: make([]Counts, n), ours: make([]uint64, n), fresh: make([]int, n), starts: map[ledger.Hash]bool{},
		told: make([][]told, n), faults: make([]*errs.Error, n)}
	for i, p := range pieces {
		all, err := db.Branches(ctx, p.Lane)
		if err != nil {
			return nil, err
		}
		for _, b := range all {
			a.ours[i] = max(a.ours[i], b.End.Seq)
		}
		a.starts[p.Start.Hash] = false
		switch {
		case p.Lane.Class == ledger.Audit || p.Lane.Class == ledger.Local || !slices.Contains(ledger.Classes(), p.Lane.Class):
			a.faults[i] = errs.New(errs.Invalid, "exchange.private")
		case len(all) >= ledger.MaxHeads && !slices.ContainsFunc(all, func(b store.Lane) bool { return b.End == p.Start || b.End == p.End }):
			a.faults[i] = errs.New(errs.Conflict, "exchange.fork")
		}
	}
	return a, nil
}

// see looks at the next entries of a piece.
func (a *arrival) see(ctx context.Context, piece int, entries []store.Parcel) error {
	for _, p := range entries {
		e, err := ledger.Decode(p.Raw)
		if err != nil {
			return errs.Wrap(errs.Invalid, err, "exchange.content")
		}
		a.counts[piece].add(&e)
		h := ledger.Head{Seq: e.Seq, Hash: store.HashOf(p.Raw)}
		if _, asked := a.starts[h.Hash]; asked {
			a.starts[h.Hash] = true
		}
		here := false
		if e.Seq <= a.ours[piece] {
			if here, err = a.db.Stands(ctx, a.pieces[piece].Lane, h); err != nil {
				return err
			}
		}
		if !here {
			a.fresh[piece]++
		}
		if e.Lane.Class == ledger.Dir && a.faults[piece] == nil {
			a.told[piece] = append(a.told[piece], told{e, h.Hash})
		}
	}
	return nil
}

// checked says whether the pieces go on from what is here and bear their centres' signatures. One that goes on from inside a
// lane is another branch of it: two machines write as one centre. What a lane of dir tells of other centres
// counts only when it was found right itself.
func (a *arrival) checked(ctx context.Context) error {
	var left []int
	for i := range a.pieces {
		if a.faults[i] == nil {
			left = append(left, i)
		}
	}
	for {
		var again []int
		for _, i := range left {
			fault, err := a.check(ctx, i)
			if err != nil {
				return err
			}
			if fault != nil {
				a.faults[i] = fault
				again = append(again, i)
				continue
			}
			a.faults[i] = nil
			for _, t := range a.told[i] {
				a.dir.Learn(&t.entry, t.hash)
			}
		}
		if len(again) == len(left) {
			break
		}
		left = again // what was learnt may introduce their centres, or grant us their lanes
	}
	for i, p := range a.pieces {
		if f := a.faults[i]; f != nil {
			f.Args = []any{"centre", a.name(ctx, p.Lane.Centre)}
		}
	}
	return nil
}

// check looks at one piece.
func (a *arrival) check(ctx context.Context, i int) (fault *errs.Error, err error) {
	p := a.pieces[i]
	if !a.dir.MayHave(ledger.ID(a.db.Centre()), p.Lane) {
		return errs.New(errs.Denied, "exchange.not_granted"), nil
	}
	follows := p.Start.Seq == 0 || a.starts[p.Start.Hash]
	if !follows {
		if follows, err = a.db.Stands(ctx, p.Lane, p.Start); err != nil {
			return nil, err
		}
	}
	if !follows {
		return errs.New(errs.Conflict, "exchange.gap"), nil
	}
	key, known := a.dir.Key(p.Lane.Centre)
	if !known {
		return errs.New(errs.Denied, "exchange.unknown_centre"), nil
	}
	if a.fresh[i] > 0 && !ledger.VerifyHead(key, p.Lane, p.End, p.Signature) {
		return errs.New(errs.Denied, "exchange.lane_signature"), nil
	}
	return nil, nil //nolint:nilnil // nothing is wrong with it
}

func (a *arrival) name(ctx context.Context, c ledger.ID) string {
	p, err := store.Peer(ctx, a.db, c)
	if err != nil {
		return ""
	}
	return p.Name
}

// sum says in out what comes, and what is refused. Where all that would be new is refused, that is an error: nothing is
// taken in.
func (a *arrival) sum(ctx context.Context, out *Read) error {
	var first *errs.Error
	for i, p := range a.pieces {
		f := a.faults[i]
		if f == nil {
			out.merge(a.counts[i])
			out.New += a.fresh[i]
			continue
		}
		if first == nil {
			first = f
		}
		out.LeftOut = append(out.LeftOut, LeftOut{Centre: id.ID(p.Lane.Centre), Name: a.name(ctx, p.Lane.Centre), Class: string(p.Lane.Class), Why: f.Key})
	}
	if first != nil && out.Entries == 0 {
		return first
	}
	return nil
}

// apply takes in the next entries of a piece; those that are here already change nothing.
func (a *arrival) apply(ctx context.Context, piece int, entries []store.Parcel) error {
	if a.faults[piece] != nil {
		return nil
	}
	for part := range slices.Chunk(entries, chunkOf) {
		err := a.db.Write(ctx, store.Actor{}, func(tx *store.Tx) error { return tx.Receive(ctx, a.pieces[piece], part) })
		if err != nil {
			return fmt.Errorf("take in entries: %w", err)
		}
	}
	return nil
}

// takeParts takes in sealed parts of entries that are here; what we may not have, or have, changes nothing.
func takeParts(ctx context.Context, db *store.DB, parts []ledger.Sealed) (took int, err error) {
	for part := range slices.Chunk(parts, chunkOf) {
		n := 0
		err := db.Write(ctx, store.Actor{}, func(tx *store.Tx) error {
			n = 0
			for _, p := range part {
				ok, err := tx.TakeSealed(ctx, p)
				if err != nil {
					return err
				}
				if ok {
					n++
				}
			}
			return nil
		})
		if err != nil {
			return took, fmt.Errorf("take in sealed parts: %w", err)
		}
		took += n
	}
	return took, nil
}

// errRevoked is the answer to a centre that the key-holders have ended.
func errRevoked(key, name string) error {
	return errs.Wrap(errs.Denied, errors.New("revoked"), key, "centre", name)
}
