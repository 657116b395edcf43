package intake_test

import (
	"testing"

	"github.com/jumyla/jumyla/internal/centre"
	"github.com/jumyla/jumyla/internal/exchange"
	"github.com/jumyla/jumyla/internal/intake"
	"github.com/jumyla/jumyla/internal/list"
	"github.com/jumyla/jumyla/internal/request"
	"github.com/jumyla/jumyla/internal/store"
)

// write changes a centre's database.
func write(t *testing.T, db *store.DB, fn func(tx *store.Tx) error) {
	t.Helper()
	if err := db.Write(t.Context(), coordinator, fn); err != nil {
		t.Fatal(err)
	}
}

// TestWhatWasHandedOverStays: a list is undone though one of its requests is another centre's now; when that comes home
// it is seen again.
func TestWhatWasHandedOverStays(t *testing.T) {
	db, other := open(t), open(t)
	for _, o := range []*store.DB{db, other} {
		write(t, o, func(tx *store.Tx) error {
			return centre.Create(t.Context(), tx, &centre.Centre{Name: "Оқу орталығы", Zone: centre.DefaultZone, Langs: []string{"kk"}})
		})
	}
	raw, err := exchange.Card(t.Context(), other, coordinator)
	if err != nil {
		t.Fatal(err)
	}
	card, err := exchange.ReadCard(raw)
	if err != nil {
		t.Fatal(err)
	}
	if err := exchange.Pair(t.Context(), db, coordinator, card); err != nil {
		t.Fatal(err)
	}
	res := load(t, db, intake.Requests, many(5), intake.Options{})
	away := request.ID{ID: res.Made[3].ID}
	write(t, db, func(tx *store.Tx) error {
		_, err := exchange.HandOver(t.Context(), tx, away, other.Centre(), "full")
		return err
	})
	if tally := undo(t, db, res); tally.Gone != 4 || tally.Stayed != 1 {
		t.Errorf("%+v", tally)
	}
	rows, err := list.Rows(t.Context(), db, listID(t, res), list.Choice{Status: list.RowStayed})
	if err != nil || len(rows) != 1 || rows[0].Record != away.ID {
		t.Errorf("%+v %v", rows, err)
	}
	same(t, db)
	write(t, db, func(tx *store.Tx) error {
		_, err := exchange.Recall(t.Context(), tx, away, "mistake", false)
		return err
	})
	board, err := request.Board(t.Context(), db, request.Filter{View: "open", Limit: 1000})
	if err != nil || len(board) != 1 || board[0].Head == "" {
		t.Errorf("it came home and is not seen: %+v %v", board, err)
	}
	same(t, db)
}
