package area

import (
	"bytes"
	"cmp"
	"context"

	"github.com/jumyla/jumyla/internal/i18n"
	"github.com/jumyla/jumyla/internal/id"
	"github.com/jumyla/jumyla/internal/store"
)

// Kept is what becomes of areas that are loaded.
type Kept struct {
	New       int `json:"new"`
	Replaced  int `json:"replaced"`  // of the same code and validity: the newer outline and names stand
	Unchanged int `json:"unchanged"` // there already, as they are
}

// In says it in words.
func (k Kept) In(lang i18n.Lang) string { return lang.T("area.kept", k.Args()...) }

// Args are what the words area.kept take.
func (k Kept) Args() []any {
	return []any{"new", k.New, "replaced", k.Replaced, "unchanged", k.Unchanged}
}

// Keep writes areas, and says what became of them. One that is there already, of the same level, code or else name, and
// first day, is replaced, and what is there as it is is left alone: no area has two outlines on one day.
func Keep(ctx context.Context, tx *store.Tx, areas []Area) (Kept, error) {
	known, err := Load(ctx, tx)
	if err != nil {
		return Kept{}, err
	}
	put, gone, sum := known.against(areas)
	for i := range put {
		if put[i].ID.IsZero() {
			put[i].ID = ID{ID: tx.NewID()}
		}
		if err := tx.Put(ctx, &put[i]); err != nil {
			return Kept{}, err
		}
	}
	return sum, Remove(ctx, tx, gone)
}

// Compare says what Keep would make of areas.
func (b *Book) Compare(areas []Area) Kept {
	_, _, sum := b.against(areas)
	return sum
}

// against finds what is to be written so that the areas stand beside those that are there, and what is to be removed.
func (b *Book) against(areas []Area) (put []Area, gone []id.ID, sum Kept) {
	by := map[string][]*Area{}
	for _, a := range b.All() {
		by[a.key()] = append(by[a.key()], a)
	}
	for _, a := range last(areas) {
		there := by[a.key()]
		switch {
		case len(there) == 0:
			sum.New++
			put = append(put, a)
			continue
		case a.Code == "": // several may have one name: each in its turn, as the file had them
			by[a.key()] = there[1:]
		default: // two centres may have loaded the same
			for _, more := range there[1:] {
				gone = append(gone, more.ID.ID)
			}
		}
		a.ID = there[0].ID
		if a.People == 0 {
			a.People = there[0].People // what somebody counted is not undone by a file that says nothing of it
		}
		if a.same(there[0]) {
			sum.Unchanged++
			continue
		}
		sum.Replaced++
		put = append(put, a)
	}
	return put, gone, sum
}

// last leaves, of areas of one code and validity in a file, the last.
func last(areas []Area) []Area {
	var out []Area
	at := map[string]int{}
	for _, a := range areas {
		i, twice := at[a.key()]
		if twice && a.Code != "" {
			out[i] = a
			continue
		}
		at[a.key()] = len(out)
		out = append(out, a)
	}
	return out
}

// key is what makes two outlines the same area in the same time.
func (a *Area) key() string {
	return string(a.Level) + "|" + cmp.Or(a.Code, a.Parent+"/"+cmp.Or(a.RU, a.KK, a.EN)) + "|" + a.From
}

// same reports whether two areas of one key say the same.
func (a *Area) same(b *Area) bool {
	return a.KK == b.KK && a.RU == b.RU && a.EN == b.EN && a.Parent == b.Parent && a.To == b.To && a.Source == b.Source && a.People == b.People && bytes.Equal(a.Shape, b.Shape)
}

// Remove takes areas back, as if they had never been loaded.
func Remove(ctx context.Context, tx *store.Tx, areas []id.ID) error {
	for _, aid := range areas {
		a, err := Kind.Get(ctx, tx, aid)
		if err != nil {
			return err
		}
		a.Ended = true
		if err := tx.Put(ctx, a); err != nil {
			return err
		}
	}
	return nil
}
