package exchange

import (
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/id"
	"github.com/jumyla/jumyla/internal/store"
	"github.com/jumyla/jumyla/ledger"
	"github.com/jumyla/jumyla/ledger/bundle"
)

// Read is a bundle that was checked and taken in.
type Read struct {
	Counts
	From     string `json:"from"`
	New      int    `json:"new"`      // entries that were not here
	Received int    `json:"received"` // requests that are ours now and were not
	Lost     int    `json:"lost"`     // requests that were ours and are not now
	Proposed int    `json:"proposed"` // changes that wait for a person, of all that there are
	Waiting  int    `json:"waiting"`  // entries that wait for others'
	Parts    int    `json:"parts"`    // sealed parts that we had asked for

	LeftOut []LeftOut `json:"left_out,omitempty"` // lanes that were not taken in; all others were
}

// TakeIn checks what another centre sent, whole, and takes it in.
func TakeIn(ctx context.Context, db *store.DB, src io.ReadSeeker) (Read, error) {
	var out Read
	us, err := reader(ctx, db, &out)
	if err != nil {
		return out, err
	}
	m, coming, err := check(ctx, db, src, us, &out)
	if err != nil {
		return out, say(err)
	}
	before, err := ours(ctx, db)
	if err != nil {
		return out, err
	}
	if err := out.take(ctx, src, us, coming); err != nil {
		return out, err
	}
	if _, err := Follow(ctx, db); err != nil { // settles also what an earlier reading did not come to
		return out, err
	}
	if _, err := Heed(ctx, db); err != nil {
		return out, err
	}
	if err := noteTeams(ctx, db); err != nil {
		return out, err
	}
	if err := hear(ctx, db, m); err != nil {
		return out, err
	}
	return out, out.compare(ctx, db, before)
}

// take takes in what was checked.
func (r *Read) take(ctx context.Context, src io.ReadSeeker, us bundle.Us, coming *arrival) error {
	if r.New == 0 && coming.parts == 0 {
		return nil
	}
	err := each(src, us, func(c bundle.Chunk) error {
		if len(c.Parts) > 0 {
			n, err := takeParts(ctx, coming.db, c.Parts)
			r.Parts += n
			return err
		}
		return coming.apply(ctx, int(c.Range), parcels(c))
	})
	return say(err)
}

// reader is how we open what was sent to us; whom it is from goes into out.
func reader(ctx context.Context, db *store.DB, out *Read) (bundle.Us, error) {
	box, err := db.Box(ctx)
	if err != nil {
		return bundle.Us{}, err
	}
	known, err := store.Centres(ctx, db)
	if err != nil {
		return bundle.Us{}, err
	}
	return bundle.Us{Centre: ledger.ID(db.Centre()), Identity: box, KeyOf: func(c ledger.ID) ed25519.PublicKey {
		i := slices.IndexFunc(known, func(k store.Centre) bool { return k.Centre == c && k.Pinned })
		if i < 0 {
			return nil
		}
		out.From = known[i].Name
		return known[i].Key
	}}, nil
}

// check reads a bundle whole, and writes nothing.
func check(ctx context.Context, db *store.DB, src io.ReadSeeker, us bundle.Us, out *Read) (bundle.Manifest, *arrival, error) {
	var m bundle.Manifest
	if _, err := src.Seek(0, io.SeekStart); err != nil {
		return m, nil, err
	}
	r, err := bundle.Open(src, us)
	if err != nil {
		return m, nil, err
	}
	m = r.Manifest
	pieces := make([]store.Piece, 0, len(m.Ranges))
	for _, g := range m.Ranges {
		pieces = append(pieces, store.Piece{Lane: g.Lane, Start: g.Start, End: g.End, Signature: g.Signature})
	}
	a, err := arrive(ctx, db, pieces)
	if err != nil {
		return m, nil, err
	}
	if a.dir.Revoked(m.From) {
		return m, nil, errRevoked("exchange.revoked_from", out.From)
	}
	for {
		c, err := r.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return m, nil, err
		}
		a.parts += len(c.Parts)
		if err := a.see(ctx, int(c.Range), parcels(c)); err != nil {
			return m, nil, err
		}
	}
	if err := a.checked(ctx); err != nil {
		return m, nil, err
	}
	return m, a, a.sum(ctx, out)
}

func each(src io.ReadSeeker, us bundle.Us, fn func(bundle.Chunk) error) error {
	if _, err := src.Seek(0, io.SeekStart); err != nil {
		return err
	}
	r, err := bundle.Open(src, us)
	if err != nil {
		return err
	}
	for {
		c, err := r.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err == nil {
			err = fn(c)
		}
		if err != nil {
			return err
		}
	}
}

func parcels(c bundle.Chunk) []store.Parcel {
	out := make([]store.Parcel, 0, len(c.Entries))
	for _, e := range c.Entries {
		out = append(out, store.Parcel{Raw: e.Raw, Sealed: e.Sealed, Key: e.Key})
	}
	return out
}

func hear(ctx context.Context, db *store.DB, m bundle.Manifest) error {
	vector := make([]End, 0, len(m.Vector)+len(m.Ranges))
	for _, v := range m.Vector {
		vector = append(vector, End{Lane: v.Lane, Head: v.Head})
	}
	return db.Write(ctx, store.Actor{}, func(tx *store.Tx) error {
		return errors.Join(keepVector(ctx, tx, m.From, vector), keepWants(ctx, tx, m.From, m.Wants))
	})
}

// ours are the requests that other centres have written of too, and whether they are ours.
func ours(ctx context.Context, db *store.DB) (map[id.ID]store.Holding, error) {
	return store.Shared(ctx, db, "request")
}

func (r *Read) compare(ctx context.Context, db *store.DB, before map[id.ID]store.Holding) error {
	after, err := ours(ctx, db)
	if err != nil {
		return err
	}
	for rid, h := range after {
		was, known := before[rid]
		switch {
		case h.Ours && known && !was.Ours, h.Ours && !known && h.Former:
			if known || !h.Made {
				r.Received++
			}
		case !h.Ours && (was.Ours || !known && h.Made): // ours alone until now, as when it was adopted meanwhile
			r.Lost++
		}
	}
	r.Proposed, r.Waiting, err = store.Pending(ctx, db)
	return err
}

// say puts an error of a bundle into words.
func say(err error) error {
	for _, c := range []struct {
		err  error
		kind errs.Kind
		key  string
	}{
		{bundle.ErrNotBundle, errs.Invalid, "exchange.not_bundle"},
		{bundle.ErrNewer, errs.Invalid, "exchange.newer"},
		{bundle.ErrNotForUs, errs.Denied, "exchange.not_for_us"},
		{bundle.ErrStranger, errs.Denied, "exchange.stranger"},
		{bundle.ErrSignature, errs.Denied, "exchange.signature"},
		{bundle.ErrLimits, errs.Invalid, "exchange.limits"},
		{bundle.ErrPart, errs.Invalid, "exchange.part"},
		{bundle.ErrContent, errs.Invalid, "exchange.content"},
		{bundle.ErrDamaged, errs.Invalid, "exchange.damaged"},
	} {
		if errors.Is(err, c.err) {
			return errs.Wrap(c.kind, fmt.Errorf("read bundle: %w", err), c.key)
		}
	}
	return err
}
