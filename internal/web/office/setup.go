package office

import (
	"context"
	"fmt"
	"net/http"

	"github.com/jumyla/jumyla/internal/account"
	"github.com/jumyla/jumyla/internal/centre"
	"github.com/jumyla/jumyla/internal/contact"
	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/i18n"
	"github.com/jumyla/jumyla/internal/store"
	"github.com/jumyla/jumyla/internal/web"
)

// FirstRoles are those of the coordinator who sets a centre up.
const FirstRoles = account.Coordinator | account.Dispatcher | account.Operator | account.Admin

// SetUpInput is what set-up asks for, valid.
type SetUpInput struct {
	Centre      centre.Centre // name, area, zone and languages
	Coordinator contact.Name
	Lang        i18n.Lang // of the coordinator
	Passphrase  string    // of the database, and of the coordinator's account
}

// Apply writes the centre and its first coordinator into an empty database.
func (in SetUpInput) Apply(ctx context.Context, tx *store.Tx, cost account.KDF) error {
	c := in.Centre
	if err := centre.Create(ctx, tx, &c); err != nil {
		return fmt.Errorf("set up: %w", err)
	}
	a := &account.Account{Name: in.Coordinator, Roles: FirstRoles, Lang: in.Lang}
	if err := account.Create(ctx, tx, a, in.Passphrase, cost); err != nil {
		return fmt.Errorf("set up: %w", err)
	}
	return nil
}

// SetUp returns the pages of a server whose database is not open: /set-up where create is given, /unlock
// where unlock is. Both answer the machine itself only. create and unlock open the database; locked: somebody closed it.
func SetUp(create func(ctx context.Context, in SetUpInput) error, unlock func(ctx context.Context, passphrase string) error, locked bool) []web.Route {
	var out []web.Route
	if create != nil {
		out = append(out,
			web.Route{Pattern: "GET /set-up", Allow: web.LocalOnly(), Handle: showSetUp},
			web.Route{Pattern: "POST /set-up", Allow: web.LocalOnly(), Handle: setUp(create)})
	}
	if unlock != nil {
		out = append(out,
			web.Route{Pattern: "GET /unlock", Allow: web.LocalOnly(), Handle: showUnlock(locked)},
			web.Route{Pattern: "POST /unlock", Allow: web.LocalOnly(), Handle: openUp(unlock, locked)})
	}
	return out
}

func showSetUp(w http.ResponseWriter, r *http.Request) error {
	return web.Render(w, r, setUpPageOf(web.NewForm(r).Set("zone", centre.DefaultZone).Set("langs", string(i18n.KK), string(i18n.RU))))
}

func setUpPageOf(f *web.Form) web.Page {
	return web.Page{Title: f.Lang.T("office.set_up"), Bare: true, Body: setUpPage(f)}
}

func setUp(create func(context.Context, SetUpInput) error) web.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		f, err := web.ReadForm(r)
		if err != nil {
			return err
		}
		in := SetUpInput{Centre: readNew(f), Coordinator: contact.Name(f.Required("coordinator", maxName)), Lang: f.Lang,
			Passphrase: passphraseTwice(f, r)}
		f.Take(in.Centre.Validate())
		do := func() (string, error) { return "/sign-in?new=1", create(r.Context(), in) }
		return f.Submit(w, r, do, func() web.Page { return setUpPageOf(f) })
	}
}

// readNew reads a centre that begins: its first steps are shown.
func readNew(f *web.Form) centre.Centre {
	c := readCentre(f)
	c.FirstSteps = true
	if f.Value("coordinates") != "" {
		readStand(f, &c, nil)
	}
	return c
}

func showUnlock(locked bool) web.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		return web.Render(w, r, unlockPageOf(web.NewForm(r), locked))
	}
}

func unlockPageOf(f *web.Form, locked bool) web.Page {
	return web.Page{Title: f.Lang.T("office.unlock"), Bare: true, Body: unlockPage(f, locked)}
}

func openUp(unlock func(context.Context, string) error, locked bool) web.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		f, err := web.ReadForm(r)
		if err != nil {
			return err
		}
		pass := f.Secret(r, "passphrase", maxSecret)
		do := func() (string, error) {
			err := unlock(r.Context(), pass)
			if errs.Is(err, errs.Denied) {
				err = &errs.Error{Kind: errs.Invalid, Key: "store.secret_wrong", Fields: map[string]string{"passphrase": "store.secret_wrong"}}
			}
			return "/sign-in", err
		}
		return f.Submit(w, r, do, func() web.Page { return unlockPageOf(f, locked) })
	}
}
