// Package chain walks the lanes of a database and finds the first bad entry: encoding, numbers, chain, sealed bodies, and
// the signature of each lane's end.
package chain

import (
	"context"
	"crypto/ed25519"
	"database/sql"
	"errors"
	"fmt"

	"github.com/jumyla/jumyla/ledger"
)

// FaultError is the first bad entry that was found.
type FaultError struct {
	Entry int64  // number in the order in which entries came here; 0 where a whole lane is at fault
	Lane  string // class and incarnation
	Seq   uint64
	Err   error
}

// Error names the entry and the fault.
func (f *FaultError) Error() string {
	return fmt.Sprintf("lane %s, entry %d (number %d here): %v", f.Lane, f.Seq, f.Entry, f.Err)
}

// Unwrap returns the fault.
func (f *FaultError) Unwrap() error { return f.Err }

// Errors of Walk, beside the ledger's own.
var (
	ErrBodyChanged = errors.New("the sealed body is not the one that was committed to")
	ErrHeadLost    = errors.New("the lane does not end where its signature says: entries are missing or added")
	ErrSignature   = errors.New("the signature of the lane's end is not this centre's")
)

// Reader reads rows.
type Reader interface {
	Query(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

// lane is a lane as its row has it.
type lane struct {
	id     int64
	name   ledger.Lane
	branch int         // 0: what came here first
	root   ledger.Head // from which it parts, where it is a branch
	end    ledger.Head
	sig    []byte
	signed uint64 // where its signature is for; 0: for its end, where there is one
}

// Walk checks every lane. writes reports whether the database appends to a lane; key returns what a centre signs with. It returns
// how many entries it saw, and the first bad one as a *FaultError.
func Walk(ctx context.Context, r Reader, writes func(ledger.Lane) bool, key func(centre ledger.ID) ed25519.PublicKey) (int, error) {
	lanes, err := lanes(ctx, r, "")
	if err != nil {
		return 0, fmt.Errorf("verify: %w", err)
	}
	total := 0
	for _, l := range lanes {
		n, head, signed, err := l.walk(ctx, r)
		total += n
		if err != nil {
			return total, err
		}
		fault := &FaultError{Lane: l.name.String(), Seq: l.end.Seq}
		switch {
		case head != l.end:
			fault.Err = ErrHeadLost
		case l.coming() && (l.branch > 0 || !writes(l.name)):
			continue
		case !ledger.VerifyHead(key(l.name.Centre), l.name, signed, l.sig):
			fault.Err = ErrSignature
		default:
			continue
		}
		return total, fault
	}
	t, err := findTwice(ctx, r)
	if err != nil {
		return total, fmt.Errorf("verify: %w", err)
	}
	if t != nil {
		return total, &FaultError{Lane: t.other.name.String(), Seq: t.first, Err: ErrTwice}
	}
	return total, nil
}

// coming reports whether a branch is being taken in for the first time: its signature comes with its last entry. So may a lane
// of this database's own centre, when it comes back to it.
func (l lane) coming() bool { return l.signed == 0 && len(l.sig) == 0 }

func lanes(ctx context.Context, r Reader, where string) (out []lane, err error) {
	rows, err := r.Query(ctx, "SELECT id, centre, incarnation, class, seq, hash, signature, signed, branch, root_seq, root FROM ledger_lane "+where+" ORDER BY id")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var l lane
		var centre, hash, root []byte
		if err := rows.Scan(&l.id, &centre, &l.name.Incarnation, &l.name.Class, &l.end.Seq, &hash, &l.sig, &l.signed, &l.branch, &l.root.Seq, &root); err != nil {
			return nil, err
		}
		l.name.Centre, l.end.Hash, l.root.Hash = ledger.ID(centre), ledger.Hash(hash), ledger.Hash(root)
		out = append(out, l)
	}
	return out, rows.Err()
}

func (l lane) walk(ctx context.Context, r Reader) (n int, head, signed ledger.Head, err error) {
	rows, err := r.Query(ctx, `SELECT e.n, e.raw, b.sealed FROM ledger_entry e LEFT JOIN ledger_body b ON b.hash=e.hash
		WHERE e.lane=$1 ORDER BY e.seq`, l.id)
	if err != nil {
		return 0, head, signed, fmt.Errorf("verify: %w", err)
	}
	defer rows.Close()
	for head = l.root; rows.Next(); {
		var at int64
		var raw, sealed []byte
		if err := rows.Scan(&at, &raw, &sealed); err != nil {
			return n, head, signed, err
		}
		e, next, err := head.Follow(l.name, raw)
		if err == nil && sealed != nil && (e.Body == nil || ledger.Commitment(sealed) != *e.Body) {
			err = ErrBodyChanged
		}
		if err != nil {
			return n, head, signed, &FaultError{Entry: at, Lane: l.name.String(), Seq: head.Seq + 1, Err: err}
		}
		head = next
		if l.signed == 0 || head.Seq == l.signed {
			signed = head
		}
		n++
	}
	return n, head, signed, rows.Err()
}
