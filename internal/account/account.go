package account

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"

	"golang.org/x/text/unicode/norm"

	"github.com/jumyla/jumyla/internal/contact"
	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/i18n"
	"github.com/jumyla/jumyla/internal/id"
	"github.com/jumyla/jumyla/internal/store"
)

type accountKind struct{}

// ID is an account's identity.
type ID = id.Of[accountKind]

// Account is somebody who may sign in at this centre. One without a Hash was invited and has not come yet.
type Account struct {
	ID    ID
	Name  contact.Name `local:"name"` // the person's own; with it one signs in, so it is unique
	Roles Roles        `local:"roles"`
	Lang  i18n.Lang    `local:"lang"`
	Hash  string       `local:"hash"`  // of the passphrase: Argon2id as a PHC string
	Ended bool         `local:"ended"` // may no longer sign in
}

// Kind is how an account is kept.
var Kind = store.Define(store.Spec[Account]{
	Name: "account", Schema: 1, Tables: []string{"account"},
	DDL: `CREATE TABLE account (
	id   TEXT PRIMARY KEY,
	name TEXT NOT NULL -- as fold gives it
);
CREATE INDEX account_name ON account (name);`,
	Project: func(ctx context.Context, tx *store.Tx, a *Account) error {
		_, err := tx.Exec(ctx, "INSERT INTO account (id, name) VALUES ($1,$2) ON CONFLICT (id) DO UPDATE SET name=excluded.name",
			a.ID, fold(a.Name))
		return err
	},
})

// Kinds returns every kind of record of this package, to be registered with the store.
func Kinds() []store.Registered { return []store.Registered{Kind, signs, invitations} }

// fold makes names comparable: case, spaces and composition do not distinguish people.
func fold(n contact.Name) string {
	return strings.ToLower(strings.Join(strings.Fields(norm.NFC.String(string(n))), " "))
}

// Validate returns an Invalid error that names the fields at fault: name, roles, lang.
func (a *Account) Validate() error {
	f := errs.Fields{}
	f.Check(fold(a.Name) != "", "name", "error.required")
	f.Check(len([]rune(a.Name)) <= 120, "name", "error.too_long")
	f.Check(a.Roles.Any(All), "roles", "error.required")
	_, ok := i18n.Parse(string(a.Lang))
	f.Check(ok, "lang", "web.choose")
	return f.Err()
}

// Create writes a new account that may sign in with the passphrase at once. A name that is taken is a
// Conflict, a passphrase that is too short Invalid. It sets ID and Hash.
func Create(ctx context.Context, tx *store.Tx, a *Account, passphrase string, cost KDF) error {
	var err error
	if a.Hash, err = hash(passphrase, cost); err != nil {
		return err
	}
	return add(ctx, tx, a)
}

func add(ctx context.Context, tx *store.Tx, a *Account) error {
	if err := a.Validate(); err != nil {
		return err
	}
	switch _, err := byName(ctx, tx, a.Name); {
	case err == nil:
		return &errs.Error{Kind: errs.Conflict, Key: "account.taken", Fields: map[string]string{"name": "account.taken"}}
	case !errs.Is(err, errs.NotFound):
		return err
	}
	a.ID = store.NewID[accountKind](tx)
	return tx.Put(ctx, a)
}

// Get reads one account.
func Get(ctx context.Context, r store.Reader, who ID) (*Account, error) {
	return Kind.Get(ctx, r, who.ID)
}

// whoever finds the account that is meant by a name: the one that bears it, or the only one whose name is the same but for letters
// that a keyboard lacks, as Айгул for Айгүл.
func whoever(ctx context.Context, r store.Reader, name contact.Name) (*Account, error) {
	a, err := byName(ctx, r, name)
	if !errs.Is(err, errs.NotFound) || contact.Fold(string(name)) == "" {
		return a, err
	}
	all, listErr := List(ctx, r)
	if listErr != nil {
		return nil, listErr
	}
	var found *Account
	for _, x := range all {
		if !x.Ended && contact.Fold(string(x.Name)) == contact.Fold(string(name)) {
			if found != nil {
				return nil, err
			}
			found = x
		}
	}
	if found == nil {
		return nil, err
	}
	return found, nil
}

// byName finds the account that signs in with a name.
func byName(ctx context.Context, r store.Reader, name contact.Name) (*Account, error) {
	key := fold(name)
	if key == "" {
		return nil, errs.Missing("account")
	}
	rid, err := store.One[id.ID](ctx, r, "account", "SELECT id FROM account WHERE name=$1 ORDER BY id LIMIT 1", key)
	if err != nil {
		return nil, fmt.Errorf("find account: %w", err)
	}
	return Kind.Get(ctx, r, rid)
}

// List returns every account, those that ended last, by name.
func List(ctx context.Context, r store.Reader) ([]*Account, error) {
	ids, err := store.All(ctx, r, func(row *sql.Rows, v *id.ID) error { return row.Scan(v) }, "SELECT id FROM account ORDER BY name, id")
	if err != nil {
		return nil, fmt.Errorf("list accounts: %w", err)
	}
	out := make([]*Account, 0, len(ids))
	for _, rid := range ids {
		a, err := Kind.Get(ctx, r, rid)
		if err != nil {
			return nil, err
		}
		out = append(out, a)
	}
	slices.SortStableFunc(out, func(a, b *Account) int { return rank(a) - rank(b) })
	return out, nil
}

func rank(a *Account) int {
	if a.Ended {
		return 1
	}
	return 0
}

// SetPassphrase gives the account another passphrase and ends its sessions; whether the old one is known is
// for the caller to ask.
func SetPassphrase(ctx context.Context, db *store.DB, who ID, passphrase string, cost KDF) error {
	h, err := hash(passphrase, cost) // before the write: it takes long
	if err != nil {
		return err
	}
	return db.Write(ctx, who.ID, func(tx *store.Tx) error {
		a, err := Get(ctx, tx, who)
		if err != nil {
			return err
		}
		a.Hash = h
		return errors.Join(tx.Put(ctx, a), endSessions(ctx, tx, who))
	})
}

// End takes from the account the right to sign in and closes its sessions. The last account that could give
// it back is not ended: Conflict.
func End(ctx context.Context, tx *store.Tx, who ID) error {
	a, err := Get(ctx, tx, who)
	if err != nil {
		return err
	}
	a.Ended = true
	return errors.Join(keep(ctx, tx, a), endSessions(ctx, tx, who))
}

// Restore gives an account that was ended its right back.
func Restore(ctx context.Context, tx *store.Tx, who ID) error {
	a, err := Get(ctx, tx, who)
	if err != nil {
		return err
	}
	a.Ended = false
	return tx.Put(ctx, a)
}

// Change gives an account other roles and another language; they hold from its next request. The last
// account that manages accounts keeps that right: Conflict.
func Change(ctx context.Context, tx *store.Tx, who ID, roles Roles, lang i18n.Lang) error {
	a, err := Get(ctx, tx, who)
	if err != nil {
		return err
	}
	a.Roles, a.Lang = roles, lang
	if err := a.Validate(); err != nil {
		return err
	}
	return keep(ctx, tx, a)
}

// keeps reports whether the account can manage accounts.
func (a *Account) keeps() bool { return !a.Ended && a.Hash != "" && a.Roles.Any(Keepers) }

// Keepers are the roles that manage the centre's settings and accounts.
const Keepers = Coordinator | Admin

// keep writes a changed account, unless nobody would be left who manages accounts.
func keep(ctx context.Context, tx *store.Tx, a *Account) error {
	all, err := List(ctx, tx)
	if err != nil {
		return err
	}
	left := a.keeps()
	for _, other := range all {
		left = left || other.ID != a.ID && other.keeps()
	}
	if !left {
		return errs.New(errs.Conflict, "account.last")
	}
	return tx.Put(ctx, a)
}
