package links_test

import (
	"context"
	"errors"
	"html"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/jumyla/jumyla/internal/exchange"
	"github.com/jumyla/jumyla/internal/i18n"
	"github.com/jumyla/jumyla/internal/request"
	"github.com/jumyla/jumyla/internal/store"
	"github.com/jumyla/jumyla/internal/testkit/browser"
)

// know makes two centres know each other, as after their words were compared.
func know(t *testing.T, all ...*office) {
	t.Helper()
	for _, of := range all {
		raw, err := exchange.Card(t.Context(), of.db, store.Actor{})
		if err != nil {
			t.Fatal(err)
		}
		card, err := exchange.ReadCard(raw)
		if err != nil {
			t.Fatal(err)
		}
		for _, at := range all {
			if at != of {
				if err := exchange.Pair(t.Context(), at.db, store.Actor{}, card); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
}

// bundle carries a stick from one centre to another.
func bundle(t *testing.T, from, to *office) {
	t.Helper()
	w, err := exchange.WriteBundle(t.Context(), from.db, to.db.Centre(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := exchange.ReadBundle(t.Context(), to.db, w.Files[0]); err != nil {
		t.Fatal(err)
	}
}

// erase erases a request and what belongs to it.
func (o *office) erase(t *testing.T, q *request.Request) {
	t.Helper()
	o.write(t, func(ctx context.Context, tx *store.Tx) error {
		_, all, err := exchange.Together(ctx, tx, q)
		for _, rid := range all {
			err = errors.Join(err, tx.Erase(ctx, rid))
		}
		return err
	})
}

func (o *office) read(t *testing.T, path string) string {
	t.Helper()
	res, err := http.Get(o.url + path)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := io.ReadAll(res.Body)
	_ = res.Body.Close()
	if err != nil || res.StatusCode != http.StatusOK {
		t.Fatal(res.Status, err)
	}
	return html.UnescapeString(string(raw))
}

// TestWhoHasNotConfirmedAnErasure: three centres had a household, one of the two others destroyed its part and said so; the
// page names the one that did not, as of when it is known, and nobody of the household.
func TestWhoHasNotConfirmedAnErasure(t *testing.T) {
	p := browser.Open(t)
	a, b, c := open(t, "Талғар"), open(t, "Есік"), open(t, "Семей")
	know(t, a, b, c)
	if text := a.read(t, "/links/erasures"); !strings.Contains(text, i18n.EN.T("erasures.none")) {
		t.Error("nothing was erased, and the page says", text)
	}
	q := c.request(t, "472190", "Ойдан Шығарылған")
	pass := func(from, to *office) {
		from.write(t, func(ctx context.Context, tx *store.Tx) error {
			_, err := exchange.HandOver(ctx, tx, q.ID, to.db.Centre(), "area")
			return err
		})
		bundle(t, from, to)
	}
	pass(c, b)
	pass(b, a)
	bundle(t, c, a)
	a.erase(t, q)
	bundle(t, a, b)
	bundle(t, b, a)

	text := a.read(t, "/links/erasures")
	for _, want := range []string{"47-21-90", "12 Jan, Wed", "2 of 3 centres confirmed", "missing: Семей (not heard of since 12 Jan, Wed)", "Семей has not confirmed 1 erasure; not heard of since 12 Jan, Wed.", i18n.EN.T("erasures.mend"), "Есік: 12 Jan, Wed 12:00", "us: 12 Jan"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not said", want)
		}
	}
	if strings.Contains(text, "Ойдан") || strings.Contains(text, "Есік (") || strings.Contains(text, "Есік has not") {
		t.Error("the page says:", text)
	}
	if text := b.read(t, "/links/erasures"); !strings.Contains(text, "the records are with Талғар") {
		t.Error("who had it before reads:", text)
	}
	look(t, p, a, "/links/erasures")

	all, err := exchange.Erasures(t.Context(), a.db)
	if err != nil {
		t.Fatal(err)
	}
	if late := exchange.BehindOf(all, noon); len(late) != 0 {
		t.Errorf("what was erased at noon was late before: %+v", late)
	}
	if late := exchange.BehindOf(all, noon.Add(time.Hour)); len(late) != 1 || late[0].Name != "Семей" || late[0].Erasures != 1 {
		t.Errorf("late are %+v", late)
	}
	bundle(t, b, c)
	bundle(t, c, a)
	if text := a.read(t, "/links/erasures"); !strings.Contains(text, "3 of 3 centres confirmed") || strings.Contains(text, "missing:") || strings.Contains(text, "has not confirmed") {
		t.Error("all have confirmed, and the page says", text)
	}
}

// TestTwoTeamsHaveATab while there is a warning.
func TestTwoTeamsHaveATab(t *testing.T) {
	a, b := open(t, "Талғар"), open(t, "Есік")
	know(t, a, b)
	q := a.request(t, "472190", "Ойдан Шығарылған")
	if strings.Contains(a.read(t, "/links"), `href="/links/teams"`) {
		t.Error("there is a tab without a warning")
	}
	a.write(t, func(ctx context.Context, tx *store.Tx) error {
		needs, err := request.AllNeeds(ctx, tx, q.ID)
		if err != nil {
			return err
		}
		return exchange.TwoTeams(ctx, tx, needs[0].ID.ID, b.db.Centre(), exchange.ByBoth)
	})
	if !strings.Contains(a.read(t, "/links"), `href="/links/teams"`) {
		t.Error("no tab leads to the warning")
	}
}
