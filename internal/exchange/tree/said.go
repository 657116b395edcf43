package tree

import (
	"context"
	"slices"
	"time"

	"github.com/jumyla/jumyla/internal/id"
	"github.com/jumyla/jumyla/internal/store"
	"github.com/jumyla/jumyla/ledger"
)

// word is what somebody said of a centre: its card.
type word struct {
	card store.Card
	by   ledger.ID
	inc  uint32
	seq  uint64
	at   uint64 // hybrid logical time
}

// lanes is when a centre wrote the latest that is here of what everybody may know.
type lanes struct{ dir, coord time.Time }

// words are what was said of centres in the lanes that everybody has.
type words struct {
	us       ledger.ID
	all      map[ledger.ID][]word // of whom; in the order in which they came
	openings map[ledger.ID]map[uint32]ledger.Opening
	newest   func(ledger.ID) uint32
	lanes    map[ledger.ID]lanes
}

// read gathers what was said.
func read(ctx context.Context, db *store.DB, d *ledger.Directory) (*words, error) {
	w := &words{us: ledger.ID(db.Centre()), all: map[ledger.ID][]word{}, openings: map[ledger.ID]map[uint32]ledger.Opening{}, newest: d.Incarnation, lanes: map[ledger.ID]lanes{}}
	said, err := store.Declared(ctx, db, ledger.KindIntroduction)
	if err != nil {
		return nil, err
	}
	for i := range said {
		k := &said[i]
		var c store.Card
		if k.Fields.Into(&c) == nil && c.Centre == k.Record {
			w.all[c.Centre] = append(w.all[c.Centre], word{card: c, by: k.Lane.Centre, inc: k.Lane.Incarnation, seq: k.Seq, at: k.Time})
		}
	}
	here, err := db.Lanes(ctx)
	if err != nil {
		return nil, err
	}
	for _, l := range here {
		if err := w.lane(ctx, db, l); err != nil {
			return nil, err
		}
	}
	return w, nil
}

// lane reads the beginning and the end of a lane that everybody has.
func (w *words) lane(ctx context.Context, db *store.DB, l store.Lane) error {
	c := l.Lane.Centre
	if l.Lane.Class != ledger.Dir && l.Lane.Class != ledger.Coord {
		return nil
	}
	last, err := entry(ctx, db, l, l.End.Seq)
	if err != nil {
		return err
	}
	at, of := time.UnixMilli(ledger.Clock(last.Time).Milliseconds()).UTC(), w.lanes[c]
	if l.Lane.Class == ledger.Coord {
		of.coord = latest(of.coord, at)
		w.lanes[c] = of
		return nil
	}
	of.dir = latest(of.dir, at)
	w.lanes[c] = of
	first, err := entry(ctx, db, l, 1)
	var o ledger.Opening
	if err != nil || first.Op != ledger.Open || first.Fields.Into(&o) != nil {
		return err
	}
	if w.openings[c] == nil {
		w.openings[c] = map[uint32]ledger.Opening{}
	}
	w.openings[c][l.Lane.Incarnation] = o
	return nil
}

func entry(ctx context.Context, db *store.DB, l store.Lane, seq uint64) (ledger.Entry, error) {
	page, err := db.Page(ctx, l, seq-1, seq)
	if err != nil || len(page) == 0 {
		return ledger.Entry{}, err
	}
	return ledger.Decode(page[0].Raw)
}

// voice is what was said of one centre.
type voice struct {
	own    *word  // its own, on its line
	ours   *word  // what our people compared when they paired
	copies []word // its own, by copies of it that its line does not follow from, where they spoke after it
	others []word // each other centre's last
}

// of sorts what was said of a centre by who said it.
func (w *words) of(c ledger.ID) *voice {
	v := &voice{}
	var own []word
	for _, s := range w.all[c] {
		switch s.by {
		case c:
			own = append(own, s)
		case w.us:
			v.ours = &s
		default:
			v.others = slices.DeleteFunc(v.others, func(o word) bool { return o.by == s.by })
			v.others = append(v.others, s)
		}
	}
	for _, s := range own {
		if w.onLine(c, &s) && (v.own == nil || s.at >= v.own.at) {
			v.own = &s
		}
	}
	for _, s := range own {
		if !w.onLine(c, &s) && (v.own == nil || s.at > v.own.at) {
			v.copies = append(v.copies, s)
		}
	}
	return v
}

// onLine reports whether a centre's word about itself is on its line: of its newest incarnation, or of one that this followed
// from, up to where it did.
func (w *words) onLine(c ledger.ID, s *word) bool {
	at := w.newest(c)
	if s.inc == at {
		return true
	}
	for range len(w.openings[c]) {
		o, opened := w.openings[c][at]
		if !opened {
			return false
		}
		if at = o.Previous; at == s.inc {
			return s.seq <= o.Cut[ledger.Dir]
		}
	}
	return false
}

// tell puts into a centre what is said of it: its own word first, or what our people compared where that is later; others'
// where nothing else is here. Where copies of it, or others, say that it stands elsewhere, nobody knows which counts.
func (v *voice) tell(c *Node) {
	best := v.own
	if v.ours != nil && (best == nil || v.ours.at > best.at) {
		best = v.ours
	}
	rivals := v.copies
	if best == nil && len(v.others) > 0 {
		best, rivals = &v.others[0], v.others[1:]
	}
	if best == nil {
		return // our own, before it has a card
	}
	c.Name, c.Area, c.Level, c.Parent = best.card.Name, best.card.Area, best.card.Level, best.card.Parent
	said := []id.ID{c.Above()}
	for _, r := range rivals {
		if at := id.ID(r.card.Parent); !slices.Contains(said, at) {
			said = append(said, at)
		}
	}
	if len(said) > 1 {
		c.Standing, c.Said = Split, said
	}
}
