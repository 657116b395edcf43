package intake

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/jumyla/jumyla/internal/contact"
	"github.com/jumyla/jumyla/internal/household"
	"github.com/jumyla/jumyla/internal/list"
	"github.com/jumyla/jumyla/internal/store"
	"github.com/jumyla/jumyla/internal/volunteer"
	"github.com/jumyla/jumyla/names"
)

// Roll finds volunteers by what their names sound like in any script and by their phones, and tells which may be
// one person. There are few of them: it is made anew when one was written since.
type Roll struct {
	db    *store.DB
	stale atomic.Bool // one was written since they were read

	mu    sync.Mutex
	bench bench
}

// newRoll returns a roll that follows what is written.
func newRoll(db *store.DB) *Roll {
	p := &Roll{db: db}
	p.stale.Store(true)
	db.OnCommit(func(c store.Change) {
		if c.Kinds[volunteer.Kind.Name()] || c.Kinds[list.Kind.Name()] {
			p.stale.Store(true)
		}
	})
	return p
}

// bench is some volunteers with an index of them: the slot of each is its place.
type bench struct {
	all   []volunteer.Volunteer
	index *names.Index
}

func benchOf(all []volunteer.Volunteer) bench {
	b := bench{all, names.NewIndex(names.DefaultWeights())}
	for i := range all {
		b.index.Add(volunteerRecord(&all[i]))
	}
	return b
}

// volunteerRecord is what a volunteer is compared by.
func volunteerRecord(v *volunteer.Volunteer) names.Record {
	r := names.Record{Name: string(v.Name)}
	if v.Phone != "" {
		r.Phones = []string{household.Tail(v.Phone)}
	}
	return r
}

// VolunteerMatch is a volunteer whom another entry may be.
type VolunteerMatch struct {
	Volunteer volunteer.Volunteer
	Sure      bool
	Why       []Reason
}

// current returns the volunteers as they are.
func (p *Roll) current(ctx context.Context) (bench, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.stale.Swap(false) { // what is written while they are read makes them stale again
		return p.bench, nil
	}
	all, err := volunteer.List(ctx, p.db)
	if err != nil {
		p.stale.Store(true)
		return bench{}, err
	}
	p.bench = benchOf(all)
	return p.bench, nil
}

// Like returns whom an entry may be, the likeliest first; itself and those in not are left out.
func (p *Roll) Like(ctx context.Context, v *volunteer.Volunteer, not ...volunteer.ID) ([]VolunteerMatch, error) {
	b, err := p.current(ctx)
	if err != nil {
		return nil, err
	}
	return b.like(v, append(not, v.ID)), nil
}

func (b *bench) like(v *volunteer.Volunteer, not []volunteer.ID) []VolunteerMatch {
	var out []VolunteerMatch
	asked := volunteerRecord(v)
	for _, hit := range b.index.Search(asked, maxMatches) {
		if o := b.all[hit.Slot]; hit.Band != names.Different && !slices.Contains(not, o.ID) {
			e := b.index.Compare(asked, volunteerRecord(&o))
			out = append(out, VolunteerMatch{o, e.Band == names.Same, reasons(e)})
		}
	}
	return out
}

// twin returns the volunteer that an entry is as good as certain to be.
func (b *bench) twin(v *volunteer.Volunteer) (volunteer.ID, bool) {
	for _, m := range b.like(v, nil) {
		if m.Sure {
			return m.Volunteer.ID, true
		}
	}
	return volunteer.ID{}, false
}

// add puts a volunteer beside the others.
func (b *bench) add(v *volunteer.Volunteer) {
	b.index.Add(volunteerRecord(v))
	b.all = append(b.all, *v)
}

// named returns those who are called so: by the sounds of all parts, or, where nobody is, by what those sounds may mean.
func (b *bench) named(n contact.Name) []volunteer.Volunteer {
	key := sound(n)
	var out []volunteer.Volunteer
	for _, v := range b.all {
		if key != "" && sound(v.Name) == key {
			out = append(out, v)
		}
	}
	if len(out) > 0 {
		return out
	}
	for _, hit := range b.index.Search(names.Record{Name: string(n)}, maxMatches) {
		if hit.Given {
			out = append(out, b.all[hit.Slot])
		}
	}
	return out
}

// sameEntry reports whether somebody is called so and has the phone: what a list says of them is known already.
func (b *bench) sameEntry(v *volunteer.Volunteer) bool {
	return slices.ContainsFunc(b.all, func(o volunteer.Volunteer) bool { return o.Phone == v.Phone && sound(o.Name) == sound(v.Name) })
}

// sound is a name as it sounds, in any script: equal sounds are one name however it is spelled.
func sound(n contact.Name) string { return names.Fold(string(n)).Skeleton() }

// Named returns volunteers whose name sounds like text, the likeliest first.
func (p *Roll) Named(ctx context.Context, text string, limit int) ([]volunteer.Volunteer, error) {
	b, err := p.current(ctx)
	if err != nil {
		return nil, err
	}
	var out []volunteer.Volunteer
	best := 0.0
	for _, hit := range b.index.Search(names.Record{Name: text}, limit) {
		if best = max(best, hit.Name); hit.Name > 0 && hit.Name >= best/2 {
			out = append(out, b.all[hit.Slot])
		}
	}
	return out, nil
}

// VolunteerPair is two entries of which a person is asked whether they are one volunteer.
type VolunteerPair struct {
	A, B volunteer.Volunteer
	Sure bool
	Why  []Reason
}

// Pairs returns the entries that may be one person and of which nobody has said anything yet, the likeliest first.
func (p *Roll) Pairs(ctx context.Context) ([]VolunteerPair, error) {
	b, err := p.current(ctx)
	if err != nil {
		return nil, err
	}
	said, err := volunteer.Verdicts(ctx, p.db)
	if err != nil {
		return nil, err
	}
	records := make([]names.Record, len(b.all))
	for i := range b.all {
		records[i] = volunteerRecord(&b.all[i])
	}
	var out []VolunteerPair
	for _, pair := range names.Dedupe(records, names.DefaultWeights(), 1) {
		v := VolunteerPair{A: b.all[pair.A], B: b.all[pair.B]}
		if v.A.ID.String() > v.B.ID.String() { // the earlier entry first
			v.A, v.B = v.B, v.A
		}
		if _, answered := said[[2]volunteer.ID{v.A.ID, v.B.ID}]; answered {
			continue
		}
		e := b.index.Compare(volunteerRecord(&v.A), volunteerRecord(&v.B))
		v.Sure, v.Why = pair.Evidence.Band == names.Same, reasons(e)
		out = append(out, v)
	}
	return out, nil
}
