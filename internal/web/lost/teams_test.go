package lost_test

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/jumyla/jumyla/internal/exchange"
	"github.com/jumyla/jumyla/internal/store"
)

// TestRinging: a warning is shown until somebody says that they rang.
func TestRinging(t *testing.T) {
	a, b := open(t, "Оқу орталығы Алматы"), open(t, "Оқу орталығы Талдықорған")
	pair(t, a, b)
	n, m := b.call(t, "472190", false), b.call(t, "583181", false)
	b.write(t, func(ctx context.Context, tx *store.Tx) error {
		if err := exchange.TwoTeams(ctx, tx, n.ID.ID, a.db.Centre(), exchange.ByRecall); err != nil {
			return err
		}
		return exchange.TwoTeams(ctx, tx, m.ID.ID, a.db.Centre(), exchange.ByBoth)
	})
	res, err := http.PostForm(b.url+"/links/teams", url.Values{"need": {n.ID.String()}, "centre": {a.db.Centre().String()}})
	if err != nil {
		t.Fatal(err)
	}
	raw, err := io.ReadAll(res.Body)
	_ = res.Body.Close()
	if page := string(raw); err != nil || res.StatusCode != http.StatusOK || strings.Contains(page, "47-21-90") || !strings.Contains(page, "58-31-81") {
		t.Error(res.Status, err, page)
	}
}
