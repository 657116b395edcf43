package twins

import (
	"context"
	"crypto/rand"
	"net/http"

	"github.com/jumyla/jumyla/internal/exchange/match"
	"github.com/jumyla/jumyla/internal/store"
	"github.com/jumyla/jumyla/internal/web"
)

// key takes the key that was typed from paper, makes one, or shows the one that is here. A key that is shown stands on this
// one answer alone.
func (t *Twins) key(w http.ResponseWriter, r *http.Request) error {
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	switch f.OneOf("act", "take", "new", "show") {
	case "take":
		return t.takeKey(w, r, f)
	case "new":
		err = t.newKey(r, f)
	}
	if err != nil {
		return web.InWords(err)
	}
	k, err := match.KeyOf(r.Context(), t.db)
	if err != nil {
		return web.InWords(err)
	}
	p, err := t.page(r, f)
	if err != nil {
		return err
	}
	p.shown = k.Printed()
	w.Header().Set("Cache-Control", "no-store")
	return web.Render(w, r, p.show())
}

func (t *Twins) takeKey(w http.ResponseWriter, r *http.Request, f *web.Form) error {
	k, err := match.ParseKey(f.Secret(r, "key", 200))
	if f.OK() && err != nil && !f.Take(web.InWords(err)) {
		return err
	}
	return t.set(w, r, f, func(ctx context.Context, tx *store.Tx) error { return match.UseKey(ctx, tx, k) })
}

// newKey makes a key, once for a form that is sent twice.
func (t *Twins) newKey(r *http.Request, f *web.Form) error {
	k, err := match.NewKey(rand.Reader)
	if err != nil {
		return err
	}
	err = t.db.Write(r.Context(), web.Actor(r), func(tx *store.Tx) error {
		if _, seen, err := tx.Once(r.Context(), f.Token); err != nil || seen {
			return err
		}
		if err := match.UseKey(r.Context(), tx, k); err != nil {
			return err
		}
		return tx.Done(r.Context(), f.Token, here)
	})
	if err != nil {
		return err
	}
	return match.Work(r.Context(), t.db)
}
