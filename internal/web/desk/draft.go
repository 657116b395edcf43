package desk

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"github.com/jumyla/jumyla/internal/id"
	"github.com/jumyla/jumyla/internal/request"
	"github.com/jumyla/jumyla/internal/store"
	"github.com/jumyla/jumyla/internal/web"
)

// drafted is the form's value that tells that it holds a call that was begun before; draftField names its draft: each
// call has its own, so that two windows never write into one.
const (
	drafted    = "drafted"
	draftField = "draft"
)

// begun is a call that was begun and not saved.
type begun struct {
	name string
	at   time.Time
	who  string // by what its operator knows it again
}

// href opens a draft again.
func draftHref(name string) string { return "/call?" + draftField + "=" + name }

// draftRow is by what a draft of somebody is kept.
func draftRow(account id.ID, name string) string { return "call/" + account.String() + "/" + name }

// draftName is the name of a form's draft; a new one where it has none.
func draftName(given string) string {
	if len(given) < 8 || len(given) > 40 || strings.ContainsFunc(given, func(c rune) bool { return (c < 'a' || c > 'z') && (c < '0' || c > '9') }) {
		return strings.ToLower(rand.Text()[:12])
	}
	return given
}

// hasWords reports whether a draft has something that a person typed.
func hasWords(draft map[string][]string) bool {
	for _, field := range []string{"phone", "name", "caller", "address", "needs", "note"} {
		if len(draft[field]) > 0 {
			return true
		}
	}
	return false
}

// openDraft fills the form with the draft that the address names, or gives it a new one.
func (d *Desk) openDraft(r *http.Request, f *web.Form) error {
	name := draftName(r.URL.Query().Get(draftField))
	f.Set(draftField, name)
	bodies, err := store.All(r.Context(), d.db, scanString, "SELECT body FROM draft WHERE id=$1", draftRow(actor(r), name))
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
	if hasWords(draft) {
		f.Set(drafted, "yes")
	}
	return nil
}

// begunCalls returns what the viewer has begun and not saved, newest first, but for one draft.
func (d *Desk) begunCalls(r *http.Request, but string) ([]begun, error) {
	const shown = 5
	type row struct {
		id, body string
		at       int64
	}
	rows, err := store.All(r.Context(), d.db, func(rows *sql.Rows, v *row) error { return rows.Scan(&v.id, &v.body, &v.at) },
		"SELECT id, body, at FROM draft WHERE account=$1 AND form='call' ORDER BY at DESC LIMIT 20", actor(r).String())
	if err != nil {
		return nil, err
	}
	var out []begun
	for _, one := range rows {
		name := one.id[strings.LastIndexByte(one.id, '/')+1:]
		var draft map[string][]string
		if err := json.Unmarshal([]byte(one.body), &draft); err != nil || !hasWords(draft) || name == but || len(out) == shown {
			continue // one that cannot be read is nobody's loss: the next is
		}
		b := begun{name: name, at: store.At(one.at)}
		for _, field := range []string{"name", "phone", "address", "caller"} {
			if v := draft[field]; len(v) > 0 && b.who == "" {
				b.who = v[0]
			}
		}
		out = append(out, b)
	}
	return out, nil
}

// afresh throws this call's draft away: the next call is another.
func (d *Desk) afresh(w http.ResponseWriter, r *http.Request) error {
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	err = d.db.Write(r.Context(), actor(r), func(tx *store.Tx) error { return dropDraft(r.Context(), tx, f) })
	if err != nil {
		return err
	}
	return web.See(w, r, "/call")
}

func dropDraft(ctx context.Context, tx *store.Tx, f *web.Form) error {
	_, err := tx.Exec(ctx, "DELETE FROM draft WHERE id=$1", draftRow(tx.Actor, f.Value(draftField)))
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
	f.Set(draftField, draftName(f.Value(draftField)))
	return d.db.Write(r.Context(), actor(r), func(tx *store.Tx) error {
		if _, seen, err := tx.Once(r.Context(), f.Token); err != nil || seen {
			return err
		}
		if c, err := id.Parse(f.Value("callback")); err == nil { // whoever types still has it
			if err := request.Renew(r.Context(), tx, request.CallbackID{ID: c}); err != nil {
				return err
			}
		}
		_, err := tx.Exec(r.Context(), `INSERT INTO draft (id, account, form, body, at) VALUES ($1,$2,'call',$3,$4)
			ON CONFLICT (id) DO UPDATE SET body=$3, at=$4`, draftRow(tx.Actor, f.Value(draftField)), tx.Actor.String(), string(body), store.Micro(tx.Now))
		return err
	})
}
