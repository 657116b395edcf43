package match

import (
	"context"
	"time"

	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/id"
	"github.com/jumyla/jumyla/internal/store"
	"github.com/jumyla/jumyla/internal/twin"
	"github.com/jumyla/jumyla/ledger"
)

// State is how comparing stands at this centre.
type State struct {
	Own       twin.Setting
	Theirs    twin.Setting // of the one that compares for this centre
	Matcher   store.Centre // zero where none was chosen
	Revoked   bool         // the key-holders have ended it
	HasKey    bool
	Concerned bool // this centre asks, has asked, or compares, or has compared

	now time.Time
	key Key
	us  id.ID
}

// Read reads it.
func Read(ctx context.Context, db *store.DB) (*State, error) {
	s := &State{now: db.Now(), us: db.Centre()}
	var err error
	if s.Own, err = twin.SettingOf(ctx, db, s.us); err != nil {
		return nil, err
	}
	stands, err := store.One[bool](ctx, db, "questions", "SELECT EXISTS (SELECT 1 FROM twin_question) OR EXISTS (SELECT 1 FROM twin_answer)")
	if err != nil {
		return nil, err
	}
	s.Concerned = stands || s.Own.Offers || !s.Own.Matcher.IsZero() || s.Own.Print != ""
	if k, err := twin.KeyFor(ctx, db, twin.Asks); err == nil && len(k.Secret) == len(s.key) {
		s.HasKey, s.key = true, Key(k.Secret)
	} else if err != nil && !errs.Is(err, errs.NotFound) {
		return nil, err
	}
	if s.Own.Matcher.IsZero() {
		return s, nil
	}
	if s.Matcher, err = store.Peer(ctx, db, ledger.ID(s.Own.Matcher)); err != nil {
		return nil, err
	}
	d, err := db.Decider(ctx)
	if err != nil {
		return nil, err
	}
	s.Revoked = d.Directory.Revoked(s.Matcher.Centre)
	s.Theirs, err = twin.SettingOf(ctx, db, s.Own.Matcher)
	return s, err
}

// Asks reports whether this centre asks: it has chosen one that says that it compares, and has the key.
func (s *State) Asks() bool { return s.Why() == "" }

// Why says why this centre asks nobody, by a message's key; "" where it asks.
func (s *State) Why() string {
	switch {
	case s.Own.Offers:
		return "match.why_compares"
	case s.Own.Matcher.IsZero():
		return "match.why_nobody"
	case s.Revoked:
		return "match.why_revoked"
	case !s.HasKey:
		return "match.why_key"
	case !s.Theirs.Offers:
		return "match.why_offers"
	}
	return ""
}

// Limit is how many questions a centre asks, and has compared, in 24 hours.
func (s *State) Limit() int {
	limit := s.Theirs.Limit
	if s.Own.Offers {
		limit = s.Own.Limit
	}
	if limit <= 0 || limit > MaxLimit {
		return UsualLimit
	}
	return limit
}

// Unconfirmed counts the questions that were taken back and of which the one that compares has not said that it destroyed
// them.
func Unconfirmed(ctx context.Context, r store.Reader) (int, error) {
	return store.One[int](ctx, r, "questions", `SELECT count(DISTINCT a.record) FROM record_asked a JOIN record_held h ON h.record=a.record
		JOIN record r ON r.id=a.record WHERE r.kind=$1 AND h.made=1 AND a.confirmed=0`, twin.QuestionKind.Name())
}

// KeyOf returns the key that this centre asks by; NotFound where it has none.
func KeyOf(ctx context.Context, r store.Reader) (Key, error) {
	k, err := twin.KeyFor(ctx, r, twin.Asks)
	if errs.Is(err, errs.NotFound) {
		return Key{}, errs.New(errs.NotFound, "match.key_none")
	}
	if err != nil || len(k.Secret) != len(Key{}) {
		return Key{}, err
	}
	return Key(k.Secret), nil
}
