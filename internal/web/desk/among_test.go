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
