// Package twin is what centres say to each other of households that may be one and the same, without telling who they
// are: what a centre asks the one that compares, what that one answers, and what people said of it. It compares nothing
// and asks nobody (exchange/match does), and links no records here (household does).
package twin

import (
	"context"
	"time"

	"github.com/jumyla/jumyla/internal/id"
	"github.com/jumyla/jumyla/internal/store"
)

type (
	questionKind struct{}
	answerKind   struct{}
	wordKind     struct{}
	settingKind  struct{}
	keyKind      struct{}
	tallyKind    struct{}
)

// QuestionID names a question.
type QuestionID = id.Of[questionKind]

// AnswerID names an answer.
type AnswerID = id.Of[answerKind]

// WordID names what somebody said.
type WordID = id.Of[wordKind]

// SettingID names a setting.
type SettingID = id.Of[settingKind]

// KeyID names a key.
type KeyID = id.Of[keyKind]

// TallyID names a tally.
type TallyID = id.Of[tallyKind]

// Limits of a question: what goes beyond them is not compared.
const (
	TokenSize = 16
	MaxTokens = 16
)

// Question asks whether another centre has a household, by keyed hashes alone. Its centre makes it and gives it to the one
// that compares, so that nobody else holds it; what it says is sealed. Taking it back and erasing it ends it.
type Question struct {
	ID        QuestionID
	Household id.ID     `body:"household"`
	Print     string    `body:"print"`  // which key the tokens were made with
	Phones    [][]byte  `body:"phones"` // a token for each telephone
	Doors     [][]byte  `body:"doors"`  // of the name with the door
	At        time.Time `body:"at"`
}

// Tokens returns what is compared, phones first.
func (q *Question) Tokens() [][]byte { return append(append([][]byte{}, q.Phones...), q.Doors...) }

// sound reports whether a question is one that can be compared: another centre may have written anything.
func (q *Question) sound() bool {
	all := q.Tokens()
	for _, t := range all {
		if len(t) != TokenSize {
			return false
		}
	}
	return len(all) > 0 && len(all) <= MaxTokens && len(q.Print) <= 16
}

// QuestionKind is how questions are written.
var QuestionKind = store.Define(store.Spec[Question]{
	Name: "twin_question", Schema: 1, Tables: []string{"twin_question", "twin_token"},
	DDL: `CREATE TABLE twin_question (id TEXT PRIMARY KEY, raw BLOB NOT NULL, household TEXT NOT NULL, print TEXT NOT NULL, at INTEGER NOT NULL, sound INTEGER NOT NULL) WITHOUT ROWID;
CREATE INDEX twin_question_household ON twin_question (household);
CREATE TABLE twin_token (token BLOB NOT NULL, twin_question TEXT NOT NULL, part TEXT NOT NULL, PRIMARY KEY (token, twin_question)) WITHOUT ROWID;
CREATE INDEX twin_token_of ON twin_token (twin_question);
`,
	Project: projectQuestion,
})

// The parts of a household that are compared.
const (
	ByPhone = "phone"
	ByDoor  = "door"
)

func projectQuestion(ctx context.Context, tx *store.Tx, q *Question) error {
	for _, s := range []string{"DELETE FROM twin_question WHERE id=$1", "DELETE FROM twin_token WHERE twin_question=$1"} {
		if _, err := tx.Exec(ctx, s, q.ID); err != nil {
			return err
		}
	}
	if q.Household.IsZero() {
		return nil // erased
	}
	if _, err := tx.Exec(ctx, "INSERT INTO twin_question (id, raw, household, print, at, sound) VALUES ($1,$2,$3,$4,$5,$6)",
		q.ID, q.ID.ID[:], q.Household, q.Print, store.Micro(q.At), q.sound()); err != nil || !q.sound() {
		return err
	}
	for part, tokens := range map[string][][]byte{ByPhone: q.Phones, ByDoor: q.Doors} {
		for _, t := range tokens {
			if _, err := tx.Exec(ctx, "INSERT INTO twin_token (token, twin_question, part) VALUES ($1,$2,$3) ON CONFLICT DO NOTHING", t, q.ID, part); err != nil {
				return err
			}
		}
	}
	return nil
}

// Answer tells the centre that asked that another one asked for what may be the same household. The centre that compares
// makes one for each of the two and gives it to them. It names records and nobody.
type Answer struct {
	ID       AnswerID
	Question id.ID     `body:"question"`
	Other    id.ID     `body:"other"` // the other centre's question: where it is taken back, the answer ends
	Pair     id.ID     `body:"pair"`  // by which both centres speak of it, where everybody reads
	Centre   id.ID     `body:"centre"`
	Theirs   id.ID     `body:"theirs"` // that centre's household
	By       []string  `body:"by"`     // what was alike: ByPhone, ByDoor
	AsOf     time.Time `body:"as_of"`  // when the other centre asked
}

func (a *Answer) sound() bool {
	for _, p := range a.By {
		if p != ByPhone && p != ByDoor {
			return false
		}
	}
	return len(a.By) > 0 && len(a.By) <= 2 && !a.Question.IsZero() && !a.Centre.IsZero() && !a.Theirs.IsZero() && !a.Pair.IsZero()
}

// AnswerKind is how answers are written.
var AnswerKind = store.Define(store.Spec[Answer]{
	Name: "twin_answer", Schema: 1, Tables: []string{"twin_answer"},
	DDL: `CREATE TABLE twin_answer (id TEXT PRIMARY KEY, raw BLOB NOT NULL, question TEXT NOT NULL, other TEXT, pair TEXT, sound INTEGER NOT NULL) WITHOUT ROWID;
CREATE INDEX twin_answer_question ON twin_answer (question);
CREATE INDEX twin_answer_pair ON twin_answer (pair);
`,
	Project: func(ctx context.Context, tx *store.Tx, a *Answer) error {
		if _, err := tx.Exec(ctx, "DELETE FROM twin_answer WHERE id=$1", a.ID); err != nil || a.Question.IsZero() {
			return err
		}
		_, err := tx.Exec(ctx, "INSERT INTO twin_answer (id, raw, question, other, pair, sound) VALUES ($1,$2,$3,$4,$5,$6)",
			a.ID, a.ID.ID[:], a.Question, a.Other, a.Pair, a.sound())
		return err
	},
})

// Says is what somebody said of a pair.
type Says string

// What can be said. Linking copies nothing and hands nothing over; who goes is decided by who has the requests.
const (
	Same      Says = "same"
	Different Says = "different"
	Undone    Says = "undone"
)

// Word is the fact that a person of a centre said what a pair is. The last one of each centre counts. Everybody has it, by
// whatever way: what pair it is, only the two and the one that compares know.
type Word struct {
	ID   WordID
	Pair id.ID     `coord:"pair"`
	Says Says      `coord:"says"`
	By   id.ID     `coord:"by"`
	At   time.Time `coord:"at"`
}

// WordKind is how words are written.
var WordKind = store.Define(store.Spec[Word]{
	Name: "twin_word", Schema: 1, Fact: true, Tables: []string{"twin_word"},
	DDL: `CREATE TABLE twin_word (id TEXT PRIMARY KEY, pair TEXT, centre TEXT NOT NULL, says TEXT NOT NULL, account TEXT, at INTEGER NOT NULL) WITHOUT ROWID;
CREATE INDEX twin_word_pair ON twin_word (pair, centre, id);
`,
	Project: func(ctx context.Context, tx *store.Tx, w *Word) error { return keepWord(ctx, tx, w, tx.Centre()) },
	Other: func(ctx context.Context, tx *store.Tx, w *Word, owner id.ID) error {
		if owner.IsZero() {
			return nil
		}
		return keepWord(ctx, tx, w, owner)
	},
})

func keepWord(ctx context.Context, tx *store.Tx, w *Word, centre id.ID) error {
	if w.Says != Same && w.Says != Different && w.Says != Undone {
		return nil // a newer program's, or nonsense
	}
	_, err := tx.Exec(ctx, `INSERT INTO twin_word (id, pair, centre, says, account, at) VALUES ($1,$2,$3,$4,$5,$6)
		ON CONFLICT (id) DO UPDATE SET pair=$2, centre=$3, says=$4, account=$5, at=$6`, w.ID, w.Pair, centre, string(w.Says), w.By, store.Micro(w.At))
	return err
}
