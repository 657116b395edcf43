package intake

import (
	"cmp"
	"context"
	"math"
	"slices"
	"time"

	"github.com/jumyla/jumyla/internal/household"
	"github.com/jumyla/jumyla/internal/id"
	"github.com/jumyla/jumyla/internal/store"
)

// pair is two records, the smaller first.
type pair [2]id.ID

// pairs are the records that may be one household, with the bits that speak for it.
type pairs map[pair]float64

func pairOf(a, b id.ID) pair {
	if a.String() > b.String() {
		a, b = b, a
	}
	return pair{a, b}
}

func (p pairs) add(a, b id.ID, bits float64) {
	if a != b {
		p[pairOf(a, b)] = bits
	}
}

func (p pairs) drop(v id.ID) {
	for k := range p {
		if k[0] == v || k[1] == v {
			delete(p, k)
		}
	}
}

// second reports whether a pair is one of those that two people look at: one in five, always the same ones.
func (p pair) second() bool { return (int(p[0][15])+int(p[1][15]))%5 == 0 }

// Question is a pair of records of which a person is asked whether they are one household.
type Question struct {
	A, B   *household.Household
	Sure   bool
	Why    []Reason
	Second bool // somebody has answered already, and this one is not told what
	Left   int  // how many wait, this one included

	bits  int
	marks []string
}

// Next returns the likeliest pair that who has not answered; nil where nothing is left. One in five is asked of a
// second person too, so that it is known how far people agree.
func (g *Register) Next(ctx context.Context, r store.Reader, who id.ID, now time.Time) (*Question, error) {
	if err := g.catchUp(ctx); err != nil {
		return nil, err
	}
	waiting, second, err := g.waiting(ctx, r, who, now)
	if err != nil {
		return nil, err
	}
	for i, p := range waiting {
		q, err := g.question(ctx, r, p, now)
		if err != nil {
			return nil, err
		}
		if q != nil {
			q.Second, q.Left = second[p], len(waiting)-i
			return q, nil
		}
	}
	return nil, nil //nolint:nilnil // nothing is left to ask
}

// Waiting returns how many pairs nobody has answered yet.
func (g *Register) Waiting(ctx context.Context, r store.Reader, who id.ID, now time.Time) (int, error) {
	waiting, _, err := g.waiting(ctx, r, who, now)
	return len(waiting), err
}

// waiting lists the pairs that who is to be asked about, the likeliest first, and which of them for a second look.
func (g *Register) waiting(ctx context.Context, r store.Reader, who id.ID, now time.Time) ([]pair, map[pair]bool, error) {
	opinions, err := household.Opinions(ctx, r)
	if err != nil {
		return nil, nil, err
	}
	said := map[pair][]id.ID{} // by whom, since it was last taken back
	for _, o := range opinions {
		p := pair{o.A, o.B}
		if o.Says == household.Undone {
			delete(said, p)
		} else {
			said[p] = append(said[p], o.By)
		}
	}
	later, err := household.PutOff(ctx, r, who, now)
	if err != nil {
		return nil, nil, err
	}
	ties, err := household.Ties(ctx, r)
	if err != nil {
		return nil, nil, err
	}
	linked := func(p pair) bool {
		a, ok := ties[household.ID{ID: p[0]}]
		return ok && a == ties[household.ID{ID: p[1]}]
	}
	second := map[pair]bool{}
	var out []pair
	g.mu.RLock()
	defer g.mu.RUnlock()
	for p := range g.pairs {
		by := said[p]
		switch {
		case later[p] || slices.Contains(by, who):
		case len(by) == 1 && p.second():
			second[p] = true
			out = append(out, p)
		case len(by) == 0 && !linked(p):
			out = append(out, p)
		}
	}
	slices.SortFunc(out, func(a, b pair) int {
		return cmp.Or(cmp.Compare(g.pairs[b], g.pairs[a]), cmp.Compare(a[0].String(), b[0].String()), cmp.Compare(a[1].String(), b[1].String()))
	})
	return out, second, nil
}

// question reads both records and weighs them; nil where one was erased.
func (g *Register) question(ctx context.Context, r store.Reader, p pair, now time.Time) (*Question, error) {
	a, err := household.Kind.Get(ctx, r, p[0])
	if err != nil {
		return nil, err
	}
	b, err := household.Kind.Get(ctx, r, p[1])
	if err != nil {
		return nil, err
	}
	if gone(a) || gone(b) {
		return nil, nil //nolint:nilnil // nothing is left to compare
	}
	e := g.compare(recordOf(a, now), recordOf(b, now))
	return &Question{A: a, B: b, Sure: sure(e), Why: reasons(e), bits: int(math.Round((e.Bits - e.Prior) * 10)), marks: marks(e)}, nil
}

// Answer keeps what tx.Actor says of two records of the queue, with the evidence as it is weighed now. Where they
// are asked after somebody else, it is a second look: it is measured and changes nothing by itself.
func (g *Register) Answer(ctx context.Context, tx *store.Tx, v household.Verdict) error {
	opinions, err := household.Opinions(ctx, tx)
	if err != nil {
		return err
	}
	p := pairOf(v.A, v.B)
	var by []id.ID
	for _, o := range opinions {
		switch {
		case pair{o.A, o.B} != p:
		case o.Says == household.Undone:
			by = nil
		default:
			by = append(by, o.By)
		}
	}
	v.Second = p.second() && len(by) == 1 && by[0] != tx.Actor
	return g.Judge(ctx, tx, v)
}

// Judge keeps a verdict with the evidence as it is weighed now, from which the weights are learnt.
func (g *Register) Judge(ctx context.Context, tx *store.Tx, v household.Verdict) error {
	q, err := g.question(ctx, tx, pairOf(v.A, v.B), tx.Now)
	if err != nil {
		return err
	}
	if q != nil && v.Says != household.Undone {
		v.Bits, v.Marks = q.bits, q.marks
	}
	return household.Judge(ctx, tx, v)
}
