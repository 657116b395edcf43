package store

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"slices"

	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/store/chain"
	"github.com/jumyla/jumyla/internal/store/disk"
	"github.com/jumyla/jumyla/ledger"
)

// Lane is a lane as it is here; of one that was forked, one of its branches.
type Lane struct {
	Lane      ledger.Lane
	Branch    int         // 0: what came here first
	Root      ledger.Head // the entry from which the branch parts; zero: the lane's beginning
	End       ledger.Head
	Signature []byte
	Signed    uint64 // where the signature is for; before End while the lane is being taken in
	id        int64  // 0: not here
}

func (l *Lane) scan(us ledger.ID, r interface{ Scan(dest ...any) error }) error {
	var centre, hash, root []byte
	if err := r.Scan(&l.id, &centre, &l.Lane.Incarnation, &l.Lane.Class, &l.End.Seq, &hash, &l.Signature, &l.Signed, &l.Branch, &l.Root.Seq, &root); err != nil {
		return err
	}
	l.Lane.Centre, l.End.Hash, l.Root.Hash = ledger.ID(centre), ledger.Hash(hash), ledger.Hash(root)
	if l.Signed == 0 && l.Lane.Centre == us && len(l.Signature) > 0 {
		l.Signed = l.End.Seq // at each commit; what comes back to us is signed where it ends
	}
	return nil
}

const laneColumns = "id, centre, incarnation, class, seq, hash, signature, signed, branch, root_seq, root"

// Lanes returns every lane that is here with its branches, in the order in which they came.
func (db *DB) Lanes(ctx context.Context) ([]Lane, error) {
	return All(ctx, db, func(r *sql.Rows, l *Lane) error { return l.scan(db.centre, r) }, "SELECT "+laneColumns+" FROM ledger_lane WHERE seq>0 ORDER BY id")
}

// Branches returns a lane's branches as they are here, the one that came first before the others; none where nothing is.
func (db *DB) Branches(ctx context.Context, l ledger.Lane) ([]Lane, error) {
	return db.branches(ctx, db, l)
}

func (db *DB) branches(ctx context.Context, r Reader, l ledger.Lane) ([]Lane, error) {
	return All(ctx, r, func(row *sql.Rows, v *Lane) error { return v.scan(db.centre, row) },
		"SELECT "+laneColumns+" FROM ledger_lane WHERE centre=$1 AND incarnation=$2 AND class=$3 ORDER BY branch", l.Centre[:], l.Incarnation, string(l.Class))
}

// Writes reports whether a lane is one that this database appends to.
func (db *DB) Writes(l ledger.Lane) bool {
	return l.Centre == db.centre && l.Incarnation == db.present.Load()
}

// Page returns the next entries of a branch, with all that is here of their sealed parts: who is given them decides what
// goes along.
func (db *DB) Page(ctx context.Context, l Lane, after, upTo uint64) ([]Parcel, error) {
	return All(ctx, db, scanParcel,
		`SELECT e.raw, b.sealed, coalesce(b.key, k.key) FROM ledger_entry e LEFT JOIN ledger_body b ON b.hash=e.hash LEFT JOIN ledger_key k ON k.record=e.record
		WHERE e.lane=$1 AND e.seq>$2 AND e.seq<=$3 ORDER BY e.seq LIMIT 500`, l.id, int64(after), int64(upTo)) //nolint:gosec // counts from 1
}

// Stands reports whether a lane has this entry here, on whichever branch.
func (db *DB) Stands(ctx context.Context, l ledger.Lane, h ledger.Head) (bool, error) {
	at, err := on(ctx, db, l, h)
	return at != 0, err
}

// on returns the branch that an entry stands on; 0 where it is not here.
func on(ctx context.Context, r Reader, l ledger.Lane, h ledger.Head) (branch int64, err error) {
	err = r.QueryRow(ctx, `SELECT l.id FROM ledger_lane l JOIN ledger_entry e ON e.lane=l.id
		WHERE l.centre=$1 AND l.incarnation=$2 AND l.class=$3 AND e.seq=$4 AND e.hash=$5`,
		l.Centre[:], l.Incarnation, string(l.Class), int64(h.Seq), h.Hash[:]).Scan(&branch) //nolint:gosec // counts from 1
	if errors.Is(err, sql.ErrNoRows) {
		err = nil
	}
	return branch, err
}

// With returns the branch of a lane on which an entry stands.
func (db *DB) With(ctx context.Context, l ledger.Lane, h ledger.Head) (Lane, error) {
	at, err := on(ctx, db, l, h)
	if err != nil {
		return Lane{}, err
	}
	all, err := db.Branches(ctx, l)
	if err != nil {
		return Lane{}, err
	}
	if i := slices.IndexFunc(all, func(b Lane) bool { return b.id == at }); i >= 0 {
		return all[i], nil
	}
	return Lane{}, errs.Missing("entries")
}

// Common returns the last entry that a branch has in common with what leads to an entry, where that one is here.
func (db *DB) Common(ctx context.Context, b Lane, h ledger.Head) (last ledger.Head, known bool, err error) {
	at, err := on(ctx, db, b.Lane, h)
	if err != nil || at == 0 {
		return ledger.Head{}, false, err
	}
	if at == b.id {
		return h, true, nil
	}
	all, err := db.Branches(ctx, b.Lane)
	if err != nil {
		return ledger.Head{}, false, err
	}
	reach := map[int64]ledger.Head{} // of each branch that leads to b, how far it does
	for end, id := b.End, b.id; id != 0; {
		reach[id] = end
		end = all[slices.IndexFunc(all, func(v Lane) bool { return v.id == id })].Root
		if id, err = on(ctx, db, b.Lane, end); err != nil {
			return ledger.Head{}, false, err
		}
	}
	for at != 0 {
		if end, ok := reach[at]; ok {
			if end.Seq < h.Seq {
				h = end
			}
			return h, true, nil
		}
		h = all[slices.IndexFunc(all, func(v Lane) bool { return v.id == at })].Root
		if at, err = on(ctx, db, b.Lane, h); err != nil {
			return ledger.Head{}, false, err
		}
	}
	return ledger.Head{}, true, nil // from the lane's beginning
}

// receiving is a piece of a lane while it is taken in.
type receiving struct {
	tx       *Tx
	lane     ledger.Lane
	branches []Lane
	changed  map[int]bool // of branches
	records  map[ledger.ID]bool
}

// Receive takes in entries of a piece that was checked, and brings the tables to them; those that are here change
// nothing. What goes on from an entry inside a branch is a branch of its own: the lane is forked, and nothing of it is
// lost. What centres wrote may count otherwise by all that: it is noted for Settle.
func (tx *Tx) Receive(ctx context.Context, p Piece, entries []Parcel) error {
	all, err := tx.w.db.branches(ctx, tx, p.Lane)
	if err != nil {
		return err
	}
	in := &receiving{tx: tx, lane: p.Lane, branches: all, changed: map[int]bool{}, records: map[ledger.ID]bool{}}
	if own, ok := tx.w.lanes[p.Lane.Class]; ok && len(all) > 0 && tx.w.db.Writes(p.Lane) {
		all[0].End = own.head // with what this commit has written
	}
	for _, v := range entries {
		if err := in.entry(ctx, v); err != nil {
			return err
		}
	}
	tx.Touch("centre")
	if err := in.end(ctx, p); err != nil {
		return err
	}
	tx.taking = true
	defer func() { tx.taking = false }()
	for _, rid := range slices.SortedFunc(maps.Keys(in.records), func(x, y ledger.ID) int { return bytes.Compare(x[:], y[:]) }) {
		if _, err := tx.Refold(ctx, rid); err != nil {
			return err
		}
	}
	return nil
}

// entry takes in one entry, if it is not here.
func (in *receiving) entry(ctx context.Context, v Parcel) error {
	e, err := ledger.Decode(v.Raw)
	if err != nil {
		return errs.Wrap(errs.Invalid, err, "exchange.content")
	}
	before := ledger.Head{Hash: e.Prev}
	if e.Seq > 0 {
		before.Seq = e.Seq - 1
	}
	at := slices.IndexFunc(in.branches, func(b Lane) bool { return b.End == before && (b.Branch > 0 || !in.tx.w.db.Writes(in.lane)) })
	if at < 0 || len(in.branches) > 1 { // a branch may part from where another ends: what follows there stands on it already
		if here, err := on(ctx, in.tx, in.lane, ledger.Head{Seq: e.Seq, Hash: HashOf(v.Raw)}); err != nil || here != 0 {
			return err
		}
	}
	if at < 0 {
		if at, err = in.part(ctx, before); err != nil {
			return err
		}
	}
	l := &in.branches[at]
	_, next, err := l.End.Follow(in.lane, v.Raw)
	if err != nil {
		return errs.Wrap(errs.Invalid, err, "exchange.content")
	}
	l.End, in.changed[at] = next, true
	if err := in.tx.take(ctx, *l, &e, v); err != nil {
		return err
	}
	if e.Op != ledger.Declare && e.Op != ledger.Open {
		in.records[e.Record] = true
	}
	return nil
}

// part begins a branch behind an entry that is here, or the lane.
func (in *receiving) part(ctx context.Context, root ledger.Head) (int, error) {
	if root.Seq > 0 {
		if here, err := on(ctx, in.tx, in.lane, root); err != nil || here == 0 {
			return 0, errorOr(err, errs.New(errs.Conflict, "exchange.gap", "centre", ""))
		}
	}
	if len(in.branches) >= ledger.MaxHeads {
		return 0, errs.New(errs.Conflict, "exchange.fork", "centre", "")
	}
	l := Lane{Lane: in.lane, Root: root, End: root}
	for _, b := range in.branches {
		l.Branch = max(l.Branch, b.Branch+1)
	}
	err := in.tx.QueryRow(ctx, `INSERT INTO ledger_lane (centre, incarnation, class, seq, hash, signature, signed, branch, root_seq, root) VALUES ($1,$2,$3,$4,$5,$6,0,$7,$4,$5) RETURNING id`,
		l.Lane.Centre[:], l.Lane.Incarnation, string(l.Lane.Class), int64(root.Seq), root.Hash[:], []byte{}, l.Branch).Scan(&l.id) //nolint:gosec // counts from 1
	in.branches = append(in.branches, l)
	return len(in.branches) - 1, err
}

// end keeps how far the branches go. What is known of a fork changes what all that its centre wrote counts.
func (in *receiving) end(ctx context.Context, p Piece) error {
	for at := range in.changed {
		l := &in.branches[at]
		if l.End == p.End {
			l.Signature, l.Signed = p.Signature, p.End.Seq
		}
		if _, err := in.tx.Exec(ctx, "UPDATE ledger_lane SET seq=$1, hash=$2, signature=coalesce($3, x''), signed=$4 WHERE id=$5",
			int64(l.End.Seq), l.End.Hash[:], l.Signature, int64(l.Signed), l.id); err != nil { //nolint:gosec // counts from 1
			return err
		}
	}
	if len(in.changed) == 0 || len(in.branches) < 2 {
		return nil
	}
	in.tx.w.dir = nil
	return in.tx.again(ctx, in.lane.Centre)
}

// again notes that all that a centre wrote has to be decided anew.
func (tx *Tx) again(ctx context.Context, centre ledger.ID) error {
	_, err := tx.Exec(ctx, "INSERT INTO exchange_again (centre, n) VALUES ($1,$2) ON CONFLICT (centre) DO UPDATE SET n=$2", centre[:], tx.w.next)
	return err
}

// mend puts right what an older program left on two branches of a lane, and notes that its centre's records are to be decided anew.
func (db *DB) mend(ctx context.Context) error {
	w := db.writer
	if err := w.exec(ctx, "BEGIN IMMEDIATE"); err != nil {
		return err
	}
	tx := &Tx{w: w}
	centres, err := chain.Mend(ctx, tx, w.execN)
	for _, c := range centres {
		err = errors.Join(err, tx.again(ctx, c))
	}
	if err == nil {
		err = w.exec(ctx, "COMMIT")
	}
	if err != nil {
		return errors.Join(disk.Error(err, "mend branches"), w.exec(ctx, "ROLLBACK"))
	}
	if len(centres) > 0 {
		db.cfg.Log.InfoContext(ctx, "entries stood on two branches of a lane; each stands on one now", "pairs", len(centres))
	}
	return nil
}

// Forked returns the lanes that are forked.
func (db *DB) Forked(ctx context.Context) ([]chain.Fork, error) { return chain.Forked(ctx, db) }

// reopen opens a new incarnation where a lane of the present one was forked: another machine wrote as this centre, and what
// it wrote is not lost, but it is not this one's word.
func (db *DB) reopen(ctx context.Context) error {
	forked, err := One[bool](ctx, db, "fork", "SELECT EXISTS (SELECT 1 FROM ledger_lane WHERE branch>0 AND centre=$1 AND incarnation=$2)", db.centre[:], db.present.Load())
	if err != nil || !forked {
		return err
	}
	err = db.exclusive(ctx, func() error { return db.reincarnate(ctx, filepath.Join(db.cfg.Dir, markerFile)) })
	if err != nil {
		return fmt.Errorf("open again after a fork: %w", err)
	}
	return db.Write(ctx, Actor{}, func(tx *Tx) error {
		tx.w.dir = nil
		return tx.again(ctx, db.centre)
	})
}
