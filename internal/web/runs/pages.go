// Package runs is the pages of crews on their way: the day's runs, a run with its sheet to type in, and what a crew tells
// by telephone. It makes no plan.
package runs

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/jumyla/jumyla/internal/account"
	"github.com/jumyla/jumyla/internal/centre"
	"github.com/jumyla/jumyla/internal/crew"
	"github.com/jumyla/jumyla/internal/dispatch/sheet"
	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/i18n"
	"github.com/jumyla/jumyla/internal/request"
	"github.com/jumyla/jumyla/internal/run"
	"github.com/jumyla/jumyla/internal/store"
	"github.com/jumyla/jumyla/internal/web"
)

// Runs holds what the pages need.
type Runs struct {
	Link   sheet.Link          // to the field page that a printed sheet opens; nil: none
	Ground func() sheet.Ground // by which sheets tell the way

	db       *store.DB
	contacts *Contacts // of a run's crew
}

// New returns the pages on a centre's database.
func New(db *store.DB) *Runs {
	return &Runs{Ground: func() sheet.Ground { return sheet.Ground{} }, db: db, contacts: NewContacts(db, "run")}
}

// Routes lists every page with who may use it. What open pages follow is told by the desk's stream.
func (d *Runs) Routes() []web.Route {
	see := web.Roles(account.Operator | account.Coordinator | account.Dispatcher)
	send := web.Roles(sendRoles)
	return []web.Route{
		{Pattern: "GET /runs", Allow: see, Handle: d.runs},
		{Pattern: "GET /runs/sheets.pdf", Allow: send, Handle: d.sheets},
		{Pattern: "GET /runs/{id}", Allow: see, Handle: d.sheet},
		{Pattern: "GET /runs/{id}/sheet.pdf", Allow: send, Handle: d.oneSheet},
		{Pattern: "POST /runs/{id}/step", Allow: see, Handle: d.step},
		{Pattern: "POST /runs/{id}/stops", Allow: see, Handle: d.saveSheet},
		{Pattern: "POST /runs/{id}/give-back", Allow: see, Handle: d.runAct(giveBack)},
		{Pattern: "POST /runs/{id}/cancel", Allow: send, Handle: d.runAct(cancelRun)},
		{Pattern: "POST /runs/{id}/crew", Allow: send, Handle: d.runAct(swapCrew)},
		{Pattern: "GET /outcomes", Allow: see, Handle: d.outcomes},
		{Pattern: "GET /outcomes/peek", Allow: see, Handle: d.peek},
		{Pattern: "POST /outcomes", Allow: see, Handle: d.ring},
		{Pattern: "POST /outcomes/{id}/undo", Allow: see, Handle: d.undoOutcome},
	}
}

// today returns the centre, and midnight of the day that it is there.
func (d *Runs) today(ctx context.Context) (*centre.Centre, time.Time, error) {
	c, err := centre.Get(ctx, d.db)
	if err != nil {
		return nil, time.Time{}, err
	}
	y, m, day := d.db.Now().In(c.Location()).Date()
	return c, time.Date(y, m, day, 0, 0, 0, 0, c.Location()), nil
}

// day reads the day of an address, today where there is none.
func (d *Runs) day(r *http.Request, text string) (time.Time, error) {
	c, day, err := d.today(r.Context())
	if err != nil || text == "" {
		return day, err
	}
	t, err := time.ParseInLocation(time.DateOnly, text, c.Location())
	return t, errs.Wrap(errs.Invalid, err, "web.not_date")
}

func itoa(n int) string { return strconv.Itoa(n) }

func needWords(lang i18n.Lang, needs []request.Need) string {
	out := make([]string, 0, len(needs))
	for _, n := range needs {
		out = append(out, lang.T("what."+string(n.What))+" × "+itoa(n.Count)) // i18n: what.*
	}
	return strings.Join(out, ", ")
}

// roleWord says what a contact is to a crew: a member's role, else one near to them.
func roleWord(lang i18n.Lang, role string) string {
	switch role {
	case "":
		return lang.T("runs.near")
	case crew.Driver, crew.Navigator:
		return lang.T("crew.role." + role) // i18n: crew.role.*
	}
	return role
}

func resultWord(lang i18n.Lang, r run.Result) string { return lang.T("outcome." + string(r)) } // i18n: outcome.*

// StepWord says where a run is.
func StepWord(lang i18n.Lang, s run.Step) string {
	if s == "" {
		return lang.T("desk.step_here")
	}
	return lang.T("desk.step_" + string(s)) // i18n: desk.step_*
}
