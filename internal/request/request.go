// Package request is one call for help and the needs in it, each with its own status; who checked it and
// how; and the published rule by which urgency is reckoned.
package request

import (
	"context"
	"database/sql"
	"time"

	"github.com/jumyla/jumyla/internal/contact"
	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/household"
	"github.com/jumyla/jumyla/internal/id"
	"github.com/jumyla/jumyla/internal/list"
	"github.com/jumyla/jumyla/internal/store"
)

type requestKind struct{}

type needKind struct{}

// ID names a request.
type ID = id.Of[requestKind]

// NeedID names a need.
type NeedID = id.Of[needKind]

// Verification says how a request was checked.
type Verification string

// The ways of checking, weakest first.
const (
	Unverified Verification = ""
	ByPhone    Verification = "phone"
	ByList     Verification = "list" // an akimat's list
	ByVisit    Verification = "visit"
)

// Request is one call for help, by or for a household.
type Request struct {
	ID         ID
	N          uint64        `coord:"n"` // how many requests the centre had before
	Ref        id.Ref        `coord:"ref"`
	Household  household.ID  `coord:"household"`
	At         time.Time     `coord:"at"`
	Taker      id.ID         `coord:"taker"`
	Caller     contact.Name  `body:"caller"` // "" when the household itself called
	Phone      contact.Phone `body:"phone"`
	MayTell    bool          `body:"may_tell"` // the caller may learn the outcome
	Note       contact.Note  `body:"note"`
	Verified   Verification  `coord:"verified"`
	VerifiedBy id.ID         `coord:"verified_by"`
	VerifiedAt time.Time     `coord:"verified_at"`
	Decided    id.ID         `coord:"decided"`   // who let it be planned although unverified
	Calls      int           `coord:"calls"`     // how often they called, from 1
	BasketBy   id.ID         `coord:"basket_by"` // who let a basket go out before its time
	BasketAt   time.Time     `coord:"basket_at"`
	BasketWhy  contact.Note  `body:"basket_why"`
	List       list.ID       `coord:"list"` // that it came with; zero for a call
}

// Kind is how requests are written.
var Kind = store.Define(store.Spec[Request]{
	Name: "request", Schema: 1, Tables: []string{"request_row", "request_elsewhere"}, Views: []string{"request"},
	DDL: list.HiddenDDL + `CREATE TABLE request_row (id TEXT PRIMARY KEY, n INTEGER NOT NULL, ref TEXT NOT NULL, household TEXT NOT NULL, at INTEGER NOT NULL,
	verified TEXT NOT NULL, decided INTEGER NOT NULL, calls INTEGER NOT NULL, taker TEXT, list TEXT NOT NULL) WITHOUT ROWID;
CREATE INDEX request_household ON request_row (household);
CREATE INDEX request_ref ON request_row (ref);
CREATE INDEX request_n ON request_row (n);
CREATE INDEX request_at ON request_row (at);
CREATE INDEX request_taker ON request_row (taker, at);
CREATE INDEX request_list ON request_row (list) WHERE list<>'';
CREATE TABLE request_elsewhere (id TEXT PRIMARY KEY, owner TEXT NOT NULL, household TEXT NOT NULL, at INTEGER NOT NULL, calls INTEGER NOT NULL) WITHOUT ROWID;
CREATE INDEX request_elsewhere_household ON request_elsewhere (household);
CREATE VIEW request AS SELECT * FROM request_row WHERE ` + list.Shown + `;
`,
	Project: func(ctx context.Context, tx *store.Tx, q *Request) error {
		_, err := tx.Exec(ctx, `INSERT INTO request_row (id, n, ref, household, at, verified, decided, calls, taker, list) VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10)
			ON CONFLICT (id) DO UPDATE SET household=$4, at=$5, verified=$6, decided=$7, calls=$8, list=$10`,
			q.ID, int64(q.N), string(q.Ref), q.Household, store.Micro(q.At), string(q.Verified), !q.Decided.IsZero(), q.Calls, q.Taker, q.List.String())
		return err
	},
	Subjects: func(q *Request) []id.ID { return []id.ID{q.Household.ID} },
	Shared: func(q *Request, _, made bool) {
		if !made {
			q.N = 0 // another centre's count
		}
		q.List = list.ID{} // a list that is taken back must not hide it: it may come home
	},
	Other: otherRequest,
})

// Plannable reports whether the request may be planned: checked, or let through by a named person.
func (q *Request) Plannable() bool { return q.Verified != Unverified || !q.Decided.IsZero() }

// Status is where a need stands.
type Status string

// The statuses.
const (
	Open      Status = "open"
	Planned   Status = "planned" // on an issued run
	Done      Status = "done"
	Cancelled Status = "cancelled"
	Away      Status = "away" // another centre has it; never written, only shown here
)

// Need is one thing wanted.
type Need struct {
	ID      NeedID
	Request ID        `coord:"request"`
	Class   string    `coord:"class"` // what other centres may know: every medical kind is "medical"
	What    What      `body:"what"`
	Detail  string    `body:"detail"` // "инсулин Лантус"
	Count   int       `coord:"count"`
	After   int       `coord:"after"`  // minutes from midnight; 0 means any time
	Before  int       `coord:"before"` // minutes from midnight; 0 means any time
	Status  Status    `coord:"status"`
	Run     id.ID     `coord:"run"`     // the run that carries it
	Settled time.Time `coord:"settled"` // when they had it; zero while it is not done
	Closed  time.Time `coord:"closed"`  // when it was written to be done or cancelled; zero while it is not
	List    list.ID   `coord:"list"`    // that it came with
}

// NeedKind is how needs are written.
var NeedKind = store.Define(store.Spec[Need]{
	Name: "need", Schema: 1, Tables: []string{"need_row", "need_elsewhere"}, Views: []string{"need"},
	DDL: list.HiddenDDL + `CREATE TABLE need_row (id TEXT PRIMARY KEY, request TEXT NOT NULL, class TEXT NOT NULL, what TEXT NOT NULL, detail TEXT NOT NULL, count INTEGER NOT NULL,
	after_min INTEGER NOT NULL, before_min INTEGER NOT NULL, status TEXT NOT NULL, run TEXT, closed INTEGER NOT NULL, settled INTEGER NOT NULL, list TEXT NOT NULL) WITHOUT ROWID;
CREATE INDEX need_request ON need_row (request);
CREATE INDEX need_status ON need_row (status);
CREATE INDEX need_closed ON need_row (closed);
CREATE INDEX need_settled ON need_row (what, settled);
CREATE TABLE need_elsewhere (id TEXT PRIMARY KEY, owner TEXT NOT NULL, request TEXT NOT NULL, class TEXT NOT NULL, count INTEGER NOT NULL, status TEXT NOT NULL,
	closed INTEGER NOT NULL) WITHOUT ROWID;
CREATE INDEX need_elsewhere_live ON need_elsewhere (request, owner, status, class) WHERE status IN ('open','planned');
CREATE INDEX need_elsewhere_closed ON need_elsewhere (closed) WHERE status='done';
CREATE INDEX need_elsewhere_request ON need_elsewhere (request);
CREATE VIEW need AS SELECT * FROM need_row WHERE ` + list.Shown + `;
`,
	Project: func(ctx context.Context, tx *store.Tx, n *Need) error {
		_, err := tx.Exec(ctx, `INSERT INTO need_row (id, request, what, detail, count, after_min, before_min, status, run, class, closed, settled, list)
			VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13)
			ON CONFLICT (id) DO UPDATE SET what=$3, detail=$4, count=$5, after_min=$6, before_min=$7, status=$8, run=$9, class=$10, closed=$11, settled=$12, list=$13`,
			n.ID, n.Request, string(n.What), n.Detail, n.Count, n.After, n.Before, string(n.Status), n.Run, n.Class, store.Micro(n.Closed), store.Micro(n.Settled), n.List.String())
		return err
	},
	Subjects: func(n *Need) []id.ID { return []id.ID{n.Request.ID} },
	Shared: func(n *Need, ours, _ bool) {
		if !ours && (n.Status == Open || n.Status == Planned) {
			n.Status = Away
		}
		n.List = list.ID{}
	},
	Other: otherNeed,
})

// Stand puts the need where it stands from now on: with which run, and, where that closes it, when they had it and when
// that was written.
func (n *Need) Stand(s Status, run id.ID, had, now time.Time) {
	switch {
	case s == Open || s == Planned:
		n.Closed = time.Time{}
	case n.Status != s:
		n.Closed = now
	}
	if n.Settled = (time.Time{}); s == Done {
		n.Settled = had
	}
	n.Status, n.Run = s, run
}

// Validate answers for fields that make no sense.
func (n *Need) Validate() error {
	f := errs.Fields{}
	f.Check(n.What.Known(), "needs", "request.what")
	f.Check(n.Count >= 1 && n.Count <= 500, "needs", "request.count")
	f.Check(n.After >= 0 && n.Before >= 0 && n.Before < 24*60 && (n.Before == 0 || n.Before > n.After), "needs", "request.window")
	f.Check(len([]rune(n.Detail)) <= 300, "needs", "error.too_long")
	return f.Err()
}

// Needs returns a request's needs in the order in which they were said.
func Needs(ctx context.Context, r store.Reader, q ID) ([]Need, error) {
	return needs(ctx, r, "request=$1", q)
}

func needs(ctx context.Context, r store.Reader, where string, args ...any) ([]Need, error) {
	return store.All(ctx, r, func(row *sql.Rows, n *Need) error {
		var closed, settled int64
		var lid string
		err := row.Scan(&n.ID, &n.Request, &n.What, &n.Detail, &n.Count, &n.After, &n.Before, &n.Status, &n.Run, &closed, &settled, &lid)
		if err == nil && lid != "" {
			err = n.List.UnmarshalText([]byte(lid))
		}
		n.Class, n.Closed, n.Settled = n.What.Class(), store.At(closed), store.At(settled)
		return err
	}, "SELECT id, request, what, detail, count, after_min, before_min, status, run, closed, settled, list FROM need WHERE "+where+" ORDER BY id", args...)
}

// ByRef finds the request that a person read aloud.
func ByRef(ctx context.Context, r store.Reader, ref id.Ref) (*Request, error) {
	rid, err := store.One[ID](ctx, r, "request", "SELECT id FROM request WHERE ref=$1 ORDER BY at DESC LIMIT 1", string(ref))
	if err != nil {
		return nil, err
	}
	return Kind.Get(ctx, r, rid.ID)
}

// OfHousehold returns a household's requests, newest first.
func OfHousehold(ctx context.Context, r store.Reader, h household.ID) ([]ID, error) {
	return store.All(ctx, r, func(row *sql.Rows, v *ID) error { return row.Scan(v) },
		"SELECT id FROM request WHERE household=$1 ORDER BY at DESC", h)
}

// Number gives a new request its place in the centre's count, hidden ones too, and its ref.
func Number(ctx context.Context, tx *store.Tx, q *Request, secret uint64) error {
	n, err := store.One[int64](ctx, tx, "requests", "SELECT coalesce(max(n)+1, 0) FROM request_row")
	if err != nil {
		return err
	}
	for q.N = uint64(n); ; q.N++ { //nolint:gosec // counts from 0
		if q.Ref, err = id.NewRef(q.N, secret); err != nil {
			return err
		}
		taken, err := store.One[bool](ctx, tx, "ref", "SELECT EXISTS (SELECT 1 FROM request_row WHERE ref=$1)", string(q.Ref))
		if err != nil || !taken { // else a request that came from another centre has it
			return err
		}
	}
}

// Check records that tx.Actor has checked the request.
func Check(ctx context.Context, tx *store.Tx, q *Request, how Verification) error {
	if how != ByPhone && how != ByList && how != ByVisit {
		return errs.New(errs.Invalid, "request.how")
	}
	q.Verified, q.VerifiedBy, q.VerifiedAt = how, tx.Actor, tx.Now
	return tx.Put(ctx, q)
}

// AllNeeds is Needs of a request that may still be hidden with its list.
func AllNeeds(ctx context.Context, r store.Reader, q ID) ([]Need, error) {
	ids, err := store.All(ctx, r, func(row *sql.Rows, v *NeedID) error { return row.Scan(v) }, "SELECT id FROM need_row WHERE request=$1 ORDER BY id", q)
	if err != nil {
		return nil, err
	}
	out := make([]Need, 0, len(ids))
	for _, nid := range ids {
		n, err := NeedKind.Get(ctx, r, nid.ID)
		if err != nil {
			return nil, err
		}
		out = append(out, *n)
	}
	return out, nil
}

// Between returns the requests that came in a span of time, oldest first; a zero end is open.
func Between(ctx context.Context, r store.Reader, from, to time.Time) ([]id.ID, error) {
	return store.All(ctx, r, func(row *sql.Rows, v *id.ID) error { return row.Scan(v) },
		"SELECT id FROM request WHERE at>=$1 AND ($2=0 OR at<$2) ORDER BY at, id", store.Micro(from), store.Micro(to))
}
