package exchange

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/store"
	"github.com/jumyla/jumyla/ledger"
)

// End is how far a lane goes that a centre has.
type End struct {
	Lane ledger.Lane
	Head ledger.Head
}

// lanes returns the lanes that a centre may have, those first that travel first.
func lanes(ctx context.Context, db *store.DB, to ledger.ID) ([]store.Lane, error) {
	d, err := db.Decider(ctx)
	if err != nil {
		return nil, err
	}
	all, err := db.Lanes(ctx)
	if err != nil {
		return nil, fmt.Errorf("lanes: %w", err)
	}
	all = slices.DeleteFunc(all, func(l store.Lane) bool { return !d.Directory.MayHave(to, l.Lane) })
	order := ledger.Classes()
	slices.SortStableFunc(all, func(a, b store.Lane) int {
		return cmp.Compare(slices.Index(order, a.Lane.Class), slices.Index(order, b.Lane.Class))
	})
	return all, nil
}

// vector is what we have of the lanes that a centre may have: its receipt.
func vector(ctx context.Context, db *store.DB, to ledger.ID) ([]End, error) {
	lanes, err := lanes(ctx, db, to)
	if err != nil {
		return nil, err
	}
	out := make([]End, 0, len(lanes))
	for _, l := range lanes {
		out = append(out, End{l.Lane, l.End})
	}
	return out, nil
}

// owed returns what a centre may have and, as far as it said, has not.
func owed(ctx context.Context, db *store.DB, to ledger.ID) ([]store.Piece, error) {
	lanes, err := lanes(ctx, db, to)
	if err != nil {
		return nil, err
	}
	heard, err := stateOf(ctx, db, to)
	if err != nil {
		return nil, err
	}
	has := map[ledger.Lane][]ledger.Head{}
	for _, v := range heard.Vector {
		has[v.Lane] = append(has[v.Lane], v.Head)
	}
	var out []store.Piece
	for _, l := range lanes {
		if l.Signed != l.End.Seq || l.Lane.Centre == to && len(heard.Vector) == 0 {
			continue // being taken in; its own, which it will ask for
		}
		start, lacks, err := lacking(ctx, db, l, has[l.Lane], nil)
		if err != nil {
			return nil, err
		}
		if lacks {
			out = append(out, store.Piece{Lane: l.Lane, Start: start, End: l.End, Signature: l.Signature})
		}
	}
	return out, nil
}

// lacking says from where on a centre lacks a branch of a lane, by the ends that it says it has of the lane. Where it names
// none that is known here it is either ahead, and will send; or on another branch, and gets this one from its beginning.
func lacking(ctx context.Context, db *store.DB, l store.Lane, ends, staged []ledger.Head) (start ledger.Head, lacks bool, err error) {
	if slices.Contains(ends, l.End) {
		return l.End, false, nil
	}
	known, ahead := false, false
	for i, h := range slices.Concat(ends, staged) {
		last, here, err := db.Common(ctx, l, h)
		if err != nil {
			return start, false, err
		}
		known, ahead = known || here, ahead || !here && h.Seq > l.End.Seq && i < len(ends) // what is staged it cannot send on
		if last.Seq > start.Seq {
			start = last
		}
	}
	if start.Seq < l.Root.Seq { // what leads to a branch goes before it
		start = l.Root
	}
	return start, start != l.End && (known || !ahead), nil
}

// give calls fn with each entry of a piece, in order, with the sealed part where the centre may open it.
func give(ctx context.Context, db *store.DB, to ledger.ID, p store.Piece, fn func(store.Parcel) error) error {
	d, err := db.Decider(ctx)
	if err != nil {
		return err
	}
	l, err := db.With(ctx, p.Lane, p.End)
	if err != nil {
		return err
	}
	v := &giving{to: to, decider: d, decisions: map[ledger.ID]*ledger.Decision{}}
	for at := p.Start.Seq; at < p.End.Seq; {
		page, err := db.Page(ctx, l, at, p.End.Seq)
		if err != nil {
			return err
		}
		if len(page) == 0 {
			return errs.Missing("entries")
		}
		for _, e := range page {
			if err := v.withhold(ctx, &e); err != nil {
				return err
			}
			if err := fn(e); err != nil {
				return err
			}
		}
		at += uint64(len(page))
	}
	return nil
}

// giving decides what of a lane's sealed parts a centre may open.
type giving struct {
	to        ledger.ID
	decider   *store.Decider
	decisions map[ledger.ID]*ledger.Decision
}

func (g *giving) withhold(ctx context.Context, p *store.Parcel) error {
	if len(p.Sealed) == 0 {
		p.Key = nil
		return nil
	}
	e, err := ledger.Decode(p.Raw)
	if err != nil {
		return err
	}
	d := g.decisions[e.Record]
	if d == nil {
		if d, err = g.decider.Of(ctx, e.Record); err != nil {
			return err
		}
		if len(g.decisions) < 10_000 {
			g.decisions[e.Record] = d
		}
	}
	if !g.decider.Directory.MayOpen(g.to, &e, d) {
		p.Sealed, p.Key = nil, nil
	}
	return nil
}

// wanted calls fn with each sealed part that a centre asked for, may have, and that is here.
func wanted(ctx context.Context, db *store.DB, d *store.Decider, to ledger.ID, fn func(ledger.Sealed) error) error {
	hashes, err := store.All(ctx, db, func(r *sql.Rows, v *[]byte) error { return r.Scan(v) },
		"SELECT hash FROM exchange_want WHERE centre=$1 ORDER BY hash", to[:])
	if err != nil {
		return fmt.Errorf("wanted: %w", err)
	}
	g := &giving{to: to, decider: d, decisions: map[ledger.ID]*ledger.Decision{}}
	for _, h := range hashes {
		p, ok, err := g.part(ctx, db, ledger.Hash(h))
		if err == nil && ok {
			err = fn(p)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// part returns the sealed part of an entry, if it is here and the receiver may have it.
func (g *giving) part(ctx context.Context, db *store.DB, h ledger.Hash) (s ledger.Sealed, ok bool, err error) {
	p, err := db.Sealed(ctx, h)
	if errs.Is(err, errs.NotFound) {
		return s, false, nil // not here, or destroyed
	}
	if err == nil {
		err = g.withhold(ctx, &p)
	}
	return ledger.Sealed{Entry: h, Bytes: p.Sealed, Key: p.Key}, err == nil && len(p.Sealed) > 0, err
}

// keepWants keeps which sealed parts a centre asks for: what it said last.
func keepWants(ctx context.Context, tx *store.Tx, centre ledger.ID, wants []ledger.Hash) error {
	if _, err := tx.Exec(ctx, "DELETE FROM exchange_want WHERE centre=$1", centre[:]); err != nil {
		return err
	}
	for _, h := range wants {
		if _, err := tx.Exec(ctx, "INSERT INTO exchange_want (centre, hash) VALUES ($1,$2) ON CONFLICT DO NOTHING", centre[:], h[:]); err != nil {
			return err
		}
	}
	return nil
}

// State is what a centre last said that it has.
type State struct {
	Vector []End
	Heard  time.Time // zero: never
	Told   time.Time
}

type vectorRow struct {
	_    struct{} `cbor:",toarray"`
	Lane ledger.Lane
	Seq  uint64
	Hash ledger.Hash
}

// stateOf returns what a centre last said that it has.
func stateOf(ctx context.Context, r store.Reader, centre ledger.ID) (State, error) {
	var raw []byte
	var heard, told int64
	err := r.QueryRow(ctx, "SELECT vector, heard, told FROM exchange_peer WHERE centre=$1", centre[:]).Scan(&raw, &heard, &told)
	if errors.Is(err, sql.ErrNoRows) {
		return State{}, nil
	}
	if err != nil {
		return State{}, err
	}
	var rows []vectorRow
	if err := ledger.Unmarshal(raw, &rows); err != nil {
		return State{}, fmt.Errorf("vector: %w", err)
	}
	s := State{Heard: store.At(heard), Told: store.At(told)}
	for _, v := range rows {
		s.Vector = append(s.Vector, End{v.Lane, ledger.Head{Seq: v.Seq, Hash: v.Hash}})
	}
	return s, nil
}

// keepVector keeps what a centre says that it has. A receipt that came late takes nothing back; but where its own
// incarnations are others than we heard of last, a restored database speaks, or one that was: then only what it says
// now counts, for what it lost has to be sent again. So it is of lanes of which we know that they were forked.
func keepVector(ctx context.Context, tx *store.Tx, centre ledger.ID, vector []End) error {
	old, err := stateOf(ctx, tx, centre)
	if err != nil {
		return err
	}
	best := ends(vector)
	if maps.Equal(lives(centre, old.Vector), lives(centre, vector)) {
		forked, err := forkedCentres(ctx, tx)
		if err != nil {
			return err
		}
		for lane, before := range ends(old.Vector) {
			if furthest(before) > furthest(best[lane]) && !forked[lane.Centre] {
				best[lane] = before
			}
		}
	}
	rows := []vectorRow{}
	for lane, heads := range best {
		for _, h := range heads {
			rows = append(rows, vectorRow{Lane: lane, Seq: h.Seq, Hash: h.Hash})
		}
	}
	raw, err := ledger.Marshal(rows)
	if err != nil {
		return err
	}
	tx.Touch("centre")
	_, err = tx.Exec(ctx, `INSERT INTO exchange_peer (centre, vector, heard, told) VALUES ($1,$2,$3,0)
		ON CONFLICT (centre) DO UPDATE SET vector=excluded.vector, heard=excluded.heard`, centre[:], raw, store.Micro(tx.Now))
	return err
}

func forkedCentres(ctx context.Context, r store.Reader) (map[ledger.ID]bool, error) {
	all, err := store.All(ctx, r, func(row *sql.Rows, v *[]byte) error { return row.Scan(v) }, "SELECT DISTINCT centre FROM ledger_lane WHERE branch>0")
	out := map[ledger.ID]bool{}
	for _, c := range all {
		out[ledger.ID(c)] = true
	}
	return out, err
}

// ends are how far each lane goes, on each of its branches.
func ends(vector []End) map[ledger.Lane][]ledger.Head {
	out := map[ledger.Lane][]ledger.Head{}
	for _, v := range vector {
		if len(out[v.Lane]) < ledger.MaxHeads {
			out[v.Lane] = append(out[v.Lane], v.Head)
		}
	}
	return out
}

func furthest(heads []ledger.Head) (n uint64) {
	for _, h := range heads {
		n = max(n, h.Seq)
	}
	return n
}

// lives are the incarnations of a centre's own that its vector names.
func lives(centre ledger.ID, vector []End) map[uint32]bool {
	out := map[uint32]bool{}
	for _, v := range vector {
		if v.Lane.Centre == centre {
			out[v.Lane.Incarnation] = true
		}
	}
	return out
}

// tell keeps that something was made ready for a centre.
func tell(ctx context.Context, tx *store.Tx, centre ledger.ID) error {
	tx.Touch("centre")
	empty, err := ledger.Marshal([]vectorRow{})
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `INSERT INTO exchange_peer (centre, vector, heard, told) VALUES ($1,$2,0,$3)
		ON CONFLICT (centre) DO UPDATE SET told=excluded.told`, centre[:], empty, store.Micro(tx.Now))
	return err
}

// Awaited returns how many entries a centre had, as far as it said, that we may have and have not: reckoned from
// vectors only.
func Awaited(ctx context.Context, db *store.DB, from ledger.ID) (int, error) {
	heard, err := stateOf(ctx, db, from)
	if err != nil || len(heard.Vector) == 0 {
		return 0, err
	}
	d, err := db.Decider(ctx)
	if err != nil {
		return 0, err
	}
	all, err := db.Lanes(ctx)
	if err != nil {
		return 0, err
	}
	here := make(map[ledger.Lane]uint64, len(all))
	for _, l := range all {
		here[l.Lane] = max(here[l.Lane], l.End.Seq)
	}
	n := 0
	for _, v := range heard.Vector {
		if d.Directory.MayHave(ledger.ID(db.Centre()), v.Lane) && v.Head.Seq > here[v.Lane] {
			n += int(v.Head.Seq - here[v.Lane]) //nolint:gosec // counts entries
		}
	}
	return n, nil
}

// Heard returns when a centre last told us what it has; zero: never.
func Heard(ctx context.Context, r store.Reader, centre ledger.ID) (time.Time, error) {
	s, err := stateOf(ctx, r, centre)
	return s.Heard, err
}
