package office

import (
	"net/http"
	"net/url"
	"time"

	"github.com/jumyla/jumyla/internal/account"
	"github.com/jumyla/jumyla/internal/contact"
	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/i18n"
	"github.com/jumyla/jumyla/internal/web"
)

// showSignIn asks for name and passphrase, or for the passphrase alone where a locked session waits.
func (o *Office) showSignIn(w http.ResponseWriter, r *http.Request) error {
	next := web.Local(r.URL.Query().Get("next"))
	if web.ViewerOf(r).SignedIn() {
		return web.See(w, r, next)
	}
	f := web.NewForm(r).Set("next", next)
	if r.URL.Query().Has("new") {
		f.Set("new", "1")
	}
	locked, err := account.ByLock(r.Context(), o.db, token(r), o.now())
	switch {
	case errs.Is(err, errs.NotFound):
	case err != nil:
		return err
	case !r.URL.Query().Has("other"):
		f.Set("name", string(locked.Name)).Set("locked", "1")
	}
	return web.Render(w, r, signInPageOf(f))
}

func signInPageOf(f *web.Form) web.Page {
	return web.Page{Title: f.Lang.T("office.sign_in"), Bare: true, Body: signInPage(f)}
}

// signIn opens a session. It has no use for the form's token: the browser keeps the cookie of the answer that
// it sees, and that must be a good one, so each submission opens a session of its own.
func (o *Office) signIn(w http.ResponseWriter, r *http.Request) error {
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	name, pass := nameOf(f), f.Secret(r, "passphrase", maxSecret)
	if !f.OK() {
		return web.Invalid(w, r, signInPageOf(f))
	}
	if !o.tries.May(r) {
		f.Fail("", "account.wait")
		return web.Invalid(w, r, signInPageOf(f))
	}
	var a *account.Account
	var fresh string
	err = o.hashing(r.Context(), func() (err error) {
		a, fresh, err = account.SignIn(r.Context(), o.db, name, pass, o.now())
		return err
	})
	switch {
	case errs.Is(err, errs.Denied):
		o.tries.Missed(r)
		f.Fail("", "account.wrong")
		return web.Invalid(w, r, signInPageOf(f))
	case errs.Is(err, errs.Unavailable) && r.Context().Err() == nil:
		f.Fail("", "account.wait")
		return web.Invalid(w, r, signInPageOf(f))
	case err != nil:
		return err
	}
	lang := a.Lang
	if o.chose(r, a) {
		lang = f.Lang
	}
	return o.admit(w, r, a, fresh, lang, f.Value("next"))
}

// ownCookie is the language that this browser had by itself, by the account or by who left it: another one was chosen since.
const ownCookie = "lang_own"

// chose reports whether the browser's language is a choice of who signs in now, which their account's own does not undo.
func (o *Office) chose(r *http.Request, a *account.Account) bool {
	now, err := r.Cookie("lang")
	if err != nil {
		return false
	}
	if own, err := r.Cookie(ownCookie); err == nil && own.Value == now.Value {
		return false
	}
	left, err := account.ByLock(r.Context(), o.db, token(r), o.now())
	return err != nil || left.ID == a.ID // not that of somebody who locked the screen and went
}

func keepOwn(w http.ResponseWriter, r *http.Request, lang i18n.Lang) {
	http.SetCookie(w, &http.Cookie{ //nolint:gosec // Secure wherever there is TLS; without it only loopback is served
		Name: ownCookie, Value: string(lang), Path: "/", MaxAge: int(365 * 24 * time.Hour / time.Second),
		HttpOnly: true, Secure: r.TLS != nil, SameSite: http.SameSiteLaxMode,
	})
}

// admit ends the browser's old session and starts the new one.
func (o *Office) admit(w http.ResponseWriter, r *http.Request, a *account.Account, fresh string, lang i18n.Lang, next string) error {
	if err := account.SignOut(r.Context(), o.db, token(r), o.now()); err != nil {
		return err
	}
	keepToken(w, r, fresh)
	web.KeepLang(w, r, lang)
	keepOwn(w, r, a.Lang)
	if web.Local(next) == "/" {
		first, err := pending(r.Context(), o.db, a)
		if err != nil {
			return err
		}
		if first {
			next = "/first"
		}
	}
	return web.See(w, r, next)
}

func (o *Office) signOut(w http.ResponseWriter, r *http.Request) error {
	if err := account.SignOut(r.Context(), o.db, token(r), o.now()); err != nil {
		return err
	}
	keepToken(w, r, "")
	keepOwn(w, r, web.Lang(r)) // who comes next has not chosen it
	return web.See(w, r, "/sign-in")
}

func (o *Office) lock(w http.ResponseWriter, r *http.Request) error {
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	if err := account.Lock(r.Context(), o.db, token(r)); err != nil {
		return err
	}
	return web.See(w, r, "/sign-in?next="+url.QueryEscape(web.Local(f.Value("back"))))
}

func (o *Office) showJoin(w http.ResponseWriter, r *http.Request) error {
	return web.Render(w, r, joinPageOf(web.NewForm(r)))
}

func joinPageOf(f *web.Form) web.Page {
	return web.Page{Title: f.Lang.T("office.join"), Bare: true, Body: joinPage(f)}
}

// join takes a printed code and a passphrase and signs its owner in.
func (o *Office) join(w http.ResponseWriter, r *http.Request) error {
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	typed, pass := f.Required("code", 60), passphraseTwice(f, r)
	if !f.OK() {
		return web.Invalid(w, r, joinPageOf(f))
	}
	if !o.tries.May(r) {
		f.Fail("", "account.wait")
		return web.Invalid(w, r, joinPageOf(f))
	}
	a, fresh, err := account.Accept(r.Context(), o.db, typed, pass, o.cost, o.now())
	if err != nil {
		o.tries.Missed(r)
		if f.Take(err) {
			return web.Invalid(w, r, joinPageOf(f))
		}
		return err
	}
	return o.admit(w, r, a, fresh, a.Lang, "/")
}

func (o *Office) showOwn(w http.ResponseWriter, r *http.Request) error {
	return web.Render(w, r, ownPageOf(r, web.NewForm(r)))
}

func ownPageOf(r *http.Request, f *web.Form) web.Page {
	return web.Page{Title: f.Lang.T("office.account"), Body: ownPage(f, web.ViewerOf(r))}
}

// changePassphrase asks for the present one, for the desk may have been left open.
func (o *Office) changePassphrase(w http.ResponseWriter, r *http.Request) error {
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	who, err := actor(r)
	if err != nil {
		return err
	}
	now, pass := f.Secret(r, "passphrase_now", maxSecret), passphraseTwice(f, r)
	change := func() (string, error) {
		_, _, err := account.SignIn(r.Context(), o.db, contact.Name(web.ViewerOf(r).Name), now, o.now())
		for kind, key := range map[errs.Kind]string{errs.Denied: "account.wrong", errs.Unavailable: "account.wait"} {
			if errs.Is(err, kind) {
				return "", &errs.Error{Kind: errs.Invalid, Key: key, Fields: map[string]string{"passphrase_now": key}}
			}
		}
		if err != nil {
			return "", err
		}
		if err := account.SetPassphrase(r.Context(), o.db, who, pass, o.cost); err != nil {
			return "", err
		}
		web.SetToast(w, r, web.Toast{Key: "office.account_saved"})
		return "/sign-in", nil
	}
	return f.Submit(w, r, change, func() web.Page { return ownPageOf(r, f) })
}
