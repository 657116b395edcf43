package run

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"database/sql"
	"encoding/base32"
	"encoding/binary"
	"errors"
	"strings"

	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/id"
	"github.com/jumyla/jumyla/internal/store"
)

type renewalKind struct{}

// Renewal is the fact that a run's code was renewed: what was printed before opens nothing any more.
type Renewal struct {
	ID  id.Of[renewalKind]
	Run id.ID `coord:"run"`
}

// RenewalKind is how renewals are written.
var RenewalKind = store.Define(store.Spec[Renewal]{
	Name: "renewal", Schema: 1, Fact: true, Tables: []string{"run_renewal"},
	DDL: `CREATE TABLE run_renewal (id TEXT PRIMARY KEY, run TEXT NOT NULL) WITHOUT ROWID;
CREATE INDEX run_renewal_run ON run_renewal (run);
`,
	Project: func(ctx context.Context, tx *store.Tx, n *Renewal) error {
		_, err := tx.Exec(ctx, "INSERT INTO run_renewal (id, run) VALUES ($1,$2) ON CONFLICT DO NOTHING", n.ID, n.Run)
		return err
	},
	Subjects: func(n *Renewal) []id.ID { return []id.ID{n.Run} },
})

// codeLetters is how long a code is: a hundred bits, which nobody guesses.
const codeLetters = 20

// code follows from the centre's secret, the run and how often its code was renewed, so that printing a sheet writes
// nothing, and no code stands in the database.
func code(secret []byte, rid id.ID, renewals uint32) string {
	h := hmac.New(sha256.New, secret)
	h.Write([]byte("jumyla field page 1\x00"))
	h.Write(rid[:])
	h.Write(binary.BigEndian.AppendUint32(nil, renewals))
	return strings.ToLower(base32.StdEncoding.EncodeToString(h.Sum(nil)))[:codeLetters]
}

// Code returns the code that opens the run's field page, from the centre's secret for codes.
func Code(ctx context.Context, r store.Reader, secret []byte, rid ID) (string, error) {
	n, err := store.One[uint32](ctx, r, "renewals", "SELECT count(*) FROM run_renewal WHERE run=$1", rid)
	if err != nil {
		return "", err
	}
	return code(secret, rid.ID, n), nil
}

// ByCode returns the run that a code opens, among those from a day on (2022-01-12). A code that was renewed, or that is
// none, is NotFound.
func ByCode(ctx context.Context, r store.Reader, secret []byte, typed, from string) (*State, error) {
	type candidate struct {
		id       ID
		renewals uint32
	}
	all, err := store.All(ctx, r, func(row *sql.Rows, c *candidate) error { return row.Scan(&c.id, &c.renewals) },
		"SELECT r.id, (SELECT count(*) FROM run_renewal n WHERE n.run=r.id) FROM run r WHERE r.day>=$1", from)
	if err != nil {
		return nil, err
	}
	if len(secret) == 0 {
		return nil, errors.New("no secret for codes")
	}
	typed = strings.ToLower(typed)
	var found *ID
	for _, c := range all { // all of them, so that the time does not tell
		if subtle.ConstantTimeCompare([]byte(code(secret, c.id.ID, c.renewals)), []byte(typed)) == 1 {
			found = &c.id
		}
	}
	if found == nil {
		return nil, errs.New(errs.NotFound, "field.unknown")
	}
	return Get(ctx, r, *found)
}

// Renew makes a run's code another: a phone or a sheet was lost.
func Renew(ctx context.Context, tx *store.Tx, rid ID) error {
	if _, err := Kind.Get(ctx, tx, rid.ID); err != nil {
		return err
	}
	n := &Renewal{Run: rid.ID}
	n.ID.ID = tx.NewID()
	return tx.Put(ctx, n)
}
