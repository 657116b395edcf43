package office

import (
	"net/http"
	"time"

	"github.com/jumyla/jumyla/internal/account"
	"github.com/jumyla/jumyla/internal/centre"
	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/store"
	"github.com/jumyla/jumyla/internal/store/second"
	"github.com/jumyla/jumyla/internal/web"
)

// SecondCopy is what keeps the copy on another device.
type SecondCopy interface {
	State() (st second.State, kept bool)
	Use(folder string) error
}

// CopyDesk serves the page of the second copy.
type CopyDesk struct {
	db   *store.DB
	copy SecondCopy
	now  func() time.Time
}

// Copy returns the page of the second copy; now is a real clock.
func Copy(db *store.DB, c SecondCopy, now func() time.Time) *CopyDesk {
	return &CopyDesk{db: db, copy: c, now: now}
}

// Routes returns the page's routes.
func (d *CopyDesk) Routes() []web.Route {
	keepers := web.Roles(account.Keepers)
	return []web.Route{
		{Pattern: "GET /copy", Allow: keepers, Handle: d.show},
		{Pattern: "POST /copy", Allow: keepers, Handle: d.use},
	}
}

// copyLine is how the copy stands, in words.
type copyLine struct {
	tone web.Tone
	text string
	why  string // of a failure
	same bool
}

func (d *CopyDesk) show(w http.ResponseWriter, r *http.Request) error {
	f := web.NewForm(r)
	st, _ := d.copy.State()
	return web.Render(w, r, d.page(r, f.Set("folder", st.Dir)))
}

func (d *CopyDesk) page(r *http.Request, f *web.Form) web.Page {
	return web.Page{Title: f.Lang.T("copy.title"), Nav: "settings", Body: copyPage(f, d.line(r, f))}
}

func (d *CopyDesk) line(r *http.Request, f *web.Form) copyLine {
	st, kept := d.copy.State()
	if !kept {
		return copyLine{tone: web.ToneWait, text: f.Lang.T("copy.none")}
	}
	l := copyLine{same: st.Same}
	if st.Err != nil {
		l.why = web.Say(f.Lang, st.Err, "")
	}
	now, zone := d.now(), time.Local
	if c, err := centre.Get(r.Context(), d.db); err == nil {
		zone = c.Location()
	}
	switch at := st.At.In(zone).Format(time.TimeOnly); {
	case st.At.IsZero() && st.Err == nil:
		l.tone, l.text = web.ToneInfo, f.Lang.T("copy.begins")
	case st.At.IsZero():
		l.tone, l.text = web.ToneUrgent, f.Lang.T("copy.missing")
	case st.Stale(now):
		l.tone, l.text = web.ToneUrgent, f.Lang.T("copy.stale", "at", at)
	default:
		l.tone, l.text = web.ToneGood, f.Lang.T("copy.good", "at", at, "n", int(now.Sub(st.At)/time.Second))
	}
	return l
}

func (d *CopyDesk) use(w http.ResponseWriter, r *http.Request) error {
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	folder := f.Text("folder", 1000)
	if err := d.copy.Use(folder); errs.Is(err, errs.Invalid) {
		f.Fail("folder", "store.copy_absent")
	} else if err != nil {
		return err
	}
	return f.Submit(w, r, func() (string, error) {
		web.SetToast(w, r, web.Toast{Key: "office.saved"})
		return "/copy", nil
	}, func() web.Page { return d.page(r, f) })
}
