package request

import (
	"bytes"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/binary"
	"slices"
	"strings"
	"time"

	"github.com/jumyla/jumyla/internal/contact"
	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/id"
	"github.com/jumyla/jumyla/internal/store"
)

type qualityKind struct{}

// Answer is what somebody says on a quality call of what they really received.
type Answer string

// The answers, in the order of the keys 1 to 5.
const (
	Received  Answer = "received"    // all of it
	Partly    Answer = "partly"      // less, or something else: the need is open again
	Nothing   Answer = "nothing"     // the need is open again
	NotHome   Answer = "no_answer"   // to be tried again
	NoComment Answer = "no_comments" // they do not want to speak about it
)

// Answers returns the answers in the order of their keys.
func Answers() []Answer { return []Answer{Received, Partly, Nothing, NotHome, NoComment} }

// Disputes reports whether the answer says that help did not come as it was written.
func (a Answer) Disputes() bool { return a == Partly || a == Nothing }

// Quality is the fact of one quality call: a sample of what was closed as delivered is asked about, so that the centre
// knows what was really received.
type Quality struct {
	ID      id.Of[qualityKind]
	Need    NeedID       `coord:"need"`
	Request ID           `coord:"request"`
	Answer  Answer       `coord:"answer"`
	At      time.Time    `coord:"at"`
	By      id.ID        `coord:"by"`
	Note    contact.Note `body:"note"` // what was really received, in their words
}

// QualityKind is how quality calls are written.
var QualityKind = store.Define(store.Spec[Quality]{Name: "quality", Schema: 1, Fact: true, Tables: []string{"quality"},
	DDL: "CREATE TABLE quality (id TEXT PRIMARY KEY, need TEXT NOT NULL, answer TEXT NOT NULL, at INTEGER NOT NULL) WITHOUT ROWID;\nCREATE INDEX quality_need ON quality (need);\nCREATE INDEX quality_at ON quality (at);\n",
	Project: func(ctx context.Context, tx *store.Tx, q *Quality) error {
		_, err := tx.Exec(ctx, "INSERT INTO quality (id, need, answer, at) VALUES ($1,$2,$3,$4) ON CONFLICT DO NOTHING", q.ID, q.Need, string(q.Answer), store.Micro(q.At))
		return err
	},
	Subjects: func(q *Quality) []id.ID { return []id.ID{q.Request.ID} },
})

// How many of a day's closed needs are asked about: one in ten, at least five and at most twenty; and how often nobody need
// answer before the sample lets go of one.
const (
	sampleOf  = 10
	sampleMin = 5
	sampleMax = 20
	maxMissed = 3
)

// Sample is the quality calls of a day: of what was closed on it.
type Sample struct {
	Closed   int // needs closed as delivered
	Size     int // of the sample
	Asked    int // of the sample, answered or given up
	Disputed int
	Mine     []NeedID // taken by who asks
	Free     []NeedID // those to be asked, tried least first
}

type sampled struct {
	need   NeedID
	rank   uint64
	misses int
	final  Answer
	holder id.ID
}

// SampleOf draws the sample of the day that begins at from: the same for whoever asks, and nobody can foresee it without
// the centre's secret. What is closed later in the day may take the place of what was not asked about yet.
func SampleOf(ctx context.Context, r store.Reader, from, to, now time.Time, secret uint64, account id.ID) (*Sample, error) {
	all, err := store.All(ctx, r, func(row *sql.Rows, v *sampled) error {
		if err := row.Scan(&v.need, &v.misses, &v.final, &v.holder); err != nil {
			return err
		}
		v.rank = rank(secret, v.need)
		return nil
	}, `SELECT n.id, (SELECT count(*) FROM quality x WHERE x.need=n.id AND x.answer='no_answer' AND x.at>=n.closed),
			coalesce((SELECT x.answer FROM quality x WHERE x.need=n.id AND x.answer<>'no_answer' AND x.at>=n.closed ORDER BY x.id DESC LIMIT 1), ''), l.account
		FROM need n LEFT JOIN lease l ON l.what='quality/'||n.id AND l.until>$3
		WHERE n.closed>=$1 AND n.closed<$2 AND n.status='done' AND n.what NOT IN ('', 'message')
		UNION ALL SELECT n.id, 0, x.answer, NULL FROM quality x JOIN need n ON n.id=x.need
		WHERE x.at>=$1 AND x.at<$2 AND x.answer IN ('partly','nothing') AND n.status<>'done'`, store.Micro(from), store.Micro(to), store.Micro(now))
	if err != nil {
		return nil, err
	}
	s := &Sample{Closed: len(all), Size: min(len(all), min(sampleMax, max(sampleMin, (len(all)+sampleOf-1)/sampleOf)))}
	slices.SortFunc(all, func(a, b sampled) int { // those that were asked are in the sample for good
		if (a.final == "") != (b.final == "") {
			if a.final != "" {
				return -1
			}
			return 1
		}
		return compare(a.rank, b.rank)
	})
	for _, v := range all[:s.Size] {
		s.count(v, account)
	}
	return s, nil
}

func compare(a, b uint64) int {
	if a < b {
		return -1
	}
	return 1
}

func (s *Sample) count(v sampled, account id.ID) {
	switch {
	case v.final != "" || v.misses >= maxMissed:
		s.Asked++
		if v.final.Disputes() {
			s.Disputed++
		}
	case v.holder == account && !account.IsZero():
		s.Mine = append(s.Mine, v.need)
	case v.holder.IsZero():
		s.Free = append(s.Free, v.need)
	}
}

// rank orders needs by chance.
func rank(secret uint64, n NeedID) uint64 {
	var b bytes.Buffer
	_ = binary.Write(&b, binary.BigEndian, secret) // a buffer takes everything
	b.WriteString(n.String())
	sum := sha256.Sum256(b.Bytes())
	return binary.BigEndian.Uint64(sum[:])
}

func qualityLease(n NeedID) string { return "quality/" + n.String() }

// TakeQuality gives tx.Actor one need of a sample to ask about, for RelayHold; a Conflict where somebody else has it.
func TakeQuality(ctx context.Context, tx *store.Tx, n NeedID) error {
	holder, err := tx.Lease(ctx, qualityLease(n), tx.Actor, tx.Now.Add(RelayHold))
	if err == nil && holder != "" {
		return errs.New(errs.Conflict, "quality.held")
	}
	return err
}

// HoldsQuality reports whether an account has taken a need to ask about.
func HoldsQuality(ctx context.Context, r store.Reader, n NeedID, account id.ID, now time.Time) (bool, error) {
	c, err := store.One[int](ctx, r, "lease", "SELECT count(*) FROM lease WHERE what=$1 AND account=$2 AND until>$3", qualityLease(n), account, store.Micro(now))
	return c > 0, err
}

// Hear records what somebody says of what they received, by who has taken the need, and lets go of it. Who did not get it
// all is to be helped: the need is open again, with what they said. Then the note is asked for.
func Hear(ctx context.Context, tx *store.Tx, n NeedID, a Answer, note contact.Note) error {
	f := errs.Fields{}
	f.Check(slices.Contains(Answers(), a), "answer", "quality.answer")
	f.Check(!a.Disputes() || strings.TrimSpace(string(note)) != "", "note", "quality.what_came")
	if err := f.Err(); err != nil {
		return err
	}
	if ok, err := HoldsQuality(ctx, tx, n, tx.Actor, tx.Now); err != nil || !ok {
		return orNotYours(err)
	}
	need, err := NeedKind.Get(ctx, tx, n.ID)
	if err != nil {
		return err
	}
	if need.Status != Done {
		return errs.New(errs.Conflict, "quality.reopened")
	}
	q := &Quality{ID: store.NewID[qualityKind](tx), Need: n, Request: need.Request, Answer: a, At: tx.Now, By: tx.Actor, Note: note}
	if err := tx.Put(ctx, q); err != nil {
		return err
	}
	if a.Disputes() {
		need.Stand(Open, id.ID{}, time.Time{}, tx.Now)
		if err := tx.Put(ctx, need); err != nil {
			return err
		}
	}
	tx.Touch(NeedKind.Name())
	_, err = tx.Exec(ctx, "DELETE FROM lease WHERE what=$1", qualityLease(n))
	return err
}

func orNotYours(err error) error {
	if err == nil {
		return errs.New(errs.Conflict, "quality.not_yours")
	}
	return err
}

// AnswersSince counts what was said on quality calls from a moment on.
func AnswersSince(ctx context.Context, r store.Reader, from time.Time) (map[Answer]int, error) {
	type counted struct {
		answer Answer
		n      int
	}
	all, err := store.All(ctx, r, func(row *sql.Rows, v *counted) error { return row.Scan(&v.answer, &v.n) },
		"SELECT answer, count(*) FROM quality WHERE at>=$1 GROUP BY answer", store.Micro(from))
	out := map[Answer]int{}
	for _, v := range all {
		out[v.answer] = v.n
	}
	return out, err
}
