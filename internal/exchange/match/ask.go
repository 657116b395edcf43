package match

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"time"

	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/exchange"
	"github.com/jumyla/jumyla/internal/household"
	"github.com/jumyla/jumyla/internal/id"
	"github.com/jumyla/jumyla/internal/store"
	"github.com/jumyla/jumyla/internal/twin"
	"github.com/jumyla/jumyla/ledger"
)

// How long a question outlives the last need of its household, and how many are asked, taken back or compared in one write.
const (
	askedAfter = 7 * 24 * time.Hour
	atOnce     = 50
	day        = 24 * time.Hour
)

// Work asks what is to be asked, takes back what must not be asked any more, and compares what others ask, if this centre
// does that. What it did before is not done again, so it may be stopped anywhere.
func Work(ctx context.Context, db *store.DB) error {
	s, err := Read(ctx, db)
	if err != nil || !s.Concerned {
		return err
	}
	if err := s.ask(ctx, db); err != nil {
		return err
	}
	return s.compare(ctx, db)
}

// question is one of ours as it was asked.
type question struct {
	id        twin.QuestionID
	household id.ID
	print     string
	at        time.Time
	with      id.ID // who has it
}

// ours returns the questions that this centre asked and has not taken back.
func ours(ctx context.Context, r store.Reader) ([]question, error) {
	return store.All(ctx, r, func(row *sql.Rows, v *question) error {
		var at int64
		var with []byte
		err := row.Scan(&v.id, &v.household, &v.print, &at, &with)
		if err == nil {
			v.at, v.with = store.At(at), id.ID(with)
		}
		return err
	}, "SELECT q.id, q.household, q.print, q.at, h.owner FROM twin_question q JOIN record_held h ON h.record=q.raw WHERE h.made=1 ORDER BY q.id")
}

// ask brings the questions that stand to what is to be asked now.
func (s *State) ask(ctx context.Context, db *store.DB) error {
	have, err := ours(ctx, db)
	if err != nil {
		return err
	}
	want, err := s.wanted(ctx, db)
	if err != nil {
		return err
	}
	var back []twin.QuestionID
	asked := 0
	for _, q := range have {
		w, ok := want[q.household]
		same := ok && q.with == id.ID(s.Matcher.Centre)
		if same {
			if same, err = s.unchanged(ctx, db, q, w); err != nil {
				return err
			}
		}
		if !same {
			back = append(back, q.id)
			continue
		}
		delete(want, q.household)
		if s.now.Sub(q.at) < day {
			asked++
		}
	}
	if err := inParts(ctx, db, back, takeBack); err != nil {
		return err
	}
	todo := make([]household.ID, 0, len(want))
	for h := range want {
		todo = append(todo, household.ID{ID: h})
	}
	slices.SortFunc(todo, func(a, b household.ID) int { return slices.Compare(b.ID[:], a.ID[:]) }) // who called last waits shortest
	todo = todo[:min(len(todo), max(0, s.Limit()-asked))]
	return inParts(ctx, db, todo, s.put)
}

// inParts does something with each of all, some of them in one write: others must be able to write meanwhile.
func inParts[T any](ctx context.Context, db *store.DB, all []T, do func(ctx context.Context, tx *store.Tx, v T) error) error {
	for part := range slices.Chunk(all, atOnce) {
		err := db.Write(ctx, store.Actor{}, func(tx *store.Tx) error {
			for _, v := range part {
				if err := do(ctx, tx, v); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// unchanged reports whether a question that stands says what would be asked now.
func (s *State) unchanged(ctx context.Context, r store.Reader, q question, w twin.Question) (bool, error) {
	if q.print != w.Print {
		return false, nil
	}
	was, err := twin.QuestionKind.Get(ctx, r, q.id.ID)
	if err != nil {
		return false, err
	}
	return slices.EqualFunc(was.Tokens(), w.Tokens(), slices.Equal[[]byte]), nil
}

// wanted are the questions that are to be asked, by household: of those that are ours and of which something is open, or
// was not long ago. Where the centre asks nobody there are none.
func (s *State) wanted(ctx context.Context, db *store.DB) (map[id.ID]twin.Question, error) {
	out := map[id.ID]twin.Question{}
	if !s.Asks() {
		return out, nil
	}
	all, err := store.All(ctx, db, func(row *sql.Rows, v *household.ID) error { return row.Scan(v) },
		`SELECT DISTINCT q.household FROM need n JOIN request q ON q.id=n.request WHERE n.status IN ('open','planned') OR n.closed>=$1`, store.Micro(s.now.Add(-askedAfter)))
	if err != nil {
		return nil, err
	}
	for _, h := range all {
		q, ok, err := s.question(ctx, db, h)
		if err != nil {
			return nil, err
		}
		if ok {
			out[h.ID] = q
		}
	}
	return out, nil
}

// question makes what is to be asked of a household; ok is false where nothing is.
func (s *State) question(ctx context.Context, r store.Reader, hid household.ID) (q twin.Question, ok bool, err error) {
	if held, err := store.Held(ctx, r, hid.ID); err != nil || !held.Ours {
		return q, false, err
	}
	h, err := household.Kind.Get(ctx, r, hid.ID)
	if errs.Is(err, errs.NotFound) {
		return q, false, nil
	}
	if err != nil || h.Post {
		return q, false, err // an institution's telephone is nobody's secret, and many give it
	}
	q, ok = s.key.Of(h)
	return q, ok, nil
}

// put asks about a household, unless it was erased or handed over meanwhile.
func (s *State) put(ctx context.Context, tx *store.Tx, h household.ID) error {
	q, ok, err := s.question(ctx, tx, h)
	if err != nil || !ok {
		return err
	}
	q.ID.ID, q.At = tx.NewID(), tx.Now
	if err := tx.Put(ctx, &q); err != nil {
		return err
	}
	return pass(ctx, tx, q.ID.ID, s.Matcher.Centre)
}

// pass gives a record to another centre, or takes it back.
func pass(ctx context.Context, tx *store.Tx, rid id.ID, to ledger.ID) error {
	d, err := tx.Decide(ctx, rid)
	if err != nil || d.Owner == to {
		return err
	}
	return exchange.Claim(ctx, tx, d, d.Next(to))
}

// end takes a record back that this centre made, and erases it: whoever holds it destroys it when it hears.
func end(ctx context.Context, tx *store.Tx, rid id.ID) error {
	if err := pass(ctx, tx, rid, ledger.ID(tx.Centre())); err != nil {
		return err
	}
	return tx.Erase(ctx, rid)
}

// takeBack ends a question, and what was answered to it.
func takeBack(ctx context.Context, tx *store.Tx, q twin.QuestionID) error {
	answers, err := store.All(ctx, tx, func(row *sql.Rows, v *twin.AnswerID) error { return row.Scan(v) },
		"SELECT id FROM twin_answer WHERE question=$1", q)
	if err != nil {
		return err
	}
	for _, a := range answers {
		held, err := store.Held(ctx, tx, a.ID)
		if err == nil && held.Ours {
			err = tx.Erase(ctx, a.ID)
		}
		if err != nil {
			return err
		}
	}
	return end(ctx, tx, q.ID)
}

// Use says which centre compares for this one; none with a zero identity. Its people must have compared its words, and it
// must not have the key: it would know whom it compares.
func Use(ctx context.Context, tx *store.Tx, matcher id.ID) error {
	if matcher == tx.Centre() {
		return errs.New(errs.Invalid, "match.own")
	}
	now, err := twin.SettingOf(ctx, tx, tx.Centre())
	if err != nil {
		return err
	}
	if !matcher.IsZero() {
		if now.Offers {
			return errs.New(errs.Conflict, "match.compares")
		}
		peer, err := store.Peer(ctx, tx, ledger.ID(matcher))
		if err != nil {
			return err
		}
		dir, err := tx.Directory(ctx)
		if err != nil {
			return err
		}
		switch {
		case !peer.Pinned:
			return errs.New(errs.Denied, "exchange.not_paired", "centre", peer.Name)
		case dir.Revoked(peer.Centre):
			return errs.Wrap(errs.Denied, errors.New("revoked"), "exchange.revoked", "centre", peer.Name)
		}
	}
	return twin.Set(ctx, tx, func(s *twin.Setting) { s.Matcher = matcher })
}

// UseKey keeps the key that the centres that ask share, in the place of the one before it.
func UseKey(ctx context.Context, tx *store.Tx, k Key) error {
	now, err := twin.SettingOf(ctx, tx, tx.Centre())
	if err != nil {
		return err
	}
	if now.Offers {
		return errs.New(errs.Conflict, "match.compares")
	}
	if err := twin.Keep(ctx, tx, twin.Asks, k[:]); err != nil {
		return err
	}
	return twin.Set(ctx, tx, func(s *twin.Setting) { s.Print = k.Print() })
}

// Offer says that this centre compares for others, so many questions of each in 24 hours; with 0 that it does not. It then
// asks nobody itself, and its key is destroyed: who compares must not be able to try telephones.
func Offer(ctx context.Context, tx *store.Tx, limit int) error {
	if limit < 0 || limit > MaxLimit {
		return errs.New(errs.Invalid, "match.limit", "most", MaxLimit)
	}
	if limit == 0 {
		return twin.Set(ctx, tx, func(s *twin.Setting) { s.Offers, s.Limit = false, 0 })
	}
	if err := twin.Drop(ctx, tx, twin.Asks); err != nil {
		return err
	}
	return twin.Set(ctx, tx, func(s *twin.Setting) { s.Offers, s.Limit, s.Matcher, s.Print = true, limit, id.ID{}, "" })
}

// Limits of how many questions of one centre are compared in 24 hours.
const (
	UsualLimit = 500
	MaxLimit   = 20_000
)
