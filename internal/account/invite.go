package account

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jumyla/jumyla/internal/contact"
	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/i18n"
	"github.com/jumyla/jumyla/internal/id"
	"github.com/jumyla/jumyla/internal/store"
)

// InvitationDays is how long a code opens its account.
const InvitationDays = 3

// invitation is a printed code that lets one person set the passphrase of one account, once.
type invitation struct {
	ID      id.Of[invitation]
	Account ID        `local:"account"`
	Code    []byte    `local:"code"` // SHA-256
	Until   time.Time `local:"until"`
	Used    bool      `local:"used"` // or put out of force by a newer one
}

var invitations = store.Define(store.Spec[invitation]{
	Name: "invitation", Schema: 1, Tables: []string{"invitation"},
	DDL: `CREATE TABLE invitation (
	id      TEXT PRIMARY KEY,
	account TEXT NOT NULL,
	code    BLOB NOT NULL
);
CREATE INDEX invitation_code ON invitation (code);
CREATE INDEX invitation_account ON invitation (account);`,
	Project: func(ctx context.Context, tx *store.Tx, v *invitation) error {
		if v.Used || len(v.Code) == 0 {
			_, err := tx.Exec(ctx, "DELETE FROM invitation WHERE id=$1", v.ID)
			return err
		}
		_, err := tx.Exec(ctx, "INSERT INTO invitation (id, account, code) VALUES ($1,$2,$3) ON CONFLICT (id) DO NOTHING", v.ID, v.Account, v.Code)
		return err
	},
	Subjects: func(v *invitation) []id.ID { return []id.ID{v.Account.ID} },
})

// Invite writes an account that cannot sign in yet and returns the code with which its owner sets the
// passphrase within InvitationDays of now, a real clock's. The code is kept nowhere.
func Invite(ctx context.Context, tx *store.Tx, roles Roles, name contact.Name, lang i18n.Lang, now time.Time) (a *Account, code string, err error) {
	a = &Account{Name: name, Roles: roles, Lang: lang}
	if err := add(ctx, tx, a); err != nil {
		return nil, "", fmt.Errorf("invite: %w", err)
	}
	code, err = InviteAgain(ctx, tx, a.ID, now)
	return a, code, err
}

// InviteAgain returns a new code for an account whose code or passphrase was lost; older codes end.
func InviteAgain(ctx context.Context, tx *store.Tx, who ID, now time.Time) (string, error) {
	a, err := Get(ctx, tx, who)
	if err != nil {
		return "", err
	}
	if a.Ended {
		return "", errs.New(errs.Conflict, "account.ended")
	}
	if err := closeInvitations(ctx, tx, who); err != nil {
		return "", err
	}
	code := newCode()
	return code, tx.Put(ctx, &invitation{ID: store.NewID[invitation](tx), Account: who, Code: sum(plain(code)),
		Until: now.Add(InvitationDays * 24 * time.Hour).UTC()})
}

// Accept sets the passphrase of the account that the code opens, puts the code out of force and opens a
// session. A code that is unknown, used or too old is Invalid in its field.
func Accept(ctx context.Context, db *store.DB, code, passphrase string, cost KDF, now time.Time) (*Account, string, error) {
	if _, _, err := byCode(ctx, db, code, now); err != nil {
		return nil, "", err
	}
	h, err := hash(passphrase, cost) // before the write: it takes long
	if err != nil {
		return nil, "", err
	}
	var a *Account
	token := newToken()
	err = db.Write(ctx, store.Actor{}, func(tx *store.Tx) (err error) {
		var v *invitation
		if v, a, err = byCode(ctx, tx, code, now); err != nil {
			return err
		}
		tx.Actor = v.Account.ID
		a.Hash = h
		return errors.Join(tx.Put(ctx, a), closeInvitations(ctx, tx, a.ID), endSessions(ctx, tx, a.ID), open(ctx, tx, a.ID, token, now))
	})
	if err != nil {
		return nil, "", fmt.Errorf("accept invitation: %w", err)
	}
	return a, token, nil
}

func byCode(ctx context.Context, r store.Reader, code string, now time.Time) (*invitation, *Account, error) {
	bad := &errs.Error{Kind: errs.Invalid, Key: "account.code_wrong", Fields: map[string]string{"code": "account.code_wrong"}}
	rid, err := store.One[id.ID](ctx, r, "invitation", "SELECT id FROM invitation WHERE code=$1", sum(plain(code)))
	if errs.Is(err, errs.NotFound) {
		return nil, nil, bad
	}
	if err != nil {
		return nil, nil, fmt.Errorf("find invitation: %w", err)
	}
	v, err := invitations.Get(ctx, r, rid)
	if err != nil {
		return nil, nil, err
	}
	a, err := Get(ctx, r, v.Account)
	if err != nil {
		return nil, nil, err
	}
	if v.Used || a.Ended || !now.Before(v.Until) {
		return nil, nil, bad
	}
	return v, a, nil
}

func closeInvitations(ctx context.Context, tx *store.Tx, who ID) error {
	ids, err := store.All(ctx, tx, func(row *sql.Rows, v *id.ID) error { return row.Scan(v) }, "SELECT id FROM invitation WHERE account=$1 ORDER BY id", who)
	if err != nil {
		return err
	}
	for _, rid := range ids {
		v, err := invitations.Get(ctx, tx, rid)
		if err != nil {
			return err
		}
		v.Used = true
		if err := tx.Put(ctx, v); err != nil {
			return err
		}
	}
	return nil
}

// codeLetters are 32 that cannot be taken for one another when read from paper: no 0, 1, I, O.
const codeLetters = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"

// newCode returns 60 random bits as people type them: ABCD-EFGH-JKLM.
func newCode() string {
	var b [12]byte
	if _, err := rand.Read(b[:]); err != nil {
		panic("account: the system has no randomness: " + err.Error())
	}
	for i := range b {
		b[i] = codeLetters[b[i]%32]
	}
	return string(b[:4]) + "-" + string(b[4:8]) + "-" + string(b[8:])
}

// plain takes from a typed code what the paper's form added, and Cyrillic letters that look the same.
func plain(code string) string {
	code = strings.NewReplacer("А", "A", "В", "B", "С", "C", "Е", "E", "Н", "H", "К", "K", "М", "M", "Р", "P", "Т", "T", "Х", "X", "У", "Y").
		Replace(strings.ToUpper(code))
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune(codeLetters, r) {
			return r
		}
		return -1
	}, code)
}
