// Package lists is the page where a list comes in: a file or pasted text is tried first, what would happen is
// shown with a reason for every row that stays out, and only then is it taken.
package lists

import (
	"bytes"
	"context"
	"crypto/rand"
	"io"
	"net/http"
	"strings"
	"sync"

	"github.com/jumyla/jumyla/internal/account"
	"github.com/jumyla/jumyla/internal/centre"
	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/id"
	"github.com/jumyla/jumyla/internal/intake"
	"github.com/jumyla/jumyla/internal/store"
	"github.com/jumyla/jumyla/internal/web"
)

// maxUpload is how large a list may be, in bytes.
const maxUpload = 20 << 20

// Lists holds what the page needs.
type Lists struct {
	db *store.DB

	mu    sync.Mutex
	trays map[string]*tray // by account: the list that they look at
}

// tray is a list between its trial and its import, and what came of it. Its content is in memory only.
type tray struct {
	token    string
	kind     intake.Kind
	verified bool
	name     string
	content  []byte // nil once it is taken
	result   *intake.Result
	took     bool
}

// New returns the page of a centre's database.
func New(db *store.DB) *Lists {
	return &Lists{db: db, trays: map[string]*tray{}}
}

// Routes lists the page and its acts: who answers for the centre's data may use them.
func (l *Lists) Routes() []web.Route {
	allow := web.Roles(account.Coordinator)
	return []web.Route{
		{Pattern: "GET /lists", Allow: allow, Handle: l.show},
		{Pattern: "POST /lists", Allow: allow, Handle: l.try, MaxBody: maxUpload},
		{Pattern: "POST /lists/import", Allow: allow, Handle: l.take},
	}
}

func (l *Lists) of(r *http.Request) *tray {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.trays[web.ViewerOf(r).AccountID]
}

func (l *Lists) keep(r *http.Request, t *tray) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.trays[web.ViewerOf(r).AccountID] = t
}

func (l *Lists) show(w http.ResponseWriter, r *http.Request) error {
	return web.Render(w, r, l.page(r, web.NewForm(r).Set("kind", string(intake.Requests))))
}

func (l *Lists) page(r *http.Request, f *web.Form) web.Page {
	p := listPage{lang: f.Lang, form: f, act: web.NewForm(r), tray: l.of(r)}
	if p.tray != nil {
		p.result = p.tray.result.In(f.Lang)
	}
	return web.Page{Title: f.Lang.T("nav.lists"), Nav: "lists", Body: p.body()}
}

// try reads a list without keeping anything of it.
func (l *Lists) try(w http.ResponseWriter, r *http.Request) error {
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	names := make([]string, 0, len(intake.Kinds()))
	for _, k := range intake.Kinds() {
		names = append(names, string(k))
	}
	t := &tray{token: rand.Text(), kind: intake.Kind(f.OneOf("kind", names...)), verified: f.Bool("verified")}
	if t.content, t.name, err = content(f); err != nil {
		return err
	}
	return f.Submit(w, r, func() (string, error) {
		res, err := l.run(r.Context(), r, t, true)
		if err != nil {
			return "", err
		}
		t.result = res
		l.keep(r, t)
		return "/lists", nil
	}, func() web.Page { return l.page(r, f) })
}

// content returns what was pasted, or else the file.
func content(f *web.Form) ([]byte, string, error) {
	if pasted := f.Text("text", maxUpload); pasted != "" {
		return []byte(strings.ReplaceAll(pasted, "\r\n", "\n")), "", nil
	}
	file, name, ok := f.File("file")
	if !ok {
		return nil, "", nil
	}
	defer file.Close()
	b, err := io.ReadAll(file)
	return b, name, err
}

// take imports the list that was tried. It goes on when the browser leaves.
func (l *Lists) take(w http.ResponseWriter, r *http.Request) error {
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	t := l.of(r)
	if t == nil || t.token != f.Value("list") || t.content == nil && !t.took {
		return errs.New(errs.Conflict, "lists.again")
	}
	return f.Submit(w, r, func() (string, error) {
		if t.took {
			return "/lists", nil
		}
		res, err := l.run(context.WithoutCancel(r.Context()), r, t, false)
		if err != nil {
			return "", err
		}
		done := *t
		done.result, done.took, done.content = res, true, nil
		l.keep(r, &done)
		web.SetToast(w, r, web.Toast{Key: "lists.taken", Args: []any{"n", res.Taken}})
		return "/lists", nil
	}, func() web.Page { return l.page(r, f) })
}

func (l *Lists) run(ctx context.Context, r *http.Request, t *tray, dry bool) (*intake.Result, error) {
	c, err := centre.Get(ctx, l.db)
	if err != nil {
		return nil, err
	}
	actor, err := id.Parse(web.ViewerOf(r).AccountID)
	if err != nil {
		return nil, errs.New(errs.Denied, "")
	}
	return intake.Import(ctx, l.db, actor, t.kind, bytes.NewReader(t.content),
		intake.Options{DryRun: dry, Secret: c.Secret, Verified: t.verified && t.kind == intake.Requests})
}
