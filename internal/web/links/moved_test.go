package links_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/jumyla/jumyla/internal/i18n"
	"github.com/jumyla/jumyla/internal/request"
	"github.com/jumyla/jumyla/internal/store"
	"github.com/jumyla/jumyla/internal/testkit/browser"
)

// TestWhatOneDoesTheOtherSees: a refusal with its reason, a recall, and a change that was written meanwhile and is accepted by one key, each
// done in one centre's browser and seen in the other's.
func TestWhatOneDoesTheOtherSees(t *testing.T) {
	p := browser.Open(t)
	a, b := open(t, "Оқу орталығы Алматы"), open(t, "Оқу орталығы Талдықорған")
	know(t, a, b)
	q := a.request(t, "472190", "Ойдан Шығарылған")
	page := "/links/requests/" + q.ID.String()
	act := func(o *office, what, why string) {
		t.Helper()
		p.Go(o.url + page)
		form := `form:has(input[value="` + what + `"])`
		p.See(form)
		browser.Eval[bool](p, `document.querySelector('`+form+` select[name="why"]').value = "`+why+`", true`)
		before := p.Count("#passed tbody tr")
		p.Click(form + ` button.first`)
		p.Until(fmt.Sprintf(`document.querySelectorAll("#passed tbody tr").length > %d`, before))
	}
	says := func(o *office, words ...string) {
		t.Helper()
		p.Go(o.url + page)
		for _, w := range words {
			p.Until(`document.querySelector("main").textContent.includes("` + w + `")`)
		}
	}

	act(a, "give", "area")
	bundle(t, a, b)
	says(b, i18n.EN.T("links.given_us"), "in another centre")
	look(t, p, b, page)
	act(b, "refuse", "skill")
	bundle(t, b, a)
	says(a, "we have not the people or the vehicle for it")
	if n := p.Count(`form:has(input[value="recall"])`); n != 0 {
		t.Error("it is here, and could be recalled")
	}

	// handed over again; while it is recalled here they still write there
	act(a, "give", "closer")
	bundle(t, a, b)
	act(a, "recall", "mistake")
	b.write(t, func(ctx context.Context, tx *store.Tx) error {
		theirs, err := request.Kind.Get(ctx, tx, q.ID.ID)
		if err != nil {
			return err
		}
		theirs.Calls = 3
		return tx.Put(ctx, theirs)
	})
	bundle(t, a, b)
	says(b, "is with Оқу орталығы Алматы", "by mistake")
	bundle(t, b, a)
	p.Go(a.url + "/links/proposals")
	p.Until(`document.querySelector("main table") !== null && document.querySelector(".tabs").textContent.includes("1")`)
	look(t, p, a, "/links/proposals")
	p.Go(a.url + "/links/proposals")
	ready(p)
	p.Keys("y")
	p.Until(`document.querySelector("main table") === null`)
	if now, err := request.Kind.Get(t.Context(), a.db, q.ID.ID); err != nil || now.Calls != 3 {
		t.Error("what was accepted does not hold:", now, err)
	}
	bundle(t, a, b)
	if now, err := request.Kind.Get(t.Context(), b.db, q.ID.ID); err != nil || now.Calls != 3 {
		t.Error("what was accepted is not known there:", now, err)
	}
	says(b, "is with Оқу орталығы Алматы")
	for _, s := range p.Complaints() {
		t.Error("the console says:", s)
	}
}
