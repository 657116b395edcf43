package exchange

import (
	"context"
	"fmt"
	"slices"

	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/store"
	"github.com/jumyla/jumyla/ledger"
)

// chunkOf is how many entries are taken in at once: others must be able to write meanwhile.
const chunkOf = 200

// arrival is what another centre sent, while it is checked (see, checked) and then taken in (apply). Until checked
// has answered, nothing is written.
type arrival struct {
	db     *store.DB
	pieces []store.Piece
	ours   []ledger.Head // the end of each lane here
	seen   []ledger.Hash // of each piece, the entry that stands where our end is
	dir    *ledger.Directory
}

// arrive begins to look at pieces that a centre sent.
func arrive(ctx context.Context, db *store.DB, pieces []store.Piece) (*arrival, error) {
	d, err := db.Decider(ctx) // a reading of our own: nothing that is only looked at may be believed
	if err != nil {
		return nil, err
	}
	a := &arrival{db: db, pieces: pieces, dir: d.Directory, ours: make([]ledger.Head, len(pieces)), seen: make([]ledger.Hash, len(pieces))}
	for i, p := range pieces {
		if p.Lane.Class == ledger.Audit || p.Lane.Class == ledger.Local || !slices.Contains(ledger.Classes(), p.Lane.Class) {
			return nil, errs.New(errs.Invalid, "exchange.private")
		}
		l, err := db.Lane(ctx, p.Lane)
		if err != nil {
			return nil, err
		}
		a.ours[i] = l.End
		if p.Start.Seq > l.End.Seq {
			return nil, errs.New(errs.Conflict, "exchange.gap")
		}
		if db.Writes(p.Lane) && p.End.Seq > l.End.Seq {
			return nil, errs.New(errs.Conflict, "exchange.clone")
		}
	}
	return a, nil
}

// see looks at the next entries of a piece.
func (a *arrival) see(piece int, entries []store.Parcel) error {
	for _, p := range entries {
		e, err := ledger.Decode(p.Raw)
		if err != nil {
			return errs.Wrap(errs.Invalid, err, "exchange.content")
		}
		if e.Seq == a.ours[piece].Seq {
			a.seen[piece] = store.HashOf(p.Raw)
		}
		if e.Lane.Class == ledger.Dir {
			a.dir.Learn(&e, store.HashOf(p.Raw))
		}
	}
	return nil
}

// checked says whether the pieces go on from what is here and bear their centres' signatures. A lane that has
// another entry where ours has one is a fork: two machines write as one centre.
func (a *arrival) checked(ctx context.Context) error {
	for i, p := range a.pieces {
		ours := a.ours[i]
		if !a.dir.MayHave(ledger.ID(a.db.Centre()), p.Lane) { // by what the file itself tells too: a grant comes along
			return errs.New(errs.Denied, "exchange.not_granted", "centre", a.name(ctx, p.Lane.Centre))
		}
		var same bool
		var err error
		switch {
		case p.End.Seq <= ours.Seq:
			same, err = a.db.Stands(ctx, p.Lane, p.End)
		case p.Start.Seq == ours.Seq:
			same = p.Start.Hash == ours.Hash || ours.Seq == 0
		default:
			same = a.seen[i] == ours.Hash
		}
		if err != nil {
			return err
		}
		if !same {
			return errs.New(errs.Conflict, "exchange.fork", "centre", a.name(ctx, p.Lane.Centre))
		}
		key, known := a.dir.Key(p.Lane.Centre)
		if !known {
			return errs.New(errs.Denied, "exchange.unknown_centre")
		}
		if p.End.Seq > ours.Seq && !ledger.VerifyHead(key, p.Lane, p.End, p.Signature) {
			return errs.New(errs.Denied, "exchange.lane_signature", "centre", a.name(ctx, p.Lane.Centre))
		}
	}
	return nil
}

func (a *arrival) name(ctx context.Context, c ledger.ID) string {
	p, err := store.Peer(ctx, a.db, c)
	if err != nil {
		return ""
	}
	return p.Name
}

// fresh returns how many entries of a piece are not here yet.
func (a *arrival) fresh(piece int) int {
	return int(max(a.pieces[piece].End.Seq, a.ours[piece].Seq) - a.ours[piece].Seq) //nolint:gosec // counts entries
}

// apply takes in the next entries of a piece; those that are here already change nothing.
func (a *arrival) apply(ctx context.Context, piece int, entries []store.Parcel) error {
	for part := range slices.Chunk(entries, chunkOf) {
		err := a.db.Write(ctx, store.Actor{}, func(tx *store.Tx) error { return tx.Receive(ctx, a.pieces[piece], part) })
		if err != nil {
			return fmt.Errorf("take in entries: %w", err)
		}
	}
	return nil
}
