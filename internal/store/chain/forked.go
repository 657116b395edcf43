package chain

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"github.com/jumyla/jumyla/ledger"
)

// Fork is a forked lane as it is here.
type Fork struct {
	Lane ledger.Lane
	From uint64 // the first number that two entries have
	Ends int
}

// Forked returns the lanes that are forked, in the order in which they came.
func Forked(ctx context.Context, r Reader) ([]Fork, error) {
	forked, err := branched(ctx, r)
	if err != nil {
		return nil, err
	}
	out := make([]Fork, 0, len(forked))
	for _, branches := range forked {
		if f := forkOf(branches); f.From > 0 {
			out = append(out, f)
		}
	}
	return out, nil
}

// branched returns the lanes that have more than one branch.
func branched(ctx context.Context, r Reader) (out [][]lane, err error) {
	all, err := lanes(ctx, r, "WHERE (centre, incarnation, class) IN (SELECT centre, incarnation, class FROM ledger_lane WHERE branch>0)")
	for _, l := range all {
		at := slices.IndexFunc(out, func(b []lane) bool { return b[0].name == l.name })
		if at < 0 {
			at, out = len(out), append(out, nil)
		}
		out[at] = append(out[at], l)
	}
	return out, err
}

// forkOf says from where on a lane is forked. A branch that alone goes on from where another ends makes no fork: so stands what
// came back to a centre which opened again behind it.
func forkOf(branches []lane) Fork {
	f := Fork{Lane: branches[0].name}
	for _, b := range branches {
		leaf, beside := true, 0
		for _, o := range branches {
			leaf = leaf && o.root != b.end
			if o.root == b.root {
				beside++
			}
		}
		if leaf {
			f.Ends++
		}
		inside := !slices.ContainsFunc(branches, func(o lane) bool { return o.end == b.root })
		if b.branch > 0 && (inside || beside > 1) && (f.From == 0 || b.root.Seq+1 < f.From) {
			f.From = b.root.Seq + 1
		}
	}
	return f
}

// Forks tells directories of the forked lanes. What was read of one is kept for as long as none of its branches grows: a directory is
// read for each run that comes in.
type Forks struct {
	mu    sync.Mutex
	known map[ledger.Lane]knownFork
}

type knownFork struct {
	ends []ledger.Head // of the branches when it was read
	fork ledger.Fork   // nobody changes it
}

// Tell tells a directory of every forked lane.
func (f *Forks) Tell(ctx context.Context, r Reader, d *ledger.Directory) error {
	forked, err := branched(ctx, r)
	if err != nil {
		return fmt.Errorf("forks: %w", err)
	}
	for _, branches := range forked {
		v := forkOf(branches)
		if v.From == 0 {
			continue
		}
		fork, err := f.read(ctx, r, v, branches)
		if err != nil {
			return fmt.Errorf("fork of %s: %w", v.Lane, err)
		}
		d.Fork(v.Lane, fork)
	}
	return nil
}

func (f *Forks) read(ctx context.Context, r Reader, v Fork, branches []lane) (ledger.Fork, error) {
	ends := make([]ledger.Head, 0, len(branches))
	for _, b := range branches {
		ends = append(ends, b.end)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if k, ok := f.known[v.Lane]; ok && slices.Equal(k.ends, ends) {
		return k.fork, nil
	}
	fork := ledger.Fork{From: v.From, Prev: map[ledger.Hash]ledger.Hash{}}
	for _, b := range branches {
		if err := b.after(ctx, r, v.From, fork.Prev); err != nil {
			return fork, err
		}
	}
	if f.known == nil {
		f.known = map[ledger.Lane]knownFork{}
	}
	f.known[v.Lane] = knownFork{ends, fork}
	return fork, nil
}

// after adds a branch's entries from a number on, each with the one before it.
func (l lane) after(ctx context.Context, r Reader, from uint64, prev map[ledger.Hash]ledger.Hash) error {
	rows, err := r.Query(ctx, "SELECT hash, raw FROM ledger_entry WHERE lane=$1 AND seq>=$2", l.id, int64(from)) //nolint:gosec // counts from 1
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var hash, raw []byte
		if err := rows.Scan(&hash, &raw); err != nil {
			return err
		}
		e, err := ledger.Decode(raw)
		if err != nil {
			return err
		}
		prev[ledger.Hash(hash)] = e.Prev
	}
	return rows.Err()
}
