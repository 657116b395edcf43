package desk

import (
	"net/http"

	"github.com/jumyla/jumyla/internal/account"
	"github.com/jumyla/jumyla/internal/contact"
	"github.com/jumyla/jumyla/internal/exchange/match"
	"github.com/jumyla/jumyla/internal/household"
	"github.com/jumyla/jumyla/internal/request"
	"github.com/jumyla/jumyla/internal/store"
	"github.com/jumyla/jumyla/internal/web"
)

// basketPart is what the rule "one basket for a household in so many days" says of a request.
type basketPart struct {
	given   request.Given
	waits   bool   // its open baskets have to wait
	allowed string // who let them go all the same; "" where nobody did
}

// basketOf asks the rule about the request of a page.
func (d *Desk) basketOf(r *http.Request, q *request.Request, needs []request.Need) (basketPart, error) {
	var b basketPart
	rule, err := d.basketRule(r, q.Household)
	if err != nil {
		return b, err
	}
	var open []request.Need
	for _, n := range needs {
		if n.Status == request.Open {
			open = append(open, n)
		}
	}
	_, wait, given := rule.Grant(q, open)
	b.given, b.waits = given, len(wait) > 0
	if q.Overridden() {
		a, err := account.Get(r.Context(), d.db, account.ID{ID: q.BasketBy})
		if err != nil {
			return b, err
		}
		b.allowed = string(a.Name)
	}
	return b, nil
}

func (d *Desk) basketRule(r *http.Request, h household.ID) (*request.Baskets, error) {
	c, day, err := d.today(r.Context())
	if err != nil {
		return nil, err
	}
	b, err := request.BasketRuleFor(r.Context(), d.db, c.BasketDays(), day, h)
	if err == nil {
		err = match.Baskets(r.Context(), d.db, b)
	}
	return b, err
}

// letBasket lets a basket go before its time, with a reason.
func (d *Desk) letBasket(w http.ResponseWriter, r *http.Request) error {
	return d.act(w, r, "", func(tx *store.Tx, f *web.Form, q *request.Request) error {
		return request.LetBasket(r.Context(), tx, q, contact.Note(f.Value("why")))
	})
}
