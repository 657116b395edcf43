package twin

import (
	"context"
	"database/sql"
	"time"

	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/id"
	"github.com/jumyla/jumyla/internal/store"
)

// Setting is what a centre says of itself: which one compares for it, by which key it asks, and whether it compares for
// others. Everybody reads it, so that both sides see why nothing is compared. The print tells two keys apart, and nothing of them.
type Setting struct {
	ID      SettingID
	Matcher id.ID     `coord:"matcher"` // zero: it asks nobody
	Print   string    `coord:"print"`   // "" where it has no key
	Offers  bool      `coord:"offers"`  // it compares for others
	Limit   int       `coord:"limit"`   // how many questions of a centre it compares in 24 hours
	At      time.Time `coord:"at"`
}

// SettingKind is how settings are written.
var SettingKind = store.Define(store.Spec[Setting]{
	Name: "twin_setting", Schema: 1, Tables: []string{"twin_setting"},
	DDL: `CREATE TABLE twin_setting (id TEXT PRIMARY KEY, centre TEXT NOT NULL, matcher TEXT, print TEXT NOT NULL, offers INTEGER NOT NULL, most INTEGER NOT NULL, at INTEGER NOT NULL) WITHOUT ROWID;
CREATE INDEX twin_setting_centre ON twin_setting (centre, id);
`,
	Project: func(ctx context.Context, tx *store.Tx, s *Setting) error { return keepSetting(ctx, tx, s, tx.Centre()) },
	Other: func(ctx context.Context, tx *store.Tx, s *Setting, owner id.ID) error {
		if owner.IsZero() {
			return nil
		}
		return keepSetting(ctx, tx, s, owner)
	},
})

func keepSetting(ctx context.Context, tx *store.Tx, s *Setting, centre id.ID) error {
	_, err := tx.Exec(ctx, `INSERT INTO twin_setting (id, centre, matcher, print, offers, most, at) VALUES ($1,$2,$3,$4,$5,$6,$7)
		ON CONFLICT (id) DO UPDATE SET centre=$2, matcher=$3, print=$4, offers=$5, most=$6, at=$7`,
		s.ID, centre, s.Matcher, s.Print, s.Offers, s.Limit, store.Micro(s.At))
	return err
}

// SettingOf returns what a centre says of itself, as far as that is known here; one that never said anything has none.
func SettingOf(ctx context.Context, r store.Reader, centre id.ID) (Setting, error) {
	all, err := settings(ctx, r, "centre=$1 ORDER BY id DESC LIMIT 1", centre)
	if err != nil || len(all) == 0 {
		return Setting{}, err
	}
	return all[0].Setting, nil
}

// Said is a centre's setting.
type Said struct {
	Setting

	Centre id.ID
}

// Settings returns every centre's, as far as they are known here.
func Settings(ctx context.Context, r store.Reader) ([]Said, error) {
	return settings(ctx, r, "NOT EXISTS (SELECT 1 FROM twin_setting o WHERE o.centre=s.centre AND o.id>s.id) ORDER BY centre")
}

func settings(ctx context.Context, r store.Reader, where string, args ...any) ([]Said, error) {
	return store.All(ctx, r, func(row *sql.Rows, v *Said) error {
		var at int64
		err := row.Scan(&v.ID, &v.Centre, &v.Matcher, &v.Print, &v.Offers, &v.Limit, &at)
		v.At = store.At(at)
		return err
	}, "SELECT id, centre, matcher, print, offers, most, at FROM twin_setting s WHERE "+where, args...)
}

// Tally is how far the centre that compares is with another's questions: counts alone, which everybody may read.
type Tally struct {
	ID       TallyID
	Asker    id.ID     `coord:"asker"`
	Compared int       `coord:"compared"`
	Waiting  int       `coord:"waiting"` // because of the limit
	At       time.Time `coord:"at"`
}

// TallyKind is how tallies are written.
var TallyKind = store.Define(store.Spec[Tally]{
	Name: "twin_tally", Schema: 1, Tables: []string{"twin_tally"},
	DDL: `CREATE TABLE twin_tally (id TEXT PRIMARY KEY, centre TEXT NOT NULL, asker TEXT, compared INTEGER NOT NULL, waiting INTEGER NOT NULL, at INTEGER NOT NULL) WITHOUT ROWID;
CREATE INDEX twin_tally_of ON twin_tally (centre, asker);
`,
	Project: func(ctx context.Context, tx *store.Tx, v *Tally) error { return keepTally(ctx, tx, v, tx.Centre()) },
	Other: func(ctx context.Context, tx *store.Tx, v *Tally, owner id.ID) error {
		if owner.IsZero() {
			return nil
		}
		return keepTally(ctx, tx, v, owner)
	},
})

func keepTally(ctx context.Context, tx *store.Tx, v *Tally, centre id.ID) error {
	_, err := tx.Exec(ctx, `INSERT INTO twin_tally (id, centre, asker, compared, waiting, at) VALUES ($1,$2,$3,$4,$5,$6)
		ON CONFLICT (id) DO UPDATE SET centre=$2, asker=$3, compared=$4, waiting=$5, at=$6`, v.ID, centre, v.Asker, v.Compared, v.Waiting, store.Micro(v.At))
	return err
}

// TallyOf returns how far a centre that compares is with one's questions; none where it never said.
func TallyOf(ctx context.Context, r store.Reader, centre, asker id.ID) (Tally, error) {
	all, err := store.All(ctx, r, func(row *sql.Rows, v *Tally) error {
		var at int64
		err := row.Scan(&v.ID, &v.Asker, &v.Compared, &v.Waiting, &at)
		v.At = store.At(at)
		return err
	}, "SELECT id, asker, compared, waiting, at FROM twin_tally WHERE centre=$1 AND asker=$2 ORDER BY id DESC LIMIT 1", centre, asker)
	if err != nil || len(all) == 0 {
		return Tally{}, err
	}
	return all[0], nil
}

// What a key is for.
const (
	Asks  = "ask"  // the centres that ask have it, the one that compares has not
	Pairs = "pair" // the one that compares names pairs by it
)

// Key never leaves the centre by any lane: people carry it on paper.
type Key struct {
	ID     KeyID
	For    string    `local:"for"`
	Secret []byte    `local:"secret"`
	At     time.Time `local:"at"`
}

// KeyKind is how keys are written.
var KeyKind = store.Define(store.Spec[Key]{
	Name: "twin_key", Schema: 1, Tables: []string{"twin_key"},
	DDL: `CREATE TABLE twin_key (id TEXT PRIMARY KEY, purpose TEXT NOT NULL) WITHOUT ROWID;
`,
	Project: func(ctx context.Context, tx *store.Tx, k *Key) error {
		if len(k.Secret) == 0 {
			_, err := tx.Exec(ctx, "DELETE FROM twin_key WHERE id=$1", k.ID)
			return err
		}
		_, err := tx.Exec(ctx, "INSERT INTO twin_key (id, purpose) VALUES ($1,$2) ON CONFLICT DO NOTHING", k.ID, k.For)
		return err
	},
})

// KeyFor returns the centre's newest key for a purpose; NotFound where it has none.
func KeyFor(ctx context.Context, r store.Reader, purpose string) (*Key, error) {
	kid, err := store.One[KeyID](ctx, r, "key", "SELECT id FROM twin_key WHERE purpose=$1 ORDER BY id DESC LIMIT 1", purpose)
	if err != nil {
		return nil, err
	}
	return KeyKind.Get(ctx, r, kid.ID)
}

// Keep puts a key in the place of those before it, which are destroyed.
func Keep(ctx context.Context, tx *store.Tx, purpose string, secret []byte) error {
	if err := Drop(ctx, tx, purpose); err != nil {
		return err
	}
	return tx.Put(ctx, &Key{ID: store.NewID[keyKind](tx), For: purpose, Secret: secret, At: tx.Now})
}

// Drop destroys the centre's keys for a purpose.
func Drop(ctx context.Context, tx *store.Tx, purpose string) error {
	old, err := store.All(ctx, tx, func(row *sql.Rows, v *KeyID) error { return row.Scan(v) }, "SELECT id FROM twin_key WHERE purpose=$1", purpose)
	if err != nil {
		return err
	}
	for _, k := range old {
		if err := tx.Erase(ctx, k.ID); err != nil {
			return err
		}
	}
	return nil
}

// Set says anew what the centre says of itself.
func Set(ctx context.Context, tx *store.Tx, change func(s *Setting)) error {
	s, err := SettingOf(ctx, tx, tx.Centre())
	if err != nil {
		return err
	}
	was := s
	if change(&s); s == was {
		return nil
	}
	if s.ID.IsZero() {
		s.ID = store.NewID[settingKind](tx)
	}
	s.At = tx.Now
	return tx.Put(ctx, &s)
}

// Say writes what tx.Actor says of a pair.
func Say(ctx context.Context, tx *store.Tx, pair id.ID, says Says) error {
	if says != Same && says != Different && says != Undone {
		return errs.New(errs.Invalid, "error.invalid")
	}
	return tx.Put(ctx, &Word{ID: store.NewID[wordKind](tx), Pair: pair, Says: says, By: tx.Actor, At: tx.Now})
}

// Words returns the last word of each centre on a pair, one taken back left out.
func Words(ctx context.Context, r store.Reader, pair id.ID) (map[id.ID]Word, error) {
	type row struct {
		Word
		centre id.ID
	}
	all, err := store.All(ctx, r, func(s *sql.Rows, v *row) error {
		var at int64
		err := s.Scan(&v.ID, &v.centre, &v.Says, &v.By, &at)
		v.Pair, v.At = pair, store.At(at)
		return err
	}, "SELECT id, centre, says, account, at FROM twin_word w WHERE pair=$1 AND NOT EXISTS (SELECT 1 FROM twin_word o WHERE o.pair=w.pair AND o.centre=w.centre AND o.id>w.id) ORDER BY id", pair)
	if err != nil {
		return nil, err
	}
	out := map[id.ID]Word{}
	for _, v := range all {
		if v.Says != Undone {
			out[v.centre] = v.Word
		}
	}
	return out, nil
}
