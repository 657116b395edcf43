package people

import (
	"context"
	"net/http"
	"time"

	"github.com/jumyla/jumyla/internal/account"
	"github.com/jumyla/jumyla/internal/i18n"
	"github.com/jumyla/jumyla/internal/store"
	"github.com/jumyla/jumyla/internal/supply"
	"github.com/jumyla/jumyla/internal/web"
)

// stockPage is what was counted in the store room.
type stockPage struct {
	lang      i18n.Lang
	form      *web.Form
	last      map[string]supply.Count
	now       time.Time // in the centre's zone
	mayChange bool
}

func (p *People) stock(w http.ResponseWriter, r *http.Request) error {
	v, err := p.stockPage(r, web.NewForm(r))
	if err != nil {
		return err
	}
	return web.Render(w, r, v.page())
}

func (p *People) stockPage(r *http.Request, f *web.Form) (*stockPage, error) {
	last, err := supply.Latest(r.Context(), p.db)
	if err != nil {
		return nil, err
	}
	loc, _, err := p.zone(r.Context())
	if err != nil {
		return nil, err
	}
	return &stockPage{lang: f.Lang, form: f, last: last, now: p.db.Now().In(loc), mayChange: may(r, account.Coordinator)}, nil
}

func (v *stockPage) page() web.Page {
	return web.Page{Title: v.lang.T("stock.title"), Nav: "stock", Body: v.view(), Help: v.lang.T("stock.help")}
}

// counted says when an item was counted last: today's count is good, an older one is to be counted again.
func (v *stockPage) counted(item string) (tone web.Tone, word string) {
	c, ok := v.last[item]
	if !ok {
		return web.TonePlain, v.lang.T("stock.never")
	}
	at := c.At.In(v.now.Location())
	if at.Format(time.DateOnly) == v.now.Format(time.DateOnly) {
		return web.ToneGood, v.lang.T("stock.today", "at", v.lang.Clock(at))
	}
	return web.ToneWait, v.lang.DateClock(at)
}

func (v *stockPage) have(item string) string {
	if c, ok := v.last[item]; ok {
		return itoa(c.N)
	}
	return "—"
}

func countField(item string) string { return "n_" + item }

const maxCount = 1_000_000

func (p *People) count(w http.ResponseWriter, r *http.Request) error {
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	v, err := p.stockPage(r, f)
	if err != nil {
		return err
	}
	counts := map[string]int{}
	for _, item := range supply.Items() {
		if field := countField(item); f.Text(field, maxText) != "" {
			counts[item] = f.Int(field, 0, maxCount)
		}
	}
	f.Check(len(counts) > 0, "", "stock.nothing")
	d := done{to: "/stock", toast: web.Toast{Key: "stock.saved", Args: []any{"n", len(counts)}}}
	return p.submit(w, r, f, d, func(ctx context.Context, tx *store.Tx) error {
		for _, item := range supply.Items() {
			n, ok := counts[item]
			if !ok {
				continue
			}
			if err := supply.Set(ctx, tx, item, n); err != nil {
				return err
			}
		}
		return nil
	}, v.page)
}

func (v *stockPage) heads() []web.Head {
	t := v.lang.T
	heads := []web.Head{{Label: t("stock.item")}, {Label: t("stock.have"), Num: true}, {Label: t("stock.counted")}}
	if v.mayChange {
		heads = append(heads, web.Head{Label: t("stock.new"), Act: true})
	}
	return heads
}
