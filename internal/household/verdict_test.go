package household_test

import (
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/jumyla/jumyla/internal/contact"
	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/household"
	"github.com/jumyla/jumyla/internal/id"
	"github.com/jumyla/jumyla/internal/store"
)

// book is a centre's database with invented households.
type book struct {
	*store.DB
	t   *testing.T
	now time.Time
	who id.ID

	second bool // what is judged is a second look
}

func openBook(t *testing.T) *book {
	t.Helper()
	b := &book{t: t, now: time.Date(2022, 1, 12, 9, 0, 0, 0, time.UTC), who: id.New(time.UnixMilli(1))}
	db, err := store.Create(t.Context(), store.Config{Dir: filepath.Join(t.TempDir(), "c"), Now: func() time.Time { return b.now },
		Kinds: []store.Registered{household.Kind, household.VerdictKind}, KDF: store.KDF{Time: 1, Memory: 64, Threads: 1}}, store.Secret{Passphrase: "төрт сөз жеткілікті"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	b.DB = db
	return b
}

func (b *book) home(head, address string) household.ID {
	b.t.Helper()
	h := &household.Household{Head: contact.Name(head), Address: contact.Address(address)}
	err := b.Write(b.t.Context(), b.who, func(tx *store.Tx) error {
		h.ID.ID = tx.NewID()
		return tx.Put(b.t.Context(), h)
	})
	if err != nil {
		b.t.Fatal(err)
	}
	return h.ID
}

func (b *book) judge(x, y household.ID, says household.Says) error {
	b.now = b.now.Add(time.Minute)
	return b.Write(b.t.Context(), b.who, func(tx *store.Tx) error {
		return household.Judge(b.t.Context(), tx, household.Verdict{A: x.ID, B: y.ID, Says: says, Second: b.second, Marks: []string{"phone=same"}, Why: "екеуі де солай дейді"})
	})
}

func (b *book) linked(h household.ID, want ...household.ID) {
	b.t.Helper()
	got, err := household.Linked(b.t.Context(), b, h)
	if err != nil || got[0] != h || len(got) != len(want)+1 {
		b.t.Fatalf("linked with %d others, want %d (%v)", len(got)-1, len(want), err)
	}
	ties, err := household.Ties(b.t.Context(), b)
	if err != nil {
		b.t.Fatal(err)
	}
	for _, w := range want {
		if !slices.Contains(got, w) || ties[w] != ties[h] {
			b.t.Fatal("a linked record is missing")
		}
	}
}

func TestLinkingIsUndoneAndDestroysNothing(t *testing.T) {
	b := openBook(t)
	x, y, z := b.home("Сәуле Ойдан", "Абай 44"), b.home("Saule Oidan", "Abai 44"), b.home("Серік Ойдан", "Абай 44")
	for _, p := range [][2]household.ID{{y, x}, {y, z}} { // either order
		if err := b.judge(p[0], p[1], household.Same); err != nil {
			t.Fatal(err)
		}
	}
	b.linked(x, y, z)
	b.linked(z, x, y)
	if err := b.judge(x, z, household.Different); !errs.Is(err, errs.Conflict) {
		t.Fatal("two of one set were said to be different:", err)
	}
	if err := b.judge(x, y, household.Undone); err != nil {
		t.Fatal(err)
	}
	b.linked(x)
	b.linked(y, z)
	if err := b.judge(x, z, household.Different); err != nil {
		t.Fatal(err)
	}
	if err := b.judge(x, y, household.Same); !errs.Is(err, errs.Conflict) {
		t.Fatal("linked by way of a record that somebody said is another:", err)
	}
	b.linked(x) // the refused verdict left nothing
	for h, head := range map[household.ID]contact.Name{x: "Сәуле Ойдан", y: "Saule Oidan", z: "Серік Ойдан"} {
		got, err := household.Kind.Get(t.Context(), b, h.ID)
		if err != nil || got.Head != head {
			t.Fatal("linking changed a record", err)
		}
	}
	if err := b.judge(x, z, household.Same); err != nil { // they thought again
		t.Fatal(err)
	}
	b.linked(x, y, z)
	before, after, err := b.Rebuild(t.Context())
	if err != nil || before != after {
		t.Fatal("a rebuild reaches another state", err)
	}
	b.linked(x, y, z)
}

func TestAVerdictNeedsSomebody(t *testing.T) {
	b := openBook(t)
	x, y := b.home("Үлгі", "Абай 1"), b.home("Үлгі", "Абай 1")
	if err := b.judge(x, x, household.Same); !errs.Is(err, errs.Invalid) {
		t.Error("a record was linked with itself:", err)
	}
	if err := b.judge(x, y, "perhaps"); !errs.Is(err, errs.Invalid) {
		t.Error(err)
	}
	if err := b.judge(x, household.ID{ID: id.New(b.now)}, household.Same); !errs.Is(err, errs.NotFound) {
		t.Error(err)
	}
	b.who = id.ID{}
	if err := b.judge(x, y, household.Same); !errs.Is(err, errs.Denied) {
		t.Error("nobody said it, and yet it holds:", err)
	}
	b.linked(x)
}

func TestErasingAVerdictKeepsTheLink(t *testing.T) {
	b := openBook(t)
	x, y := b.home("Үлгі", "Абай 1"), b.home("Үлгі", "Абай 1")
	if err := b.judge(x, y, household.Same); err != nil {
		t.Fatal(err)
	}
	said, err := household.VerdictsOf(t.Context(), b, y)
	if err != nil || len(said) != 1 {
		t.Fatal(said, err)
	}
	if err := b.Write(t.Context(), b.who, func(tx *store.Tx) error { return tx.Erase(t.Context(), said[0].ID) }); err != nil {
		t.Fatal(err)
	}
	v, err := household.VerdictKind.Get(t.Context(), b, said[0].ID)
	if err != nil || v.Why != "" || v.Says != household.Same {
		t.Fatalf("%+v %v", v, err)
	}
	b.linked(x, y)
}
