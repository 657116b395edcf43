package account

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"time"

	"github.com/jumyla/jumyla/internal/contact"
	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/id"
	"github.com/jumyla/jumyla/internal/store"
)

// How long a session lasts, by a real clock.
const (
	IdleLock   = 30 * time.Minute // without a request: the passphrase again
	SessionEnd = 16 * time.Hour   // since the passphrase was typed
	touchEvery = time.Minute      // how exactly the last request is kept
)

// How many wrong passphrases a name may have.
const (
	maxFailures   = 5
	failureWindow = 15 * time.Minute // the message account.wait names it
)

// What a sign record tells.
const (
	signIn     = "in"
	signFailed = "failed"
	signOut    = "out"
)

// sign is the fact that somebody signed in or out, or tried in vain; Account is zero where the name was
// nobody's. It holds no name.
type sign struct {
	ID      id.Of[sign]
	Account ID     `audit:"account"`
	What    string `audit:"what"`
}

var signs = store.Define(store.Spec[sign]{
	Name: "sign", Schema: 1, Fact: true,
	Subjects: func(s *sign) []id.ID { return []id.ID{s.Account.ID} },
})

func note(ctx context.Context, tx *store.Tx, who ID, what string) error {
	return tx.Put(ctx, &sign{ID: store.NewID[sign](tx), Account: who, What: what})
}

// SignIn opens a session for whoever knows the name's passphrase and returns its token, which goes into a
// cookie. Anything wrong is the same Denied after the same time; after five failures in fifteen minutes a
// name is Unavailable. now is a real clock's.
func SignIn(ctx context.Context, db *store.DB, name contact.Name, passphrase string, now time.Time) (*Account, string, error) {
	key := sum(contact.Fold(string(name))) // a name as another keyboard writes it has no attempts of its own
	if err := db.Write(ctx, store.Actor{}, func(tx *store.Tx) error { return spend(ctx, tx, key, now) }); err != nil {
		return nil, "", fmt.Errorf("sign in: %w", err)
	}
	a, ok, err := check(ctx, db, name, passphrase)
	if err != nil {
		return nil, "", fmt.Errorf("sign in: %w", err)
	}
	if !ok {
		var who ID
		if a != nil {
			who = a.ID
		}
		err := db.Write(ctx, store.Actor{}, func(tx *store.Tx) error { return note(ctx, tx, who, signFailed) })
		return nil, "", errors.Join(errs.New(errs.Denied, "account.wrong"), err)
	}
	token := newToken()
	err = db.Write(ctx, a.ID.ID, func(tx *store.Tx) error {
		if _, err := tx.Exec(ctx, "DELETE FROM sign_failure WHERE name=$1", key); err != nil {
			return err
		}
		return open(ctx, tx, a.ID, token, now)
	})
	if err != nil {
		return nil, "", fmt.Errorf("open session: %w", err)
	}
	return a, token, nil
}

// spend takes one of the name's attempts before the passphrase is looked at, so that many attempts at once
// are not more attempts.
func spend(ctx context.Context, tx *store.Tx, key []byte, now time.Time) error {
	if _, err := tx.Exec(ctx, "DELETE FROM sign_failure WHERE at<=$1", store.Micro(now.Add(-failureWindow))); err != nil {
		return err
	}
	n, err := store.One[int](ctx, tx, "failures", "SELECT count(*) FROM sign_failure WHERE name=$1", key)
	if err != nil {
		return err
	}
	if n >= maxFailures {
		return errs.New(errs.Unavailable, "account.wait")
	}
	_, err = tx.Exec(ctx, "INSERT INTO sign_failure (name, at) VALUES ($1,$2)", key, store.Micro(now))
	return err
}

// check compares the passphrase. For a name that is nobody's, or an account without a passphrase, it works as
// long, on the hash of the centre's first account, and says no; both ways read the same rows.
func check(ctx context.Context, r store.Reader, name contact.Name, passphrase string) (a *Account, ok bool, err error) {
	against := ""
	first, err := store.One[id.ID](ctx, r, "account", "SELECT id FROM account ORDER BY id LIMIT 1")
	if err == nil {
		var other *Account
		if other, err = Kind.Get(ctx, r, first); err == nil {
			against = other.Hash
		}
	}
	if err == nil {
		a, err = whoever(ctx, r, name)
	}
	if err != nil && !errs.Is(err, errs.NotFound) {
		return nil, false, err
	}
	able := a != nil && a.Hash != "" && !a.Ended
	if able {
		against = a.Hash
	}
	return a, matches(against, passphrase) && able, nil
}

func newToken() string {
	var b [32]byte
	if _, err := rand.Read(b[:]); err != nil {
		panic("account: the system has no randomness: " + err.Error())
	}
	return base64.RawURLEncoding.EncodeToString(b[:])
}

func sum(s string) []byte {
	h := sha256.Sum256([]byte(s))
	return h[:]
}

func open(ctx context.Context, tx *store.Tx, who ID, token string, now time.Time) error {
	at := store.Micro(now)
	if _, err := tx.Exec(ctx, "DELETE FROM session WHERE created<=$1", store.Micro(now.Add(-SessionEnd))); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, "INSERT INTO session (token, account, created, seen) VALUES ($1,$2,$3,$4)", sum(token), who, at, at); err != nil {
		return err
	}
	return note(ctx, tx, who, signIn)
}

// session is a row of the working table that has not ended.
type session struct {
	account *Account
	seen    time.Time
	locked  bool
}

func find(ctx context.Context, r store.Reader, token string, now time.Time) (session, error) {
	if token == "" {
		return session{}, errs.Missing("session")
	}
	rows, err := r.Query(ctx, "SELECT account, created, seen, locked FROM session WHERE token=$1", sum(token))
	if err != nil {
		return session{}, fmt.Errorf("find session: %w", err)
	}
	defer rows.Close()
	if !rows.Next() {
		return session{}, errors.Join(rows.Err(), errs.Missing("session"))
	}
	var who id.ID
	var created, seen int64
	var s session
	if err := rows.Scan(&who, &created, &seen, &s.locked); err != nil {
		return session{}, fmt.Errorf("read session: %w", err)
	}
	if err := rows.Close(); err != nil {
		return session{}, fmt.Errorf("read session: %w", err)
	}
	if now.Sub(store.At(created)) >= SessionEnd {
		return session{}, errs.Missing("session")
	}
	s.seen = store.At(seen)
	s.locked = s.locked || now.Sub(s.seen) >= IdleLock
	if s.account, err = Kind.Get(ctx, r, who); err != nil {
		return session{}, err
	}
	if s.account.Ended {
		return session{}, errs.Missing("session")
	}
	return s, nil
}

// BySession returns whose session the token opens: NotFound where there is none or it has ended, Denied where
// it is locked.
func BySession(ctx context.Context, r store.Reader, token string, now time.Time) (*Account, error) {
	s, err := find(ctx, r, token, now)
	if err != nil {
		return nil, err
	}
	if s.locked {
		return nil, errs.New(errs.Denied, "account.locked")
	}
	return s.account, nil
}

// ByLock returns whose session waits, locked, for its passphrase; NotFound where none does.
func ByLock(ctx context.Context, r store.Reader, token string, now time.Time) (*Account, error) {
	s, err := find(ctx, r, token, now)
	if err != nil {
		return nil, err
	}
	if !s.locked {
		return nil, errs.Missing("locked session")
	}
	return s.account, nil
}

// Touch keeps that the session's owner is there, at most once a minute; a locked session stays locked.
func Touch(ctx context.Context, db *store.DB, token string, now time.Time) error {
	s, err := find(ctx, db, token, now)
	if err != nil || s.locked || now.Sub(s.seen) < touchEvery {
		return err
	}
	return db.Write(ctx, s.account.ID.ID, func(tx *store.Tx) error {
		_, err := tx.Exec(ctx, "UPDATE session SET seen=$1 WHERE token=$2 AND seen<$1", store.Micro(now), sum(token))
		return err
	})
}

// Lock makes the session ask for the passphrase again; the pages stay where they are.
func Lock(ctx context.Context, db *store.DB, token string) error {
	return db.Write(ctx, store.Actor{}, func(tx *store.Tx) error {
		_, err := tx.Exec(ctx, "UPDATE session SET locked=1 WHERE token=$1", sum(token))
		return err
	})
}

// SignOut ends the session; one that is not there is no error.
func SignOut(ctx context.Context, db *store.DB, token string, now time.Time) error {
	s, err := find(ctx, db, token, now)
	if errs.Is(err, errs.NotFound) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("sign out: %w", err)
	}
	return db.Write(ctx, s.account.ID.ID, func(tx *store.Tx) error {
		n, err := tx.Exec(ctx, "DELETE FROM session WHERE token=$1", sum(token))
		if err != nil || n == 0 {
			return err
		}
		return note(ctx, tx, s.account.ID, signOut)
	})
}

func endSessions(ctx context.Context, tx *store.Tx, who ID) error {
	_, err := tx.Exec(ctx, "DELETE FROM session WHERE account=$1", who)
	return err
}
