package store

import (
	"context"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"reflect"

	"github.com/fxamacker/cbor/v2"

	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/id"
	"github.com/jumyla/jumyla/ledger"
)

// Spec declares a kind of record. T is a struct with a field ID of type id.Of; every other field has one
// tag that names its class and its name there: `coord:"kind"`, `body:"caller"`, `local:"hash"`. A field that was moved to
// another class says where it stood (`was:"coord"`): what older programs wrote is read there.
type Spec[T any] struct {
	Name   string // in entries: never changes
	Schema uint16
	Fact   bool     // written once, never changed
	Tables []string // the projected tables that DDL creates, all of them
	Views  []string // the views that DDL creates over them
	DDL    string   // CREATE TABLE, INDEX and VIEW statements; changing them builds the projections anew

	// Project brings the tables to what rec now says. It must be a function of rec alone (and of rows of this
	// kind, in whatever order), for rebuild calls it again, once for each record; it may be nil.
	Project func(ctx context.Context, tx *Tx, rec *T) error
	// Other is told of a record that another centre owns, and with a zero owner when it has become ours; may be nil.
	// It keeps tables of its own: what Project writes is ours, or was.
	Other func(ctx context.Context, tx *Tx, rec *T, owner id.ID) error
	// Shared changes how Project sees a record that was given from centre to centre: whether it is ours now, and
	// whether it began here; may be nil.
	Shared func(rec *T, ours, made bool)
	// Subjects are other records whose history tells of this one; may be nil.
	Subjects func(rec *T) []id.ID
}

// Kind is a declared kind of record.
type Kind[T any] struct {
	spec   Spec[T]
	fields []field
}

// field is one struct field of a record.
type field struct {
	index int
	class ledger.Class
	name  string
	was   ledger.Class // where older programs wrote it; "" where they wrote it there too
}

// Registered is what the database needs to know of a kind.
type Registered interface {
	Name() string
	schema() (tables, views []string, ddl string)
	recordType() reflect.Type
	classes() []Field
	put(ctx context.Context, tx *Tx, rec any) error
	project(ctx context.Context, tx *Tx, rid id.ID, all map[ledger.Class]ledger.Fields, h *holding) error
}

// Define declares a kind. It panics when T's fields are not tagged: that is a defect of the program.
func Define[T any](spec Spec[T]) *Kind[T] {
	k := &Kind[T]{spec: spec}
	typ := reflect.TypeFor[T]()
	for i := range typ.NumField() {
		f := typ.Field(i)
		if f.Name == "ID" {
			continue
		}
		found := 0
		for _, c := range ledger.Classes() {
			if name, ok := f.Tag.Lookup(string(c)); ok {
				k.fields = append(k.fields, field{i, c, name, ledger.Class(f.Tag.Get("was"))})
				found++
			}
		}
		if found != 1 {
			panic("store: " + spec.Name + "." + f.Name + " needs exactly one class")
		}
	}
	return k
}

// Name returns the kind's name in entries.
func (k *Kind[T]) Name() string { return k.spec.Name }

func (k *Kind[T]) schema() (tables, views []string, ddl string) {
	return k.spec.Tables, k.spec.Views, k.spec.DDL
}

// Field is where a field of a kind may travel.
type Field struct {
	Name  string
	Class ledger.Class
	Type  reflect.Type
}

// FieldsOf returns the fields of a kind.
func FieldsOf(k Registered) []Field { return k.classes() }

func (k *Kind[T]) classes() []Field {
	out := make([]Field, 0, len(k.fields))
	for _, f := range k.fields {
		out = append(out, Field{f.name, f.class, k.recordType().Field(f.index).Type})
	}
	return out
}

func (k *Kind[T]) recordType() reflect.Type { return reflect.TypeFor[T]() }

func (k *Kind[T]) id(rec *T) id.ID {
	return reflect.ValueOf(rec).Elem().FieldByName("ID").FieldByName("ID").Interface().(id.ID)
}

// split encodes the record's fields by class; a field that is zero and was never set stays out.
func (k *Kind[T]) split(rec *T, old map[ledger.Class]ledger.Fields) (map[ledger.Class]ledger.Fields, error) {
	out := map[ledger.Class]ledger.Fields{}
	v := reflect.ValueOf(rec).Elem()
	for _, f := range k.fields {
		fv := v.Field(f.index)
		was, had := old[f.class][f.name]
		if fv.IsZero() && !had {
			continue
		}
		raw, err := ledger.Marshal(fv.Interface())
		if err != nil {
			return nil, fmt.Errorf("encode %s.%s: %w", k.spec.Name, f.name, err)
		}
		if had && string(was) == string(raw) {
			continue
		}
		if out[f.class] == nil {
			out[f.class] = ledger.Fields{}
		}
		out[f.class][f.name] = raw
	}
	return out, nil
}

// join decodes fields into a record; what a newer program added is left alone.
func (k *Kind[T]) join(rid id.ID, all map[ledger.Class]ledger.Fields) (*T, error) {
	rec := new(T)
	v := reflect.ValueOf(rec).Elem()
	v.FieldByName("ID").FieldByName("ID").Set(reflect.ValueOf(rid))
	for _, f := range k.fields {
		raw, ok := all[f.class][f.name]
		if !ok && f.was != "" {
			raw, ok = all[f.was][f.name]
		}
		if !ok {
			continue
		}
		if err := ledger.Unmarshal(raw, v.Field(f.index).Addr().Interface()); err != nil {
			return nil, fmt.Errorf("decode %s.%s: %w", k.spec.Name, f.name, err)
		}
	}
	return rec, nil
}

// Get reads one record as it is now.
func (k *Kind[T]) Get(ctx context.Context, r Reader, rid id.ID) (*T, error) {
	all, _, err := load(ctx, r, rid, k.spec.Name)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", k.spec.Name, err)
	}
	if len(all) == 0 {
		return nil, errs.Missing(k.spec.Name)
	}
	return k.join(rid, all)
}

// heads are a record's last entries by class.
type heads map[ledger.Class]ledger.Hash

func load(ctx context.Context, r Reader, rid id.ID, kind string) (map[ledger.Class]ledger.Fields, heads, error) {
	rows, err := r.Query(ctx, "SELECT class, head, fields FROM record WHERE id=$1 AND kind=$2 ORDER BY class", rid[:], kind)
	if err != nil {
		return nil, nil, err
	}
	defer rows.Close()
	all, hs := map[ledger.Class]ledger.Fields{}, heads{}
	for rows.Next() {
		var class string
		var head, raw []byte
		if err := rows.Scan(&class, &head, &raw); err != nil {
			return nil, nil, err
		}
		var f ledger.Fields
		if err := ledger.Unmarshal(raw, &f); err != nil {
			return nil, nil, err
		}
		all[ledger.Class(class)], hs[ledger.Class(class)] = f, ledger.Hash(head)
	}
	return all, hs, rows.Err()
}

// Version names the state of a record, so that a form can tell whether it has gone stale.
func Version(ctx context.Context, r Reader, rid id.ID) (string, error) {
	rows, err := All(ctx, r, func(row *sql.Rows, v *[]byte) error { return row.Scan(v) },
		"SELECT head FROM record WHERE id=$1 ORDER BY class", rid[:])
	if err != nil {
		return "", err
	}
	return hex.EncodeToString(digest(rows...)[:6]), nil
}

// Expect returns a Conflict when the record is no longer in the state that version names; "" expects
// nothing.
func (tx *Tx) Expect(ctx context.Context, rid id.ID, version string) error {
	now, err := Version(ctx, tx, rid)
	if err == nil && version != "" && now != version {
		return errs.New(errs.Conflict, "error.conflict")
	}
	return err
}

// Put writes a record, new or changed: one entry for each class touched, and the tables, together. A record
// that says nothing new writes nothing. rec is a pointer to a registered kind's struct.
func (tx *Tx) Put(ctx context.Context, rec any) error {
	k := tx.w.db.kinds[reflect.TypeOf(rec).Elem()]
	if k == nil {
		return fmt.Errorf("put %T: kind not registered", rec)
	}
	if err := k.put(ctx, tx, rec); err != nil {
		return fmt.Errorf("put %s: %w", k.Name(), err)
	}
	return nil
}

func (k *Kind[T]) put(ctx context.Context, tx *Tx, rec any) error {
	r, ok := rec.(*T)
	if !ok {
		return fmt.Errorf("%T is not a %s", rec, k.spec.Name)
	}
	rid := k.id(r)
	if rid.IsZero() {
		return errors.New("the record has no identity")
	}
	all, hs, err := load(ctx, tx, rid, k.spec.Name)
	if err != nil {
		return err
	}
	if k.spec.Fact && len(all) > 0 {
		return errs.New(errs.Conflict, "error.fact")
	}
	changed, err := k.split(r, all)
	if err != nil || len(changed) == 0 {
		return err
	}
	h, err := held(ctx, tx, rid)
	if err != nil {
		return err
	}
	if h != nil {
		return k.putHeld(ctx, tx, rid, h, hs, changed)
	}
	for _, class := range ledger.Classes() {
		if changed[class] == nil {
			continue
		}
		e := &ledger.Entry{Lane: ledger.Lane{Class: class}, Record: ledger.ID(rid), Kind: k.spec.Name, Schema: k.spec.Schema, Op: ledger.Put}
		if all[class], err = tx.enter(ctx, e, all[class], changed[class]); err != nil {
			return err
		}
	}
	tx.act++
	tx.wrote(k.spec.Name, rid)
	return k.project(ctx, tx, rid, all, nil)
}

// enter appends an entry with its fields, open or sealed, and applies it to the record's row.
func (tx *Tx) enter(ctx context.Context, e *ledger.Entry, old, fields ledger.Fields) (ledger.Fields, error) {
	e.Actor, e.Batch = ledger.ID(tx.Actor), ledger.Batch{Tx: tx.batch, Act: tx.act}
	var sealed []byte
	var body ledger.Fields
	class := e.Lane.Class
	if class.Sealed() && e.Op == ledger.Put {
		key, err := tx.recordKey(ctx, e.Record)
		if err != nil {
			return nil, err
		}
		if sealed, err = ledger.Seal(key, tx.w.db.cfg.Random, fields); err != nil {
			return nil, err
		}
		c := ledger.Commitment(sealed)
		e.Body, body = &c, fields
	} else {
		e.Fields = fields
	}
	if tx.dated {
		e.Time = uint64(ledger.Clock(0).Tick(tx.Now.UnixMilli())) + uint64(tx.w.next)&0xffff //nolint:gosec // counts from 1
	}
	head, err := tx.w.append(ctx, e, sealed)
	if err != nil {
		return nil, err
	}
	merged := ledger.Merge(old, e, body)
	return merged, tx.keep(ctx, e, head, merged)
}

// keep writes the record's row of one class.
func (tx *Tx) keep(ctx context.Context, e *ledger.Entry, head ledger.Hash, fields ledger.Fields) error {
	raw, err := ledger.Marshal(map[string]cbor.RawMessage(fields))
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `INSERT INTO record (id, class, kind, head, fields) VALUES ($1,$2,$3,$4,$5)
		ON CONFLICT (id, class) DO UPDATE SET head=excluded.head, fields=excluded.fields`,
		e.Record[:], string(e.Lane.Class), e.Kind, head[:], raw)
	return err
}

func (tx *Tx) recordKey(ctx context.Context, rec ledger.ID) ([]byte, error) {
	var key []byte
	err := tx.QueryRow(ctx, "SELECT key FROM ledger_key WHERE record=$1", rec[:]).Scan(&key)
	if !errors.Is(err, sql.ErrNoRows) {
		return key, err
	}
	key = make([]byte, ledger.KeySize)
	if _, err := tx.w.db.cfg.Random.Read(key); err != nil {
		return nil, err
	}
	_, err = tx.Exec(ctx, "INSERT INTO ledger_key (record, key) VALUES ($1,$2)", rec[:], key)
	return key, err
}

func (tx *Tx) subjects(ctx context.Context, rid id.ID, subjects []id.ID) error {
	if !tx.fresh {
		if _, err := tx.Exec(ctx, "DELETE FROM record_subject WHERE record=$1", rid[:]); err != nil {
			return err
		}
	}
	for _, s := range subjects {
		if s.IsZero() {
			continue
		}
		if _, err := tx.Exec(ctx, "INSERT INTO record_subject (subject, record) VALUES ($1,$2) ON CONFLICT DO NOTHING", s[:], rid[:]); err != nil {
			return err
		}
	}
	return nil
}

// Erase destroys a record's bodies and its key, for ever and everywhere in this database, and keeps that it
// was done. What names nobody stays.
func (tx *Tx) Erase(ctx context.Context, rid id.ID) error {
	classes, err := All(ctx, tx, func(r *sql.Rows, v *[2]string) error { return r.Scan(&v[0], &v[1]) },
		"SELECT class, kind FROM record WHERE id=$1 ORDER BY class", rid[:])
	if err != nil || len(classes) == 0 {
		return errors.Join(err, missingIf(len(classes) == 0))
	}
	kind := classes[0][1]
	if h, err := held(ctx, tx, rid); err != nil || h != nil {
		return errors.Join(err, tx.eraseHeld(ctx, rid, kind, h))
	}
	for _, c := range classes {
		class := ledger.Class(c[0])
		if !class.Sealed() {
			continue
		}
		e := &ledger.Entry{Lane: ledger.Lane{Class: class}, Record: ledger.ID(rid), Kind: kind, Op: ledger.Erase}
		if _, err := tx.enter(ctx, e, nil, nil); err != nil {
			return fmt.Errorf("erase %s: %w", kind, err)
		}
	}
	for _, q := range []string{"DELETE FROM ledger_body WHERE record=$1", "DELETE FROM ledger_key WHERE record=$1"} {
		if _, err := tx.Exec(ctx, q, rid[:]); err != nil {
			return fmt.Errorf("erase %s: %w", kind, err)
		}
	}
	if err := tx.forgetFile(ctx, rid); err != nil {
		return err
	}
	tx.act++
	tx.wrote(kind, rid)
	dir, err := tx.w.directory(ctx)
	if err != nil {
		return err
	}
	if len(dir.Readers(tx.w.db.centre)) > 0 { // others have read it, and have to destroy it too
		_, err := tx.Refold(ctx, ledger.ID(rid))
		return err
	}
	all, _, err := load(ctx, tx, rid, kind)
	if err != nil || tx.w.db.byName[kind] == nil {
		return err
	}
	return tx.w.db.byName[kind].project(ctx, tx, rid, all, nil)
}

func missingIf(absent bool) error {
	if absent {
		return errs.Missing("record")
	}
	return nil
}
