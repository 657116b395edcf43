package match

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"time"

	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/id"
	"github.com/jumyla/jumyla/internal/store"
	"github.com/jumyla/jumyla/internal/twin"
	"github.com/jumyla/jumyla/ledger"
)

// mostAlike is to how many others one question is answered: a telephone that many give tells nothing.
const mostAlike = 20

// asked is a question of another centre.
type asked struct {
	id        twin.QuestionID
	household id.ID
	asker     id.ID
	at        time.Time
}

func (a asked) raw() []byte { return append(a.asker[:], a.household[:]...) }

// compare answers what others ask, as many of each centre as the limit lets, and ends answers to what was taken back.
func (s *State) compare(ctx context.Context, db *store.DB) error {
	if err := endAnswers(ctx, db); err != nil || !s.Own.Offers {
		return err
	}
	if err := meet(ctx, db); err != nil {
		return err
	}
	askers, err := store.All(ctx, db, func(row *sql.Rows, v *id.ID) error { return row.Scan(v) }, "SELECT DISTINCT asker FROM twin_seen ORDER BY asker")
	if err != nil {
		return err
	}
	for _, asker := range askers {
		if err := s.compareOf(ctx, db, asker); err != nil {
			return err
		}
	}
	return db.Write(ctx, store.Actor{}, func(tx *store.Tx) error { // those that count for the limit stay
		_, err := tx.Exec(ctx, "DELETE FROM twin_seen WHERE compared<$1 AND NOT EXISTS (SELECT 1 FROM twin_question q WHERE q.id=question)", store.Micro(s.now.Add(-day)))
		return err
	})
}

// meet notes who asked each question that is new. That follows from the ledger: what a question says of it counts for nothing.
func meet(ctx context.Context, db *store.DB) error {
	fresh, err := store.All(ctx, db, func(row *sql.Rows, v *twin.QuestionID) error { return row.Scan(v) },
		`SELECT q.id FROM twin_question q JOIN record_held h ON h.record=q.raw WHERE h.made=0 AND q.sound=1
		AND NOT EXISTS (SELECT 1 FROM twin_seen s WHERE s.question=q.id) ORDER BY q.id`)
	if err != nil || len(fresh) == 0 {
		return err
	}
	return inParts(ctx, db, fresh, func(ctx context.Context, tx *store.Tx, q twin.QuestionID) error {
		d, err := tx.Decide(ctx, q.ID)
		if err != nil || len(d.Former) == 0 || d.Owner != ledger.ID(tx.Centre()) {
			return err // taken back meanwhile
		}
		_, err = tx.Exec(ctx, "INSERT INTO twin_seen (question, asker, compared) VALUES ($1,$2,0) ON CONFLICT DO NOTHING", q, id.ID(d.Former[0]))
		return err
	})
}

// compareOf compares as many of one centre's questions as it may have compared now, those first that came first.
func (s *State) compareOf(ctx context.Context, db *store.DB, asker id.ID) error {
	d, err := db.Decider(ctx)
	if err != nil || d.Directory.Revoked(ledger.ID(asker)) {
		return err
	}
	had, err := store.One[int](ctx, db, "compared", "SELECT count(*) FROM twin_seen WHERE asker=$1 AND compared>$2", asker, store.Micro(s.now.Add(-day)))
	if err != nil {
		return err
	}
	todo, err := store.All(ctx, db, func(row *sql.Rows, v *asked) error {
		var at int64
		err := row.Scan(&v.id, &v.household, &at)
		v.asker, v.at = asker, store.At(at)
		return err
	}, `SELECT q.id, q.household, q.at FROM twin_seen s JOIN twin_question q ON q.id=s.question JOIN record_held h ON h.record=q.raw
		WHERE s.asker=$1 AND s.compared=0 AND h.owner=$2 ORDER BY q.id LIMIT $3`, asker, s.us[:], max(0, s.Limit()-had))
	if err != nil {
		return err
	}
	if err := inParts(ctx, db, todo, answer); err != nil {
		return err
	}
	return s.count(ctx, db, asker)
}

// alike is a question with what is alike of it.
type alike struct {
	asked

	by []string
}

// answer compares one question with those that were compared before it, and tells both centres.
func answer(ctx context.Context, tx *store.Tx, q asked) error {
	found, err := findAlike(ctx, tx, q)
	if err != nil {
		return err
	}
	for _, o := range found {
		pair, err := pairName(ctx, tx, q, o.asked)
		if err == nil {
			err = errors.Join(tell(ctx, tx, q, o.asked, o.by, pair), tell(ctx, tx, o.asked, q, o.by, pair))
		}
		if err != nil {
			return err
		}
	}
	_, err = tx.Exec(ctx, "UPDATE twin_seen SET compared=$1 WHERE question=$2", store.Micro(tx.Now), q.id)
	return err
}

// findAlike returns the questions of other centres that share a token with one, the latest first.
func findAlike(ctx context.Context, tx *store.Tx, q asked) ([]alike, error) {
	type row struct {
		asked

		part string
	}
	us := tx.Centre()
	rows, err := store.All(ctx, tx, func(s *sql.Rows, v *row) error {
		var at int64
		err := s.Scan(&v.id, &v.household, &v.asker, &at, &v.part)
		v.at = store.At(at)
		return err
	}, `SELECT DISTINCT o.id, o.household, s.asker, o.at, t.part FROM twin_token mine JOIN twin_token t ON t.token=mine.token AND t.part=mine.part
		JOIN twin_question o ON o.id=t.twin_question JOIN twin_seen s ON s.question=o.id JOIN record_held h ON h.record=o.raw
		WHERE mine.twin_question=$1 AND s.asker<>$2 AND s.compared>0 AND h.owner=$3 ORDER BY o.id DESC, t.part DESC LIMIT $4`, q.id, q.asker, us[:], 2*mostAlike)
	if err != nil {
		return nil, err
	}
	var out []alike
	for _, r := range rows {
		if n := len(out); n > 0 && out[n-1].id == r.id {
			out[n-1].by = append(out[n-1].by, r.part)
		} else if n < mostAlike {
			out = append(out, alike{r.asked, []string{r.part}})
		}
	}
	return out, nil
}

// pairName names a pair by this centre's own key, which is drawn when it is first needed.
func pairName(ctx context.Context, tx *store.Tx, a, b asked) (id.ID, error) {
	k, err := twin.KeyFor(ctx, tx, twin.Pairs)
	if errs.Is(err, errs.NotFound) {
		secret, err := NewKey(rand.Reader)
		if err == nil {
			err = twin.Keep(ctx, tx, twin.Pairs, secret[:])
		}
		return pairOf(secret[:], a, b), err
	}
	if err != nil {
		return id.ID{}, err
	}
	return pairOf(k.Secret, a, b), nil
}

// tell gives the centre that asked an answer, unless it has it.
func tell(ctx context.Context, tx *store.Tx, q, other asked, by []string, pair id.ID) error {
	told, err := store.One[bool](ctx, tx, "answer", "SELECT EXISTS (SELECT 1 FROM twin_answer WHERE question=$1 AND other=$2)", q.id, other.id)
	if err != nil || told {
		return err
	}
	a := &twin.Answer{Question: q.id.ID, Other: other.id.ID, Pair: pair, Centre: other.asker, Theirs: other.household, By: by, AsOf: other.at}
	a.ID.ID = tx.NewID()
	if err := tx.Put(ctx, a); err != nil {
		return err
	}
	return pass(ctx, tx, a.ID.ID, ledger.ID(q.asker))
}

// endAnswers takes back and erases what this centre answered to questions that were taken back.
func endAnswers(ctx context.Context, db *store.DB) error {
	over, err := store.All(ctx, db, func(row *sql.Rows, v *twin.AnswerID) error { return row.Scan(v) },
		`SELECT a.id FROM twin_answer a JOIN record_held h ON h.record=a.raw WHERE h.made=1
		AND (NOT EXISTS (SELECT 1 FROM twin_question q WHERE q.id=a.question) OR NOT EXISTS (SELECT 1 FROM twin_question q WHERE q.id=a.other)) ORDER BY a.id`)
	if err != nil {
		return err
	}
	return inParts(ctx, db, over, func(ctx context.Context, tx *store.Tx, a twin.AnswerID) error { return end(ctx, tx, a.ID) })
}

// count says how far this centre is with another's questions, where that has changed.
func (s *State) count(ctx context.Context, db *store.DB, asker id.ID) error {
	var compared, waiting int
	err := db.QueryRow(ctx, "SELECT coalesce(sum(s.compared>0), 0), coalesce(sum(s.compared=0), 0) FROM twin_seen s JOIN twin_question q ON q.id=s.question WHERE s.asker=$1", asker).
		Scan(&compared, &waiting)
	if err != nil {
		return err
	}
	was, err := twin.TallyOf(ctx, db, s.us, asker)
	if err != nil || was.Compared == compared && was.Waiting == waiting {
		return err
	}
	return db.Write(ctx, store.Actor{}, func(tx *store.Tx) error {
		t := twin.Tally{ID: was.ID, Asker: asker, Compared: compared, Waiting: waiting, At: tx.Now}
		if t.ID.IsZero() {
			t.ID.ID = tx.NewID()
		}
		return tx.Put(ctx, &t)
	})
}
