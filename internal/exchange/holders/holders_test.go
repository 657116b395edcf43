package holders_test

import (
	"crypto/rand"
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jumyla/jumyla/internal/centre"
	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/exchange"
	"github.com/jumyla/jumyla/internal/exchange/holders"
	"github.com/jumyla/jumyla/internal/i18n"
	"github.com/jumyla/jumyla/internal/store"
	"github.com/jumyla/jumyla/ledger"
)

var noon = time.Date(2022, 1, 12, 6, 0, 0, 0, time.UTC)

func asError(err error, e **errs.Error) bool { return errors.As(err, e) }

func open(t *testing.T, name string) *store.DB {
	t.Helper()
	db, err := store.Create(t.Context(), store.Config{Dir: filepath.Join(t.TempDir(), "centre"), Kinds: []store.Registered{centre.Kind},
		KDF: store.KDF{Time: 1, Memory: 64, Threads: 1}, Now: func() time.Time { return noon }}, store.Secret{Passphrase: "төрт сөз жеткілікті"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	err = db.Write(t.Context(), store.Actor{}, func(tx *store.Tx) error {
		return centre.Create(t.Context(), tx, &centre.Centre{Name: name, Zone: centre.DefaultZone, Langs: []string{"kk"}})
	})
	if err != nil {
		t.Fatal(err)
	}
	return db
}

func pair(t *testing.T, a, b *store.DB) {
	t.Helper()
	for _, p := range [][2]*store.DB{{a, b}, {b, a}} {
		raw, err := exchange.Card(t.Context(), p[1], store.Actor{})
		if err != nil {
			t.Fatal(err)
		}
		card, err := exchange.ReadCard(raw)
		if err == nil {
			err = exchange.Pair(t.Context(), p[0], store.Actor{}, card)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

func papers(t *testing.T) (all []holders.Secret) {
	t.Helper()
	for range holders.Count {
		s, err := holders.NewSecret(rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, s)
	}
	return all
}

// TestKeyHoldersAreSaidOnce: three different papers, said once; another centre sees them as an offer and compares words.
func TestKeyHoldersAreSaidOnce(t *testing.T) {
	a, b := open(t, "Оқу А"), open(t, "Оқу Б")
	pair(t, a, b)
	three := papers(t)
	if _, err := holders.Of(three[0], three[1], three[0]); !errs.Is(err, errs.Invalid) {
		t.Error("one paper stands for two holders:", err)
	}
	h, err := holders.Of(three...)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := holders.Ours(t.Context(), a); !errs.Is(err, errs.NotFound) {
		t.Error("there are key-holders before anybody said so:", err)
	}
	if err := holders.Say(t.Context(), a, store.Actor{}, h); err != nil {
		t.Fatal(err)
	}
	other, err := holders.Of(papers(t)...)
	if err != nil {
		t.Fatal(err)
	}
	if err := holders.Say(t.Context(), a, store.Actor{}, other); !errs.Is(err, errs.Conflict) {
		t.Error("the key-holders were changed under warrants that counted:", err)
	}
	carry(t, a, b)
	offers, err := holders.Offers(t.Context(), b)
	if err != nil || len(offers) != 1 || offers[0].From.Name != "Оқу А" ||
		!slices.Equal(holders.Words(i18n.KK, offers[0].Holders), holders.Words(i18n.KK, h)) || slices.Equal(holders.Words(i18n.KK, h), holders.Words(i18n.KK, other)) {
		t.Fatal("what is offered:", offers, err)
	}
	if err := holders.Say(t.Context(), b, store.Actor{}, offers[0].Holders); err != nil {
		t.Fatal(err)
	}
	if offers, err = holders.Offers(t.Context(), b); err != nil || len(offers) != 0 {
		t.Error("what was taken over is still offered:", offers, err)
	}
	if before, after, err := b.Rebuild(t.Context()); err != nil || before != after {
		t.Error(before, after, err)
	}
}

func carry(t *testing.T, from, to *store.DB) {
	t.Helper()
	w, err := exchange.WriteBundle(t.Context(), from, to.Centre(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := exchange.ReadBundle(t.Context(), to, w.Files[0]); err != nil {
		t.Fatal(err)
	}
}

// TestAStatementGoesRound: half-signed it is text, another paper completes it elsewhere; one paper alone, twice the same,
// a stranger's, a changed text: none of them counts.
func TestAStatementGoesRound(t *testing.T) {
	a, b, c := open(t, "Оқу А"), open(t, "Оқу Б"), open(t, "Оқу В")
	pair(t, a, b)
	pair(t, b, c)
	three := papers(t)
	h, err := holders.Of(three...)
	if err != nil {
		t.Fatal(err)
	}
	for _, db := range []*store.DB{b, c} {
		if err := holders.Say(t.Context(), db, store.Actor{}, h); err != nil {
			t.Fatal(err)
		}
	}
	carry(t, a, b)
	s, err := holders.Prepare(t.Context(), b, a.Centre(), b.Centre(), true, time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Sign(h, papers(t)[0]); !errs.Is(err, errs.Denied) {
		t.Error("a stranger's paper signs:", err)
	}
	if err := s.Sign(h, three[0]); err != nil {
		t.Fatal(err)
	}
	if err := s.Sign(h, three[0]); !errs.Is(err, errs.Conflict) {
		t.Error("one paper signs twice:", err)
	}
	if err := holders.Publish(t.Context(), b, store.Actor{}, s); !errs.Is(err, errs.Invalid) {
		t.Error("one paper is enough:", err)
	}
	text, err := s.Text()
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(text, three[0].Printed()[:5]) {
		t.Error("the text holds what stands on paper")
	}
	got, err := holders.Read(text)
	if err != nil || got.Signers(h) != 1 {
		t.Fatal("the half-signed statement says something else:", err)
	}
	if bad, err := holders.Read(strings.Replace(text, s.To.String(), c.Centre().String(), 1)); err != nil || bad.Signers(h) != 0 {
		t.Error("a signature counts for what was not signed:", err)
	}
	for _, wrong := range []string{"", "{", `{"jumyla":"card"}`, strings.Replace(text, `"format": 1`, `"format": 2`, 1), text[:len(text)/2],
		strings.Replace(text, `"dir"`, `7`, 1), strings.Repeat(" ", 70_000) + text} {
		if _, err := holders.Read(wrong); !errs.Is(err, errs.Invalid) {
			t.Errorf("%.30q: %v", wrong, err)
		}
	}
	if err := got.Sign(h, three[2]); err != nil || !got.Whole(h) {
		t.Fatal(err)
	}
	for range 2 { // the second time changes nothing
		if err := holders.Publish(t.Context(), c, store.Actor{}, got); err != nil {
			t.Fatal(err)
		}
	}
	for kind, want := range map[string]int{ledger.KindWarrant: 1, ledger.KindRevocation: 1} {
		if said, err := store.Declared(t.Context(), c, kind); err != nil || len(said) != want {
			t.Errorf("%d of %s: %v", len(said), kind, err)
		}
	}
	d, err := c.Decider(t.Context())
	if err != nil || !d.Directory.Revoked(ledger.ID(a.Centre())) || !d.Directory.Warranted(got.Number, ledger.ID(a.Centre()), ledger.ID(b.Centre())) {
		t.Error("what two have signed does not count:", err)
	}
	carry(t, c, b) // whoever reads it in the lane believes it too
	if d, err = b.Decider(t.Context()); err != nil || !d.Directory.Revoked(ledger.ID(a.Centre())) {
		t.Error("the other centre does not believe it:", err)
	}
}
