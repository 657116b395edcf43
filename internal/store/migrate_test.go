package store

import (
	"crypto/ed25519"
	"path/filepath"
	"reflect"
	"testing"
	"testing/fstest"

	"github.com/jumyla/jumyla/internal/id"
	"github.com/jumyla/jumyla/internal/store/cipher"
	"github.com/jumyla/jumyla/ledger"
)

// TestALaterVersionFillsAGap opens what an older version made with one whose new migration has a number between.
func TestALaterVersionFillsAGap(t *testing.T) {
	db, err := connect(Config{Dir: t.TempDir(), VFS: cipher.Name(), Synchronous: "OFF"}, make([]byte, 32), true)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	table := func(name string) *fstest.MapFile {
		return &fstest.MapFile{Data: []byte("-- +goose Up\nCREATE TABLE " + name + " (n INTEGER);\n")}
	}
	older := fstest.MapFS{"00001_first.sql": table("first"), "00060_later.sql": table("later")}
	newer := fstest.MapFS{"00001_first.sql": table("first"), "00040_between.sql": table("between_them"), "00060_later.sql": table("later")}
	for _, dir := range []fstest.MapFS{older, newer, newer} {
		if err := migrateBy(t.Context(), db, dir); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"first", "between_them", "later"} {
		if _, err := db.ExecContext(t.Context(), "INSERT INTO "+name+" VALUES (1)"); err != nil {
			t.Error(err)
		}
	}
}

type birdKind struct{}

type bird struct {
	ID    id.Of[birdKind]
	Song  string `coord:"song"`
	Owner string `body:"owner"`
}

// TestBranchesComeToAnOlderDatabase opens a filled database as it was before lanes had branches (migration 191): nothing of it changes,
// also where the migration was stopped in its middle and is done again.
func TestBranchesComeToAnOlderDatabase(t *testing.T) {
	birds := Define(Spec[bird]{Name: "bird", Schema: 1})
	for name, left := range map[string]string{"new": "SELECT 1", "stopped": "CREATE TABLE ledger_lane_anew (id INTEGER PRIMARY KEY)"} {
		t.Run(name, func(t *testing.T) {
			cfg := Config{Dir: filepath.Join(t.TempDir(), "centre"), Kinds: []Registered{birds}, Synchronous: "OFF", KDF: KDF{Time: 1, Memory: 64, Threads: 1}}
			pass := Secret{Passphrase: "оқу құпиясы"}
			db, err := Create(t.Context(), cfg, pass)
			if err != nil {
				t.Fatal(err)
			}
			var first bird
			err = db.Write(t.Context(), Actor{}, func(tx *Tx) error {
				for _, song := range []string{"low", "high"} {
					b := &bird{ID: NewID[birdKind](tx), Song: song, Owner: "Сәуле"}
					if err := tx.Put(t.Context(), b); err != nil {
						return err
					}
					first = *b
				}
				return nil
			})
			if err == nil {
				err = hearOf(t, db, ledger.ID(first.ID.ID))
			}
			if err != nil {
				t.Fatal(err)
			}
			lanes, hash := stands(t, db)
			key, err := db.databaseKey(t.Context())
			if err == nil {
				err = db.Close()
			}
			if err != nil {
				t.Fatal(err)
			}
			asBefore191(t, cfg.filled(), key, left)
			if db, err = Open(t.Context(), cfg, pass); err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = db.Close() })
			if l, h := stands(t, db); h != hash || !reflect.DeepEqual(l, lanes) || len(l) < 4 {
				t.Errorf("state %s was %s, lanes %v were %v", h, hash, l, lanes)
			}
			if before, after, err := db.Rebuild(t.Context()); err != nil || before != hash || after != hash {
				t.Error(before, after, err)
			}
			if err := db.Write(t.Context(), Actor{}, func(tx *Tx) error { first.Song = "none"; return tx.Put(t.Context(), &first) }); err != nil {
				t.Error(err)
			}
			if _, err := db.Verify(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
}

// hearOf lets a database hear of a centre, and what that one wrote of a record.
func hearOf(t *testing.T, db *DB, record ledger.ID) error {
	t.Helper()
	key := ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize))
	other := ledger.ID{1}
	in, err := ledger.FieldsOf(ledger.Introduction{Centre: other, Key: key.Public().(ed25519.PublicKey)})
	if err != nil {
		return err
	}
	lane := ledger.Lane{Centre: other, Incarnation: 1, Class: ledger.Coord}
	fields, err := ledger.FieldsOf(map[string]string{"song": "other"})
	if err != nil {
		return err
	}
	raw, end, err := ledger.Head{}.Append(&ledger.Entry{Lane: lane, Record: record, Kind: "bird", Op: ledger.Put, Fields: fields})
	if err != nil {
		return err
	}
	return db.Write(t.Context(), Actor{}, func(tx *Tx) error {
		if err := tx.Append(t.Context(), &ledger.Entry{Lane: ledger.Lane{Class: ledger.Dir}, Record: other, Kind: ledger.KindIntroduction, Op: ledger.Declare, Fields: in}, nil); err != nil {
			return err
		}
		return tx.Receive(t.Context(), Piece{Lane: lane, End: end, Signature: ledger.SignHead(key, lane, end)}, []Parcel{{Raw: raw}})
	})
}

// stands is what a database has: its lanes and its state.
func stands(t *testing.T, db *DB) ([]Lane, string) {
	t.Helper()
	lanes, err := db.Lanes(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	hash, err := db.StateHash(t.Context())
	if err == nil {
		_, err = db.Verify(t.Context())
	}
	if err != nil {
		t.Fatal(err)
	}
	return lanes, hash
}

// asBefore191 takes a closed database's lanes back to what migrations up to 190 made of them.
func asBefore191(t *testing.T, cfg Config, key []byte, left string) {
	t.Helper()
	raw, err := connect(cfg, key, true)
	if err != nil {
		t.Fatal(err)
	}
	for _, q := range []string{
		"PRAGMA foreign_keys=OFF",
		`CREATE TABLE older (id INTEGER PRIMARY KEY, centre BLOB NOT NULL, incarnation INTEGER NOT NULL, class TEXT NOT NULL, seq INTEGER NOT NULL,
			hash BLOB NOT NULL, signature BLOB NOT NULL, signed INTEGER NOT NULL DEFAULT 0, UNIQUE (centre, incarnation, class))`,
		"INSERT INTO older SELECT id, centre, incarnation, class, seq, hash, signature, signed FROM ledger_lane",
		"DROP TABLE ledger_lane",
		"ALTER TABLE older RENAME TO ledger_lane",
		"DELETE FROM goose_db_version WHERE version_id=191",
		left,
	} {
		if _, err := raw.ExecContext(t.Context(), q); err != nil {
			t.Fatal(q, err)
		}
	}
	if err := raw.Close(); err != nil {
		t.Fatal(err)
	}
}
