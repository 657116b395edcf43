package lost

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"net/http"
	"strings"
	"time"

	"github.com/jumyla/jumyla/internal/centre"
	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/exchange/holders"
	"github.com/jumyla/jumyla/internal/id"
	"github.com/jumyla/jumyla/internal/print"
	"github.com/jumyla/jumyla/internal/web"
)

// holdersPage is who holds the network's keys, and how that is said.
type holdersPage struct {
	page
	words  []string   // of those that count here; nil before
	marks  []string   // of each of them
	beside [][]string // marks of the sets in one circle with theirs
	which  string     // whose paper was typed to find that out
	offers []offer
	read   []string // public keys of the papers that were typed so far
}

// offer is what another centre says of the key-holders.
type offer struct {
	centre id.ID
	name   string
	words  []string
	hangs  int // what ours signed, that would no longer count

	swapped, waits bool // both took over the other's; then one waits
}

func (l *Lost) holdersPage(r *http.Request, f *web.Form) (*holdersPage, error) {
	base, err := l.page(r, f, "/links/lost")
	if err != nil {
		return nil, err
	}
	p := &holdersPage{page: base}
	h, err := holders.Ours(r.Context(), l.db)
	if err == nil {
		p.words = holders.Words(f.Lang, h)
		p.marks = holders.Marks(f.Lang, h)
	} else if !errs.Is(err, errs.NotFound) {
		return nil, err
	}
	beside, err := holders.Beside(r.Context(), l.db)
	if err != nil {
		return nil, err
	}
	for _, h := range beside {
		p.beside = append(p.beside, holders.Marks(f.Lang, h))
	}
	offers, err := holders.Offers(r.Context(), l.db)
	if err != nil {
		return nil, err
	}
	for _, o := range offers {
		p.offers = append(p.offers, offer{id.ID(o.From.Centre), o.From.Name, holders.Words(f.Lang, o.Holders), o.Hangs, o.Swapped, o.Waits})
	}
	return p, nil
}

func (p *holdersPage) show() web.Page {
	return web.Page{Title: p.lang.T("holders.title"), Nav: "links", Body: p.body(), Help: p.lang.T("holders.help")}
}

func (l *Lost) holders(w http.ResponseWriter, r *http.Request) error {
	p, err := l.holdersPage(r, web.NewForm(r))
	if err != nil {
		return err
	}
	return web.Render(w, r, p.show())
}

// papers prints three fresh keys. They are kept nowhere: what is typed from paper afterwards is who the key-holders are.
func (l *Lost) papers(w http.ResponseWriter, r *http.Request) error {
	if _, err := web.ReadForm(r); err != nil {
		return err
	}
	lang := web.Lang(r)
	in := print.KeyPapersInput{Need: holders.Need, Date: l.db.Now()}
	if c, err := centre.Get(r.Context(), l.db); err == nil {
		in.Centre, in.Date = c.Name, in.Date.In(c.Location())
	}
	for range holders.Count {
		s, err := holders.NewSecret(rand.Reader)
		if err != nil {
			return err
		}
		in.Keys = append(in.Keys, s.Printed())
	}
	var out bytes.Buffer
	if err := print.Write(&out, print.Info{Title: lang.T("holders.title"), Created: in.Date, Duplex: true}, print.KeyPapers(lang, in)); err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/pdf")
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Content-Disposition", `inline; filename="key-papers.pdf"`)
	_, err := w.Write(out.Bytes())
	return err
}

// paper takes in the next typed paper; after the third the key-holders are said.
func (l *Lost) paper(w http.ResponseWriter, r *http.Request) error {
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	p, err := l.holdersPage(r, f)
	if err != nil {
		return err
	}
	var publics [][]byte
	for text := range strings.FieldsSeq(f.Value("read")) {
		public, err := base64.RawURLEncoding.DecodeString(text)
		if err != nil || len(publics) == holders.Count {
			return errs.New(errs.Invalid, "error.invalid")
		}
		publics, p.read = append(publics, public), append(p.read, text)
	}
	s, err := holders.Parse(f.Text("paper", 200))
	if err == nil {
		public := base64.RawURLEncoding.EncodeToString(s.Public())
		for _, before := range p.read {
			if before == public {
				err = errs.New(errs.Invalid, "holders.twice")
			}
		}
		if err == nil {
			f.Set("paper")
			publics, p.read = append(publics, s.Public()), append(p.read, public)
		}
	}
	if err == nil && len(publics) == holders.Count {
		return f.Submit(w, r, func() (string, error) {
			web.SetToast(w, r, web.Toast{Key: "holders.said"})
			return "/links/holders", web.InWords(holders.Say(r.Context(), l.db, web.Actor(r), holders.With(publics)))
		}, p.show)
	}
	if err != nil {
		if err = web.InWords(err); !f.Take(err) {
			return err
		}
		return web.Invalid(w, r, p.show())
	}
	return web.Render(w, r, p.show())
}

// accept takes over what another centre says, after people compared the words.
func (l *Lost) accept(w http.ResponseWriter, r *http.Request) error {
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	p, err := l.holdersPage(r, f)
	if err != nil {
		return err
	}
	return f.Submit(w, r, func() (string, error) {
		offers, err := holders.Offers(r.Context(), l.db)
		if err != nil {
			return "", err
		}
		for _, o := range offers {
			if id.ID(o.From.Centre).String() == f.Value("centre") {
				take := func() error { return holders.Say(r.Context(), l.db, web.Actor(r), o.Holders) }
				if p.words != nil {
					take = func() error { return holders.Replace(r.Context(), l.db, web.Actor(r), o) }
				}
				web.SetToast(w, r, web.Toast{Key: "holders.said"})
				return "/links/holders", web.InWords(take())
			}
		}
		return "", errs.New(errs.Invalid, "holders.no_offer")
	}, p.show)
}

// statementPage is a permission while it is signed.
type statementPage struct {
	page
	*holders.Statement
	text    string
	signers int
}

func (l *Lost) statementPage(r *http.Request, f *web.Form, s *holders.Statement) (*statementPage, error) {
	base, err := l.page(r, f, "/links/lost")
	if err != nil {
		return nil, err
	}
	h, err := holders.Ours(r.Context(), l.db)
	if err != nil {
		return nil, err
	}
	p := &statementPage{page: base, Statement: s, signers: s.Signers(h)}
	p.text, err = s.Text()
	return p, err
}

func (p *statementPage) show() web.Page {
	return web.Page{Title: p.lang.T("network.permission"), Nav: "links", Body: p.body()}
}

// prepare writes down what key-holders are to sign.
func (l *Lost) prepare(w http.ResponseWriter, r *http.Request) error {
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	again, err := l.lostPage(r, f)
	if err != nil {
		return err
	}
	from, err := id.Parse(f.Required("from", 40))
	f.Check(err == nil, "from", "web.choose")
	var to id.ID
	if v := f.Required("to", 40); v != "nobody" {
		to, err = id.Parse(v)
		f.Check(err == nil, "to", "web.choose")
	}
	var stolen time.Time
	end := f.OneOf("what", "destroyed", "stolen") == "stolen"
	if day := f.Date("day", again.zone); end && !day.IsZero() {
		clock, _ := f.Clock("clock")
		stolen = day.Add(clock)
	}
	if !f.OK() {
		return web.Invalid(w, r, again.show())
	}
	s, err := holders.Prepare(r.Context(), l.db, from, to, end, stolen)
	return l.prepared(w, r, f, s, err)
}

// resume writes down what key-holders of before signed, to be signed by those of now: a permission once more, or that a centre
// works again.
func (l *Lost) resume(w http.ResponseWriter, r *http.Request) error {
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	from, err := id.Parse(f.Required("from", 40))
	var s *holders.Statement
	switch to, fault := id.Parse(f.Value("to")); {
	case err != nil:
		err = errs.Wrap(errs.Invalid, err, "error.invalid")
	case fault == nil && !to.IsZero():
		s, err = holders.Again(r.Context(), l.db, from, to)
	default:
		s, err = holders.Readmit(r.Context(), l.db, from)
	}
	return l.prepared(w, r, f, s, err)
}

// prepared shows a statement to be signed, or with what is wrong where it was to be written.
func (l *Lost) prepared(w http.ResponseWriter, r *http.Request, f *web.Form, s *holders.Statement, err error) error {
	if err == nil {
		var p *statementPage
		if p, err = l.statementPage(r, f, s); err == nil {
			return web.Render(w, r, p.show())
		}
	}
	again, fault := l.lostPage(r, f)
	if fault != nil {
		return fault
	}
	if err = web.InWords(err); !f.Take(err) {
		return err
	}
	return web.Invalid(w, r, again.show())
}

// read shows a permission that came from elsewhere, half signed or whole.
func (l *Lost) read(w http.ResponseWriter, r *http.Request) error {
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	s, err := holders.Read(f.Required("statement", 70_000))
	return l.prepared(w, r, f, s, err)
}

// sign takes in a typed paper; with enough of them the permission is given.
func (l *Lost) sign(w http.ResponseWriter, r *http.Request) error {
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	s, err := holders.Read(f.Value("statement"))
	if err != nil {
		return err
	}
	h, err := holders.Ours(r.Context(), l.db)
	if err != nil {
		return err
	}
	if !s.Whole(h) {
		var paper holders.Secret
		if paper, err = holders.Parse(f.Text("paper", 200)); err == nil {
			err = s.Sign(h, paper)
		}
	}
	if err != nil {
		if err = web.InWords(err); !f.Take(err) {
			return err
		}
		p, fault := l.statementPage(r, f, s)
		if fault != nil {
			return fault
		}
		return web.Invalid(w, r, p.show())
	}
	f.Set("paper")
	p, err := l.statementPage(r, f, s)
	if err != nil {
		return err
	}
	if !s.Whole(h) {
		return web.Render(w, r, p.show())
	}
	return f.Submit(w, r, func() (string, error) {
		if err := holders.Publish(r.Context(), l.db, web.Actor(r), s); err != nil {
			return "", web.InWords(err)
		}
		web.SetToast(w, r, web.Toast{Key: "holders.given"})
		if s.To == l.db.Centre() {
			return "/links/lost/" + s.From.String(), nil
		}
		return "/links/lost", nil
	}, p.show)
}

// file lets a half-signed permission be taken away.
func (l *Lost) file(w http.ResponseWriter, r *http.Request) error {
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	s, err := holders.Read(f.Value("statement"))
	if err != nil {
		return err
	}
	text, err := s.Text()
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Disposition", `attachment; filename="jumyla-permission.json"`)
	_, err = w.Write([]byte(text)) //nolint:gosec // JSON, taken away as a file
	return err
}

// lostName is the lost centre's name where it is known here.
func (p *statementPage) lostName() string { return p.name(p.From) }

func (p *statementPage) heirName() string { return p.name(p.To) }
