package match

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/jumyla/jumyla/internal/exchange"
	"github.com/jumyla/jumyla/internal/id"
	"github.com/jumyla/jumyla/internal/store"
	"github.com/jumyla/jumyla/internal/twin"
	"github.com/jumyla/jumyla/ledger"
)

// Report is how comparing stands, for people.
type Report struct {
	Why     string    `json:"why,omitempty"` // why nobody is asked, by a message's key; "" where the centre asks
	Matcher string    `json:"matcher,omitempty"`
	Heard   time.Time `json:"heard,omitzero"` // as of when it is known; zero: never
	Print   string    `json:"key,omitempty"`

	Asked       int       `json:"asked"`    // questions that stand
	Compared    int       `json:"compared"` // of these, as the one that compares said last
	Waiting     int       `json:"waiting"`  // because of its limit
	Counted     time.Time `json:"counted,omitzero"`
	Unconfirmed int       `json:"unconfirmed"` // taken back, and not known to be destroyed there

	Open    int `json:"open"`    // pairs of which nobody here has said anything
	Refused int `json:"refused"` // answers that count for nothing

	Offers bool    `json:"offers"`
	Limit  int     `json:"limit,omitempty"`
	Odd    int     `json:"odd"` // questions that cannot be compared
	Others []Other `json:"others"`

	Troubles []Trouble `json:"troubles"`
}

// Other is another centre that has said how it compares.
type Other struct {
	Centre   id.ID  `json:"centre"`
	Name     string `json:"name"`
	Print    string `json:"key,omitempty"`
	Offers   bool   `json:"offers"`
	Same     bool   `json:"same"`     // the same one compares for it, by the same key
	Compared int    `json:"compared"` // by this centre
	Waiting  int    `json:"waiting"`

	matcher id.ID
}

// Trouble is something that somebody should look at.
type Trouble struct {
	What   string `json:"what"` // one of the kinds below, or a fault of answers
	Centre string `json:"centre,omitempty"`
	N      int    `json:"n,omitempty"`
}

// The kinds of trouble.
const (
	NotAsking   = "not_asking"   // a part of it is set up, and nobody is asked
	OtherKey    = "other_key"    // a centre asks the same one by another key
	OtherCentre = "other_centre" // a centre asks another one
	AtLimit     = "at_limit"     // some wait because of the limit
	Silent      = "silent"       // the one that compares has not been heard of for days
	Entrusted   = "entrusted"    // it keeps our names in the clear
	Answers     = "answers"      // some were refused
	Questions   = "questions"    // some cannot be compared
)

// silentFor is how long nothing may have been heard of who compares.
const silentFor = 3 * day

// Tell reports how comparing stands.
func Tell(ctx context.Context, db *store.DB) (*Report, error) {
	s, err := Read(ctx, db)
	if err != nil {
		return nil, err
	}
	r := &Report{Why: s.Why(), Matcher: s.Matcher.Name, Print: s.Own.Print, Offers: s.Own.Offers, Others: []Other{}, Troubles: []Trouble{}}
	if r.Offers {
		r.Limit = s.Limit()
	}
	mine, err := ours(ctx, db)
	if err != nil {
		return nil, err
	}
	r.Asked = len(mine)
	if r.Unconfirmed, err = Unconfirmed(ctx, db); err != nil {
		return nil, err
	}
	if r.Open, err = Waiting(ctx, db); err != nil {
		return nil, err
	}
	_, bad, err := Pairs(ctx, db)
	if err != nil {
		return nil, err
	}
	r.Refused = len(bad)
	if r.Odd, err = store.One[int](ctx, db, "questions", "SELECT count(*) FROM twin_question q JOIN record_held h ON h.record=q.raw WHERE h.made=0 AND q.sound=0"); err != nil {
		return nil, err
	}
	if err := r.others(ctx, db, s); err != nil {
		return nil, err
	}
	if !s.Own.Matcher.IsZero() {
		if err := r.matcher(ctx, db, s); err != nil {
			return nil, err
		}
	}
	return r, r.troubles(ctx, db, s, bad)
}

// matcher adds how far the one that compares is, as of when it was last heard.
func (r *Report) matcher(ctx context.Context, db *store.DB, s *State) error {
	t, err := twin.TallyOf(ctx, db, s.Own.Matcher, s.us)
	if err != nil {
		return err
	}
	r.Compared, r.Waiting, r.Counted = t.Compared, t.Waiting, t.At
	peers, err := exchange.Peers(ctx, db)
	for _, p := range peers {
		if p.Centre.Centre == s.Matcher.Centre {
			r.Heard = p.Heard
		}
	}
	return err
}

// others adds what other centres say of themselves.
func (r *Report) others(ctx context.Context, db *store.DB, s *State) error {
	said, err := twin.Settings(ctx, db)
	if err != nil {
		return err
	}
	known, err := store.Centres(ctx, db)
	if err != nil {
		return err
	}
	for _, v := range said {
		if v.Centre == s.us || !v.Offers && v.Matcher.IsZero() {
			continue
		}
		o := Other{Centre: v.Centre, Print: v.Print, Offers: v.Offers, matcher: v.Matcher}
		o.Same = !v.Offers && v.Matcher == s.Own.Matcher && v.Print != "" && v.Print == s.Own.Print
		if i := slices.IndexFunc(known, func(c store.Centre) bool { return id.ID(c.Centre) == v.Centre }); i >= 0 {
			o.Name = known[i].Name
		}
		if s.Own.Offers {
			t, err := twin.TallyOf(ctx, db, s.us, v.Centre)
			if err != nil {
				return err
			}
			o.Compared, o.Waiting = t.Compared, t.Waiting
		}
		r.Others = append(r.Others, o)
	}
	slices.SortFunc(r.Others, func(a, b Other) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), slices.Compare(a.Centre[:], b.Centre[:]))
	})
	return nil
}

// troubles adds what somebody should look at.
func (r *Report) troubles(ctx context.Context, db *store.DB, s *State, bad []Pair) error {
	add := func(when bool, t Trouble) {
		if when {
			r.Troubles = append(r.Troubles, t)
		}
	}
	chosen := !s.Own.Matcher.IsZero()
	add(r.Why != "" && !r.Offers && (chosen || s.HasKey), Trouble{What: NotAsking})
	add(chosen && r.Waiting > 0, Trouble{What: AtLimit, Centre: r.Matcher, N: r.Waiting})
	add(chosen && !r.Heard.IsZero() && s.now.Sub(r.Heard) > silentFor, Trouble{What: Silent, Centre: r.Matcher})
	add(len(bad) > 0, Trouble{What: Answers, N: len(bad)})
	add(r.Odd > 0, Trouble{What: Questions, N: r.Odd})
	for _, o := range r.Others {
		add(r.Offers && o.Waiting > 0, Trouble{What: AtLimit, Centre: o.Name, N: o.Waiting})
		add(chosen && o.matcher == s.Own.Matcher && o.Print != "" && s.Own.Print != "" && o.Print != s.Own.Print, Trouble{What: OtherKey, Centre: o.Name})
		add(chosen && !o.Offers && o.matcher != s.Own.Matcher, Trouble{What: OtherCentre, Centre: o.Name})
	}
	if !chosen {
		return nil
	}
	d, err := db.Decider(ctx)
	if err == nil {
		readers := d.Directory.Readers(ledger.ID(s.us))
		add(slices.Contains(readers, s.Matcher.Centre), Trouble{What: Entrusted, Centre: r.Matcher})
	}
	return err
}
