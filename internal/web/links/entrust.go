package links

import (
	"net/http"

	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/exchange"
	"github.com/jumyla/jumyla/internal/id"
	"github.com/jumyla/jumyla/internal/store"
	"github.com/jumyla/jumyla/internal/web"
)

// entrustPage is who keeps our names in case this centre is lost; with one it is that centre alone, before its act.
type entrustPage struct {
	page
	peers []exchange.Waiting
	trust exchange.Trust
	one   id.ID
}

func (l *Links) entrustPage(r *http.Request, f *web.Form) (*entrustPage, error) {
	base, err := l.page(r, "/links/lost", f)
	if err != nil {
		return nil, err
	}
	p := &entrustPage{page: base}
	if p.peers, err = exchange.Peers(r.Context(), l.db); err != nil {
		return nil, err
	}
	if p.trust, err = exchange.Trusted(r.Context(), l.db, l.db.Centre()); err != nil {
		return nil, err
	}
	if v := r.PathValue("id"); v != "" {
		if p.one, err = id.Parse(v); err != nil || p.name() == "" {
			return nil, errs.Missing("centre")
		}
	}
	return p, nil
}

func (p *entrustPage) name() string { return nameOf(p.peers, p.one) }

// keepers counts the centres that keep our names.
func (p *entrustPage) keepers() (n int) {
	for _, keeps := range p.trust.Ours {
		if keeps {
			n++
		}
	}
	return n
}

func (p *entrustPage) show() web.Page {
	if !p.one.IsZero() {
		return web.Page{Title: p.name(), Nav: "links", Body: p.ask(), Help: p.lang.T("entrust.help")}
	}
	return web.Page{Title: p.lang.T("entrust.title"), Nav: "links", Body: p.body(), Help: p.lang.T("entrust.help")}
}

func (l *Links) entrust(w http.ResponseWriter, r *http.Request) error {
	p, err := l.entrustPage(r, web.NewForm(r))
	if err != nil {
		return err
	}
	return web.Render(w, r, p.show())
}

// entrustTo lets a centre keep our names from now on, or not any more.
func (l *Links) entrustTo(w http.ResponseWriter, r *http.Request) error {
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	p, err := l.entrustPage(r, f)
	if err != nil {
		return err
	}
	keep := f.OneOf("keep", "yes", "no") == "yes"
	return f.Submit(w, r, func() (string, error) {
		err := l.db.Write(r.Context(), web.Actor(r), func(tx *store.Tx) error {
			return exchange.Entrust(r.Context(), tx, p.one, keep)
		})
		if err != nil {
			return "", web.InWords(err)
		}
		key := "entrust.stopped"
		if keep {
			key = "entrust.done"
		}
		web.SetToast(w, r, web.Toast{Key: key, Args: []any{"centre", p.name()}})
		return "/links/entrust", nil
	}, p.show)
}
