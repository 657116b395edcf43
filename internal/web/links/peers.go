package links

import (
	"context"
	"net/http"

	"github.com/jumyla/jumyla/internal/account"
	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/exchange"
	"github.com/jumyla/jumyla/internal/exchange/link"
	"github.com/jumyla/jumyla/internal/id"
	"github.com/jumyla/jumyla/internal/store"
	"github.com/jumyla/jumyla/internal/web"
)

// Network is what connects us with other centres.
type Network struct {
	Exchanger *link.Exchanger
	Events    *web.Events
	Listens   string // where other centres may call this machine; "" where they may not
}

// Topic is what changes when an exchange gets on.
const Topic = "links"

// peerRoutes are the pages of what goes over a network.
func (l *Links) peerRoutes() []web.Route {
	sees, acts := web.Roles(account.Coordinator|account.Dispatcher|account.Auditor), web.Roles(account.Coordinator)
	return []web.Route{
		{Pattern: "GET /links/events", Allow: sees, Handle: l.events},
		{Pattern: "POST /links/exchange", Allow: acts, Handle: l.exchangeAll},
		{Pattern: "GET /links/peers/{id}", Allow: sees, Handle: l.peer},
		{Pattern: "POST /links/peers/{id}/exchange", Allow: acts, Handle: l.exchangeNow},
		{Pattern: "POST /links/peers/{id}/cancel", Allow: acts, Handle: l.cancel},
		{Pattern: "POST /links/peers/{id}/address", Allow: acts, Handle: l.address},
		{Pattern: "GET /links/own", Allow: acts, Handle: l.own},
		{Pattern: "POST /links/own", Allow: acts, Handle: l.ownAddress},
	}
}

func (l *Links) events(w http.ResponseWriter, r *http.Request) error {
	return l.net.Events.Serve(w, r, Topic)
}

// network is what the page of all centres shows of the network.
type network struct {
	listens string
	peers   map[id.ID]link.Peer
	going   map[id.ID]link.Progress
	called  bool // a centre's address is known
}

func (l *Links) network(ctx context.Context) (network, []exchange.Waiting, error) {
	n := network{listens: l.net.Listens, peers: map[id.ID]link.Peer{}, going: map[id.ID]link.Progress{}}
	all, err := link.Peers(ctx, l.db)
	if err != nil {
		return n, nil, err
	}
	waiting := make([]exchange.Waiting, 0, len(all))
	for _, p := range all {
		cid := id.ID(p.Centre.Centre)
		n.peers[cid] = p
		n.called = n.called || p.Address != ""
		if at, ok := l.net.Exchanger.Going(cid); ok {
			n.going[cid] = at
		}
		waiting = append(waiting, p.Waiting)
	}
	return n, waiting, nil
}

// peerPage is one centre: as of when it is known, what waits each way, how it is reached.
type peerPage struct {
	page
	peer    link.Peer
	id      id.ID
	going   bool
	at      link.Progress
	listens string
}

func (l *Links) peerPage(r *http.Request, f *web.Form) (*peerPage, error) {
	cid, err := id.Parse(r.PathValue("id"))
	if err != nil {
		return nil, errs.Missing("centre")
	}
	base, err := l.page(r, "/links", f)
	if err != nil {
		return nil, err
	}
	p := &peerPage{page: base, id: cid, listens: l.net.Listens}
	n, _, err := l.network(r.Context())
	if err != nil {
		return nil, err
	}
	var known bool
	if p.peer, known = n.peers[cid]; !known {
		return nil, errs.Missing("centre")
	}
	p.at, p.going = n.going[cid]
	if r.Method == http.MethodGet {
		f.Set("address", p.peer.Address)
	}
	return p, nil
}

func (p *peerPage) show() web.Page {
	return web.Page{Title: p.peer.Name, Nav: "links", Body: p.body(), Help: p.lang.T("links.peer_help"),
		Keys: []web.Key{{Keys: "E", Does: p.lang.T("links.exchange_now")}}}
}

func (l *Links) peer(w http.ResponseWriter, r *http.Request) error {
	p, err := l.peerPage(r, web.NewForm(r))
	if err != nil {
		return err
	}
	return web.Render(w, r, p.show())
}

func (l *Links) exchangeNow(w http.ResponseWriter, r *http.Request) error {
	return l.actOnPeer(w, r, func(cid id.ID) error { return l.net.Exchanger.Start(r.Context(), cid) })
}

func (l *Links) cancel(w http.ResponseWriter, r *http.Request) error {
	return l.actOnPeer(w, r, func(cid id.ID) error {
		l.net.Exchanger.Cancel(cid)
		return nil
	})
}

func (l *Links) address(w http.ResponseWriter, r *http.Request) error {
	return l.actOnPeer(w, r, func(cid id.ID) error {
		err := link.SetAddress(r.Context(), l.db, cid, r.PostFormValue("address"))
		if err == nil {
			web.SetToast(w, r, web.Toast{Key: "web.saved"})
		}
		return err
	})
}

// actOnPeer does something with one centre, and shows its page.
func (l *Links) actOnPeer(w http.ResponseWriter, r *http.Request, do func(cid id.ID) error) error {
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	p, err := l.peerPage(r, f)
	if err != nil {
		return err
	}
	return f.Submit(w, r, func() (string, error) {
		return "/links/peers/" + p.id.String(), web.InWords(do(p.id))
	}, p.show)
}

// exchangeAll calls every centre whose address is known.
func (l *Links) exchangeAll(w http.ResponseWriter, r *http.Request) error {
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	return l.submit(w, r, f, "all", func() (string, error) {
		n, _, err := l.network(r.Context())
		if err != nil {
			return "", err
		}
		for cid, p := range n.peers {
			if p.Address == "" {
				continue
			}
			if err := l.net.Exchanger.Start(r.Context(), cid); err != nil {
				return "", err
			}
		}
		return "/links", nil
	})
}

// ownPage is our card to be shown: as a code, as text, with its words.
type ownPage struct {
	page
	card    string
	words   []string
	name    string
	listens string
}

func (l *Links) ownPage(r *http.Request, f *web.Form) (*ownPage, error) {
	base, err := l.page(r, "/links", f)
	if err != nil {
		return nil, err
	}
	p := &ownPage{page: base, listens: l.net.Listens}
	if p.card, err = exchange.CompactCard(r.Context(), l.db, web.Actor(r)); err != nil {
		return nil, err
	}
	card, err := exchange.ReadCard([]byte(p.card))
	if err != nil {
		return nil, err
	}
	p.name = card.Name
	if p.words, err = exchange.Words(f.Lang, card); err != nil {
		return nil, err
	}
	at, err := exchange.AddressOf(r.Context(), l.db, l.db.Centre())
	if r.Method == http.MethodGet {
		f.Set("address", at)
	}
	return p, err
}

func (p *ownPage) show() web.Page {
	return web.Page{Title: p.lang.T("links.own_card"), Nav: "links", Body: p.body(), Help: p.lang.T("links.own_help")}
}

func (l *Links) own(w http.ResponseWriter, r *http.Request) error {
	p, err := l.ownPage(r, web.NewForm(r))
	if err != nil {
		return err
	}
	return web.Render(w, r, p.show())
}

// ownAddress keeps where others call us: it goes along with the card.
func (l *Links) ownAddress(w http.ResponseWriter, r *http.Request) error {
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	p, err := l.ownPage(r, f)
	if err != nil {
		return err
	}
	return f.Submit(w, r, func() (string, error) {
		err := link.SetAddress(r.Context(), l.db, l.db.Centre(), f.Value("address"))
		if err == nil {
			web.SetToast(w, r, web.Toast{Key: "web.saved"})
		}
		return "/links/own", web.InWords(err)
	}, p.show)
}

// keepAddress keeps the address that came with a card, where none is known yet.
func (l *Links) keepAddress(ctx context.Context, c store.Card, addr string) error {
	known, err := exchange.AddressOf(ctx, l.db, id.ID(c.Centre))
	if err != nil || known != "" || addr == "" {
		return err
	}
	if err := link.SetAddress(ctx, l.db, id.ID(c.Centre), addr); !errs.Is(err, errs.Invalid) {
		return err
	}
	return nil // a card with a bad address is a card all the same
}
