package desk

import (
	"context"
	"encoding/json"
	"net/http"

	"github.com/jumyla/jumyla/internal/id"
	"github.com/jumyla/jumyla/internal/request"
	"github.com/jumyla/jumyla/internal/store"
	"github.com/jumyla/jumyla/internal/web"
	"github.com/jumyla/jumyla/internal/web/begun"
)

// drafted is the form's value that tells that it holds a call that was begun before.
const drafted = "drafted"

// openDraft fills the form with the draft that the address names, or gives it a new one.
func (d *Desk) openDraft(r *http.Request, f *web.Form) error {
	name := begun.Name(r.URL.Query().Get(begun.Field))
	f.Set(begun.Field, name)
	bodies, err := store.All(r.Context(), d.db, scanString, "SELECT body FROM draft WHERE id=$1", begun.Row(web.Actor(r), name))
	if err != nil || len(bodies) == 0 {
		return err
	}
	var draft map[string][]string
	if err := json.Unmarshal([]byte(bodies[0]), &draft); err != nil {
		return err
	}
	for k, v := range draft {
		f.Set(k, v...)
	}
	if begun.HasWords(draft) {
		f.Set(drafted, "yes")
	}
	return nil
}

func dropDraft(ctx context.Context, tx *store.Tx, f *web.Form) error {
	_, err := tx.Exec(ctx, "DELETE FROM draft WHERE id=$1", begun.Row(tx.Actor, f.Value(begun.Field)))
	return err
}

func (d *Desk) draft(w http.ResponseWriter, r *http.Request) error {
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	if err := d.keepDraft(r, f); err != nil {
		return err
	}
	c, _, err := d.today(r.Context())
	if err != nil {
		return err
	}
	return web.DraftSaved(w, r, d.db.Now().In(c.Location()))
}

// keepDraft saves what has been typed so far. What comes after the call itself was saved is late, and nobody's draft.
func (d *Desk) keepDraft(r *http.Request, f *web.Form) error {
	kept := map[string][]string{}
	for _, name := range callFields {
		if v := f.All(name); len(v) > 0 && v[0] != "" {
			kept[name] = v
		}
	}
	for _, name := range knownFields { // an empty one says something too
		if v := f.All("was-" + name); len(v) > 0 {
			kept["was-"+name] = v
		}
	}
	body, err := json.Marshal(kept)
	if err != nil {
		return err
	}
	f.Set(begun.Field, begun.Name(f.Value(begun.Field)))
	return d.db.Write(r.Context(), web.Actor(r), func(tx *store.Tx) error {
		if _, seen, err := tx.Once(r.Context(), f.Token); err != nil || seen {
			return err
		}
		if c, err := id.Parse(f.Value("callback")); err == nil { // whoever types still has it
			if err := request.Renew(r.Context(), tx, request.CallbackID{ID: c}); err != nil {
				return err
			}
		}
		_, err := tx.Exec(r.Context(), `INSERT INTO draft (id, account, form, body, at) VALUES ($1,$2,'call',$3,$4)
			ON CONFLICT (id) DO UPDATE SET form='call', body=$3, at=$4`, begun.Row(tx.Actor, f.Value(begun.Field)), tx.Actor.String(), string(body), store.Micro(tx.Now))
		return err
	})
}
