// Package extract is the page on which an office loads an OpenStreetMap extract: what is in use since when, a file that
// comes, how far it has got, and why one was not taken. What makes roads of it is given.
package extract

import (
	"context"
	"errors"
	"io"
	"net/http"
	"os"
	"path"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/jumyla/jumyla/internal/account"
	"github.com/jumyla/jumyla/internal/centre"
	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/i18n"
	"github.com/jumyla/jumyla/internal/store"
	"github.com/jumyla/jumyla/internal/web"
	"github.com/jumyla/jumyla/internal/web/office"
)

// Stage is where the work on a file stands.
type Stage string

// The stages, in order; "" is none under way.
const (
	Bringing  Stage = "bringing" // the file comes
	Roads     Stage = "roads"
	Addresses Stage = "addresses"
	Map       Stage = "map"
	Taking    Stage = "taking" // into use
)

// Stages lists them in their order.
func Stages() []Stage { return []Stage{Bringing, Roads, Addresses, Map, Taking} }

// Use is the extract in use.
type Use struct {
	Name   string    `json:"name"` // of its file; "" where it is not known
	Since  time.Time `json:"since"`
	Ways   int       `json:"ways"`
	Metres int64     `json:"metres"`
	Places int       `json:"places"`
	Tiles  int       `json:"tiles"`
	Bytes  int64     `json:"bytes"`
}

// State is how the work stands.
type State struct {
	Use       *Use // nil: lines are straight
	Stage     Stage
	Share     float64 // of the stage, from 0 to 1
	Name      string  // of the file under way, or of the last one
	Err       error   // why the last one was not taken
	Cancelled bool    // the last one was
	Lost      bool    // the last one was, with the program

	BadRoads, BadPlaces, BadMap bool // what lies there and cannot be used
}

// Bad reports whether something that lies there cannot be used.
func (s State) Bad() bool { return s.BadRoads || s.BadPlaces || s.BadMap }

// Busy reports whether a file is under way.
func (s State) Busy() bool { return s.Stage != "" }

// Work makes roads of extracts, one at a time.
type Work interface {
	State() State
	// Take reads a file of so many bytes (-1: not known) to its end and goes on with it in the background: Conflict while
	// another is under way. What fails is told by State, too. Cancel closes a body that can be closed.
	Take(ctx context.Context, name string, size int64, body io.Reader) error
	Cancel()
	Remove(ctx context.Context) error
}

// Topic is what open pages follow.
const Topic = "roads"

// Most is how many bytes a file may have.
const Most = 8 << 30

// Desk serves the page.
type Desk struct {
	db     *store.DB
	work   Work
	events *web.Events
}

// New returns the page on a centre's database.
func New(db *store.DB, work Work, events *web.Events) *Desk { return &Desk{db, work, events} }

// Routes lists the page with who may use it: those who keep the centre's settings.
func (d *Desk) Routes() []web.Route {
	keepers := web.Roles(account.Keepers)
	return []web.Route{
		{Pattern: "GET /roads", Allow: keepers, Handle: d.show},
		{Pattern: "GET /roads/events", Allow: keepers, Handle: func(w http.ResponseWriter, r *http.Request) error { return d.events.Serve(w, r, Topic) }},
		{Pattern: "POST /roads", Allow: keepers, Handle: d.take, MaxBody: Most},
		{Pattern: "POST /roads/cancel", Allow: keepers, Handle: d.cancel},
		{Pattern: "POST /roads/remove", Allow: keepers, Handle: d.remove},
	}
}

type view struct {
	lang i18n.Lang
	form *web.Form
	st   State
	zone *time.Location
}

func (d *Desk) page(r *http.Request, f *web.Form) web.Page {
	v := view{lang: f.Lang, form: f, st: d.work.State(), zone: time.UTC}
	if c, err := centre.Get(r.Context(), d.db); err == nil {
		v.zone = c.Location()
	}
	return web.Page{Title: f.Lang.T("extract.title"), Nav: "settings", Body: v.body(office.Tabs(f.Lang, "/roads")), Help: f.Lang.T("extract.help")}
}

func (d *Desk) show(w http.ResponseWriter, r *http.Request) error {
	return web.Render(w, r, d.page(r, web.NewForm(r)))
}

// take reads the file as it comes: it is never whole in memory.
func (d *Desk) take(w http.ResponseWriter, r *http.Request) error {
	f := web.NewForm(r)
	if d.work.State().Busy() {
		return d.busy(w, r)
	}
	parts, err := r.MultipartReader()
	if err != nil {
		return errs.Wrap(errs.Invalid, err, "web.bad_form")
	}
	for {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return errs.Wrap(errs.Invalid, err, "web.bad_form")
		}
		if part.FormName() != "file" || part.FileName() == "" {
			continue
		}
		body := &patient{Reader: part, conn: http.NewResponseController(w), silence: time.Minute}
		if errs.Is(d.work.Take(r.Context(), nameOf(part.FileName()), r.ContentLength, body), errs.Conflict) {
			return d.busy(w, r)
		}
		return web.See(w, r, "/roads") // what was wrong with it stands there
	}
	f.Fail("file", "web.choose_file")
	return web.Invalid(w, r, d.page(r, f))
}

// busy answers on the page itself, which shows the file under way and its Cancel: it may well be one's own.
func (d *Desk) busy(w http.ResponseWriter, r *http.Request) error {
	f := web.NewForm(r)
	f.Fail("file", "extract.busy")
	return web.Invalid(w, r, d.page(r, f))
}

// patient reads as long as something comes: a region takes its time over an office's network, and a device that is gone
// must hold up nobody. Close ends a Read that waits.
type patient struct {
	io.Reader

	conn    *http.ResponseController
	silence time.Duration

	mu     sync.Mutex
	closed bool
}

func (p *patient) Read(b []byte) (int, error) {
	if err := p.wait(); err != nil {
		return 0, err
	}
	return p.Reader.Read(b)
}

// wait gives the connection its time, unless it is closed.
func (p *patient) wait() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return os.ErrClosed
	}
	_ = p.conn.SetReadDeadline(time.Now().Add(p.silence)) //nolint:forbidigo // a connection's deadline is by the machine's clock
	return nil
}

func (p *patient) Close() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.closed = true
	return p.conn.SetReadDeadline(time.Now()) //nolint:forbidigo // a connection's deadline is by the machine's clock
}

// nameOf is a file's name as the page shows it.
func nameOf(s string) string {
	s = path.Base(strings.ReplaceAll(s, `\`, "/"))
	if r := []rune(s); len(r) > 80 {
		s = string(r[:80]) + "…"
	}
	return s
}

func (d *Desk) cancel(w http.ResponseWriter, r *http.Request) error {
	d.work.Cancel()
	return web.See(w, r, "/roads")
}

func (d *Desk) remove(w http.ResponseWriter, r *http.Request) error {
	if err := d.work.Remove(r.Context()); errs.Is(err, errs.Conflict) {
		return d.busy(w, r)
	} else if err != nil {
		return err
	}
	return web.Redirect(w, r, "/roads", web.Toast{Key: "extract.removed"})
}

// facts are what the extract in use holds, in words.
func (v *view) facts() string {
	u := v.st.Use
	var out []string
	for _, f := range []struct {
		key string
		n   int
	}{{"extract.km", int(u.Metres / 1000)}, {"extract.ways", u.Ways}, {"extract.places", u.Places}, {"extract.bytes", int((u.Bytes + 1<<19) >> 20)}} {
		if f.n > 0 {
			out = append(out, v.lang.T(f.key, "n", f.n)) // i18n: extract.km extract.ways extract.places extract.bytes
		}
	}
	return strings.Join(out, " · ")
}

func (v *view) stageWord(s Stage) string { return v.lang.T("extract.stage." + string(s)) } // i18n: extract.stage.*

// percent is how much of a stage is done.
func (v *view) percent(s Stage) int {
	for _, o := range Stages() {
		switch {
		case o == v.st.Stage && o == s:
			return int(v.st.Share * 100)
		case o == v.st.Stage:
			return 0
		case o == s:
			return 100
		}
	}
	return 0
}

func (v *view) why() string { return web.Say(v.lang, v.st.Err, "") }

func itoa(n int) string { return strconv.Itoa(n) }
