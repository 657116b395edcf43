package exchange

import (
	"context"
	"maps"
	"slices"

	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/id"
	"github.com/jumyla/jumyla/internal/store"
	"github.com/jumyla/jumyla/ledger"
)

// Flow is what goes both ways between us and one centre while they talk: what they have by their own word, what is next
// for them, and what they sent. It knows no network; all that it keeps is in the database, so it may end anywhere.
type Flow struct {
	db      *store.DB
	peer    store.Centre
	theirs  map[ledger.Lane]ledger.LaneHeads
	refused map[ledger.Lane]bool // by them: not offered again while this flow lasts
	wants   []ledger.Hash        // entries whose sealed parts they ask for, and were not sent yet
	narrow  bool                 // their key-holders are others: only dir travels, by which both may learn of a renewal
	before  map[id.ID]store.Holding
	passed  Passed

	sent, taken map[branch]ledger.Head // how far a branch was sent in the last chunk, and in those before
}

// branch names one branch of a lane.
type branch struct {
	lane ledger.Lane
	n    int
}

// Passed is what went between two centres in one meeting.
type Passed struct {
	Read
	Sent    int       `json:"sent"`              // entries
	Refused []Refusal `json:"refused,omitempty"` // lanes that one of the two did not take; the rest went on
}

// Refusal is a lane that was not taken.
type Refusal struct {
	_    struct{} `cbor:",toarray"`
	Lane ledger.Lane
	Code string // one of Refusals
}

// Why a lane is refused. The rest of a chunk is taken.
const (
	RefusedFork      = "fork"      // it was forked more often than branches are kept
	RefusedClone     = "clone"     // it is a lane that we write: older programs
	RefusedGap       = "gap"       // it does not follow from what is here
	RefusedKey       = "key"       // its centre's key is not known
	RefusedSignature = "signature" // not its centre's
	RefusedEntitled  = "entitled"  // we may not have it
	RefusedContent   = "content"   // it cannot be read
	RefusedLimits    = "limits"    // more than may wait for a signature
)

// NewFlow begins to talk with a centre that is paired.
func NewFlow(ctx context.Context, db *store.DB, peer ledger.ID) (*Flow, error) {
	c, err := store.Peer(ctx, db, peer)
	if err != nil {
		return nil, err
	}
	if !c.Pinned {
		return nil, errs.New(errs.Denied, "exchange.not_paired", "centre", c.Name)
	}
	d, err := db.Decider(ctx)
	if err != nil {
		return nil, err
	}
	if d.Directory.Revoked(peer) {
		return nil, errRevoked("exchange.revoked", c.Name)
	}
	f := &Flow{db: db, peer: c, theirs: map[ledger.Lane]ledger.LaneHeads{}, refused: map[ledger.Lane]bool{},
		sent: map[branch]ledger.Head{}, taken: map[branch]ledger.Head{}}
	f.passed.From = c.Name
	f.before, err = ours(ctx, db)
	return f, err
}

// Hello says who we are.
func (f *Flow) Hello(ctx context.Context) (ledger.Hello, error) {
	h := ledger.Hello{Oldest: ledger.OldestProtocol, Newest: ledger.Protocol, Centre: ledger.ID(f.db.Centre())}
	d, err := f.db.Decider(ctx)
	if err == nil {
		h.Anchor = d.Directory.Anchor().Digest()
	}
	return h, err
}

// Narrow lets nothing travel from now on but dir: the peer's key-holders are others, and what centres decide would differ.
// There stands who the key-holders are, and whether they were renewed.
func (f *Flow) Narrow() { f.narrow = true }

// lanes returns the lanes that travel to the peer.
func (f *Flow) lanes(ctx context.Context) ([]store.Lane, error) {
	all, err := lanes(ctx, f.db, f.peer.Centre)
	return slices.DeleteFunc(all, func(l store.Lane) bool { return f.narrow && l.Lane.Class != ledger.Dir }), err
}

// Have says what we have of the lanes that the peer may have.
func (f *Flow) Have(ctx context.Context) (ledger.Have, error) {
	var out ledger.Have
	all, err := f.lanes(ctx)
	if err != nil {
		return out, err
	}
	staged, err := f.staged(ctx)
	if err != nil {
		return out, err
	}
	for _, l := range all {
		if at := slices.IndexFunc(out.Lanes, func(o ledger.LaneHeads) bool { return o.Lane == l.Lane }); l.Branch > 0 && at >= 0 {
			out.Lanes[at].Heads = append(out.Lanes[at].Heads, l.End)
			continue
		}
		h := ledger.LaneHeads{Lane: l.Lane, Heads: []ledger.Head{l.End}}
		if s, ok := staged[l.Lane]; ok {
			h.Staged = []ledger.Head{s}
			delete(staged, l.Lane)
		}
		out.Lanes = append(out.Lanes, h)
	}
	for l, s := range staged {
		if f.narrow && l.Class != ledger.Dir {
			continue
		}
		out.Lanes = append(out.Lanes, ledger.LaneHeads{Lane: l, Staged: []ledger.Head{s}})
	}
	if f.narrow {
		return out, nil
	}
	d, err := f.db.Decider(ctx)
	if err == nil {
		out.Wants, err = f.db.Wants(ctx, d.Directory, f.peer.Centre)
	}
	return out, err
}

// They takes in what the peer says that it has.
func (f *Flow) They(ctx context.Context, have ledger.Have) error {
	clear(f.theirs)
	for _, l := range have.Lanes {
		f.theirs[l.Lane] = l
	}
	if f.narrow {
		return nil
	}
	f.wants = have.Wants
	err := f.db.Write(ctx, store.Actor{}, func(tx *store.Tx) error { return keepWants(ctx, tx, f.peer.Centre, have.Wants) })
	if err != nil {
		return err
	}
	return f.keep(ctx)
}

// Took takes in what the peer says of the last chunk.
func (f *Flow) Took(ctx context.Context, took []ledger.LaneHeads, refused []Refusal) error {
	for _, l := range took {
		f.passed.Sent += int(max(reach(l), reach(f.theirs[l.Lane])) - reach(f.theirs[l.Lane])) //nolint:gosec // counts entries
		f.theirs[l.Lane] = l
	}
	for _, r := range refused {
		f.refuse(r)
	}
	maps.Copy(f.taken, f.sent) // what was refused is not offered again
	clear(f.sent)
	if len(took) == 0 || f.narrow {
		return nil
	}
	return f.keep(ctx)
}

// reach is the number up to which a centre has a lane, signed or not.
func reach(l ledger.LaneHeads) (n uint64) {
	for _, h := range slices.Concat(l.Heads, l.Staged) {
		n = max(n, h.Seq)
	}
	return n
}

func (f *Flow) refuse(r Refusal) {
	if !f.refused[r.Lane] {
		f.refused[r.Lane] = true
		f.passed.Refused = append(f.passed.Refused, r)
	}
}

// keep writes down what the peer has: what waits for it is reckoned from that.
func (f *Flow) keep(ctx context.Context) error {
	var vector []End
	for _, l := range f.theirs {
		for _, h := range l.Heads {
			vector = append(vector, End{l.Lane, h})
		}
	}
	return f.db.Write(ctx, store.Actor{}, func(tx *store.Tx) error { return keepVector(ctx, tx, f.peer.Centre, vector) })
}

// due is a lane of which the peer lacks something.
type due struct {
	store.Lane
	start ledger.Head
}

// dues lists what the peer lacks, those first that travel first: dir, then coord, then what is sealed; our own before
// others'. Lanes that came later come later: who introduced whom stands before.
func (f *Flow) dues(ctx context.Context) ([]due, error) {
	all, err := f.lanes(ctx)
	if err != nil {
		return nil, err
	}
	order := ledger.Classes()
	us := ledger.ID(f.db.Centre())
	rank := func(l store.Lane) int {
		r := 2 * slices.Index(order, l.Lane.Class)
		if l.Lane.Centre != us {
			r++
		}
		return r
	}
	slices.SortStableFunc(all, func(a, b store.Lane) int { return rank(a) - rank(b) })
	var out []due
	for _, l := range all {
		start, lacks, err := f.lacks(ctx, l)
		if err != nil {
			return nil, err
		}
		if lacks {
			out = append(out, due{l, start})
		}
	}
	return out, nil
}

// lacks says from where on the peer lacks a branch of a lane.
func (f *Flow) lacks(ctx context.Context, l store.Lane) (start ledger.Head, lacks bool, err error) {
	if l.Signed != l.End.Seq || f.refused[l.Lane] {
		return start, false, nil
	}
	t := f.theirs[l.Lane]
	start, lacks, err = lacking(ctx, f.db, l, t.Heads, t.Staged)
	if at := f.taken[branch{l.Lane, l.Branch}]; lacks && at.Seq > start.Seq { // its end there may be one that is not known here
		start, lacks = at, at != l.End
	}
	return start, lacks, err
}

// Next returns what travels next, of about so many bytes, and how many entries wait behind it. What the last chunk
// brought must have been told to Took before. An empty chunk means that the peer has all.
func (f *Flow) Next(ctx context.Context, size int) (c ledger.Chunk, behind int, err error) {
	d, err := f.db.Decider(ctx)
	if err != nil || d.Directory.Revoked(f.peer.Centre) {
		return c, 0, err
	}
	all, err := f.dues(ctx)
	if err != nil {
		return c, 0, err
	}
	g := &giving{to: f.peer.Centre, decider: d, decisions: map[ledger.ID]*ledger.Decision{}}
	filled := 0
	for _, p := range all {
		behind += int(p.End.Seq - p.start.Seq) //nolint:gosec // counts entries
		if filled >= size || len(c.Runs) >= ledger.MaxRuns ||
			slices.ContainsFunc(c.Runs, func(r ledger.Run) bool { return r.Lane == p.Lane.Lane }) { // one branch of a lane waits for its signature at a time

			continue
		}
		run, sealed, n, err := f.run(ctx, g, p, size-filled)
		if err != nil {
			return c, 0, err
		}
		c.Runs, c.Sealed, filled = append(c.Runs, run), append(c.Sealed, sealed...), filled+n
		behind -= len(run.Entries)
	}
	if behind > 0 { // what a sealed part belongs to goes before it
		return c, behind, nil
	}
	err = f.parts(ctx, g, &c, size-filled)
	return c, len(f.wants), err
}

// parts adds sealed parts that the peer asked for.
func (f *Flow) parts(ctx context.Context, g *giving, c *ledger.Chunk, room int) error {
	for len(f.wants) > 0 && room > 0 && len(c.Sealed) < ledger.MaxWants {
		s, ok, err := g.part(ctx, f.db, f.wants[0])
		if err != nil {
			return err
		}
		if f.wants = f.wants[1:]; ok {
			c.Sealed, room = append(c.Sealed, s), room-len(s.Bytes)-len(s.Key)-runOverhead
		}
	}
	return nil
}

// runOverhead is about what a run costs beside its entries.
const runOverhead = 128

// run reads the next entries of a lane, with what the peer may open of their sealed parts. A run of our own lanes bears
// a signature wherever it ends: the peer need not wait for the lane's end to take it in.
func (f *Flow) run(ctx context.Context, g *giving, p due, room int) (r ledger.Run, sealed []ledger.Sealed, n int, err error) {
	r.Lane = p.Lane.Lane
	at := p.start
	n = runOverhead
	full := false
	for at.Seq < p.End.Seq && !full {
		page, err := f.db.Page(ctx, p.Lane, at.Seq, p.End.Seq)
		if err != nil {
			return r, nil, 0, err
		}
		if len(page) == 0 {
			return r, nil, 0, errs.Missing("entries")
		}
		for _, e := range page {
			if err := g.withhold(ctx, &e); err != nil {
				return r, nil, 0, err
			}
			more := len(e.Raw) + len(e.Sealed) + len(e.Key)
			if full = len(r.Entries) > 0 && n+more > room || len(r.Entries) == ledger.MaxRun; full {
				break
			}
			n += more
			r.Entries = append(r.Entries, e.Raw)
			at = ledger.Head{Seq: at.Seq + 1, Hash: store.HashOf(e.Raw)}
			if len(e.Sealed) > 0 {
				sealed = append(sealed, ledger.Sealed{Entry: at.Hash, Bytes: e.Sealed, Key: e.Key})
			}
		}
	}
	f.sent[branch{p.Lane.Lane, p.Branch}] = at
	switch {
	case at == p.End:
		r.Signature = p.Signature
	case p.Lane.Lane.Centre == ledger.ID(f.db.Centre()):
		r.Signature = ledger.SignHead(f.db.SigningKey(), r.Lane, at)
	}
	return r, sealed, n, nil
}

// Stuck refuses for the peer what it neither took nor refused: else it would be sent again for ever.
func (f *Flow) Stuck(sent ledger.Chunk, took []ledger.LaneHeads) {
	for _, r := range sent.Runs {
		if !slices.ContainsFunc(took, func(l ledger.LaneHeads) bool { return l.Lane == r.Lane }) {
			f.refuse(Refusal{Lane: r.Lane, Code: RefusedContent})
		}
	}
}

// End says what went both ways, after everything that hangs on it was decided.
func (f *Flow) End(ctx context.Context) (Passed, error) {
	if _, err := Follow(ctx, f.db); err != nil {
		return f.passed, err
	}
	if _, err := Heed(ctx, f.db); err != nil {
		return f.passed, err
	}
	if err := noteTeams(ctx, f.db); err != nil {
		return f.passed, err
	}
	return f.passed, f.passed.compare(ctx, f.db, f.before)
}

// staged returns how far each lane goes that the peer sent and that no signature covers yet.
func (f *Flow) staged(ctx context.Context) (map[ledger.Lane]ledger.Head, error) {
	rows, err := store.All(ctx, f.db, scanStaged, `SELECT s.centre, s.incarnation, s.class, s.seq, s.hash FROM exchange_staged s
		JOIN (SELECT centre, incarnation, class, max(seq) AS seq FROM exchange_staged WHERE peer=$1 GROUP BY centre, incarnation, class) e
		ON e.centre=s.centre AND e.incarnation=s.incarnation AND e.class=s.class AND e.seq=s.seq WHERE s.peer=$1`, f.peer.Centre[:])
	out := make(map[ledger.Lane]ledger.Head, len(rows))
	for _, r := range rows {
		out[r.Lane] = r.Head
	}
	return out, err
}
