// Package office is how people come in: sign-in and locking, invitations, accounts, the centre's settings,
// and the pages of a server whose database is not open yet (set-up, unlock).
package office

import (
	"context"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/jumyla/jumyla/internal/account"
	"github.com/jumyla/jumyla/internal/contact"
	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/store"
	"github.com/jumyla/jumyla/internal/web"
)

// Office serves the pages of an open centre.
type Office struct {
	db    *store.DB
	now   func() time.Time
	cost  account.KDF
	codes codes
	tries *web.Tries    // of one device, whatever names it tries
	seats chan struct{} // how many passphrases are hashed at once: each takes 64 MiB
}

// New returns the office of a centre. now is a real clock, also where the centre's records have a drill's;
// cost is that of new passphrases.
func New(db *store.DB, now func() time.Time, cost account.KDF) *Office {
	return &Office{db: db, now: now, cost: cost, codes: codes{made: map[account.ID]code{}}, tries: web.NewTries(now, maxTries, triesIn), seats: make(chan struct{}, maxHashing)}
}

// Routes returns the office's pages.
func (o *Office) Routes() []web.Route {
	keepers := web.Roles(account.Keepers)
	return []web.Route{
		{Pattern: "GET /sign-in", Allow: web.Public(), Handle: o.showSignIn},
		{Pattern: "POST /sign-in", Allow: web.Public(), Handle: o.signIn},
		{Pattern: "POST /sign-out", Allow: web.Public(), Handle: o.signOut},
		{Pattern: "POST /lock", Allow: web.Public(), Handle: o.lock},
		{Pattern: "GET /join", Allow: web.Public(), Handle: o.showJoin},
		{Pattern: "POST /join", Allow: web.Public(), Handle: o.join},
		{Pattern: "GET /account", Allow: web.SignedIn(), Handle: o.showOwn},
		{Pattern: "POST /account", Allow: web.SignedIn(), Handle: o.changePassphrase},
		{Pattern: "GET /settings", Allow: keepers, Handle: o.showSettings},
		{Pattern: "POST /settings", Allow: keepers, Handle: o.saveSettings},
		{Pattern: "GET /accounts", Allow: keepers, Handle: o.showAccounts},
		{Pattern: "POST /accounts", Allow: keepers, Handle: o.invite},
		{Pattern: "GET /accounts/{id}", Allow: keepers, Handle: o.showAccount},
		{Pattern: "POST /accounts/{id}", Allow: keepers, Handle: o.changeAccount},
		{Pattern: "GET /accounts/{id}/code", Allow: keepers, Handle: o.showCode},
		{Pattern: "POST /accounts/{id}/code", Allow: keepers, Handle: o.newCode},
		{Pattern: "POST /accounts/{id}/end", Allow: keepers, Handle: o.end},
		{Pattern: "POST /accounts/{id}/restore", Allow: keepers, Handle: o.restore},
	}
}

const (
	sessionCookie = "session"
	maxHashing    = 4
	maxTries      = 30               // wrong passphrases and codes of one device
	triesIn       = 15 * time.Minute // the message account.wait names it
)

// hashing runs do when one of the seats is free.
func (o *Office) hashing(ctx context.Context, do func() error) error {
	select {
	case o.seats <- struct{}{}:
	case <-ctx.Done():
		return errs.Wrap(errs.Unavailable, ctx.Err(), "error.unavailable")
	}
	defer func() { <-o.seats }()
	return do()
}

// Viewer returns who a request's session cookie says is asking, for web.Config; a locked session is nobody's.
func Viewer(db *store.DB, now func() time.Time) func(*http.Request) (*web.Viewer, error) {
	return func(r *http.Request) (*web.Viewer, error) {
		a, err := account.BySession(r.Context(), db, token(r), now())
		if errs.Is(err, errs.Denied) {
			return nil, errs.Missing("open session")
		}
		if err != nil {
			return nil, err
		}
		if !automatic(r) {
			if err := account.Touch(r.Context(), db, token(r), now()); err != nil {
				return nil, err
			}
		}
		return &web.Viewer{AccountID: a.ID.String(), Name: string(a.Name), Roles: a.Roles, Lang: a.Lang}, nil
	}
}

// automatic reports whether the page asks by itself (events, live parts): that must not keep a session open
// at a desk that nobody sits at.
func automatic(r *http.Request) bool {
	trigger := r.Header.Get("Hx-Trigger")
	return strings.Contains(r.Header.Get("Accept"), "text/event-stream") ||
		r.Method == http.MethodGet && trigger != "" && trigger == r.Header.Get("Hx-Target")
}

func token(r *http.Request) string {
	c, err := r.Cookie(sessionCookie)
	if err != nil {
		return ""
	}
	return c.Value
}

// KeepSession puts a session that was opened elsewhere, as in a drill, into the browser.
func KeepSession(w http.ResponseWriter, r *http.Request, token string) { keepToken(w, r, token) }

// keepToken puts the session into the browser; "" takes it out.
func keepToken(w http.ResponseWriter, r *http.Request, token string) {
	seconds := int(account.SessionEnd / time.Second)
	if token == "" {
		seconds = -1
	}
	http.SetCookie(w, &http.Cookie{ //nolint:gosec // Secure wherever there is TLS; without it only loopback is served
		Name: sessionCookie, Value: token, Path: "/", MaxAge: seconds,
		HttpOnly: true, Secure: r.TLS != nil, SameSite: http.SameSiteLaxMode,
	})
}

// actor returns who asks; the route has seen to it that somebody does.
func actor(r *http.Request) (account.ID, error) { return parseID(web.ViewerOf(r).AccountID) }

// codes are invitation codes not yet handed over. Nothing else keeps them: a code that was not written down
// before the program stopped is made anew.
type codes struct {
	mu   sync.Mutex
	made map[account.ID]code
}

type code struct {
	text  string
	by    account.ID // who made it, and alone may see it
	until time.Time  // of the invitation
	shown time.Time  // until when it is shown
}

const showFor = 10 * time.Minute

func (c *codes) keep(whose account.ID, v code, now time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for who, old := range c.made {
		if !now.Before(old.shown) {
			delete(c.made, who)
		}
	}
	v.shown = now.Add(showFor)
	c.made[whose] = v
}

func (c *codes) of(whose, by account.ID, now time.Time) (code, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	v, ok := c.made[whose]
	return v, ok && v.by == by && now.Before(v.shown)
}

func passphraseTwice(f *web.Form, r *http.Request) string {
	first, again := f.Secret(r, "passphrase", maxSecret), f.Secret(r, "passphrase_again", maxSecret)
	f.Check(len([]rune(first)) >= store.MinPassphrase, "passphrase", "account.passphrase_short")
	f.Check(first == again, "passphrase_again", "office.passphrase_differs")
	return first
}

const (
	maxName   = 120
	maxSecret = 1000 // bytes
)

// write runs fn as the viewer.
func (o *Office) write(ctx context.Context, r *http.Request, fn func(tx *store.Tx) error) error {
	by, err := actor(r)
	if err != nil {
		return err
	}
	return o.db.Write(ctx, by.ID, fn)
}

func nameOf(f *web.Form) contact.Name { return contact.Name(f.Required("name", maxName)) }
