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
	flow   *Flow
	lane   store.Lane
	key    []byte      // of the lane's centre; nil where unknown
	staged ledger.Head // the end of what waits for a signature; zero where nothing does
	bytes  int         // of it
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
	a := &landing{flow: f}
	if a.lane, err = f.db.Lane(ctx, r.Lane); err != nil {
		return nil, err
	}
	a.key, _ = d.Directory.Key(r.Lane.Centre)
	return a, a.look(ctx)
}

// look reads what of the lane waits for a signature.
func (a *landing) look(ctx context.Context) error {
	var hash []byte
	l, peer := a.lane.Lane, a.flow.peer.Centre
	err := a.flow.db.QueryRow(ctx, `SELECT seq, hash, (SELECT sum(length(raw)+coalesce(length(sealed),0)) FROM exchange_staged
			WHERE peer=$1 AND centre=$2 AND incarnation=$3 AND class=$4)
		FROM exchange_staged WHERE peer=$1 AND centre=$2 AND incarnation=$3 AND class=$4 ORDER BY seq DESC LIMIT 1`,
		peer[:], l.Centre[:], l.Incarnation, string(l.Class)).Scan(&a.staged.Seq, &hash, &a.bytes)
	if errors.Is(err, sql.ErrNoRows) {
		a.staged, a.bytes = ledger.Head{}, 0
		return nil
	}
	if err == nil {
		a.staged.Hash = ledger.Hash(hash)
	}
	return err
}

// heads says how far the lane goes here.
func (a *landing) heads() ledger.LaneHeads {
	out := ledger.LaneHeads{Lane: a.lane.Lane}
	if a.lane.End.Seq > 0 {
		out.Heads = []ledger.Head{a.lane.End}
	}
	if a.staged.Seq > 0 {
		out.Staged = []ledger.Head{a.staged}
	}
	return out
}

// take checks a run, and keeps or takes in what is new of it.
func (a *landing) take(ctx context.Context, r ledger.Run, sealed map[ledger.Hash]ledger.Sealed) error {
	if a.staged.Seq > 0 && a.staged.Seq <= a.lane.End.Seq { // it came from somewhere else meanwhile
		if err := a.drop(ctx); err != nil {
			return err
		}
	}
	fresh, end, err := a.follow(ctx, r, sealed)
	if err != nil {
		return errors.Join(err, a.drop(ctx))
	}
	if len(fresh) > 0 && a.flow.db.Writes(r.Lane) {
		return refusal(RefusedClone)
	}
	if len(r.Signature) == 0 {
		return a.stage(ctx, fresh)
	}
	if end == a.lane.End {
		return nil
	}
	switch {
	case a.key == nil:
		return errors.Join(refusal(RefusedKey), a.drop(ctx)) // it will be sent again
	case !ledger.VerifyHead(a.key, r.Lane, end, r.Signature):
		return errors.Join(refusal(RefusedSignature), a.drop(ctx))
	}
	piece := store.Piece{Lane: r.Lane, Start: a.lane.End, End: end, Signature: r.Signature}
	if err := a.applyStaged(ctx, piece); err != nil {
		return err
	}
	if err := a.apply(ctx, piece, fresh); err != nil {
		return err
	}
	a.flow.passed.New += int(end.Seq - a.lane.End.Seq) //nolint:gosec // counts entries
	a.lane.End, a.staged = end, ledger.Head{}
	return nil
}

// follow reads a run's entries, each of which has to follow from the one before; what is here already is passed over.
func (a *landing) follow(ctx context.Context, r ledger.Run, sealed map[ledger.Hash]ledger.Sealed) (fresh []store.Parcel, end ledger.Head, err error) {
	end = a.lane.End
	if a.staged.Seq > 0 {
		end = a.staged
	}
	for _, raw := range r.Entries {
		e, err := ledger.Decode(raw)
		if err != nil || e.Lane != r.Lane || e.Seq == 0 {
			return nil, end, refusal(RefusedContent)
		}
		if e.Seq <= end.Seq {
			if err := a.stands(ctx, ledger.Head{Seq: e.Seq, Hash: store.HashOf(raw)}); err != nil {
				return nil, end, err
			}
			continue
		}
		_, next, err := end.Follow(r.Lane, raw)
		switch {
		case errors.Is(err, ledger.ErrChain) && end == a.lane.End:
			return nil, end, refusal(RefusedFork)
		case err != nil:
			return nil, end, refusal(RefusedGap)
		}
		p, err := parcel(&e, raw, sealed[next.Hash])
		if err != nil {
			return nil, end, err
		}
		delete(sealed, next.Hash)
		if a.bytes += len(raw) + len(p.Sealed); len(r.Signature) == 0 && a.bytes > ledger.MaxStaged {
			return nil, end, refusal(RefusedLimits)
		}
		fresh, end = append(fresh, p), next
		a.flow.passed.add(&e)
	}
	return fresh, end, nil
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

// stands refuses an entry that is another than the one that is here, or waits here, under its number.
func (a *landing) stands(ctx context.Context, h ledger.Head) error {
	l, peer := a.lane.Lane, a.flow.peer.Centre
	if h.Seq <= a.lane.End.Seq {
		ok, err := a.flow.db.Stands(ctx, l, h)
		if err == nil && !ok {
			err = refusal(RefusedFork)
		}
		return err
	}
	ok, err := store.One[bool](ctx, a.flow.db, "entry", `SELECT EXISTS (SELECT 1 FROM exchange_staged
		WHERE peer=$1 AND centre=$2 AND incarnation=$3 AND class=$4 AND seq=$5 AND hash=$6)`,
		peer[:], l.Centre[:], l.Incarnation, string(l.Class), int64(h.Seq), h.Hash[:]) //nolint:gosec // counts from 1
	if err == nil && !ok {
		err = refusal(RefusedGap)
	}
	return err
}

// stage sets entries aside until a signature covers them.
func (a *landing) stage(ctx context.Context, fresh []store.Parcel) error {
	l, peer := a.lane.Lane, a.flow.peer.Centre
	for len(fresh) > 0 {
		part := fresh[:min(stageAtOnce, len(fresh))]
		fresh = fresh[len(part):]
		at := a.staged
		if at.Seq == 0 {
			at = a.lane.End
		}
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
		a.staged = ledger.Head{Seq: at.Seq + uint64(len(part)), Hash: store.HashOf(part[len(part)-1].Raw)}
	}
	return nil
}

// drop forgets what of the lane waits for a signature.
func (a *landing) drop(ctx context.Context) error {
	l, peer := a.lane.Lane, a.flow.peer.Centre
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
	l, peer, db := a.lane.Lane, a.flow.peer.Centre, a.flow.db
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
