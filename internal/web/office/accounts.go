package office

import (
	"net/http"
	"time"

	"github.com/jumyla/jumyla/internal/account"
	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/i18n"
	"github.com/jumyla/jumyla/internal/id"
	"github.com/jumyla/jumyla/internal/store"
	"github.com/jumyla/jumyla/internal/web"
)

func parseID(s string) (account.ID, error) {
	v, err := id.Parse(s)
	if err != nil {
		return account.ID{}, errs.Wrap(errs.NotFound, err, "error.missing")
	}
	return account.ID{ID: v}, nil
}

func (o *Office) showAccounts(w http.ResponseWriter, r *http.Request) error {
	page, err := o.accountsPageOf(r, web.NewForm(r).Set("lang", string(web.Lang(r))))
	if err != nil {
		return err
	}
	return web.Render(w, r, page)
}

func (o *Office) accountsPageOf(r *http.Request, f *web.Form) (web.Page, error) {
	all, err := account.List(r.Context(), o.db)
	if err != nil {
		return web.Page{}, err
	}
	return web.Page{Title: f.Lang.T("office.accounts"), Nav: "settings", Body: accountsPage(f, all, web.ViewerOf(r))}, nil
}

// grantable are the roles that the viewer may give: an administrator's comes from another only.
func grantable(v *web.Viewer) account.Roles {
	if v.Roles.Any(account.Admin) {
		return account.All
	}
	return account.All &^ account.Admin
}

// mayManage reports whether the viewer may change the account: never one's own, and an administrator's
// only as another.
func mayManage(v *web.Viewer, a *account.Account) bool {
	return a.ID.String() != v.AccountID && (v.Roles.Any(account.Admin) || !a.Roles.Any(account.Admin))
}

func (o *Office) invite(w http.ResponseWriter, r *http.Request) error {
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	name := nameOf(f)
	roles, lang := readRights(f, r)
	page, err := o.accountsPageOf(r, f)
	if err != nil {
		return err
	}
	do := func() (string, error) {
		var a *account.Account
		var text string
		err := o.write(r.Context(), r, func(tx *store.Tx) (err error) {
			a, text, err = account.Invite(r.Context(), tx, roles, name, lang, o.now())
			return err
		})
		if err != nil {
			return "", err
		}
		return o.handOver(r, a.ID, text)
	}
	return f.Submit(w, r, do, func() web.Page { return page })
}

// readRights reads the roles, which the viewer must be allowed to give, and the language.
func readRights(f *web.Form, r *http.Request) (account.Roles, i18n.Lang) {
	lang, ok := i18n.Parse(f.Value("lang"))
	f.Check(ok, "lang", "web.choose")
	var roles account.Roles
	for _, s := range f.All("roles") {
		one, err := account.ParseRoles(s)
		f.Check(err == nil, "roles", "web.choose")
		roles |= one
	}
	f.Check(roles != 0, "roles", "error.required")
	f.Check(roles&^grantable(web.ViewerOf(r)) == 0, "roles", "office.role_not_yours")
	return roles, lang
}

func (o *Office) showAccount(w http.ResponseWriter, r *http.Request) error {
	a, _, err := o.subject(r)
	if err != nil {
		return err
	}
	version, err := store.Version(r.Context(), o.db, a.ID.ID)
	if err != nil {
		return err
	}
	f := web.NewForm(r).Set("version", version).Set("lang", string(a.Lang))
	var roles []string
	for _, one := range a.Roles.Each() {
		roles = append(roles, one.String())
	}
	return web.Render(w, r, accountPageOf(r, f.Set("roles", roles...), a))
}

func accountPageOf(r *http.Request, f *web.Form, a *account.Account) web.Page {
	return web.Page{Title: string(a.Name), Nav: "settings", Body: accountPage(f, a, web.ViewerOf(r))}
}

func (o *Office) changeAccount(w http.ResponseWriter, r *http.Request) error {
	a, _, err := o.subject(r)
	if err != nil {
		return err
	}
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	roles, lang := readRights(f, r)
	do := func() (string, error) {
		err := o.write(r.Context(), r, func(tx *store.Tx) error {
			if err := tx.Expect(r.Context(), a.ID.ID, f.Value("version")); err != nil {
				return err
			}
			return account.Change(r.Context(), tx, a.ID, roles, lang)
		})
		if err != nil {
			return "", err
		}
		web.SetToast(w, r, web.Toast{Key: "web.saved"})
		return "/accounts", nil
	}
	return f.Submit(w, r, do, func() web.Page { return accountPageOf(r, f, a) })
}

// handOver keeps the code for its page and returns that page's path.
func (o *Office) handOver(r *http.Request, whose account.ID, text string) (string, error) {
	by, err := actor(r)
	if err != nil {
		return "", err
	}
	now := o.now()
	o.codes.keep(whose, code{text: text, by: by, until: now.Add(account.InvitationDays * 24 * time.Hour)}, now)
	return "/accounts/" + whose.String() + "/code", nil
}

func (o *Office) showCode(w http.ResponseWriter, r *http.Request) error {
	a, by, err := o.subject(r)
	if err != nil {
		return err
	}
	lang := web.Lang(r)
	v, ok := o.codes.of(a.ID, by, o.now())
	if !ok {
		return errs.New(errs.NotFound, "office.invited_gone")
	}
	w.Header().Set("Cache-Control", "no-store")
	return web.Render(w, r, web.Page{Title: lang.T("office.invited"), Nav: "settings", Body: codePage(lang, a, v.text, o.clock(r, v.until))})
}

// subject returns the account of the path, when the viewer may manage it, and who the viewer is.
func (o *Office) subject(r *http.Request) (*account.Account, account.ID, error) {
	by, err := actor(r)
	if err != nil {
		return nil, by, err
	}
	who, err := parseID(r.PathValue("id"))
	if err != nil {
		return nil, by, err
	}
	a, err := account.Get(r.Context(), o.db, who)
	if err != nil {
		return nil, by, err
	}
	if !mayManage(web.ViewerOf(r), a) {
		return nil, by, errs.New(errs.Denied, "error.denied")
	}
	return a, by, nil
}

func (o *Office) newCode(w http.ResponseWriter, r *http.Request) error {
	a, _, err := o.subject(r)
	if err != nil {
		return err
	}
	var text string
	err = o.write(r.Context(), r, func(tx *store.Tx) (err error) {
		text, err = account.InviteAgain(r.Context(), tx, a.ID, o.now())
		return err
	})
	if err != nil {
		return err
	}
	to, err := o.handOver(r, a.ID, text)
	if err != nil {
		return err
	}
	return web.See(w, r, to)
}

func (o *Office) end(w http.ResponseWriter, r *http.Request) error {
	a, _, err := o.subject(r)
	if err != nil {
		return err
	}
	if err := o.write(r.Context(), r, func(tx *store.Tx) error { return account.End(r.Context(), tx, a.ID) }); err != nil {
		return err
	}
	return web.Redirect(w, r, "/accounts", web.Toast{Key: "office.ended", Undo: "/accounts/" + a.ID.String() + "/restore"})
}

func (o *Office) restore(w http.ResponseWriter, r *http.Request) error {
	a, _, err := o.subject(r)
	if err != nil {
		return err
	}
	if err := o.write(r.Context(), r, func(tx *store.Tx) error { return account.Restore(r.Context(), tx, a.ID) }); err != nil {
		return err
	}
	return web.Redirect(w, r, "/accounts", web.Toast{Key: "office.restored"})
}

// clock writes a time in the centre's zone.
func (o *Office) clock(r *http.Request, at time.Time) string {
	return web.Lang(r).DateClock(at.In(o.zone(r)))
}
