package tree

import (
	"context"
	"slices"
	"time"

	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/id"
	"github.com/jumyla/jumyla/internal/request"
	"github.com/jumyla/jumyla/internal/store"
)

// Lately is since when the picture counts what was delivered.
const Lately = 24 * time.Hour

// Part is one centre in a picture.
type Part struct {
	Node
	*request.Figures // nil: none have come
}

// Picture is how several centres stand together, in counts that name nobody. A centre of which no figures have come is in it and
// is not counted.
type Picture struct {
	At      time.Time
	Tree    Tree   // every centre that is known here
	Of      *Node  // at its head; nil: every centre
	Parts   []Part // in the order of the tree
	Sum     *request.Figures
	Silent  []Node // of these nothing has come but, at most, what others gave them
	Strange int    // requests that stand at centres that nobody has introduced here; counted where every centre is
	Astray  Tree   // may belong here, and are not counted
}

// Look reckons the picture of a centre and all below it, of that centre alone, or, with a zero one, of every centre.
func Look(ctx context.Context, db *store.DB, of id.ID, alone bool) (*Picture, error) {
	all, err := request.All(ctx, db, db.Centre(), db.Now(), db.Now().Add(-Lately))
	if err != nil {
		return nil, err
	}
	return Of(ctx, db, all, of, alone)
}

// Of is Look with figures that were reckoned before.
func Of(ctx context.Context, db *store.DB, all map[id.ID]*request.Figures, of id.ID, alone bool) (*Picture, error) {
	t, err := Read(ctx, db)
	if err != nil {
		return nil, err
	}
	p := &Picture{At: db.Now(), Tree: t, Sum: request.NewFigures(), Parts: []Part{}, Silent: []Node{}}
	in := t
	if !of.IsZero() {
		if in = t.Below(of); in == nil {
			return nil, errs.New(errs.NotFound, "exchange.no_centre")
		}
		p.Of = &in[0]
		if alone {
			in = in[:1]
		} else {
			p.Astray = t.Astray(of)
			p.Astray = slices.DeleteFunc(p.Astray, func(c Node) bool { return in.Find(c.ID()) != nil })
		}
	}
	for _, c := range in {
		p.add(c, all[c.ID()])
	}
	if of.IsZero() {
		for owner, f := range all {
			if t.Find(owner) == nil {
				p.Strange += f.Waiting + f.OnWay
				p.Sum.Add(f)
			}
		}
	}
	return p, nil
}

func (p *Picture) add(c Node, f *request.Figures) {
	if c.Figures.IsZero() {
		p.Silent = append(p.Silent, c) // what it was given is counted all the same: it stands nowhere else
	} else if f == nil {
		f = request.NewFigures() // it has told what there is, and nothing waits
	}
	p.Parts = append(p.Parts, Part{c, f})
	if f != nil {
		p.Sum.Add(f)
	}
}
