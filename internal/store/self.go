package store

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"database/sql"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/jumyla/jumyla/internal/id"
	"github.com/jumyla/jumyla/internal/store/disk"
	"github.com/jumyla/jumyla/ledger"
)

// self reads a value of the database's own; nil where it was never set.
func (w *writer) self(ctx context.Context, key string) ([]byte, error) {
	st, err := w.stmt(ctx, "SELECT value FROM ledger_self WHERE key=$1")
	if err != nil {
		return nil, err
	}
	var v []byte
	err = st.QueryRowContext(ctx, key).Scan(&v)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	return v, err
}

func (w *writer) setSelf(ctx context.Context, key string, v []byte) error {
	return w.exec(ctx, "INSERT INTO ledger_self (key, value) VALUES ($1,$2) ON CONFLICT (key) DO UPDATE SET value=excluded.value", key, v)
}

// identify loads the centre's identity and signing key, or makes them.
func (db *DB) identify(ctx context.Context) error {
	w := db.writer
	centre, err := w.self(ctx, "centre")
	if err != nil {
		return err
	}
	seed, err := w.self(ctx, "seed")
	if err != nil {
		return err
	}
	if centre == nil {
		v, err := id.From(db.Now(), db.cfg.Random)
		if err != nil {
			return err
		}
		centre, seed = v[:], make([]byte, ed25519.SeedSize)
		if _, err := db.cfg.Random.Read(seed); err != nil {
			return err
		}
		if err := errors.Join(w.setSelf(ctx, "centre", centre), w.setSelf(ctx, "seed", seed)); err != nil {
			return err
		}
	}
	db.centre = ledger.ID(centre)
	db.key = ed25519.NewKeyFromSeed(seed)
	return nil
}

// marker is the file that ties the database to this folder on this machine. A database that was copied or
// restored does not find its own, and opens a new incarnation before it writes, so that a sequence number
// is never used twice (R1 of the ledger).
type marker struct {
	Token   string `json:"token"`
	Machine string `json:"machine"`
}

// incarnate loads the lanes of the incarnation in force, opening a new one where the marker disagrees.
func (db *DB) incarnate(ctx context.Context) error {
	w := db.writer
	n, err := w.self(ctx, "incarnation")
	if err != nil {
		return err
	}
	if len(n) == 8 {
		w.incarnation = uint32(binary.BigEndian.Uint64(n)) //nolint:gosec // counts from 1
		db.present.Store(w.incarnation)
	}
	row, err := w.stmt(ctx, "SELECT coalesce(max(n),0)+1 FROM ledger_entry")
	if err != nil {
		return err
	}
	if err := row.QueryRowContext(ctx).Scan(&w.next); err != nil {
		return err
	}
	if err := w.loadClock(ctx); err != nil {
		return err
	}
	token, err := w.self(ctx, "token")
	if err != nil {
		return err
	}
	path := filepath.Join(db.cfg.Dir, markerFile)
	var m marker
	if b, err := os.ReadFile(path); err == nil { //nolint:gosec // the data folder's own file
		_ = json.Unmarshal(b, &m)
	}
	if token != nil && m.Token == hex.EncodeToString(token) && m.Machine == disk.Place(filepath.Join(db.cfg.Dir, dbFile)) {
		on, err := db.onLine(ctx)
		if on || err != nil {
			return errors.Join(err, w.loadLanes(ctx))
		}
	}
	return db.reincarnate(ctx, path)
}

// onLine reports whether what this incarnation writes is the centre's word. Where a database was restored twice, it
// learns from others that the other life opened a higher incarnation, and opens again above it.
func (db *DB) onLine(ctx context.Context) (bool, error) {
	d, err := db.writer.directory(ctx)
	return err == nil && d.OnLine(db.centre, db.writer.incarnation), err
}

func (w *writer) loadClock(ctx context.Context) error {
	st, err := w.stmt(ctx, "SELECT e.raw FROM ledger_entry e CROSS JOIN ledger_lane l ON l.id=e.lane WHERE l.centre=$1 ORDER BY e.n DESC LIMIT 1") // CROSS: back from the newest, none sorted
	if err != nil {
		return err
	}
	var raw []byte
	err = st.QueryRowContext(ctx, w.db.centre[:]).Scan(&raw) // another centre's clock is its own
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err != nil {
		return err
	}
	e, err := ledger.Decode(raw)
	last := ledger.Clock(e.Time)
	w.clock = last.Tick(last.Milliseconds() + 1) // past the millisecond of what was minted last
	return err
}

func (w *writer) loadLanes(ctx context.Context) error {
	st, err := w.stmt(ctx, "SELECT id, class, seq, hash FROM ledger_lane WHERE centre=$1 AND incarnation=$2 AND branch=0")
	if err != nil {
		return err
	}
	rows, err := st.QueryContext(ctx, w.db.centre[:], w.incarnation)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var l lane
		var class string
		var hash []byte
		if err := rows.Scan(&l.id, &class, &l.head.Seq, &hash); err != nil {
			return err
		}
		l.head.Hash = ledger.Hash(hash)
		w.lanes[ledger.Class(class)] = l
	}
	return rows.Err()
}

// reincarnate opens a new incarnation: its first entry names the one before and where each of its lanes was cut.
func (db *DB) reincarnate(ctx context.Context, path string) error {
	w := db.writer
	if err := w.loadLanes(ctx); err != nil {
		return err
	}
	before := ledger.Opening{Previous: w.incarnation, Cut: map[ledger.Class]uint64{}, Heads: map[ledger.Class]ledger.Hash{}}
	for c, l := range w.lanes {
		before.Cut[c], before.Heads[c] = l.head.Seq, l.head.Hash
	}
	next, err := db.nextIncarnation(ctx)
	if err != nil {
		return err
	}
	saved := w.state()
	w.incarnation, w.lanes = next, map[ledger.Class]lane{}
	token := make([]byte, 16)
	if _, err := db.cfg.Random.Read(token); err != nil {
		return err
	}
	if err := w.exec(ctx, "BEGIN IMMEDIATE"); err != nil {
		return err
	}
	err = errors.Join(
		w.setSelf(ctx, "incarnation", binary.BigEndian.AppendUint64(nil, uint64(w.incarnation))),
		w.setSelf(ctx, "token", token))
	if err == nil && before.Previous > 0 {
		err = w.openEntry(ctx, before)
	}
	if err == nil {
		err = w.signHeads(ctx, state{})
	}
	if err == nil {
		err = w.exec(ctx, "COMMIT")
	}
	if err != nil {
		w.restore(saved)
		return errors.Join(err, w.exec(ctx, "ROLLBACK"))
	}
	db.present.Store(w.incarnation)
	b, err := json.Marshal(marker{Token: hex.EncodeToString(token), Machine: disk.Place(filepath.Join(db.cfg.Dir, dbFile))})
	if err != nil {
		return err
	}
	return writeFile(path, b)
}

// nextIncarnation returns a number above every one that this database knows of its centre's, by a random step: two
// databases restored from one back-up must not open the same.
func (db *DB) nextIncarnation(ctx context.Context) (uint32, error) {
	w := db.writer
	if w.incarnation == 0 {
		return 1, nil
	}
	st, err := w.stmt(ctx, "SELECT coalesce(max(incarnation),0) FROM ledger_lane WHERE centre=$1")
	if err != nil {
		return 0, err
	}
	var known uint32
	if err := st.QueryRowContext(ctx, db.centre[:]).Scan(&known); err != nil {
		return 0, err
	}
	step := make([]byte, 4)
	if _, err := io.ReadFull(db.cfg.Random, step); err != nil {
		return 0, err
	}
	return max(known, w.incarnation) + 1 + binary.BigEndian.Uint32(step)%(1<<20), nil
}

func (w *writer) openEntry(ctx context.Context, before ledger.Opening) error {
	f, err := ledger.FieldsOf(before)
	if err != nil {
		return err
	}
	e := &ledger.Entry{Lane: ledger.Lane{Class: ledger.Dir}, Record: w.db.centre, Kind: "open", Op: ledger.Open, Fields: f}
	_, err = w.append(ctx, e, nil)
	return err
}

// matchSchema builds the projections anew where this program's tables differ from those in the database.
func (db *DB) matchSchema(ctx context.Context) error {
	want := []byte(db.projectedDDL())
	have, err := db.writer.self(ctx, "projected")
	if err != nil {
		return err
	}
	if bytes.Equal(digest(want), have) {
		return nil
	}
	if err := db.rebuild(ctx); err != nil {
		return err
	}
	return db.writer.setSelf(ctx, "projected", digest(want))
}

func (db *DB) projectedDDL() string {
	var b strings.Builder
	for _, k := range db.cfg.Kinds {
		_, _, ddl := k.schema()
		b.WriteString(ddl)
	}
	return b.String()
}

// projected returns the names of every projected table, sorted.
func (db *DB) projected() []string {
	out := []string{"record", "record_subject", "record_held", "record_want", "record_asked", "record_plea"}
	for _, k := range db.cfg.Kinds {
		t, _, _ := k.schema()
		out = append(out, t...)
	}
	slices.Sort(out)
	return out
}
