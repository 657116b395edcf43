// Package sight tells how far a centre had what others wrote of records, and what it had not seen: by the lanes, for clocks say
// nothing of that. It writes the wish to have records erased that says so. It decides nothing.
package sight

import (
	"context"
	"database/sql"
	"math"
	"slices"

	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/household"
	"github.com/jumyla/jumyla/internal/id"
	"github.com/jumyla/jumyla/internal/request"
	"github.com/jumyla/jumyla/internal/store"
	"github.com/jumyla/jumyla/ledger"
)

// Ask asks whoever has records now to erase them, under the claim by which we had each, and says how far we had what others
// wrote of them: what came after that is nothing that we could ask about.
func Ask(ctx context.Context, tx *store.Tx, all []id.ID) error {
	var a ledger.Asking
	var err error
	if a.Seen, err = Of(ctx, tx, all); err != nil {
		return err
	}
	fields, err := ledger.FieldsOf(a)
	if err != nil {
		return err
	}
	for _, rid := range all {
		d, err := tx.Decide(ctx, rid)
		if err != nil {
			return err
		}
		under, had := d.Held[ledger.ID(tx.Centre())]
		if !had || d.Owner == ledger.ID(tx.Centre()) {
			return errs.New(errs.Conflict, "exchange.forget_ours")
		}
		e := &ledger.Entry{Lane: ledger.Lane{Class: ledger.Coord}, Record: ledger.ID(rid), Kind: d.Kind, Op: ledger.Erase, Claim: &under, Fields: fields}
		if err := tx.Append(ctx, e, nil); err != nil {
			return err
		}
		if _, err := tx.Refold(ctx, ledger.ID(rid)); err != nil {
			return err
		}
	}
	return nil
}

// Bounds of what an erase names, and of what is read of one. What is beyond them was not seen: a person is asked.
const (
	lives = 16  // of one centre: its newest incarnations, and branches of them
	named = 256 // of all centres
)

// Of is how far we have the coord of each other centre that wrote of records: of each of its newest incarnations that we have any of,
// and of each branch.
func Of(ctx context.Context, r store.Reader, records []id.ID) ([]ledger.Sight, error) {
	var centres []ledger.ID
	for _, rid := range records {
		wrote, err := store.All(ctx, r, scanID, `SELECT DISTINCT l.centre FROM ledger_entry e JOIN ledger_lane l ON l.id=e.lane
			WHERE e.record=$1 AND l.centre<>(SELECT value FROM ledger_self WHERE key='centre') ORDER BY l.centre`, rid[:])
		if err != nil {
			return nil, err
		}
		for _, c := range wrote {
			if !slices.Contains(centres, c) {
				centres = append(centres, c)
			}
		}
	}
	out := make([]ledger.Sight, 0, len(centres))
	for _, c := range centres {
		all, err := store.All(ctx, r, func(s *sql.Rows, v *ledger.Sight) error {
			var hash []byte
			err := s.Scan(&v.Incarnation, &v.Seq, &hash)
			if err == nil {
				v.Centre, v.Hash = c, ledger.Hash(hash)
			}
			return err
		}, "SELECT incarnation, seq, hash FROM ledger_lane WHERE centre=$1 AND class='coord' AND seq>0 ORDER BY incarnation DESC, branch LIMIT $2", c[:], lives)
		if err != nil {
			return nil, err
		}
		out = append(out, all...)
	}
	return out[:min(len(out), named)], nil
}

func scanID(s *sql.Rows, v *ledger.ID) error {
	var raw []byte
	err := s.Scan(&raw)
	if err == nil {
		*v = ledger.ID(raw)
	}
	return err
}

// Asked is an erase by which who had records before asks for it.
type Asked struct {
	By, Batch id.ID
	Of        []id.ID // the records that it erases
}

// Unseen reports whether anybody but who asks wrote anything of records that who asks had not seen: a call, a wish, another
// address, a promise. A stick may take a year, and a clock may stand in 1970.
func (a Asked) Unseen(ctx context.Context, r store.Reader, records []id.ID) (bool, error) {
	dir, err := directoryOf(ctx, r)
	if err != nil {
		return false, err
	}
	seen, err := a.seen(ctx, r)
	if err != nil {
		return false, err
	}
	for _, rid := range records {
		said, err := inCoord(ctx, r, rid)
		if err != nil {
			return false, err
		}
		if slices.ContainsFunc(said, func(k ledger.Known) bool {
			return k.Lane.Centre != ledger.ID(a.By) && k.Op == ledger.Put && !closes(&k) && !dir.Saw(seen, &k)
		}) {
			return true, nil
		}
	}
	return false, nil
}

// seen is what who asks says that it had, as far as it stands here; nothing, where it is an older program or an odd one.
func (a Asked) seen(ctx context.Context, r store.Reader) ([]ledger.Sight, error) {
	for _, rid := range a.Of {
		said, err := inCoord(ctx, r, rid)
		if err != nil {
			return nil, err
		}
		for _, k := range said {
			var v ledger.Asking
			if k.Op == ledger.Erase && k.Lane.Centre == ledger.ID(a.By) && k.Batch.Tx == ledger.ID(a.Batch) && k.Fields.Into(&v) == nil {
				return standing(ctx, r, v.Seen)
			}
		}
	}
	return nil, nil
}

// standing are those of sights whose entry is here, under that number and with that hash. Another tells nothing: a centre whose disk
// was put back writes other entries under the same numbers, and who asks may name what never was.
func standing(ctx context.Context, r store.Reader, seen []ledger.Sight) ([]ledger.Sight, error) {
	var out []ledger.Sight
	of := map[ledger.ID]int{}
	for _, s := range seen[:min(len(seen), named)] {
		if of[s.Centre]++; of[s.Centre] > lives || s.Seq > math.MaxInt64 {
			continue
		}
		here, err := store.One[bool](ctx, r, "sight", `SELECT EXISTS (SELECT 1 FROM ledger_entry e JOIN ledger_lane l ON l.id=e.lane
			WHERE l.centre=$1 AND l.incarnation=$2 AND l.class='coord' AND e.seq=$3 AND e.hash=$4)`, s.Centre[:], s.Incarnation, s.Seq, s.Hash[:])
		if err != nil {
			return nil, err
		}
		if here {
			out = append(out, s)
		}
	}
	return out, nil
}

// closes reports whether a change asks for nothing: a need was met or called off, a promised call tried or made, the place
// named to other centres anew.
func closes(k *ledger.Known) bool {
	switch k.Kind {
	case request.NeedKind.Name():
		var v struct{ Status request.Status }
		return k.Fields.Into(&v) == nil && (v.Status == request.Done || v.Status == request.Cancelled)
	case request.CallbackKind.Name():
		_, first := k.Fields["request"]
		return !first
	case household.Kind.Name():
		for name := range k.Fields {
			if name != "district" && name != "settlement" {
				return false
			}
		}
		return k.Body == nil
	}
	return false
}

// inCoord are the entries of a record that every centre may have, in the order in which they came.
func inCoord(ctx context.Context, r store.Reader, rid id.ID) ([]ledger.Known, error) {
	return store.All(ctx, r, func(s *sql.Rows, v *ledger.Known) error {
		var raw, hash []byte
		err := s.Scan(&raw, &hash)
		if err == nil {
			v.Hash = ledger.Hash(hash)
			v.Entry, err = ledger.Decode(raw)
		}
		return err
	}, `SELECT e.raw, e.hash FROM ledger_entry e JOIN ledger_lane l ON l.id=e.lane WHERE e.record=$1 AND l.class='coord' ORDER BY e.n`, rid[:])
}

// directoryOf is what is known of centres, in a write or outside of one.
func directoryOf(ctx context.Context, r store.Reader) (*ledger.Directory, error) {
	switch v := r.(type) {
	case *store.Tx:
		return v.Directory(ctx)
	case *store.DB:
		d, err := v.Decider(ctx)
		if err != nil {
			return nil, err
		}
		return d.Directory, nil
	}
	return nil, errs.Missing("directory")
}
