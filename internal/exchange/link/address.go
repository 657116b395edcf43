package link

import (
	"context"
	"database/sql"
	"errors"
	"net"
	"strconv"
	"strings"
	"time"

	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/exchange"
	"github.com/jumyla/jumyla/internal/id"
	"github.com/jumyla/jumyla/internal/store"
	"github.com/jumyla/jumyla/ledger"
)

// Port is where a centre is called whose address names none.
const defaultPort = 7443

// State is how another centre is reached, and how that went.
type State struct {
	Address string
	Tried   time.Time // zero: never
	Reached time.Time // when an exchange that we began was last whole
	Came    time.Time // when one that they began was
	Failed  int       // how often in a row
	Fault   string    // why: a message key
}

// Address reads an address as people type it: host:port, or a host alone.
func Address(text string) (string, error) {
	text = strings.TrimSpace(text)
	text = strings.TrimPrefix(strings.TrimPrefix(text, "https://"), "http://")
	text, _, _ = strings.Cut(text, "/")
	if text == "" {
		return "", nil
	}
	host, port, err := net.SplitHostPort(text)
	if err != nil {
		host, port = strings.Trim(text, "[]"), strconv.Itoa(defaultPort)
	}
	n, err := strconv.Atoi(port)
	bad := strings.ContainsFunc(host, func(r rune) bool { return r <= ' ' || strings.ContainsRune("@?#\\\"'<>[]", r) })
	if err != nil || n < 1 || n > 65535 || host == "" || len(host) > 253 || bad || strings.Contains(host, ":") && net.ParseIP(host) == nil {
		return "", errs.New(errs.Invalid, "link.address")
	}
	return net.JoinHostPort(host, strconv.Itoa(n)), nil
}

// SetAddress keeps where a centre is called; nothing takes it away. Of our own it is where others call us.
func SetAddress(ctx context.Context, db *store.DB, centre id.ID, text string) error {
	addr, err := Address(text)
	if err != nil {
		return err
	}
	return db.Write(ctx, store.Actor{}, func(tx *store.Tx) error {
		tx.Touch("centre")
		_, err := tx.Exec(ctx, `INSERT INTO exchange_link (centre, address) VALUES ($1,$2)
			ON CONFLICT (centre) DO UPDATE SET address=excluded.address, failed=0, fault=''`, centre[:], addr)
		return err
	})
}

// StateOf returns how a centre is reached.
func StateOf(ctx context.Context, r store.Reader, centre ledger.ID) (State, error) {
	var s State
	var tried, reached, came int64
	err := r.QueryRow(ctx, "SELECT address, tried, reached, came, failed, fault FROM exchange_link WHERE centre=$1", centre[:]).
		Scan(&s.Address, &tried, &reached, &came, &s.Failed, &s.Fault)
	if errors.Is(err, sql.ErrNoRows) {
		return s, nil
	}
	s.Tried, s.Reached, s.Came = store.At(tried), store.At(reached), store.At(came)
	return s, err
}

// Peer is a centre with what waits each way, and how it is reached.
type Peer struct {
	exchange.Waiting
	State
	Theirs int // entries that they had and we have not, by what they said last
}

// Peers returns every paired centre, with what waits each way: reckoned from vectors only.
func Peers(ctx context.Context, db *store.DB) ([]Peer, error) {
	all, err := exchange.Peers(ctx, db)
	if err != nil {
		return nil, err
	}
	out := make([]Peer, 0, len(all))
	for _, w := range all {
		p := Peer{Waiting: w}
		if p.State, err = StateOf(ctx, db, w.Centre.Centre); err != nil {
			return nil, err
		}
		if p.Theirs, err = exchange.Awaited(ctx, db, w.Centre.Centre); err != nil {
			return nil, err
		}
		out = append(out, p)
	}
	return out, nil
}

// Standing is how a centre stands to us.
type Standing string

// The standings.
const (
	NoAddress Standing = "none"      // nobody calls the other
	OK        Standing = "ok"        // nothing waits
	Behind    Standing = "behind"    // something waits
	Unreached Standing = "unreached" // it was called and not reached, and did not call since
)

// Standing says how a centre stands to us, by what is known here.
func (p *Peer) Standing() Standing {
	switch {
	case p.Failed > 0 && !p.Came.After(p.Tried):
		return Unreached
	case p.Address == "" && p.Came.IsZero():
		return NoAddress
	case p.Entries > 0 || p.Theirs > 0:
		return Behind
	}
	return OK
}
