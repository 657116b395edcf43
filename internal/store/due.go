package store

import (
	"context"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/id"
	"github.com/jumyla/jumyla/internal/store/frame"
	"github.com/jumyla/jumyla/ledger"
)

// asked is a centre that has to destroy what an erasure reaches.
type asked struct {
	centre            ledger.ID
	batch             ledger.ID
	erased, confirmed time.Time
}

// owe reckons what follows from a decision for this centre: which sealed parts it wants, who has confirmed an erasure, and
// whether it has something to do or to say.
func (f *folded) owe(dir *ledger.Directory, known []ledger.Known, rows []entryRow, us ledger.ID) {
	d := f.decision
	here := map[ledger.Hash]bool{}
	for _, r := range rows {
		if r.sealed != nil {
			here[HashOf(r.raw)] = true
		}
	}
	dead := map[ledger.Hash]bool{}
	for _, h := range d.Dead {
		dead[h], f.due = true, f.due || here[h]
	}
	for i := range known {
		if k := &known[i]; k.Body != nil && !here[k.Hash] && !dead[k.Hash] && dir.MayOpen(us, &k.Entry, d) {
			f.wants = append(f.wants, k.Hash)
		}
	}
	f.ask(known)
	f.plead(known)
	f.due = !dir.Revoked(us) && (f.due || len(d.Owes(us)) > 0 || len(dir.Unoffered(d, us)) > 0)
}

// ask lists who has to confirm the record's erasures, as of the last of them.
func (f *folded) ask(known []ledger.Known) {
	d := f.decision
	if len(d.Asked) == 0 {
		return
	}
	var last *ledger.Known
	said := map[ledger.ID]uint64{}
	for i := range known {
		k := &known[i]
		if slices.Contains(d.Asked, k.Hash) && (last == nil || k.Time >= last.Time) {
			last = k
		}
		if k.Op == ledger.Gone {
			said[k.Lane.Centre] = max(said[k.Lane.Centre], k.Time)
		}
	}
	for _, c := range d.Holders {
		a := asked{centre: c, batch: last.Batch.Tx, erased: when(last.Time)}
		if len(d.Owes(c)) == 0 {
			a.confirmed = when(said[c])
		}
		f.asked = append(f.asked, a)
	}
}

// plea is a centre that had a record before and asks its owner to have it forgotten.
type plea struct {
	centre, batch   ledger.ID
	asked, declined time.Time
}

// plead lists who asks. One act is one plea, in however many lanes it stands.
func (f *folded) plead(known []ledger.Known) {
	for _, p := range f.decision.Proposals {
		if !slices.Contains(f.decision.Pleas, p.Hash) {
			continue
		}
		v := plea{centre: p.Lane.Centre, batch: p.Batch.Tx, asked: when(p.Time)}
		if p.Resolved {
			v.declined = declined(known, p.Hash)
		}
		at := slices.IndexFunc(f.pleas, func(o plea) bool { return o.batch == v.batch })
		if at < 0 {
			f.pleas = append(f.pleas, v)
		} else if f.pleas[at].declined.Before(v.declined) {
			f.pleas[at].declined = v.declined
		}
	}
}

// declined returns when an answer to a proposal was written.
func declined(known []ledger.Known, h ledger.Hash) time.Time {
	last := uint64(0)
	for i := range known {
		var r ledger.Resolution
		if k := &known[i]; k.Op == ledger.Resolve && k.Fields.Into(&r) == nil && slices.Contains(r.Proposals, h) {
			last = max(last, k.Time)
		}
	}
	return when(last)
}

// when is the time of an entry, as its centre's clock had it.
func when(t uint64) time.Time { return time.UnixMilli(ledger.Clock(t).Milliseconds()).UTC() }

// writeHeld brings the tables to what was decided of a record that others have too, and to what follows from it.
func (tx *Tx) writeHeld(ctx context.Context, f folded) error {
	h := f.held
	if h == nil {
		return nil
	}
	if _, err := tx.Exec(ctx, "INSERT INTO record_held (record, owner, held_by, former, made, proposals, waiting, lacking) VALUES ($1,$2,$3,$4,$5,$6,$7,$8)",
		f.id[:], h.owner[:], h.under[:], h.former, h.made, h.proposals, h.waiting, h.lacking); err != nil {
		return err
	}
	for _, want := range f.wants {
		if _, err := tx.Exec(ctx, "INSERT INTO record_want (hash, record) VALUES ($1,$2)", want[:], f.id[:]); err != nil {
			return err
		}
	}
	for _, a := range f.asked {
		if _, err := tx.Exec(ctx, "INSERT INTO record_asked (record, centre, batch, erased, confirmed) VALUES ($1,$2,$3,$4,$5)",
			f.id[:], a.centre[:], a.batch[:], Micro(a.erased), Micro(a.confirmed)); err != nil {
			return err
		}
	}
	for _, p := range f.pleas {
		if _, err := tx.Exec(ctx, "INSERT INTO record_plea (record, batch, centre, asked, declined) VALUES ($1,$2,$3,$4,$5)",
			f.id[:], p.batch[:], p.centre[:], Micro(p.asked), Micro(p.declined)); err != nil {
			return err
		}
	}
	q := "DELETE FROM exchange_due WHERE record=$1"
	if f.due {
		q = "INSERT INTO exchange_due (record) VALUES ($1) ON CONFLICT DO NOTHING"
	} else if tx.fresh {
		return nil
	}
	_, err := tx.Exec(ctx, q, f.id[:])
	return err
}

// Refold decides anew about a record, brings the tables to it, and does what is due: destroys what an erasure reaches,
// confirms it, offers again what its owner cannot see. While entries are taken in, that waits for Settle.
func (tx *Tx) Refold(ctx context.Context, rid ledger.ID) (*ledger.Decision, error) {
	dir, err := tx.w.directory(ctx)
	if err != nil {
		return nil, err
	}
	for round := 0; ; round++ { // a second and a third: what was said has to be confirmed too
		rows, err := entriesOf(ctx, tx, rid)
		if err != nil || len(rows) == 0 {
			return nil, err
		}
		f, err := tx.w.db.fold(rows)
		if err != nil {
			return nil, err
		}
		if err := tx.write(ctx, f); err != nil {
			return nil, err
		}
		tx.wrote(f.kind, f.id)
		if round == 3 || tx.taking || !f.due {
			return f.decision, nil
		}
		if err := tx.discharge(ctx, dir, rid, f.decision); err != nil {
			return nil, err
		}
	}
}

// discharge does what is due about a record.
func (tx *Tx) discharge(ctx context.Context, dir *ledger.Directory, rid ledger.ID, d *ledger.Decision) error {
	if err := tx.destroy(ctx, rid, d.Dead); err != nil {
		return err
	}
	say := func(op ledger.Op, fields ledger.Fields) *ledger.Entry {
		return &ledger.Entry{Lane: ledger.Lane{Class: ledger.Coord}, Record: rid, Kind: d.Kind, Op: op, Fields: fields}
	}
	if owed := d.Owes(tx.w.db.centre); len(owed) > 0 {
		receipt, err := ledger.FieldsOf(ledger.Receipt{Erasures: owed})
		if err == nil {
			err = tx.Append(ctx, say(ledger.Gone, receipt), nil)
		}
		if err != nil {
			return err
		}
	}
	for _, k := range dir.Unoffered(d, tx.w.db.centre) {
		parcel, err := ledger.Pack(map[ledger.Class]ledger.Fields{k.Lane.Class: k.Opened})
		if err != nil {
			return err
		}
		e := say(ledger.Put, nil)
		e.Schema, e.Claim, e.Base = k.Schema, &d.Under, map[ledger.Class]ledger.Hash{k.Lane.Class: k.Hash}
		if err := tx.Append(ctx, e, parcel); err != nil {
			return err
		}
	}
	return nil
}

// destroy takes away what an erasure reaches, with the record's key where nothing is left under it.
func (tx *Tx) destroy(ctx context.Context, rid ledger.ID, dead []ledger.Hash) error {
	if len(dead) == 0 {
		return nil
	}
	for _, h := range dead {
		if _, err := tx.Exec(ctx, "DELETE FROM ledger_body WHERE hash=$1", h[:]); err != nil {
			return err
		}
	}
	_, err := tx.Exec(ctx, "DELETE FROM ledger_key WHERE record=$1 AND NOT EXISTS (SELECT 1 FROM ledger_body b WHERE b.record=$1)", rid[:])
	return errors.Join(err, tx.forgetFile(ctx, id.ID(rid)))
}

// forgetFile empties the kept file of a list that a record came by, or that may name the same person: it holds in the clear
// what an erasure has just destroyed. Here, and not with those who erase, so that none of them can leave it out.
func (tx *Tx) forgetFile(ctx context.Context, rid id.ID) error {
	for _, q := range []string{
		"UPDATE list_file SET content=x'' WHERE list IN (SELECT list FROM list_row WHERE record=$1 UNION SELECT list FROM list_row WHERE twin=$1)",
		"UPDATE list_row SET says='', args='' WHERE record=$1 OR twin=$1",
	} {
		if _, err := tx.Exec(ctx, q, rid.String()); err != nil {
			return fmt.Errorf("forget list's file: %w", err)
		}
	}
	return nil
}

// Forgotten is a record that other centres have too, or had, and when it was erased, as the clock of whoever erased had it.
type Forgotten struct {
	Record id.ID
	At     time.Time
}

// ErasedShared returns the records of a kind that are or were ours, others have or had too, and were erased since then.
func ErasedShared(ctx context.Context, db *DB, kind string, since time.Time) ([]Forgotten, error) {
	return All(ctx, db, func(r *sql.Rows, v *Forgotten) error {
		var raw []byte
		var at int64
		err := r.Scan(&raw, &at)
		if err == nil {
			v.Record, v.At = id.ID(raw), At(at)
		}
		return err
	}, `SELECT a.record, max(a.erased) FROM record_asked a JOIN record_held h ON h.record=a.record JOIN record r ON r.id=a.record
		WHERE r.kind=$1 AND a.erased>=$2 AND h.former=1 GROUP BY a.record ORDER BY a.record`, kind, Micro(since))
}

// Wants returns the entries whose sealed parts we may have and have not, as far as another centre may know of them.
func (db *DB) Wants(ctx context.Context, dir *ledger.Directory, peer ledger.ID) ([]ledger.Hash, error) {
	type row struct {
		hash, centre []byte
		lane         ledger.Lane
	}
	rows, err := db.Query(ctx, `SELECT w.hash, l.centre, l.incarnation, l.class FROM record_want w
		JOIN ledger_entry e ON e.record=w.record AND e.hash=w.hash JOIN ledger_lane l ON l.id=e.lane ORDER BY w.record, w.hash`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []ledger.Hash
	for len(out) < ledger.MaxWants && rows.Next() {
		var v row
		if err := rows.Scan(&v.hash, &v.centre, &v.lane.Incarnation, &v.lane.Class); err != nil {
			return nil, err
		}
		if v.lane.Centre = ledger.ID(v.centre); dir.MayHave(peer, v.lane) {
			out = append(out, ledger.Hash(v.hash))
		}
	}
	return out, rows.Err()
}

// Sealed returns an entry with its sealed part, where both are here; NotFound where not.
func (db *DB) Sealed(ctx context.Context, h ledger.Hash) (Parcel, error) {
	all, err := All(ctx, db, scanParcel, `SELECT e.raw, b.sealed, coalesce(b.key, k.key) FROM ledger_body b JOIN ledger_entry e ON e.record=b.record AND e.hash=b.hash
		LEFT JOIN ledger_key k ON k.record=b.record WHERE b.hash=$1`, h[:])
	if err != nil || len(all) == 0 {
		return Parcel{}, errorOr(err, errs.Missing("sealed part"))
	}
	return all[0], nil
}

func errorOr(err, other error) error {
	if err != nil {
		return err
	}
	return other
}

// TakeSealed takes in the sealed part of an entry that is here, if we want it and it is the true one; else it changes
// nothing. What follows from it is done by Settle.
func (tx *Tx) TakeSealed(ctx context.Context, s ledger.Sealed) (took bool, err error) {
	all, err := All(ctx, tx, scanParcel, `SELECT e.raw, NULL, NULL FROM record_want w JOIN ledger_entry e ON e.record=w.record AND e.hash=w.hash WHERE w.hash=$1`, s.Entry[:])
	if err != nil || len(all) == 0 {
		return false, err
	}
	e, err := ledger.Decode(all[0].Raw)
	if err != nil || e.Body == nil || ledger.Commitment(s.Bytes) != *e.Body {
		return false, err
	}
	if _, bad := ledger.Unseal(s.Key, s.Bytes); bad != nil {
		return false, nil // another's key, or damaged: as if it had not come
	}
	if err := tx.keepSealed(ctx, s.Entry, e.Record, s.Bytes, s.Key, true); err != nil {
		return false, err
	}
	tx.taking = true
	defer func() { tx.taking = false }()
	_, err = tx.Refold(ctx, e.Record)
	return err == nil, err
}

// keepSealed keeps a sealed part that another centre's key may open. late says that its entry was here before.
func (tx *Tx) keepSealed(ctx context.Context, h ledger.Hash, record ledger.ID, sealed, key []byte, late bool) error {
	n := int64(0)
	if late { // a number that none ever had, also none that was destroyed since: the second copy goes by it
		last, err := tx.w.self(ctx, "late")
		if err != nil {
			return err
		}
		if len(last) == 8 {
			n = int64(binary.BigEndian.Uint64(last)) //nolint:gosec // counts from 1
		}
		known, err := One[int64](ctx, tx, "part", "SELECT coalesce(max(late),0) FROM ledger_body WHERE late>0")
		if err != nil {
			return err
		}
		n = max(n, known) + 1
		if err := tx.w.setSelf(ctx, "late", binary.BigEndian.AppendUint64(nil, uint64(n))); err != nil {
			return err
		}
	}
	return frame.Keep(context.WithoutCancel(ctx), tx.w.execN, frame.Part{Late: n, Hash: h[:], Record: record[:], Sealed: sealed, Key: key})
}
