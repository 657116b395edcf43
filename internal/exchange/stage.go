package exchange

import (
	"context"
	"database/sql"
	"errors"
	"slices"

	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/store"
	"github.com/jumyla/jumyla/ledger"
)

// stageAtOnce is how many entries are set aside in one write.
const stageAtOnce = 500

// Take takes in a chunk: every run that follows from what is here and whose end is signed by its centre. A run without
// a signature is set aside until one covers it. Doing it again changes nothing. It answers with how far each lane goes
// now, and with what was not taken.
func (f *Flow) Take(ctx context.Context, c ledger.Chunk) (took []ledger.LaneHeads, refused []Refusal, err error) {
	sealed := make(map[ledger.Hash]ledger.Sealed, len(c.Sealed))
	for _, s := range c.Sealed {
		sealed[s.Entry] = s
	}
	for _, r := range c.Runs {
		a, err := f.arrive(ctx, r)
		if err == nil {
			err = a.take(ctx, r, sealed)
		}
		var no *refusedError
		switch {
		case errors.As(err, &no):
			refused = append(refused, Refusal{Lane: r.Lane, Code: no.code})
			f.refuse(refused[len(refused)-1])
		case err != nil:
			return took, refused, err
		default:
			took = append(took, a.heads())
		}
	}
	parts := slices.DeleteFunc(c.Sealed, func(s ledger.Sealed) bool { // the others went with their entries
		_, left := sealed[s.Entry]
		return !left
	})
	n, err := takeParts(ctx, f.db, parts)
	f.passed.Parts += n
	return took, refused, err
}

// refusedError says why a lane is not taken.
type refusedError struct{ code string }

func (e *refusedError) Error() string { return "lane refused: " + e.code }

func refusal(code string) error { return &refusedError{code} }

// landing is one lane while a run of it is taken in.
type landing struct {
	flow     *Flow
	lane     ledger.Lane
	branches []store.Lane
	key      []byte      // of the lane's centre; nil where unknown
	staged   ledger.Head // the end of what waits for a signature; zero where nothing does
	first    uint64      // where that begins
	bytes    int         // of it
}

// arrive looks whether we may have a lane, and how far it goes here.
func (f *Flow) arrive(ctx context.Context, r ledger.Run) (*landing, error) {
	d, err := f.db.Decider(ctx)
	if err != nil {
		return nil, err
	}
	if !d.Directory.MayHave(ledger.ID(f.db.Centre()), r.Lane) || f.narrow && r.Lane.Class != ledger.Dir {
		return nil, refusal(RefusedEntitled)
	}
	a := &landing{flow: f, lane: r.Lane}
	if a.branches, err = f.db.Branches(ctx, r.Lane); err != nil {
		return nil, err
	}
	a.key, _ = d.Directory.Key(r.Lane.Centre)
	return a, a.look(ctx)
}

// look reads what of the lane waits for a signature.
func (a *landing) look(ctx context.Context) error {
	var hash []byte
	l, peer := a.lane, a.flow.peer.Centre
	err := a.flow.db.QueryRow(ctx, `SELECT s.seq, s.hash, t.first, t.size FROM exchange_staged s,
			(SELECT min(seq) AS first, sum(length(raw)+coalesce(length(sealed),0)) AS size FROM exchange_staged WHERE peer=$1 AND centre=$2 AND incarnation=$3 AND class=$4) t
		WHERE s.peer=$1 AND s.centre=$2 AND s.incarnation=$3 AND s.class=$4 ORDER BY s.seq DESC LIMIT 1`,
		peer[:], l.Centre[:], l.Incarnation, string(l.Class)).Scan(&a.staged.Seq, &hash, &a.first, &a.bytes)
	if errors.Is(err, sql.ErrNoRows) {
		a.staged, a.first, a.bytes = ledger.Head{}, 0, 0
		return nil
	}
	if err == nil {
		a.staged.Hash = ledger.Hash(hash)
	}
	return err
}

// heads says how far the lane goes here.
func (a *landing) heads() ledger.LaneHeads {
	out := ledger.LaneHeads{Lane: a.lane}
	for _, b := range a.branches {
		if b.End.Seq > 0 {
			out.Heads = append(out.Heads, b.End)
		}
	}
	if a.staged.Seq > 0 {
		out.Staged = []ledger.Head{a.staged}
	}
	return out
}

// fresh is what a run brings.
type fresh struct {
	parcels []store.Parcel
	from    ledger.Head // the entry that they go on from
	end     ledger.Head
	staged  bool // they, or the run's signature, go on from what waits
}

// take checks a run, and keeps or takes in what is new of it.
func (a *landing) take(ctx context.Context, r ledger.Run, sealed map[ledger.Hash]ledger.Sealed) error {
	if a.staged.Seq > 0 {
		here, err := a.flow.db.Stands(ctx, a.lane, a.staged)
		if err == nil && here { // it came from somewhere else meanwhile
			err = a.drop(ctx)
		}
		if err != nil {
			return err
		}
	}
	v, err := a.follow(ctx, r, sealed)
	if err != nil {
		return errors.Join(err, a.drop(ctx))
	}
	if len(r.Signature) == 0 {
		return a.stage(ctx, v)
	}
	if len(v.parcels) == 0 && !v.staged {
		return nil
	}
	switch {
	case a.key == nil:
		return errors.Join(refusal(RefusedKey), a.drop(ctx)) // it will be sent again
	case !ledger.VerifyHead(a.key, r.Lane, v.end, r.Signature):
		return errors.Join(refusal(RefusedSignature), a.drop(ctx))
	}
	piece := store.Piece{Lane: r.Lane, End: v.end, Signature: r.Signature}
	if v.staged {
		a.flow.passed.New += int(a.staged.Seq - a.first + 1) //nolint:gosec // counts entries
		if err := a.applyStaged(ctx, piece); err != nil {
			return err
		}
		a.staged = ledger.Head{}
	}
	if err := a.apply(ctx, piece, v.parcels); err != nil {
		return err
	}
	a.flow.passed.New += len(v.parcels)
	a.branches, err = a.flow.db.Branches(ctx, a.lane)
	return err
}

// follow reads a run's entries, each of which has to follow from the one before; what is here already is passed over. The
// first that is new goes on from a branch's end, from what waits, or from inside a branch: then the lane is forked there.
func (a *landing) follow(ctx context.Context, r ledger.Run, sealed map[ledger.Hash]ledger.Sealed) (v fresh, err error) {
	for _, raw := range r.Entries {
		e, err := ledger.Decode(raw)
		if err != nil || e.Lane != r.Lane || e.Seq == 0 {
			return v, refusal(RefusedContent)
		}
		if len(v.parcels) == 0 {
			passed, err := a.passOrBegin(ctx, &v, &e, raw, len(r.Signature) > 0)
			if err != nil {
				return v, err
			}
			if passed {
				continue
			}
		}
		_, next, err := v.end.Follow(r.Lane, raw)
		if err != nil {
			return v, refusal(RefusedGap)
		}
		p, err := parcel(&e, raw, sealed[next.Hash])
		if err != nil {
			return v, err
		}
		delete(sealed, next.Hash)
		if a.bytes += len(raw) + len(p.Sealed); len(r.Signature) == 0 && a.bytes > ledger.MaxStaged {
			return v, refusal(RefusedLimits)
		}
		v.parcels, v.end = append(v.parcels, p), next
		a.flow.passed.add(&e)
	}
	return v, nil
}

// passOrBegin reports whether an entry is here already; if not, it finds what it goes on from.
func (a *landing) passOrBegin(ctx context.Context, v *fresh, e *ledger.Entry, raw []byte, signed bool) (passed bool, err error) {
	passed, err = a.passes(ctx, v, ledger.Head{Seq: e.Seq, Hash: store.HashOf(raw)})
	if err == nil && !passed {
		err = a.begin(ctx, v, e, signed)
	}
	return passed, err
}

// passes reports whether an entry is here, or waits here, already.
func (a *landing) passes(ctx context.Context, v *fresh, h ledger.Head) (bool, error) {
	if here, err := a.flow.db.Stands(ctx, a.lane, h); err != nil || here {
		return here, err
	}
	if a.staged.Seq == 0 {
		return false, nil
	}
	l, peer := a.lane, a.flow.peer.Centre
	waits, err := store.One[bool](ctx, a.flow.db, "entry", `SELECT EXISTS (SELECT 1 FROM exchange_staged
		WHERE peer=$1 AND centre=$2 AND incarnation=$3 AND class=$4 AND seq=$5 AND hash=$6)`,
		peer[:], l.Centre[:], l.Incarnation, string(l.Class), int64(h.Seq), h.Hash[:]) //nolint:gosec // counts from 1
	if waits {
		v.staged, v.from, v.end = true, a.staged, a.staged
	}
	return waits, err
}

// begin finds what the first new entry of a run goes on from.
func (a *landing) begin(ctx context.Context, v *fresh, e *ledger.Entry, signed bool) error {
	before := ledger.Head{Seq: e.Seq - 1, Hash: e.Prev}
	v.staged = a.staged.Seq > 0 && before == a.staged
	v.from, v.end = before, before
	if v.staged {
		return nil
	}
	if a.staged.Seq > 0 && !signed {
		return refusal(RefusedGap) // one thing waits of a lane
	}
	if before.Seq > 0 {
		here, err := a.flow.db.Stands(ctx, a.lane, before)
		if err == nil && !here {
			err = refusal(RefusedGap)
		}
		if err != nil {
			return err
		}
	}
	if len(a.branches) >= ledger.MaxHeads && !slices.ContainsFunc(a.branches, func(b store.Lane) bool { return b.End == before }) {
		return refusal(RefusedFork)
	}
	return nil
}

// parcel puts an entry and its sealed part together, if the part is the one that the entry commits to.
func parcel(e *ledger.Entry, raw []byte, s ledger.Sealed) (store.Parcel, error) {
	p := store.Parcel{Raw: raw}
	if len(s.Bytes) == 0 {
		return p, nil
	}
	if e.Body == nil || ledger.Commitment(s.Bytes) != *e.Body {
		return p, refusal(RefusedContent)
	}
	if _, err := ledger.Unseal(s.Key, s.Bytes); err != nil {
		return p, refusal(RefusedContent)
	}
	p.Sealed, p.Key = s.Bytes, s.Key
	return p, nil
}

// stage sets entries aside until a signature covers them.
func (a *landing) stage(ctx context.Context, v fresh) error {
	l, peer := a.lane, a.flow.peer.Centre
	at := v.from
	for part := range slices.Chunk(v.parcels, stageAtOnce) {
		err := a.flow.db.Write(ctx, store.Actor{}, func(tx *store.Tx) error {
			for i, p := range part {
				h := store.HashOf(p.Raw)
				if _, err := tx.Exec(ctx, `INSERT INTO exchange_staged (peer, centre, incarnation, class, seq, hash, raw, sealed, key)
					VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9) ON CONFLICT DO NOTHING`, peer[:], l.Centre[:], l.Incarnation, string(l.Class),
					int64(at.Seq)+int64(i)+1, h[:], p.Raw, p.Sealed, p.Key); err != nil { //nolint:gosec // counts from 1
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
		at = ledger.Head{Seq: at.Seq + uint64(len(part)), Hash: store.HashOf(part[len(part)-1].Raw)}
		a.staged = at
	}
	return nil
}

// drop forgets what of the lane waits for a signature.
func (a *landing) drop(ctx context.Context) error {
	l, peer := a.lane, a.flow.peer.Centre
	a.staged, a.bytes = ledger.Head{}, 0
	return a.flow.db.Write(ctx, store.Actor{}, func(tx *store.Tx) error {
		_, err := tx.Exec(ctx, "DELETE FROM exchange_staged WHERE peer=$1 AND centre=$2 AND incarnation=$3 AND class=$4",
			peer[:], l.Centre[:], l.Incarnation, string(l.Class))
		return err
	})
}

// applyStaged takes in what waited, a part at a time: others must be able to write meanwhile, and whoever is stopped
// goes on from there.
func (a *landing) applyStaged(ctx context.Context, p store.Piece) error {
	l, peer, db := a.lane, a.flow.peer.Centre, a.flow.db
	for a.staged.Seq > 0 {
		rows, err := store.All(ctx, db, func(r *sql.Rows, v *store.Parcel) error { return r.Scan(&v.Raw, &v.Sealed, &v.Key) },
			`SELECT raw, sealed, key FROM exchange_staged WHERE peer=$1 AND centre=$2 AND incarnation=$3 AND class=$4 ORDER BY seq LIMIT $5`,
			peer[:], l.Centre[:], l.Incarnation, string(l.Class), chunkOf)
		if err != nil || len(rows) == 0 {
			return err
		}
		last, err := ledger.Decode(rows[len(rows)-1].Raw)
		if err != nil {
			return errs.Wrap(errs.Internal, err, "store.damaged")
		}
		err = db.Write(ctx, store.Actor{}, func(tx *store.Tx) error {
			if err := tx.Receive(ctx, p, rows); err != nil {
				return err
			}
			_, err := tx.Exec(ctx, "DELETE FROM exchange_staged WHERE peer=$1 AND centre=$2 AND incarnation=$3 AND class=$4 AND seq<=$5",
				peer[:], l.Centre[:], l.Incarnation, string(l.Class), int64(last.Seq)) //nolint:gosec // counts from 1
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// apply takes in entries that are covered by their lane's signature.
func (a *landing) apply(ctx context.Context, p store.Piece, fresh []store.Parcel) error {
	for len(fresh) > 0 {
		part := fresh[:min(chunkOf, len(fresh))]
		fresh = fresh[len(part):]
		if err := a.flow.db.Write(ctx, store.Actor{}, func(tx *store.Tx) error { return tx.Receive(ctx, p, part) }); err != nil {
			return err
		}
	}
	return nil
}

type stagedEnd struct {
	Lane ledger.Lane
	Head ledger.Head
}

func scanStaged(r *sql.Rows, v *stagedEnd) error {
	var centre, hash []byte
	err := r.Scan(&centre, &v.Lane.Incarnation, &v.Lane.Class, &v.Head.Seq, &hash)
	if err == nil {
		v.Lane.Centre, v.Head.Hash = ledger.ID(centre), ledger.Hash(hash)
	}
	return err
}
