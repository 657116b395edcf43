package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/id"
	"github.com/jumyla/jumyla/ledger"
)

// Holding says who has a record, and what waits about it. ours is true where nobody else has written of it.
type Holding struct {
	Owner     id.ID
	Ours      bool
	Former    bool // it is, or was once, ours
	Made      bool // it began here
	Proposals int
	Waiting   int
}

// Held returns who has a record.
func Held(ctx context.Context, r Reader, rid id.ID) (Holding, error) {
	us, err := One[[]byte](ctx, r, "centre", "SELECT value FROM ledger_self WHERE key='centre'")
	if err != nil {
		return Holding{}, err
	}
	h, err := held(ctx, r, rid)
	if err != nil || h == nil {
		return Holding{Owner: id.ID(us), Ours: true, Former: true, Made: true}, err
	}
	return Holding{Owner: id.ID(h.owner), Ours: h.owner == ledger.ID(us), Former: h.former, Made: h.made, Proposals: h.proposals, Waiting: h.waiting}, nil
}

// Shared returns the records of a kind that are, or were once, ours, and about which others have written too.
func Shared(ctx context.Context, db *DB, kind string) (map[id.ID]Holding, error) {
	type row struct {
		record id.ID
		Holding
	}
	rows, err := All(ctx, db, func(s *sql.Rows, v *row) error {
		var rid, owner []byte
		err := s.Scan(&rid, &owner, &v.Former, &v.Made, &v.Proposals, &v.Waiting)
		if err == nil {
			v.record, v.Owner = id.ID(rid), id.ID(owner)
		}
		return err
	}, `SELECT h.record, h.owner, h.former, h.made, h.proposals, h.waiting FROM record_held h
		WHERE h.former=1 AND EXISTS (SELECT 1 FROM record r WHERE r.id=h.record AND r.kind=$1)`, kind)
	if err != nil {
		return nil, err
	}
	out := make(map[id.ID]Holding, len(rows))
	for _, v := range rows {
		v.Ours = v.Owner == id.ID(db.centre)
		out[v.record] = v.Holding
	}
	return out, nil
}

// Pending counts what waits: others' changes of our records for a person, entries for what has not come yet.
func Pending(ctx context.Context, db *DB) (proposals, waiting int, err error) {
	err = db.QueryRow(ctx, "SELECT coalesce(sum(CASE WHEN owner=$1 THEN proposals END), 0), coalesce(sum(waiting), 0) FROM record_held", db.centre[:]).Scan(&proposals, &waiting)
	return proposals, waiting, err
}

// Directory returns what is known of centres, with what tx has written; nobody may change it.
func (tx *Tx) Directory(ctx context.Context) (*ledger.Directory, error) { return tx.w.directory(ctx) }

// Decide decides about a record from its entries.
func (tx *Tx) Decide(ctx context.Context, rid id.ID) (*ledger.Decision, error) {
	dir, err := tx.w.directory(ctx)
	if err != nil {
		return nil, err
	}
	rows, err := entriesOf(ctx, tx, ledger.ID(rid))
	if err != nil {
		return nil, err
	}
	known, _, err := tx.w.db.known(dir, rows, tx.w.cuts)
	if err != nil {
		return nil, err
	}
	if len(known) == 0 {
		return nil, errs.Missing("record")
	}
	d := dir.Decide(ledger.ID(rid), known)
	return &d, nil
}

// Decider decides about records outside a write, all by one reading of what is known of centres.
type Decider struct {
	Directory *ledger.Directory

	db   *DB
	cuts cuts
}

// Decider reads what is known of centres.
func (db *DB) Decider(ctx context.Context) (*Decider, error) {
	dir, own, err := db.readDirectory(ctx, db)
	return &Decider{Directory: dir, db: db, cuts: own}, err
}

// Of decides about a record.
func (d *Decider) Of(ctx context.Context, rid ledger.ID) (*ledger.Decision, error) {
	rows, err := entriesOf(ctx, d.db, rid)
	if err != nil {
		return nil, err
	}
	known, _, err := d.db.known(d.Directory, rows, d.cuts)
	if err != nil || len(known) == 0 {
		return nil, errors.Join(err, missingIf(len(known) == 0))
	}
	v := d.Directory.Decide(rid, known)
	return &v, nil
}

// Piece is a run of one lane's entries: those after Start, up to and with End.
type Piece struct {
	Lane       ledger.Lane
	Start, End ledger.Head
	Signature  []byte // of the lane's own centre, of End
}

// Parcel is an entry with what goes along for those who may read it.
type Parcel struct {
	Raw, Sealed, Key []byte
}

func scanParcel(r *sql.Rows, v *Parcel) error { return r.Scan(&v.Raw, &v.Sealed, &v.Key) }

// take keeps an entry of another centre's, with what came along.
func (tx *Tx) take(ctx context.Context, l Lane, e *ledger.Entry, p Parcel) error {
	if _, err := tx.Exec(ctx, "INSERT INTO ledger_entry (n, lane, seq, hash, record, raw) VALUES ($1,$2,$3,$4,$5,$6)",
		tx.w.next, l.id, int64(l.End.Seq), l.End.Hash[:], e.Record[:], p.Raw); err != nil { //nolint:gosec // counts from 1
		return fmt.Errorf("keep entry: %w", err)
	}
	tx.w.next++
	if e.Lane.Class == ledger.Dir {
		dir, err := tx.w.directory(ctx)
		if err != nil {
			return err
		}
		judged := tx.w.db.learn(dir, tx.w.cuts, e, l.End.Hash)
		if e.Kind == ledger.KindHolders && e.Lane.Centre == tx.w.db.centre { // our own word came back to us after a restore
			tx.w.dir, judged = nil, true
		}
		if err := tx.unsettle(ctx, e, judged); err != nil {
			return err
		}
	}
	if len(p.Sealed) == 0 || len(p.Key) == 0 {
		return nil
	}
	return tx.keepSealed(ctx, l.End.Hash, e.Record, p.Sealed, p.Key, false)
}

// eraseHeld erases a record of ours that other centres have too: whoever holds a part of it destroys it when it hears.
func (tx *Tx) eraseHeld(ctx context.Context, rid id.ID, kind string, h *holding) error {
	if h.owner != tx.w.db.centre {
		return tx.Elsewhere(ctx, h.owner)
	}
	d, err := tx.Decide(ctx, rid)
	if err != nil {
		return err
	}
	fields, err := repeat(d)
	if err != nil {
		return err
	}
	lanes := []ledger.Class{ledger.Coord}
	if h.under == ledger.RootClaim(ledger.ID(rid), tx.w.db.centre) {
		lanes = append(lanes, sealedLanes()...)
	}
	for _, class := range lanes {
		e := &ledger.Entry{Lane: ledger.Lane{Class: class}, Record: ledger.ID(rid), Kind: kind, Op: ledger.Erase, Claim: &h.under}
		if class == ledger.Coord {
			e.Fields = fields
		}
		if err := tx.Append(ctx, e, nil); err != nil {
			return err
		}
	}
	for _, q := range []string{"DELETE FROM ledger_body WHERE record=$1", "DELETE FROM ledger_key WHERE record=$1"} {
		if _, err := tx.Exec(ctx, q, rid[:]); err != nil {
			return err
		}
	}
	if err := tx.forgetFile(ctx, rid); err != nil {
		return err
	}
	tx.act++
	_, err = tx.Refold(ctx, ledger.ID(rid))
	return err
}

// repeat says of a record of ours what others asked to erase: so all of them know that it is.
func repeat(d *ledger.Decision) (ledger.Fields, error) {
	var r ledger.Repeat
	for _, p := range d.Proposals {
		if p.Op == ledger.Erase {
			r.Erasures = append(r.Erasures, p.Hash)
		}
	}
	if len(r.Erasures) == 0 {
		return nil, nil
	}
	return ledger.FieldsOf(r)
}

// sealedLanes are where a record's own centre erases beside coord, while it holds it as it began: in coord alone nothing would
// tell what is written later in another lane from what was there before, and it would be destroyed too. Under a claim all
// that is written later is in coord.
func sealedLanes() []ledger.Class { return []ledger.Class{ledger.Body, ledger.Trace} }

// Proposed returns our records of which others would change something.
func Proposed(ctx context.Context, db *DB) ([]id.ID, error) {
	return All(ctx, db, func(r *sql.Rows, v *id.ID) error {
		var raw []byte
		err := r.Scan(&raw)
		if err == nil {
			*v = id.ID(raw)
		}
		return err
	}, "SELECT record FROM record_held WHERE proposals>0 AND owner=$1 ORDER BY record", db.centre[:])
}
