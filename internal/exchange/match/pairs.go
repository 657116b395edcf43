package match

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"slices"
	"time"

	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/household"
	"github.com/jumyla/jumyla/internal/id"
	"github.com/jumyla/jumyla/internal/request"
	"github.com/jumyla/jumyla/internal/store"
	"github.com/jumyla/jumyla/internal/twin"
	"github.com/jumyla/jumyla/ledger"
)

// Pair is a household of ours that may be one of another centre's.
type Pair struct {
	ID     id.ID
	Ours   household.ID
	Centre id.ID
	Name   string // of the other centre; "" where it is not known here
	Theirs household.ID
	By     []string
	AsOf   time.Time
	At     []request.Theirs // what the other centre tells everybody of its requests
	We     *twin.Word       // what was said here
	They   *twin.Word       // what was said there
	Fault  string           // a message's key: why it counts for nothing

	answer twin.AnswerID
}

// The standings of a pair.
const (
	Open     = "open"     // nobody here has said anything
	Linked   = "linked"   // here it was said to be the same, and nobody there says otherwise
	Apart    = "apart"    // here it was said to be different
	Disputed = "disputed" // the same here, different there
)

// Standing is how a pair stands here. The other centre's word alone links nothing: our own people have to look.
func (p *Pair) Standing() string {
	switch {
	case p.We == nil:
		return Open
	case p.We.Says == twin.Different:
		return Apart
	case p.They != nil && p.They.Says == twin.Different:
		return Disputed
	}
	return Linked
}

// mostPairs is how many pairs are read at once, and shown of one household: who answers without end fills no screen.
const (
	mostPairs  = 500
	mostOfHome = 20
)

// Pairs returns what was answered and counts, those first that wait for somebody here, and apart from it what was refused, with the reason.
func Pairs(ctx context.Context, r store.Reader) (good, bad []Pair, err error) {
	good, bad, err = pairs(ctx, r, "q.household<>$1 ORDER BY a.id DESC LIMIT $2", "", mostPairs)
	sortOpen(good)
	return good, bad, err
}

// Of returns the pairs of one household.
func Of(ctx context.Context, r store.Reader, h household.ID) ([]Pair, error) {
	good, _, err := pairs(ctx, r, "q.household=$1 ORDER BY a.id DESC LIMIT $2", h.String(), mostOfHome)
	return good, err
}

// Find returns a pair that counts by its identity, or NotFound.
func Find(ctx context.Context, r store.Reader, pair id.ID) (Pair, error) {
	good, _, err := pairs(ctx, r, "a.pair=$1 ORDER BY a.id DESC LIMIT $2", pair.String(), 1)
	if err == nil && len(good) == 0 {
		err = errs.New(errs.NotFound, "match.no_pair")
	}
	if err != nil {
		return Pair{}, err
	}
	return good[0], nil
}

// Say writes what tx.Actor says of a pair that was found; linking can be undone, and changes no record.
func Say(ctx context.Context, tx *store.Tx, p Pair, says twin.Says) error {
	if says == twin.Undone && p.We == nil {
		return errs.New(errs.Conflict, "match.nothing_said")
	}
	if p.We != nil && p.We.Says == says {
		return nil
	}
	return twin.Say(ctx, tx, p.ID, says)
}

func pairs(ctx context.Context, r store.Reader, where string, args ...any) (good, bad []Pair, err error) {
	all, err := store.All(ctx, r, func(row *sql.Rows, v *Pair) error { return row.Scan(&v.answer, &v.Ours) },
		`SELECT a.id, q.household FROM twin_answer a JOIN twin_question q ON q.id=a.question JOIN record_held h ON h.record=q.raw JOIN record_held o ON o.record=a.raw
		WHERE h.made=1 AND o.made=0 AND `+where, args...)
	if err != nil || len(all) == 0 {
		return nil, nil, err
	}
	v, err := viewOf(ctx, r)
	if err != nil {
		return nil, nil, err
	}
	seen := map[[2]id.ID]bool{}
	for _, p := range all {
		if err := v.fill(ctx, &p); err != nil {
			return nil, nil, err
		}
		if twice := [2]id.ID{p.ID, p.Ours.ID}; p.Fault == "" && !seen[twice] {
			seen[twice] = true
			good = append(good, p)
		} else if p.Fault != "" {
			bad = append(bad, p)
		}
	}
	return good, bad, nil
}

// view reads pairs.
type view struct {
	r      store.Reader
	us     id.ID
	own    twin.Setting
	known  []store.Centre
	decide func(ctx context.Context, rid id.ID) (*ledger.Decision, error)
}

func viewOf(ctx context.Context, r store.Reader) (v view, err error) {
	v.r = r
	if v.us, err = self(ctx, r); err != nil {
		return v, err
	}
	if v.own, err = twin.SettingOf(ctx, r, v.us); err != nil {
		return v, err
	}
	if v.known, err = store.Centres(ctx, r); err != nil {
		return v, err
	}
	if db, ok := r.(*store.DB); ok {
		d, err := db.Decider(ctx)
		v.decide = func(ctx context.Context, rid id.ID) (*ledger.Decision, error) { return d.Of(ctx, ledger.ID(rid)) }
		return v, err
	}
	tx, ok := r.(*store.Tx)
	if !ok {
		return v, errors.New("pairs are read from a database or in a write")
	}
	v.decide = tx.Decide
	return v, nil
}

func self(ctx context.Context, r store.Reader) (id.ID, error) {
	us, err := store.One[[]byte](ctx, r, "centre", "SELECT value FROM ledger_self WHERE key='centre'")
	if err != nil {
		return id.ID{}, err
	}
	return id.ID(us), nil
}

// fill reads what an answer says, and looks whether that can be.
func (v *view) fill(ctx context.Context, p *Pair) error {
	a, err := twin.AnswerKind.Get(ctx, v.r, p.answer.ID)
	if err != nil {
		return err
	}
	p.ID, p.Centre, p.Theirs, p.By, p.AsOf = a.Pair, a.Centre, household.ID{ID: a.Theirs}, a.By, a.AsOf
	for _, c := range v.known {
		if id.ID(c.Centre) == p.Centre {
			p.Name = c.Name
		}
	}
	if p.Fault, err = v.fault(ctx, p); err != nil || p.Fault != "" {
		return err
	}
	said, err := twin.Words(ctx, v.r, p.ID)
	if err != nil {
		return err
	}
	if w, ok := said[v.us]; ok {
		p.We = &w
	}
	if w, ok := said[p.Centre]; ok {
		p.They = &w
	}
	p.At, err = request.OfTheirs(ctx, v.r, p.Theirs)
	return err
}

// fault says why an answer counts for nothing; "" where it counts. Who compares may be wrong, or lie: it can name only what the other
// centre itself has told everybody.
func (v *view) fault(ctx context.Context, p *Pair) (string, error) {
	sound, err := store.One[bool](ctx, v.r, "answer", "SELECT sound FROM twin_answer WHERE id=$1", p.answer)
	if err != nil {
		return "", err
	}
	d, err := v.decide(ctx, p.answer.ID)
	if err != nil {
		return "", err
	}
	switch {
	case len(d.Former) == 0 || id.ID(d.Former[0]) != v.own.Matcher:
		return "match.fault_stranger", nil
	case !sound:
		return "match.fault_garbled", nil
	case p.Centre == v.us:
		return "match.fault_own", nil
	case p.Name == "":
		return "match.fault_centre", nil
	}
	there, err := household.At(ctx, v.r, p.Theirs)
	switch {
	case errs.Is(err, errs.NotFound):
		if _, err := household.Kind.Get(ctx, v.r, p.Theirs.ID); err == nil {
			return "match.fault_here", nil // handed over to us: the queue of our own records compares it
		}
		return "match.fault_unknown", nil
	case err != nil:
		return "", err
	case there != p.Centre:
		return "match.fault_elsewhere", nil
	}
	return "", nil
}

// lastOurs is the condition that the last word of a centre on a pair, which is not taken back, is such a one.
const lastOurs = `EXISTS (SELECT 1 FROM twin_word w WHERE w.pair=a.pair AND w.centre=$1 AND w.says<>'undone'
	AND NOT EXISTS (SELECT 1 FROM twin_word o WHERE o.pair=w.pair AND o.centre=w.centre AND o.id>w.id))`

// LinkedPairs returns the pairs that people here have linked, and nobody there says are two.
func LinkedPairs(ctx context.Context, r store.Reader) ([]Pair, error) {
	us, err := self(ctx, r)
	if err != nil {
		return nil, err
	}
	good, _, err := pairs(ctx, r, lastOurs+" ORDER BY a.id DESC", us)
	return slices.DeleteFunc(good, func(p Pair) bool { return p.Standing() != Linked }), err
}

// Baskets counts, for the rule on baskets, those that other centres gave to households that people here have linked.
func Baskets(ctx context.Context, r store.Reader, b *request.Baskets) error {
	all, err := LinkedPairs(ctx, r)
	for _, p := range all {
		b.Elsewhere(p.Ours, p.Name, p.At)
	}
	return err
}

// Waiting counts the pairs of which nobody here has said anything.
func Waiting(ctx context.Context, r store.Reader) (int, error) {
	us, err := self(ctx, r)
	if err != nil {
		return 0, err
	}
	return store.One[int](ctx, r, "pairs", `SELECT count(DISTINCT a.pair) FROM twin_answer a JOIN twin_question q ON q.id=a.question JOIN record_held h ON h.record=q.raw
		WHERE h.made=1 AND a.sound=1 AND NOT `+lastOurs, us)
}

// sortOpen puts those first of which nobody here has said anything, those before them of which the other centre has.
func sortOpen(all []Pair) {
	rank := func(p Pair) int {
		switch {
		case p.We != nil:
			return 2
		case p.They == nil:
			return 1
		}
		return 0
	}
	slices.SortStableFunc(all, func(a, b Pair) int { return cmp.Compare(rank(a), rank(b)) })
}
