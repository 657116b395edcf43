// Package field is the page that the code on a run's sheet opens on the crew's phone: the run's stops in the sheet's
// order, what came of each, and the way home. It needs no account: whoever has the code sees that run alone, until it
// ends. It works as plain forms; where the phone trusts the centre it keeps what cannot be sent. The office's page
// about a run's code is here too.
package field

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/jumyla/jumyla/internal/account"
	"github.com/jumyla/jumyla/internal/centre"
	"github.com/jumyla/jumyla/internal/dispatch/sheet"
	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/run"
	"github.com/jumyla/jumyla/internal/store"
	"github.com/jumyla/jumyla/internal/web"
)

// How long a code opens its run's page.
const (
	// After the run is home, what a phone has kept is still taken; nothing is shown any more.
	grace = 2 * time.Hour
	// A run that nobody has told to be home is taken to have ended so long after it should have been: the crew that is
	// late needs its page most, a sheet that was found a day later must open nothing.
	late = 12 * time.Hour
	// Runs of so many days before today are looked through for a code.
	daysBack = 2
)

// Wrong codes that one device may try.
const (
	maxMisses  = 20
	missWindow = 10 * time.Minute // the message field.wait names it
)

// Field holds what the pages need.
type Field struct {
	Ground func() sheet.Ground // by which ways are told

	db   *store.DB
	now  func() time.Time // a real clock's, for limits
	site func() string    // the office's address on the network; "" where nobody is let in
	key  func() []byte    // the secret of the codes; nil where nobody is let in

	tries *web.Tries
}

// New returns the field pages of a centre's database. site is the office's address on the network, key the secret of the
// codes: both are empty while only the machine itself is served. now is a real clock's.
func New(db *store.DB, now func() time.Time, site func() string, key func() []byte) *Field {
	return &Field{Ground: func() sheet.Ground { return sheet.Ground{} }, db: db, now: now, site: site, key: key, tries: web.NewTries(now, maxMisses, missWindow)}
}

// Routes lists the crew's pages and the office's.
func (f *Field) Routes() []web.Route {
	see := web.Roles(account.Operator | account.Coordinator | account.Dispatcher)
	return []web.Route{
		{Pattern: "GET /f/{code}", Allow: web.Public(), Handle: f.show},
		{Pattern: "POST /f/{code}/stops/{stop}", Allow: web.Public(), Handle: f.report, MaxBody: 16 << 10},
		{Pattern: "POST /f/{code}/step", Allow: web.Public(), Handle: f.step, MaxBody: 16 << 10},
		{Pattern: "GET /f/worker.js", Allow: web.Public(), Handle: worker},
		{Pattern: "GET /runs/{id}/phone", Allow: see, Handle: f.phone},
		{Pattern: "POST /runs/{id}/phone", Allow: see, Handle: f.renew},
	}
}

// Link returns the address of a run's field page, "" while only the machine itself is served.
func (f *Field) Link(ctx context.Context, rid run.ID) (string, error) {
	site, key := f.site(), f.key()
	if site == "" || key == nil {
		return "", nil
	}
	code, err := run.Code(ctx, f.db, key, rid)
	return site + "/f/" + code, err
}

// open says what a code opens at a moment.
type open uint8

const (
	closed open = iota // nothing: the run has ended or was called off
	after              // what came of stops is still taken, nothing is shown
	whole              // everything
)

// outing is a run with what the page must know of its day.
type outing struct {
	*run.State

	midnight time.Time // of its day, in the centre's zone
	ends     time.Time // when the code opens nothing any more, unless the run comes home before
}

// opens answers what the run's code opens at now.
func (o outing) opens(now time.Time) open {
	switch {
	case o.Step == run.Void || !o.Sheet.IsZero() || now.After(o.ends):
		return closed
	case o.Step != run.Home:
		return whole
	case now.Sub(o.Home) <= grace:
		return after
	}
	return closed
}

// find returns the run that the request's code opens.
func (f *Field) find(r *http.Request) (outing, error) {
	key := f.key()
	if key == nil {
		return outing{}, errs.New(errs.NotFound, "field.unknown")
	}
	if !f.tries.May(r) {
		return outing{}, errs.New(errs.Unavailable, "field.wait")
	}
	c, err := centre.Get(r.Context(), f.db)
	if err != nil {
		return outing{}, err
	}
	since := f.db.Now().In(c.Location()).AddDate(0, 0, -daysBack).Format(time.DateOnly)
	s, err := run.ByCode(r.Context(), f.db, key, r.PathValue("code"), since)
	if errs.Is(err, errs.NotFound) {
		f.tries.Missed(r)
	}
	if err != nil {
		return outing{}, err
	}
	midnight, err := time.ParseInLocation(time.DateOnly, s.Day, c.Location())
	return outing{s, midnight, midnight.Add(time.Duration(s.Back)*time.Second + late)}, err
}

// worker gives the script that keeps a run's page for when there is no link. It lies where it may answer for the
// field pages, and for nothing else.
func worker(w http.ResponseWriter, _ *http.Request) error {
	b, ok := web.Embedded().Read("field-worker.js")
	if !ok {
		return errs.Missing("worker")
	}
	w.Header().Set("Content-Type", "text/javascript; charset=utf-8")
	w.Header().Set("Cache-Control", "no-cache")
	_, err := w.Write(b)
	return err
}

// path is where a run's page lies for this visitor.
func path(r *http.Request) string { return "/f/" + strings.ToLower(r.PathValue("code")) }
