// Package lists is the pages where a list comes in, in three steps: what it is, what will happen, done. A file or
// pasted cells lie on the table until somebody takes them; a list that was taken can be taken back.
package lists

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/jumyla/jumyla/internal/account"
	"github.com/jumyla/jumyla/internal/centre"
	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/id"
	"github.com/jumyla/jumyla/internal/intake"
	"github.com/jumyla/jumyla/internal/list"
	"github.com/jumyla/jumyla/internal/store"
	"github.com/jumyla/jumyla/internal/web"
)

// maxUpload is how large a list may be on its way through the browser, in bytes.
const maxUpload = 20 << 20

// topic is what the pages of a list follow.
const topic = "lists"

// Lists holds what the pages need.
type Lists struct {
	db     *store.DB
	events *web.Events
	log    *slog.Logger

	mu   sync.Mutex
	busy map[list.ID]chan struct{} // lists that something is being done with, each closed at its end
}

// New returns the pages of a centre's database.
func New(db *store.DB, events *web.Events, log *slog.Logger) *Lists {
	return &Lists{db: db, events: events, log: log, busy: map[list.ID]chan struct{}{}}
}

// Routes lists the pages and their acts: who answers for the centre's data may use them.
func (l *Lists) Routes() []web.Route {
	allow := web.Roles(account.Coordinator)
	return []web.Route{
		{Pattern: "GET /lists", Allow: allow, Handle: l.all},
		{Pattern: "POST /lists", Allow: allow, Handle: l.bring, MaxBody: maxUpload},
		{Pattern: "GET /lists/events", Allow: allow, Handle: func(w http.ResponseWriter, r *http.Request) error { return l.events.Serve(w, r, topic) }},
		{Pattern: "GET /lists/{id}", Allow: allow, Handle: l.one},
		{Pattern: "POST /lists/{id}/look", Allow: allow, Handle: l.look},
		{Pattern: "POST /lists/{id}/fix", Allow: allow, Handle: l.fix},
		{Pattern: "POST /lists/{id}/take", Allow: allow, Handle: l.take},
		{Pattern: "POST /lists/{id}/undo", Allow: allow, Handle: l.undo},
		{Pattern: "POST /lists/{id}/drop", Allow: allow, Handle: l.drop},
		{Pattern: "GET /lists/{id}/result/{format}", Allow: allow, Handle: l.result},
	}
}

// Topics says whether a commit concerns the pages of lists.
func Topics(c store.Change) []string {
	if c.Kinds["list"] {
		return []string{topic}
	}
	return nil
}

func listID(r *http.Request) (list.ID, error) {
	v, err := id.Parse(r.PathValue("id"))
	if err != nil {
		return list.ID{}, errs.Missing("list")
	}
	return list.ID{ID: v}, nil
}

func href(lid list.ID) string { return "/lists/" + lid.String() }

func (l *Lists) all(w http.ResponseWriter, r *http.Request) error {
	what := string(intake.Requests)
	if asked := r.URL.Query().Get("what"); slices.Contains(kindNames(), asked) {
		what = asked
	}
	p, err := l.allPage(r, web.NewForm(r).Set("what", what))
	if err != nil {
		return err
	}
	return web.Render(w, r, p)
}

// maxLists is how many lists the page shows.
const maxLists = 50

func (l *Lists) allPage(r *http.Request, f *web.Form) (web.Page, error) {
	p := allPage{lang: f.Lang, form: f}
	drafts, err := list.Drafts(r.Context(), l.db, maxLists)
	if err != nil {
		return web.Page{}, err
	}
	if p.senders, err = list.Senders(r.Context(), l.db); err != nil {
		return web.Page{}, err
	}
	c, err := centre.Get(r.Context(), l.db)
	if err != nil {
		return web.Page{}, err
	}
	for _, d := range drafts {
		n, err := list.Count(r.Context(), l.db, d.ID)
		if err != nil {
			return web.Page{}, err
		}
		d.At = d.At.In(c.Location())
		p.rows = append(p.rows, listRow{Draft: d, Tally: n})
	}
	return web.Page{Title: f.Lang.T("nav.lists"), Nav: "lists", Body: p.body(), Help: f.Lang.T("lists.help")}, nil
}

// bring puts a file or pasted cells on the table.
func (l *Lists) bring(w http.ResponseWriter, r *http.Request) error {
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	plan := list.Plan{What: f.OneOf("what", kindNames()...), Sender: f.Text("sender", 200), Verified: f.Bool("verified"), Posts: f.Bool("posts"), Keep: f.Bool("keep"), Sheet: -1, Header: -1}
	b, name, err := content(f)
	if err != nil {
		return err
	}
	plan.File = name
	var lost error
	err = f.Submit(w, r, func() (string, error) {
		d, err := intake.Bring(r.Context(), l.db, web.Actor(r), plan, b)
		if err != nil {
			return "", err
		}
		return href(d.ID), nil
	}, func() (p web.Page) {
		p, lost = l.allPage(r, f)
		return p
	})
	return errors.Join(err, lost)
}

func kindNames() []string {
	var out []string
	for _, k := range intake.Kinds() {
		out = append(out, string(k))
	}
	return out
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

// patience is how long an answer waits for work that may be short, before it shows how far the work has come.
const patience = 700 * time.Millisecond

// start does something with a list in the background: it goes on when the browser leaves. It waits a moment, so that
// what is quick is shown done. Where something is being done with the list already, nothing new begins.
func (l *Lists) start(r *http.Request, lid list.ID, what string, work func(ctx context.Context) error) {
	l.mu.Lock()
	done, running := l.busy[lid]
	if !running {
		done = make(chan struct{})
		l.busy[lid] = done
	}
	l.mu.Unlock()
	ctx := context.WithoutCancel(r.Context())
	if !running {
		go func() {
			defer l.end(lid, done)
			if err := work(ctx); err != nil {
				l.log.ErrorContext(ctx, "list", "act", what, "list", lid.String(), "error", err)
			}
		}()
	}
	soon := time.NewTimer(patience)
	defer soon.Stop()
	select {
	case <-done:
	case <-soon.C:
	case <-r.Context().Done():
	}
}

func (l *Lists) end(lid list.ID, done chan struct{}) {
	l.mu.Lock()
	delete(l.busy, lid)
	l.mu.Unlock()
	close(done)
	l.events.Publish(topic)
}

func (l *Lists) isBusy(lid list.ID) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	_, ok := l.busy[lid]
	return ok
}

func (l *Lists) secret(ctx context.Context) (uint64, error) {
	c, err := centre.Get(ctx, l.db)
	if err != nil {
		return 0, err
	}
	return c.Secret, nil
}
