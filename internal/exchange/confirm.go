package exchange

import (
	"cmp"
	"context"
	"database/sql"
	"slices"
	"time"

	"github.com/jumyla/jumyla/internal/id"
	"github.com/jumyla/jumyla/internal/store"
	"github.com/jumyla/jumyla/ledger"
)

// Erasure is what one act erased, and how far the other centres that may hold a part of it have said that they destroyed
// theirs.
type Erasure struct {
	ID      id.ID     // of the act
	At      time.Time // as the clock of whoever erased had it
	By      id.ID     // the centre that has the records
	Records []Erased
	Holders []Holder // all that may hold something, whoever erased it too; by name
}

// Erased is one record: of what kind, and whose it is.
type Erased struct {
	ID   id.ID
	Kind string // "household", "request", "need" …
}

// Holder is a centre that has to destroy what an erasure reaches.
type Holder struct {
	Centre    id.ID
	Name      string    // "" where it is not known here
	Ours      bool      // it is this centre
	Confirmed time.Time // when it said so, as its clock had it; zero: not yet, or not for every record
	Heard     time.Time // as of when we know what it has; zero: never
}

// Missing returns the holders that have not confirmed.
func (e Erasure) Missing() []Holder {
	return slices.DeleteFunc(slices.Clone(e.Holders), func(h Holder) bool { return !h.Confirmed.IsZero() })
}

// Confirmed returns how many holders have confirmed.
func (e Erasure) Confirmed() int { return len(e.Holders) - len(e.Missing()) }

// askedRow is one centre that one record's erasure asks.
type askedRow struct {
	batch, record, centre, by id.ID
	kind                      string
	erased, confirmed         time.Time
}

// Erasures returns what was erased of our records, or of those that were once ours, and others may hold a part of: the
// newest first. Where nobody else may, nothing is listed.
func Erasures(ctx context.Context, db *store.DB) ([]Erasure, error) {
	rows, err := store.All(ctx, db, scanAsked, `SELECT a.batch, a.record, a.centre, h.owner, coalesce((SELECT r.kind FROM record r WHERE r.id=a.record LIMIT 1), ''), a.erased, a.confirmed
		FROM record_asked a JOIN record_held h ON h.record=a.record WHERE h.former=1 ORDER BY a.erased DESC, a.batch, a.record, a.centre`)
	if err != nil {
		return nil, err
	}
	names, err := store.Centres(ctx, db)
	if err != nil {
		return nil, err
	}
	out := []Erasure{}
	for len(rows) > 0 {
		n := slices.IndexFunc(rows, func(r askedRow) bool { return r.batch != rows[0].batch })
		if n < 0 {
			n = len(rows)
		}
		e, err := erasureOf(ctx, db, names, rows[:n])
		if err != nil {
			return nil, err
		}
		if slices.ContainsFunc(e.Holders, func(h Holder) bool { return !h.Ours }) {
			out = append(out, e)
		}
		rows = rows[n:]
	}
	return out, nil
}

func scanAsked(r *sql.Rows, v *askedRow) error {
	var batch, record, centre, by []byte
	var erased, confirmed int64
	err := r.Scan(&batch, &record, &centre, &by, &v.kind, &erased, &confirmed)
	if err == nil {
		v.batch, v.record, v.centre, v.by = id.ID(batch), id.ID(record), id.ID(centre), id.ID(by)
		v.erased, v.confirmed = store.At(erased), store.At(confirmed)
	}
	return err
}

// erasureOf puts the rows of one act together. A centre has confirmed it when it has for every record that it was asked for.
func erasureOf(ctx context.Context, db *store.DB, names []store.Centre, rows []askedRow) (Erasure, error) {
	e := Erasure{ID: rows[0].batch, At: rows[0].erased, By: rows[0].by}
	holders := map[id.ID]*Holder{}
	for _, r := range rows {
		if len(e.Records) == 0 || e.Records[len(e.Records)-1].ID != r.record {
			e.Records = append(e.Records, Erased{r.record, r.kind})
		}
		h := holders[r.centre]
		if h == nil {
			h = &Holder{Centre: r.centre, Ours: r.centre == db.Centre(), Confirmed: r.confirmed}
			holders[r.centre] = h
		}
		if r.confirmed.IsZero() || h.Confirmed.IsZero() {
			h.Confirmed = time.Time{}
		} else if r.confirmed.After(h.Confirmed) {
			h.Confirmed = r.confirmed
		}
	}
	for _, h := range holders {
		if i := slices.IndexFunc(names, func(c store.Centre) bool { return id.ID(c.Centre) == h.Centre }); i >= 0 {
			h.Name = names[i].Name
		}
		s, err := stateOf(ctx, db, ledger.ID(h.Centre))
		if err != nil {
			return e, err
		}
		h.Heard = s.Heard
		e.Holders = append(e.Holders, *h)
	}
	slices.SortFunc(e.Holders, func(a, b Holder) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.Centre.String(), b.Centre.String()))
	})
	return e, nil
}

// Behind is a centre that has not confirmed, and how many erasures it leaves open.
type Behind struct {
	Holder
	Erasures int
}

// BehindOf returns the other centres that have not confirmed what was erased before a time, or ever where it is zero: those
// that were silent longest first.
func BehindOf(all []Erasure, before time.Time) []Behind {
	var out []Behind
	for _, e := range all {
		for _, h := range e.Missing() {
			if h.Ours || !before.IsZero() && !e.At.Before(before) {
				continue
			}
			i := slices.IndexFunc(out, func(b Behind) bool { return b.Centre == h.Centre })
			if i < 0 {
				i, out = len(out), append(out, Behind{Holder: h})
			}
			out[i].Erasures++
		}
	}
	slices.SortStableFunc(out, func(a, b Behind) int { return a.Heard.Compare(b.Heard) })
	return out
}
