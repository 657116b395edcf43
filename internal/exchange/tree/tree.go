// Package tree is how centres stand under each other, as each says of itself in the lanes that everybody has, and how they
// stand together: counts of what waits at each, from when they are, and of which centre nothing has come. It places nobody
// where nobody said so, and puts no centre above another but as they stand in the tree.
package tree

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jumyla/jumyla/internal/centre"
	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/exchange"
	"github.com/jumyla/jumyla/internal/exchange/link"
	"github.com/jumyla/jumyla/internal/id"
	"github.com/jumyla/jumyla/internal/store"
	"github.com/jumyla/jumyla/ledger"
)

// Standing is how a centre stands to the one that it says it stands under.
type Standing string

// The standings.
const (
	Top     Standing = "top"     // under nobody
	Under   Standing = "under"   // under a centre that is known here
	Unknown Standing = "unknown" // under one that nobody has introduced here
	Ended   Standing = "ended"   // under one whose key was ended
	Lost    Standing = "lost"    // under one that others go on for
	Circle  Standing = "circle"  // under one that stands under it
	Split   Standing = "split"   // under several: two copies of it, or two others, say different things
)

// Node is one centre in the tree.
type Node struct {
	store.Centre

	Ours     bool
	Depth    int
	Standing Standing
	Said     []id.ID   // the centres that it is said to stand under, where Split
	Ended    bool      // the key-holders have ended its key
	GoesOn   id.ID     // who goes on for it, where it was lost; zero where it was not
	Known    time.Time // when it wrote the latest of what everybody may know of it and is here; zero: nothing of its own is
	Figures  time.Time // as of when its counts are; zero: none have come
}

// ID is its identity.
func (c *Node) ID() id.ID { return id.ID(c.Centre.Centre) }

// Tree is every centre that is known here, each after the one that it stands under, else in the order of levels and names.
type Tree []Node

// Above is the centre that it says it stands under; zero for none.
func (c *Node) Above() id.ID { return id.ID(c.Parent) }

// Find returns a centre; nil where it is not in the tree.
func (t Tree) Find(c id.ID) *Node {
	for i := range t {
		if t[i].ID() == c {
			return &t[i]
		}
	}
	return nil
}

// Name is a centre's name; "" where it is not known here.
func (t Tree) Name(c id.ID) string {
	if v := t.Find(c); v != nil {
		return v.Name
	}
	return ""
}

// Named returns the centre that a person names: by its identity, or by its name or the beginning of it; zero for no text.
func Named(ctx context.Context, db *store.DB, text string) (id.ID, error) {
	if text == "" {
		return id.ID{}, nil
	}
	t, err := Read(ctx, db)
	if err != nil {
		return id.ID{}, err
	}
	var found []id.ID
	for i := range t {
		n := &t[i]
		if n.ID().String() == text || strings.EqualFold(n.Name, text) {
			return n.ID(), nil
		}
		if strings.HasPrefix(strings.ToLower(n.Name), strings.ToLower(text)) {
			found = append(found, n.ID())
		}
	}
	if len(found) != 1 {
		return id.ID{}, errs.New(errs.NotFound, "exchange.no_centre")
	}
	return found[0], nil
}

// Below returns a centre and all that stand under it.
func (t Tree) Below(c id.ID) Tree {
	for i := range t {
		if t[i].ID() != c {
			continue
		}
		end := i + 1
		for end < len(t) && t[end].Depth > t[i].Depth {
			end++
		}
		return t[i:end]
	}
	return nil
}

// Astray returns those that may belong under a centre and stand elsewhere in the tree, since nobody knows which of what is said of
// them counts.
func (t Tree) Astray(c id.ID) Tree {
	var out Tree
	for _, v := range t {
		if v.Standing == Split && slices.Contains(v.Said, c) {
			out = append(out, v)
		}
	}
	return out
}

// Read returns the tree as it is known here. Our own centre stands in it, also before it has a card.
func Read(ctx context.Context, db *store.DB) (Tree, error) {
	centres, err := store.Centres(ctx, db)
	if err != nil {
		return nil, err
	}
	if centres, err = withUs(ctx, db, centres); err != nil {
		return nil, err
	}
	decider, err := db.Decider(ctx)
	if err != nil {
		return nil, err
	}
	words, err := read(ctx, db, decider.Directory)
	if err != nil {
		return nil, fmt.Errorf("what centres say: %w", err)
	}
	heirs, err := goesOn(ctx, db, decider.Directory)
	if err != nil {
		return nil, err
	}
	all := make([]Node, 0, len(centres))
	for _, c := range centres {
		v := Node{Centre: c, Ours: id.ID(c.Centre) == db.Centre(), Ended: decider.Directory.Revoked(c.Centre), GoesOn: id.ID(heirs[c.Centre])}
		words.of(c.Centre).tell(&v)
		if err := dated(ctx, db, &v, words.lanes[c.Centre]); err != nil {
			return nil, err
		}
		all = append(all, v)
	}
	stand(all)
	return order(all), nil
}

// withUs adds our own centre where it never told its level.
func withUs(ctx context.Context, db *store.DB, all []store.Centre) ([]store.Centre, error) {
	us := ledger.ID(db.Centre())
	if slices.ContainsFunc(all, func(c store.Centre) bool { return c.Centre == us }) {
		return all, nil
	}
	own, err := centre.Get(ctx, db)
	if errs.Is(err, errs.NotFound) {
		return all, nil
	}
	if err != nil {
		return nil, err
	}
	return append(all, store.Centre{Card: store.Card{Centre: us, Key: db.PublicKey(), Name: own.Name, Area: own.Area}}), nil
}

// dated says as of when a centre is known: by the latest of its own entries that is here, or by an exchange over a network that
// was whole later. A stick says nothing of when it was written, so that what it brought is as old as what stands in it.
func dated(ctx context.Context, db *store.DB, c *Node, own lanes) error {
	now := db.Now()
	if c.Ours {
		c.Known, c.Figures = now, now
		return nil
	}
	s, err := link.StateOf(ctx, db, c.Centre.Centre)
	if err != nil {
		return err
	}
	met := latest(s.Reached, s.Came)
	heard, err := exchange.Heard(ctx, db, c.Centre.Centre)
	if err != nil {
		return err
	}
	c.Known, c.Figures = latest(own.dir, own.coord, met), latest(own.coord, met)
	if !heard.IsZero() && c.Figures.IsZero() { // it has nothing to tell yet, and told us so
		c.Figures = own.dir
	}
	for _, at := range []*time.Time{&c.Known, &c.Figures} {
		if at.After(now) {
			*at = now // its clock is ahead
		}
	}
	return nil
}

func latest(all ...time.Time) time.Time {
	var out time.Time
	for _, t := range all {
		if t.After(out) {
			out = t
		}
	}
	return out
}

// goesOn returns who goes on for a lost centre, where enough key-holders have let them; of several the last permission.
func goesOn(ctx context.Context, db *store.DB, d *ledger.Directory) (map[ledger.ID]ledger.ID, error) {
	said, err := store.Declared(ctx, db, ledger.KindWarrant)
	if err != nil {
		return nil, err
	}
	out, best := map[ledger.ID]ledger.ID{}, map[ledger.ID]uint64{}
	for _, k := range said {
		var w ledger.Warrant
		if k.Fields.Into(&w) == nil && d.Warranted(w.Number, w.From, w.To) && w.Number > best[w.From] {
			out[w.From], best[w.From] = w.To, w.Number
		}
	}
	return out, nil
}

// stand says how each stands to the one above it.
func stand(all []Node) {
	at := map[ledger.ID]*Node{}
	for i := range all {
		at[all[i].Centre.Centre] = &all[i]
	}
	for i := range all {
		c := &all[i]
		parent := at[c.Parent]
		switch {
		case c.Standing == Split:
		case c.Parent == ledger.ID{}:
			c.Standing = Top
		case parent == nil:
			c.Standing = Unknown
		case circles(at, c):
			c.Standing = Circle
		case !parent.GoesOn.IsZero():
			c.Standing = Lost
		case parent.Ended:
			c.Standing = Ended
		default:
			c.Standing = Under
		}
	}
}

// circles reports whether a centre stands under itself, however many stand between.
func circles(at map[ledger.ID]*Node, c *Node) bool {
	next := c.Parent
	for range at {
		if next == c.Centre.Centre {
			return true
		}
		above := at[next]
		if above == nil || above.Standing == Split {
			return false
		}
		next = above.Parent
	}
	return false
}

// order puts each centre after the one that it stands under.
func order(all []Node) Tree {
	levels := exchange.Levels()
	rank := func(c *Node) int {
		if i := slices.Index(levels, c.Level); i >= 0 {
			return i
		}
		return len(levels)
	}
	slices.SortStableFunc(all, func(a, b Node) int { return rank(&a) - rank(&b) })
	out := make(Tree, 0, len(all))
	var put func(c Node, depth int)
	put = func(c Node, depth int) {
		c.Depth = depth
		out = append(out, c)
		for _, below := range all {
			if below.Parent == c.Centre.Centre && below.placed() {
				put(below, depth+1)
			}
		}
	}
	for _, c := range all {
		if !c.placed() {
			put(c, 0)
		}
	}
	return out
}

// placed reports whether a centre stands below the one that it says.
func (c *Node) placed() bool {
	return c.Standing == Under || c.Standing == Ended || c.Standing == Lost
}
