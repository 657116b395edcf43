package list

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/id"
	"github.com/jumyla/jumyla/internal/store"
	"github.com/jumyla/jumyla/internal/tabular"
)

// Step is how far a draft has come.
type Step string

// The steps. Those that end in -ing may have broken off: Done of Total rows say where.
const (
	Read    Step = "read"    // its columns are to be looked at
	Looking Step = "looking" // what would happen is being found out
	Looked  Step = "looked"
)

// The steps of a list that is taken have the names of its states.
const (
	StepTaking  = Step(Taking)
	StepTaken   = Step(Taken)
	StepUndoing = Step(Undoing)
	StepUndone  = Step(Undone)
)

// Draft is a list on the table: how it is to be read, and how far it has come. It lives in working tables.
type Draft struct {
	ID      ID
	Account id.ID // who brought it; zero for the command line
	Step    Step
	Done    int
	Total   int
	Fault   string // message key of what stopped it; "" when nothing did
	At      time.Time

	Plan // what somebody has said about it
}

// Plan is what somebody has said about a draft.
type Plan struct {
	What     string                 `json:"what"`
	Sender   string                 `json:"sender,omitempty"`
	File     string                 `json:"file,omitempty"`
	Sum      string                 `json:"sum"`
	Verified bool                   `json:"verified,omitempty"`
	Keep     bool                   `json:"keep,omitempty"`  // its people agreed to be kept, as the sender says; a column of consent says it row by row
	Posts    bool                   `json:"posts,omitempty"` // every row is that of an institution, not of a home
	Sheet    int                    `json:"sheet"`
	Header   int                    `json:"header"` // number of the heading row; -1 finds it
	Mapping  tabular.Mapping        `json:"mapping"`
	Known    int                    `json:"known,omitempty"` // columns remembered from the sender's last list
	Fixes    map[int]map[int]string `json:"fixes,omitempty"` // row number → column → what it should say
	Whole    int64                  `json:"whole,omitempty"` // the ledger's last entry when the list was whole
}

const draftKind = "list"

// Save writes a draft: new or changed.
func (d *Draft) Save(ctx context.Context, tx *store.Tx) error {
	body, err := json.Marshal(d.Plan)
	if err != nil {
		return fmt.Errorf("save list: %w", err)
	}
	_, err = tx.Exec(ctx, `INSERT INTO job (id, kind, account, state, done, total, body, error, at) VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9)
		ON CONFLICT (id) DO UPDATE SET state=$4, done=$5, total=$6, body=$7, error=$8, at=$9`,
		d.ID.String(), draftKind, d.Account.String(), string(d.Step), d.Done, d.Total, body, d.Fault, store.Micro(tx.Now))
	tx.Touch(draftKind)
	return err
}

// Advance notes how many rows are done.
func (d *Draft) Advance(ctx context.Context, tx *store.Tx, done, total int) error {
	_, err := tx.Exec(ctx, "UPDATE job SET done=$2, total=$3 WHERE id=$1", d.ID.String(), done, total)
	tx.Touch(draftKind)
	return err
}

// Open returns a draft.
func Open(ctx context.Context, r store.Reader, lid ID) (*Draft, error) {
	found, err := drafts(ctx, r, "id=$2", lid.String())
	if err == nil && len(found) == 0 {
		err = errs.Missing("list")
	}
	if err != nil {
		return nil, err
	}
	return &found[0], nil
}

// Drafts returns the lists that lie on the table, newest first.
func Drafts(ctx context.Context, r store.Reader, limit int) ([]Draft, error) {
	return drafts(ctx, r, "1=1 ORDER BY id DESC LIMIT $2", limit)
}

func drafts(ctx context.Context, r store.Reader, where string, arg any) ([]Draft, error) {
	return store.All(ctx, r, func(row *sql.Rows, d *Draft) error {
		var lid, account string
		var at int64
		var body []byte
		if err := row.Scan(&lid, &account, &d.Step, &d.Done, &d.Total, &body, &d.Fault, &at); err != nil {
			return err
		}
		d.At = store.At(at)
		if err := errors.Join(d.ID.UnmarshalText([]byte(lid)), d.Account.UnmarshalText([]byte(account))); err != nil {
			return err
		}
		return json.Unmarshal(body, &d.Plan)
	}, "SELECT id, account, state, done, total, body, error, at FROM job WHERE kind=$1 AND "+where, draftKind, arg)
}

// Keep puts the file beside its draft.
func Keep(ctx context.Context, tx *store.Tx, lid ID, content []byte) error {
	_, err := tx.Exec(ctx, "INSERT INTO list_file (list, content) VALUES ($1,$2) ON CONFLICT (list) DO NOTHING", lid.String(), content)
	return err
}

// Content returns the file of a draft; NotFound once it was thrown away, a Conflict once it was destroyed because a person
// on it was forgotten.
func Content(ctx context.Context, r store.Reader, lid ID) ([]byte, error) {
	b, err := store.One[[]byte](ctx, r, "file", "SELECT content FROM list_file WHERE list=$1", lid.String())
	if err == nil && len(b) == 0 {
		return nil, errs.New(errs.Conflict, "lists.forgotten")
	}
	return b, err
}

// Drop takes a draft off the table, as if it had never been brought. One that was begun is a Conflict.
func Drop(ctx context.Context, tx *store.Tx, lid ID) error {
	d, err := Open(ctx, tx, lid)
	if err != nil {
		return err
	}
	if d.Step != Read && d.Step != Looking && d.Step != Looked {
		return errs.New(errs.Conflict, "lists.begun")
	}
	return drop(ctx, tx, lid.String(), "list_file", "list_row", "job")
}

func drop(ctx context.Context, tx *store.Tx, lid string, tables ...string) error {
	for _, t := range tables {
		column := "list"
		if t == "job" {
			column = "id"
		}
		if _, err := tx.Exec(ctx, "DELETE FROM "+t+" WHERE "+column+"=$1", lid); err != nil {
			return err
		}
	}
	tx.Touch(draftKind)
	return nil
}

// Kept is how long a file stays beside what came of it.
const Kept = 7 * 24 * time.Hour

// Sweep throws away files that nobody needs any more: of lists that were settled, or left lying, some days ago.
func Sweep(ctx context.Context, tx *store.Tx) error {
	old, err := drafts(ctx, tx, "at<$2", store.Micro(tx.Now.Add(-Kept)))
	if err != nil {
		return err
	}
	for _, d := range old {
		switch d.Step {
		case Read, Looking, Looked:
			err = drop(ctx, tx, d.ID.String(), "list_file", "list_row", "job")
		case StepTaken, StepUndone:
			err = drop(ctx, tx, d.ID.String(), "list_file")
		case StepTaking, StepUndoing: // it can still go on
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// Discard throws a list's file away.
func Discard(ctx context.Context, tx *store.Tx, lid ID) error {
	return drop(ctx, tx, lid.String(), "list_file")
}
