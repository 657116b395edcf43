package request

import (
	"context"
	"database/sql"
	"slices"
	"time"

	"github.com/jumyla/jumyla/internal/contact"
	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/id"
	"github.com/jumyla/jumyla/internal/store"
)

type wordKind struct{}

type relayKind struct{}

// MaxWords is how many characters of a message are passed on: as much as somebody can read aloud on a bad line.
const MaxWords = 300

// RelayHold is for how long a message is one caller's own once taken.
const RelayHold = 30 * time.Minute

// Word is what is to be brought to whom for a need of kind Message.
type Word struct {
	ID     id.Of[wordKind]
	Need   NeedID          `coord:"need"`
	To     contact.Name    `body:"to"`
	Phones []contact.Phone `body:"phones"`
	Words  contact.Note    `body:"words"`
}

// WordKind is how words to be brought are written.
var WordKind = store.Define(store.Spec[Word]{Name: "word", Schema: 1, Tables: []string{"word"},
	DDL: "CREATE TABLE word (need TEXT PRIMARY KEY, id TEXT NOT NULL) WITHOUT ROWID;\n",
	Project: func(ctx context.Context, tx *store.Tx, w *Word) error {
		_, err := tx.Exec(ctx, "INSERT INTO word (need, id) VALUES ($1,$2) ON CONFLICT DO NOTHING", w.Need, w.ID)
		return err
	}})

// Reach is what came of one attempt to bring word.
type Reach string

// What can come of an attempt.
const (
	Well        Reach = "well"         // reached, they are well
	NeedsHelp   Reach = "needs_help"   // reached, they need help: a request of their own
	NoAnswer    Reach = "no_answer"    // try again
	WrongNumber Reach = "wrong_number" // nobody there knows them
	WantsNone   Reach = "refused"      // they want no contact; whoever asked is told that there is no answer
	Escalated   Reach = "escalated"    // 112 or 102 were called
)

// Reaches returns what can come of an attempt, in the order of the keys 1 to 6.
func Reaches() []Reach { return []Reach{Well, NeedsHelp, NoAnswer, WrongNumber, WantsNone, Escalated} }

// Relay is the fact of one attempt to bring word.
type Relay struct {
	ID      id.Of[relayKind]
	Need    NeedID       `coord:"need"`
	Request ID           `coord:"request"`
	Reach   Reach        `coord:"reach"`
	At      time.Time    `coord:"at"`
	Note    contact.Note `body:"note"`
}

// RelayKind is how attempts are written.
var RelayKind = store.Define(store.Spec[Relay]{Name: "relay", Schema: 1, Fact: true, Tables: []string{"relay"},
	DDL: "CREATE TABLE relay (id TEXT PRIMARY KEY, need TEXT NOT NULL) WITHOUT ROWID;\nCREATE INDEX relay_need ON relay (need);\n",
	Project: func(ctx context.Context, tx *store.Tx, a *Relay) error {
		_, err := tx.Exec(ctx, "INSERT INTO relay (id, need) VALUES ($1,$2) ON CONFLICT DO NOTHING", a.ID, a.Need)
		return err
	},
	Subjects: func(a *Relay) []id.ID { return []id.ID{a.Request.ID} },
})

// Validate answers for fields that make no sense.
func (w *Word) Validate() error {
	f := errs.Fields{}
	f.Check(w.To != "", "to", "error.required")
	f.Check(len(w.Phones) > 0, "phones", "error.required")
	f.Check(w.Words != "", "words", "error.required")
	f.Check(len([]rune(w.Words)) <= MaxWords, "words", "error.too_long")
	f.Check(len([]rune(w.To)) <= 200, "to", "error.too_long")
	return f.Err()
}

// WordOf returns what is to be brought for a need; NotFound where nobody has written it yet.
func WordOf(ctx context.Context, r store.Reader, n NeedID) (*Word, error) {
	v, err := store.One[id.ID](ctx, r, "word", "SELECT id FROM word WHERE need=$1", n)
	if err != nil {
		return nil, err
	}
	return WordKind.Get(ctx, r, v)
}

// RelaysOf returns the attempts for a need, oldest first.
func RelaysOf(ctx context.Context, r store.Reader, n NeedID) ([]Relay, error) {
	ids, err := store.All(ctx, r, func(row *sql.Rows, v *id.ID) error { return row.Scan(v) }, "SELECT id FROM relay WHERE need=$1 ORDER BY id", n)
	if err != nil {
		return nil, err
	}
	out := make([]Relay, 0, len(ids))
	for _, v := range ids {
		a, err := RelayKind.Get(ctx, r, v)
		if err != nil {
			return nil, err
		}
		out = append(out, *a)
	}
	return out, nil
}

func relayLease(n NeedID) string { return "relay/" + n.String() }

// RelaysHeld returns the messages that an account has taken, and how many others wait for anybody.
func RelaysHeld(ctx context.Context, r store.Reader, account id.ID, now time.Time) (mine []NeedID, free int, err error) {
	mine, err = store.All(ctx, r, func(row *sql.Rows, v *NeedID) error { return row.Scan(v) },
		`SELECT n.id FROM need n JOIN lease l ON l.what='relay/'||n.id AND l.until>$1 AND l.account=$2 WHERE n.status='open' AND n.what='message' ORDER BY n.id`,
		store.Micro(now), account)
	if err != nil {
		return nil, 0, err
	}
	free, err = store.One[int](ctx, r, "messages", `SELECT count(*) FROM need n LEFT JOIN lease l ON l.what='relay/'||n.id AND l.until>$1
		WHERE n.status='open' AND n.what='message' AND l.what IS NULL`, store.Micro(now))
	return mine, free, err
}

// NextRelay gives tx.Actor the message that waits longest of those that nobody has; those tried least come first. Where
// none waits it is NotFound.
func NextRelay(ctx context.Context, tx *store.Tx) (NeedID, error) {
	n, err := store.One[NeedID](ctx, tx, "message", `SELECT n.id FROM need n LEFT JOIN lease l ON l.what='relay/'||n.id AND l.until>$1
		WHERE n.status='open' AND n.what='message' AND l.what IS NULL
		ORDER BY (SELECT count(*) FROM relay a WHERE a.need=n.id), n.id LIMIT 1`, store.Micro(tx.Now))
	if err != nil {
		return n, err
	}
	_, err = tx.Lease(ctx, relayLease(n), tx.Actor, tx.Now.Add(RelayHold))
	tx.Touch(NeedKind.Name())
	return n, err
}

// Holds reports whether an account has taken a message.
func Holds(ctx context.Context, r store.Reader, n NeedID, account id.ID, now time.Time) (bool, error) {
	c, err := store.One[int](ctx, r, "lease", "SELECT count(*) FROM lease WHERE what=$1 AND account=$2 AND until>$3", relayLease(n), account, store.Micro(now))
	return c > 0, err
}

// WriteWord keeps what is to be brought, new or corrected, by who has taken the message.
func WriteWord(ctx context.Context, tx *store.Tx, w *Word) error {
	if err := w.Validate(); err != nil {
		return err
	}
	if err := mustHold(ctx, tx, w.Need); err != nil {
		return err
	}
	old, err := WordOf(ctx, tx, w.Need)
	switch {
	case err == nil:
		w.ID = old.ID
	case errs.Is(err, errs.NotFound):
		w.ID = store.NewID[wordKind](tx)
	default:
		return err
	}
	return tx.Put(ctx, w)
}

// Attempt records what came of an attempt by who has taken the message, and lets go of it. What reached somebody, or went
// to 112, closes the need; who wants no contact cancels it; the others leave it for anybody to try again.
func Attempt(ctx context.Context, tx *store.Tx, n NeedID, what Reach, note contact.Note) error {
	if !slices.Contains(Reaches(), what) {
		return errs.New(errs.Invalid, "relay.reach")
	}
	if err := mustHold(ctx, tx, n); err != nil {
		return err
	}
	need, err := NeedKind.Get(ctx, tx, n.ID)
	if err != nil {
		return err
	}
	if need.Status != Open {
		return errs.New(errs.Conflict, "relay.closed")
	}
	a := &Relay{ID: store.NewID[relayKind](tx), Need: n, Request: need.Request, Reach: what, At: tx.Now, Note: note}
	if err := tx.Put(ctx, a); err != nil {
		return err
	}
	switch what {
	case Well, NeedsHelp, Escalated:
		need.Stand(Done, id.ID{}, tx.Now, tx.Now)
	case WantsNone:
		need.Stand(Cancelled, id.ID{}, tx.Now, tx.Now)
	case NoAnswer, WrongNumber:
	}
	if err := tx.Put(ctx, need); err != nil {
		return err
	}
	tx.Touch(NeedKind.Name())
	_, err = tx.Exec(ctx, "DELETE FROM lease WHERE what=$1", relayLease(n))
	return err
}

func mustHold(ctx context.Context, tx *store.Tx, n NeedID) error {
	ok, err := Holds(ctx, tx, n, tx.Actor, tx.Now)
	if err == nil && !ok {
		return errs.New(errs.Conflict, "relay.not_yours")
	}
	return err
}

// WordsAbout returns the records that hold words to or from somebody for a need, so that they can be erased with it.
func WordsAbout(ctx context.Context, r store.Reader, n NeedID) ([]id.ID, error) {
	return store.All(ctx, r, func(row *sql.Rows, v *id.ID) error { return row.Scan(v) }, "SELECT id FROM word WHERE need=$1 UNION ALL SELECT id FROM relay WHERE need=$1 UNION ALL SELECT id FROM quality WHERE need=$1", n)
}
