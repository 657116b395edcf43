package desk_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/jumyla/jumyla/internal/account"
	"github.com/jumyla/jumyla/internal/exchange"
	"github.com/jumyla/jumyla/internal/id"
	"github.com/jumyla/jumyla/internal/request"
	"github.com/jumyla/jumyla/internal/store"
	"github.com/jumyla/jumyla/ledger"
)

// TestTwoTeamsAreSaidWhereOneLooks: the board and the request warn, who answers for the centre clears it there, and nobody else
// is offered to.
func TestTwoTeamsAreSaidWhereOneLooks(t *testing.T) {
	o := openRoom(t)
	q := o.call("Абай 44", "нан 1", true)
	other := id.New(o.now)
	needs, err := request.Needs(t.Context(), o.db, q.ID)
	if err != nil {
		t.Fatal(err)
	}
	o.write(func(tx *store.Tx) error {
		return errors.Join(tx.Introduce(t.Context(), store.Card{Centre: ledger.ID(other), Key: make([]byte, 32), Name: "Оқу орталығы", Level: "district"}),
			exchange.TwoTeams(t.Context(), tx, needs[0].ID.ID, other, exchange.ByBoth))
	})
	for _, path := range []string{"/board?view=open", "/requests/" + q.ID.String()} {
		for _, roles := range []account.Roles{account.Operator, account.Coordinator} {
			o.who[0].Roles = roles
			_, page := o.ask(http.MethodGet, path, 200, nil)
			o.wants(words(page), "Two teams", "Оқу орталығы")
			clears := len(elements(page, "form", "action", "/links/teams"))
			if want := map[bool]int{true: 1, false: 0}[roles.Any(account.Coordinator)]; clears != want {
				t.Errorf("%s, %v: %d ways to clear it", path, roles, clears)
			}
		}
	}
	o.write(func(tx *store.Tx) error { return exchange.Rang(t.Context(), tx, needs[0].ID.ID, other) })
	_, page := o.ask(http.MethodGet, "/board?view=open", 200, nil)
	if strings.Contains(words(page), "Two teams") {
		t.Error("the board still warns")
	}
}

// TestWhoAsksToForgetIsSaidWhereOneLooks: another centre would have a household forgotten that was asked for again. The board and
// the request say so to everybody, and lead who answers for the centre to where that is decided.
func TestWhoAsksToForgetIsSaidWhereOneLooks(t *testing.T) {
	other, o := openRoom(t), openRoom(t)
	ctx := t.Context()
	for _, p := range [][2]*room{{other, o}, {o, other}} {
		raw, err := exchange.Card(ctx, p[0].db, store.Actor{})
		if err != nil {
			t.Fatal(err)
		}
		card, err := exchange.ReadCard(raw)
		if err == nil {
			err = exchange.Pair(ctx, p[1].db, store.Actor{}, card)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	carry := func(from, to *room) {
		w, err := exchange.WriteBundle(ctx, from.db, to.db.Centre(), t.TempDir())
		if err == nil {
			_, err = exchange.ReadBundle(ctx, to.db, w.Files[0])
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	q := other.call("Абай 44", "нан 1", true)
	other.write(func(tx *store.Tx) error {
		_, err := exchange.HandOver(ctx, tx, q.ID, o.db.Centre(), "area")
		return err
	})
	carry(other, o)
	for _, s := range []request.Status{request.Done, request.Open} {
		o.write(func(tx *store.Tx) error {
			needs, err := request.AllNeeds(ctx, tx, q.ID)
			needs[0].Stand(s, q.ID.ID, tx.Now, tx.Now)
			return errors.Join(err, tx.Put(ctx, &needs[0]))
		})
		if s == request.Done {
			carry(o, other)
		}
	}
	other.write(func(tx *store.Tx) error {
		_, err := exchange.Forget(ctx, tx, q.ID)
		return err
	})
	carry(other, o)
	for _, path := range []string{"/board?view=open", "/requests/" + q.ID.String()} {
		for roles, ways := range map[account.Roles]int{account.Operator: 0, account.Coordinator: 1} {
			o.who[0].Roles = roles
			_, page := o.ask(http.MethodGet, path, 200, nil)
			o.wants(words(page), "asks to forget this household", "Still to be done: "+q.Ref.String(), "Абай 44")
			n := 0
			for _, a := range elements(page, "a", "href", "/links/requests/"+q.ID.String()) {
				if strings.Contains(words(a), "Decide") {
					n++
				}
			}
			if n != ways {
				t.Errorf("%s, %v: %d ways to decide", path, roles, n)
			}
		}
	}
}
