package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/fxamacker/cbor/v2"
	"github.com/ncruces/go-sqlite3"

	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/id"
	"github.com/jumyla/jumyla/ledger"
)

// holding is what more than one centre's entries say of who has a record.
type holding struct {
	owner              ledger.ID
	under              ledger.Hash
	former             bool // it is, or was once, ours
	made               bool // it began here
	proposals, waiting int
	lacking            int
}

// directory returns what is known of centres; it is read anew after a write that was taken back.
func (w *writer) directory(ctx context.Context) (*ledger.Directory, error) {
	if w.dir != nil {
		return w.dir, nil
	}
	d, cuts, err := w.db.readDirectory(ctx, &Tx{w: w})
	if err == nil {
		w.dir, w.cuts = d, cuts
	}
	return d, err
}

// cuts are how far each of our own earlier incarnations counts.
type cuts map[uint32]map[ledger.Class]uint64

// readDirectory learns every dir lane, and pins the keys that our own people compared. Whose warrants count our own
// people said last.
func (db *DB) readDirectory(ctx context.Context, r Reader) (*ledger.Directory, cuts, error) {
	all, err := inDir(ctx, r)
	if err != nil {
		return nil, nil, fmt.Errorf("directory: %w", err)
	}
	own := ledger.OwnLine(all, db.centre, db.present.Load())
	d, ended := ledger.NewDirectory(ledger.AnchorOf(own)), cuts{}
	d.Pin(db.centre, db.publicKey())
	for i := range all {
		db.learn(d, ended, &all[i].Entry, all[i].Hash)
	}
	return d, ended, db.forks.Tell(ctx, r, d)
}

// learn tells a directory of a dir entry, and returns whether all that key-holders signed was judged anew. A centre that our own
// people introduced has the key that they compared.
func (db *DB) learn(d *ledger.Directory, own cuts, e *ledger.Entry, h ledger.Hash) (judged bool) {
	judged = d.Learn(e, h)
	if e.Lane.Centre != db.centre {
		return judged
	}
	var in ledger.Introduction
	var o ledger.Opening
	switch {
	case e.Op == ledger.Declare && e.Kind == ledger.KindIntroduction && e.Fields.Into(&in) == nil && in.Centre != db.centre:
		d.Pin(in.Centre, in.Key)
	case e.Op == ledger.Open && own != nil && e.Fields.Into(&o) == nil:
		own[o.Previous] = o.Cut
	}
	return judged
}

// shared reports whether an entry is more than our own plain word: then who owns the record has to be decided.
func (db *DB) shared(dir *ledger.Directory, e *ledger.Entry, own cuts) bool {
	if e.Lane.Centre != db.centre || e.Claim != nil || e.Op != ledger.Put && e.Op != ledger.Erase {
		return true
	}
	if e.Op == ledger.Erase && len(dir.Readers(db.centre)) > 0 {
		return true // they have to confirm it
	}
	if from, forked := dir.Forked(e.Lane); forked && e.Seq >= from {
		return true // another machine wrote as we
	}
	cut, ended := own[e.Lane.Incarnation]
	return ended && e.Seq > cut[e.Lane.Class] // came back to us after a restore
}

// fold makes a record of its entries. Where only we wrote, that is one after the other.
func (db *DB) fold(rows []entryRow) (folded, error) {
	f := folded{id: id.ID(rows[0].record), all: map[ledger.Class]ledger.Fields{}}
	known, shared, err := db.known(db.writer.dir, rows, db.writer.cuts)
	if err != nil {
		return f, err
	}
	hs := heads{}
	if shared {
		d := db.writer.dir.Decide(ledger.ID(f.id), known)
		f.decide(&d, db.centre, known)
		f.owe(db.writer.dir, known, rows, db.centre)
		hs = d.Heads
	} else {
		for i := range known {
			k := &known[i]
			if f.kind == "" {
				f.kind = k.Kind
			}
			class := k.Lane.Class
			f.all[class], hs[class] = ledger.Merge(f.all[class], &k.Entry, k.Opened), k.Hash
		}
	}
	for _, class := range ledger.Classes() {
		fields, ok := f.all[class]
		if !ok {
			continue
		}
		raw, err := ledger.Marshal(map[string]cbor.RawMessage(fields))
		if err != nil {
			return f, err
		}
		f.rows = append(f.rows, foldedRow{class, hs[class], raw})
	}
	return f, nil
}

// known decodes a record's entries and opens what is sealed.
func (db *DB) known(dir *ledger.Directory, rows []entryRow, own cuts) (out []ledger.Known, shared bool, err error) {
	out = make([]ledger.Known, 0, len(rows))
	for _, r := range rows {
		e, err := ledger.Decode(r.raw)
		if err != nil {
			return nil, false, fmt.Errorf("entry %d: %w", r.n, err)
		}
		if e.Op == ledger.Open || e.Op == ledger.Declare {
			continue // about centres
		}
		k := ledger.Known{Entry: e, Hash: HashOf(r.raw)}
		shared = shared || db.shared(dir, &e, own)
		if e.Body != nil && r.sealed != nil && r.key != nil { // else it was erased, or never came
			if ledger.Commitment(r.sealed) != *e.Body {
				return nil, false, fmt.Errorf("entry %d: %w", r.n, ledger.ErrSealed)
			}
			k.Opened, err = ledger.Unseal(r.key, r.sealed)
			if err != nil && e.Lane.Centre == db.centre {
				return nil, false, fmt.Errorf("entry %d: %w", r.n, err)
			}
		}
		out = append(out, k)
	}
	return out, shared, nil
}

// decide takes over what was decided. It was once ours too where our word, or what an owner gave us, lost against another's
// claim: who worked with it goes on seeing it, as another's, and no more of it than one who gave it away.
func (f *folded) decide(d *ledger.Decision, us ledger.ID, known []ledger.Known) {
	f.kind, f.all = d.Kind, d.Fields
	h := &holding{owner: d.Owner, under: d.Under, former: slices.Contains(d.Former, us) || slices.ContainsFunc(known, func(k ledger.Known) bool {
		return k.Lane.Centre == us && (k.Op == ledger.Own || k.Op == ledger.Put && k.Claim == nil) || gave(d, k, us)
	}), made: len(d.Former) > 0 && d.Former[0] == us,
		waiting: len(d.Waiting), lacking: len(d.Missing)}
	for _, p := range d.Proposals {
		if !p.Resolved && !slices.Contains(d.Pleas, p.Hash) {
			h.proposals++
		}
	}
	f.held, f.decision = h, d
}

// gave reports whether an entry gives a centre the record, by who had it. A stranger's gift makes nobody see more.
func gave(d *ledger.Decision, k ledger.Known, to ledger.ID) bool {
	var c ledger.Claim
	return k.Op == ledger.Own && slices.Contains(d.Former, k.Lane.Centre) && k.Fields.Into(&c) == nil && c.Owner == to
}

// write puts a folded record into the tables. fresh says that nothing of it can be there yet.
func (tx *Tx) write(ctx context.Context, f folded) error {
	was, err := tx.shown(ctx, f.id)
	if err != nil {
		return err
	}
	if err := tx.clear(ctx, f.id); err != nil {
		return err
	}
	for _, r := range f.rows {
		if _, err := tx.Exec(ctx, "INSERT INTO record (id, class, kind, head, fields) VALUES ($1,$2,$3,$4,$5)",
			f.id[:], string(r.class), f.kind, r.head[:], r.raw); err != nil {
			return err
		}
	}
	if err := tx.writeHeld(ctx, f); err != nil {
		return err
	}
	h := f.held
	if h != nil && len(f.rows) == 0 { // nothing of it counts any more, as after a restore elsewhere: it is taken from where it stood
		h = &holding{owner: tx.w.db.centre}
	}
	if was != nil && h != nil && !h.former { // what it was shown as until now, a rebuild would not make
		if err := tx.unproject(ctx, was, f.id); err != nil {
			return err
		}
	}
	k := tx.w.db.byName[f.kind]
	if k == nil || len(f.rows) == 0 && f.held == nil {
		return nil // from a newer version: kept in the ledger, and in the record's row
	}
	if h == nil {
		err = k.project(ctx, tx, f.id, f.all, h)
	} else {
		err = tx.projectHeld(ctx, k, f, h)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", f.kind, err)
	}
	return nil
}

// shown returns the noun in whose tables a record stands; nil where it stands in none, and was told to Other at most.
func (tx *Tx) shown(ctx context.Context, rid id.ID) (Registered, error) {
	if tx.fresh {
		return nil, nil //nolint:nilnil // the tables are empty
	}
	var kind string
	err := tx.QueryRow(ctx, "SELECT r.kind FROM record r LEFT JOIN record_held h ON h.record=r.id WHERE r.id=$1 AND coalesce(h.former, 1)=1 LIMIT 1", rid[:]).Scan(&kind)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil //nolint:nilnil // nothing of it is here yet
	}
	return tx.w.db.byName[kind], err
}

// clear takes away what the tables say of a record, but for its noun's.
func (tx *Tx) clear(ctx context.Context, rid id.ID) error {
	if tx.fresh {
		return nil
	}
	for _, q := range []string{"DELETE FROM record WHERE id=$1", "DELETE FROM record_held WHERE record=$1",
		"DELETE FROM record_want WHERE record=$1", "DELETE FROM record_asked WHERE record=$1", "DELETE FROM record_plea WHERE record=$1"} {
		if _, err := tx.Exec(ctx, q, rid[:]); err != nil {
			return err
		}
	}
	return nil
}

// projectHeld brings the tables to a record that others have written of. What they wrote may be incomplete or odd; such
// a record is not shown, and counts as lacking, rather than that nothing after it could be taken in.
func (tx *Tx) projectHeld(ctx context.Context, k Registered, f folded, h *holding) error {
	ctx = context.WithoutCancel(ctx)
	if err := tx.w.exec(ctx, "SAVEPOINT project"); err != nil {
		return err
	}
	err := k.project(ctx, tx, f.id, f.all, h)
	if err == nil {
		return tx.w.exec(ctx, "RELEASE project")
	}
	if back := errors.Join(tx.w.exec(ctx, "ROLLBACK TO project"), tx.w.exec(ctx, "RELEASE project")); back != nil || tx.strict || !odd(err) {
		return errors.Join(err, back)
	}
	if _, err := tx.Exec(ctx, "UPDATE record_held SET lacking=lacking+1 WHERE record=$1", f.id[:]); err != nil || tx.fresh {
		return err
	}
	return tx.unproject(ctx, k, f.id)
}

// odd reports whether an error is of what was to be written, not of the disk.
func odd(err error) bool {
	_, ofDatabase := errors.AsType[*sqlite3.Error](err)
	return !ofDatabase || errors.Is(err, sqlite3.CONSTRAINT) || errors.Is(err, sqlite3.MISMATCH) || errors.Is(err, sqlite3.TOOBIG)
}

// unproject takes a record's rows away. A noun's tables name the record as id, or as the noun where it has many rows.
func (tx *Tx) unproject(ctx context.Context, k Registered, rid id.ID) error {
	if _, err := tx.Exec(ctx, "DELETE FROM record_subject WHERE record=$1", rid[:]); err != nil {
		return err
	}
	tables, _, _ := k.schema()
	for _, t := range tables {
		columns, err := All(ctx, tx, func(s *sql.Rows, v *string) error { return s.Scan(v) },
			"SELECT name FROM pragma_table_info($1) WHERE name IN ('id',$2) ORDER BY name<>'id'", t, k.Name())
		if err == nil && len(columns) > 0 {
			_, err = tx.Exec(ctx, "DELETE FROM "+t+" WHERE "+columns[0]+"=$1", rid)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// Append adds an entry to one of our lanes, with fields sealed beside it, and brings no table to it: for what centres say
// of records to each other. Records themselves are Put.
func (tx *Tx) Append(ctx context.Context, e *ledger.Entry, parcel ledger.Fields) error {
	e.Actor, e.Batch = ledger.ID(tx.Actor), ledger.Batch{Tx: tx.batch, Act: tx.act}
	var sealed []byte
	if len(parcel) > 0 {
		key, err := tx.recordKey(ctx, e.Record)
		if err != nil {
			return err
		}
		if sealed, err = ledger.Seal(key, tx.w.db.cfg.Random, parcel); err != nil {
			return err
		}
		c := ledger.Commitment(sealed)
		e.Body = &c
	}
	if _, err := tx.w.append(ctx, e, sealed); err != nil || e.Lane.Class != ledger.Dir {
		return err
	}
	if e.Kind == ledger.KindHolders {
		tx.w.dir = nil // what warrants said before may count now
	}
	return tx.unsettle(ctx, e, e.Kind == ledger.KindHolders)
}

func entriesOf(ctx context.Context, r Reader, rid ledger.ID) ([]entryRow, error) {
	return All(ctx, r, func(s *sql.Rows, v *entryRow) error {
		v.record = rid
		return s.Scan(&v.n, &v.raw, &v.sealed, &v.key)
	}, `SELECT e.n, e.raw, b.sealed, coalesce(b.key, k.key) FROM ledger_entry e LEFT JOIN ledger_body b ON b.hash=e.hash
		LEFT JOIN ledger_key k ON k.record=e.record WHERE e.record=$1 ORDER BY e.n`, rid[:])
}

// held returns who has a record that is not ours alone; nil where it is.
func held(ctx context.Context, r Reader, rid id.ID) (*holding, error) {
	var h holding
	var owner, under []byte
	err := r.QueryRow(ctx, "SELECT owner, held_by, former, made, proposals, waiting, lacking FROM record_held WHERE record=$1", rid[:]).
		Scan(&owner, &under, &h.former, &h.made, &h.proposals, &h.waiting, &h.lacking)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil //nolint:nilnil // nobody else has written of it
	}
	if err != nil {
		return nil, err
	}
	h.owner, h.under = ledger.ID(owner), ledger.Hash(under)
	return &h, nil
}

// putHeld writes a change to a record that other centres have written of too: only its owner may. Under a claim all
// that travels is one entry in the lane that everybody has, with what is sealed as a parcel beside it.
func (k *Kind[T]) putHeld(ctx context.Context, tx *Tx, rid id.ID, h *holding, hs heads, changed map[ledger.Class]ledger.Fields) error {
	if h.owner != tx.w.db.centre {
		return tx.Elsewhere(ctx, h.owner)
	}
	base := map[ledger.Class]ledger.Hash{}
	for class, head := range hs {
		if head != (ledger.Hash{}) {
			base[class] = head
		}
	}
	entry := ledger.Entry{Record: ledger.ID(rid), Kind: k.spec.Name, Schema: k.spec.Schema, Op: ledger.Put, Base: base, Claim: &h.under}
	if err := tx.AppendChange(ctx, entry, changed); err != nil {
		return err
	}
	tx.act++
	tx.strict = true
	defer func() { tx.strict = false }()
	_, err := tx.Refold(ctx, ledger.ID(rid))
	return err
}

// AppendChange appends a change of a record of ours, without bringing the tables to it. Under a root claim each class has
// its lane: what is sealed beside another would come before what stands in its own. Under any other claim it is a parcel.
func (tx *Tx) AppendChange(ctx context.Context, entry ledger.Entry, changed map[ledger.Class]ledger.Fields) error {
	changed = maps.Clone(changed)
	if *entry.Claim != ledger.RootClaim(entry.Record, tx.w.db.centre) {
		if err := tx.appendParcel(ctx, entry, changed); err != nil {
			return err
		}
	}
	for _, class := range ledger.Classes() {
		fields := changed[class]
		if len(fields) == 0 {
			continue
		}
		e := entry
		if e.Lane.Class = class; !class.Sealed() {
			e.Fields, fields = fields, nil
		}
		if err := tx.Append(ctx, &e, fields); err != nil {
			return err
		}
	}
	return nil
}

// appendParcel appends the one entry of a change under a claim, and takes what it holds out of changed.
func (tx *Tx) appendParcel(ctx context.Context, e ledger.Entry, changed map[ledger.Class]ledger.Fields) error {
	parcel, err := ledger.Pack(changed)
	if err != nil {
		return err
	}
	e.Lane.Class, e.Fields = ledger.Coord, changed[ledger.Coord]
	delete(changed, ledger.Coord)
	for class := range parcel {
		delete(changed, ledger.Class(class))
	}
	if len(e.Fields)+len(parcel) == 0 {
		return nil
	}
	return tx.Append(ctx, &e, parcel)
}

// Elsewhere is the Conflict of who would change what another centre has.
func (tx *Tx) Elsewhere(ctx context.Context, owner ledger.ID) error {
	name := ""
	if p, err := Peer(ctx, tx, owner); err == nil {
		name = p.Name
	}
	return errs.New(errs.Conflict, "store.elsewhere", "centre", name)
}

// project brings the noun's tables to a record. What never was ours is told to Other alone; what we gave away or
// were given is shown as Shared leaves it.
func (k *Kind[T]) project(ctx context.Context, tx *Tx, rid id.ID, all map[ledger.Class]ledger.Fields, h *holding) error {
	rec, err := k.join(rid, all)
	if err != nil {
		return err
	}
	if h != nil && k.spec.Other != nil {
		owner := id.ID(h.owner)
		if h.owner == tx.w.db.centre {
			owner = id.ID{}
		}
		if err := k.spec.Other(ctx, tx, rec, owner); err != nil {
			return err
		}
	}
	if h != nil && !h.former {
		return nil
	}
	if h != nil && k.spec.Shared != nil {
		k.spec.Shared(rec, h.owner == tx.w.db.centre, h.made)
	}
	if k.spec.Subjects != nil {
		if err := tx.subjects(ctx, rid, k.spec.Subjects(rec)); err != nil {
			return err
		}
	}
	if k.spec.Project == nil {
		return nil
	}
	return k.spec.Project(ctx, tx, rec)
}

// Centre returns the centre's own identity in the ledger.
func (tx *Tx) Centre() id.ID { return id.ID(tx.w.db.centre) }
