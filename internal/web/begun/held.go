package begun

import (
	"net/http"
	"time"

	"github.com/jumyla/jumyla/internal/i18n"
	"github.com/jumyla/jumyla/internal/id"
	"github.com/jumyla/jumyla/internal/request"
	"github.com/jumyla/jumyla/internal/store"
	"github.com/jumyla/jumyla/internal/web"
)

// lastMinutes is how long before a call-back is free again its holder is warned.
const lastMinutes = 2 * time.Minute

// Held is what the call page says of the call-back that it came from.
type Held struct {
	lang i18n.Lang
	id   id.ID
	left time.Duration // 0: not the asker's any more
	why  string        // they are called back, as long as it is the asker's

	token string // of the form that says that nobody answered
}

// HeldBy reads how long the asker still has a call-back.
func HeldBy(r *http.Request, db *store.DB, c id.ID) (Held, error) {
	h := Held{lang: web.Lang(r), id: c, token: web.NewForm(r).Token}
	now := db.Now()
	until, err := request.Held(r.Context(), db, request.CallbackID{ID: c}, web.Actor(r), now)
	if err != nil || until.IsZero() {
		return h, err
	}
	h.left = until.Sub(now)
	q, err := request.CallbackKind.Get(r.Context(), db, c)
	if err != nil {
		return h, err
	}
	h.why = string(q.Why)
	return h, nil
}
