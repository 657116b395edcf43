package lost

import (
	"net/http"
	"strconv"

	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/exchange/holders"
	"github.com/jumyla/jumyla/internal/id"
	"github.com/jumyla/jumyla/internal/web"
)

func (p *holdersPage) leavers() (out []web.Option) {
	for i, m := range p.marks {
		out = append(out, web.Option{Value: strconv.Itoa(i), Label: m})
	}
	return out
}

// oneOnly says who of two centres takes over whose.
func (p *holdersPage) oneOnly(o offer) string {
	switch {
	case o.waits:
		return p.lang.T("holders.swapped_wait", "centre", o.name)
	case o.swapped:
		return p.lang.T("holders.swapped_take", "centre", o.name)
	}
	return p.lang.T("holders.one_only")
}

// again shows the key-holders' page with what is wrong.
func (l *Lost) again(w http.ResponseWriter, r *http.Request, f *web.Form, err error) error {
	if err = web.InWords(err); !f.Take(err) {
		return err
	}
	p, fault := l.holdersPage(r, f)
	if fault != nil {
		return fault
	}
	return web.Invalid(w, r, p.show())
}

// which says whose of the three a typed paper is.
func (l *Lost) which(w http.ResponseWriter, r *http.Request) error {
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	h, err := holders.Ours(r.Context(), l.db)
	if err != nil {
		return err
	}
	s, err := holders.Parse(f.Text("mine", 200))
	at := 0
	if err == nil {
		at, err = holders.Which(h, s)
	}
	if err != nil {
		return l.again(w, r, f, err)
	}
	f.Set("mine")
	p, err := l.holdersPage(r, f)
	if err != nil {
		return err
	}
	p.which = p.marks[at]
	return web.Render(w, r, p.show())
}

// renewalPage is a renewal while it is signed.
type renewalPage struct {
	page
	*holders.Renewal
	reading    holders.Reading
	text       string
	old, fresh int // how many have signed, of those before and of the new ones
	whole      bool
	leave      []string
	come       []string
	words      []string
}

func (l *Lost) renewalPage(r *http.Request, f *web.Form, v *holders.Renewal) (*renewalPage, error) {
	base, err := l.page(r, f, "/links/lost")
	if err != nil {
		return nil, err
	}
	h, err := v.Before(r.Context(), l.db)
	if err != nil {
		return nil, err
	}
	reading, err := v.Read(r.Context(), l.db)
	if err != nil {
		return nil, err
	}
	p := &renewalPage{page: base, Renewal: v, reading: reading, whole: v.Whole(h), words: holders.Words(f.Lang, v.Holders)}
	p.old, p.fresh = v.Signed(h)
	leaves, comes := v.Leaves(h)
	all := holders.Marks(f.Lang, h)
	for _, i := range leaves {
		p.leave = append(p.leave, all[i])
	}
	for _, k := range comes {
		p.come = append(p.come, holders.Mark(f.Lang, k))
	}
	p.text, err = v.Text()
	return p, err
}

func (p *renewalPage) show() web.Page {
	return web.Page{Title: p.lang.T("holders.renewal"), Nav: "links", Body: p.body()}
}

// renew writes down who the key-holders are to be: a fresh paper in the place of one, or another centre's three.
func (l *Lost) renew(w http.ResponseWriter, r *http.Request) error {
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	keys, err := l.next(r, f)
	if err != nil {
		return l.again(w, r, f, err)
	}
	v, err := holders.Renew(r.Context(), l.db, keys)
	if err != nil {
		return l.again(w, r, f, err)
	}
	f.Set("fresh")
	p, err := l.renewalPage(r, f, v)
	if err != nil {
		return err
	}
	return web.Render(w, r, p.show())
}

func (l *Lost) next(r *http.Request, f *web.Form) ([][]byte, error) {
	if from := f.Value("centre"); from != "" {
		offers, err := holders.Offers(r.Context(), l.db)
		if err != nil {
			return nil, err
		}
		for _, o := range offers {
			if id.ID(o.From.Centre).String() == from {
				return o.Keys, nil
			}
		}
		return nil, errs.New(errs.Invalid, "holders.no_offer")
	}
	h, err := holders.Ours(r.Context(), l.db)
	if err != nil {
		return nil, err
	}
	s, err := holders.Parse(f.Text("fresh", 200))
	if err != nil {
		return nil, err
	}
	return holders.Instead(h, f.Int("leaves", 0, len(h.Keys)-1), s)
}

// readRenewal shows a renewal that came from elsewhere.
func (l *Lost) readRenewal(w http.ResponseWriter, r *http.Request) error {
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	v, err := holders.ReadRenewal(f.Required("renewal", 140_000))
	if err != nil {
		return l.again(w, r, f, err)
	}
	p, err := l.renewalPage(r, f, v)
	if err != nil {
		return l.again(w, r, f, err)
	}
	return web.Render(w, r, p.show())
}

// signRenewal takes in a typed paper; with enough of them the key-holders are renewed.
func (l *Lost) signRenewal(w http.ResponseWriter, r *http.Request) error {
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	v, err := holders.ReadRenewal(f.Value("renewal"))
	if err != nil {
		return err
	}
	p, err := l.renewalPage(r, f, v)
	if err != nil {
		return l.again(w, r, f, err)
	}
	if !p.whole {
		var paper holders.Secret
		if paper, err = holders.Parse(f.Text("paper", 200)); err == nil {
			err = v.Sign(r.Context(), l.db, paper)
		}
	}
	if err != nil {
		if err = web.InWords(err); !f.Take(err) {
			return err
		}
	} else {
		f.Set("paper")
	}
	p, fault := l.renewalPage(r, f, v) // with what was signed
	switch {
	case fault != nil:
		return fault
	case err != nil:
		return web.Invalid(w, r, p.show())
	case !p.whole:
		return web.Render(w, r, p.show())
	}
	return f.Submit(w, r, func() (string, error) {
		web.SetToast(w, r, web.Toast{Key: "holders.renewed"})
		return "/links/holders", web.InWords(holders.PublishRenewal(r.Context(), l.db, web.Actor(r), v))
	}, p.show)
}

// renewalFile lets a half-signed renewal be taken away.
func (l *Lost) renewalFile(w http.ResponseWriter, r *http.Request) error {
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	v, err := holders.ReadRenewal(f.Value("renewal"))
	if err != nil {
		return err
	}
	text, err := v.Text()
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Disposition", `attachment; filename="jumyla-renewal.json"`)
	_, err = w.Write([]byte(text)) //nolint:gosec // JSON, taken away as a file
	return err
}
