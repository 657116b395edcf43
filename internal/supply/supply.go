// Package supply keeps what a centre counted in its store room: so many of an item at a moment. What has
// been promised since is for those who promise it to take off; supply knows no deliveries.
package supply

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"time"

	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/i18n"
	"github.com/jumyla/jumyla/internal/id"
	"github.com/jumyla/jumyla/internal/store"
)

type kind struct{}

// ID is a count's identity.
type ID = id.Of[kind]

// Items.
const (
	Basket   = "basket" // a food basket, packed
	Bread    = "bread"
	BabyFood = "baby_food"
	Diapers  = "diapers"
	Medicine = "medicine"
	Insulin  = "insulin"
	HotMeal  = "hot_meal"
	Water    = "water"
	Hygiene  = "hygiene"
)

// Items returns the codes of the items, in the order in which they are shown.
func Items() []string {
	return []string{Basket, Bread, BabyFood, Diapers, Medicine, Insulin, HotMeal, Water, Hygiene}
}

// ItemName returns an item's name in a language; a code that this version does not know comes back as it is.
func ItemName(l i18n.Lang, item string) string {
	if !slices.Contains(Items(), item) {
		return item
	}
	return l.T("supply.item." + item) // i18n: supply.item.*
}

// Count says how many of an item were there at a moment; once counted it stays as it was counted.
type Count struct {
	ID   ID
	Item string    `coord:"item"`
	N    int       `coord:"n"`
	At   time.Time `coord:"at"`
}

// Kind is how counts stand in the ledger.
var Kind = store.Define(store.Spec[Count]{
	Name: "count", Schema: 1, Fact: true, Tables: []string{"supply_count"},
	DDL: `CREATE TABLE supply_count (id TEXT PRIMARY KEY, item TEXT NOT NULL, n INTEGER NOT NULL, at INTEGER NOT NULL);
	CREATE INDEX supply_count_item ON supply_count (item, at, id);`,
	Project: func(ctx context.Context, tx *store.Tx, c *Count) error {
		_, err := tx.Exec(ctx, `INSERT INTO supply_count (id, item, n, at) VALUES ($1,$2,$3,$4)
			ON CONFLICT (id) DO UPDATE SET item=$2, n=$3, at=$4`, c.ID, c.Item, c.N, store.Micro(c.At))
		return err
	},
})

// maxCount is more than a city's store room holds; past it a key was held down.
const maxCount = 1_000_000

// Set records that n of item were counted now. An item that nobody knows, or a count below none, is Invalid.
func Set(ctx context.Context, tx *store.Tx, item string, n int) error {
	f := errs.Fields{}
	f.Check(slices.Contains(Items(), item), "item", "supply.unknown")
	f.Check(n >= 0 && n <= maxCount, "n", "supply.number")
	if err := f.Err(); err != nil {
		return err
	}
	last, err := Latest(ctx, tx)
	if err != nil {
		return err
	}
	at := tx.Now // a clock that was put back does not hide what was counted last
	if c, ok := last[item]; ok && !at.After(c.At) {
		at = c.At.Add(time.Microsecond)
	}
	return tx.Put(ctx, &Count{ID: store.NewID[kind](tx), Item: item, N: n, At: at})
}

// Latest returns the last count of each item that was ever counted.
func Latest(ctx context.Context, r store.Reader) (map[string]Count, error) {
	all, err := store.All(ctx, r, func(row *sql.Rows, c *Count) error {
		var at int64
		err := row.Scan(&c.ID, &c.Item, &c.N, &at)
		c.At = store.At(at)
		return err
	}, `SELECT id, item, n, at FROM supply_count c WHERE NOT EXISTS
		(SELECT 1 FROM supply_count d WHERE d.item=c.item AND (d.at > c.at OR d.at = c.at AND d.id > c.id))`)
	if err != nil {
		return nil, fmt.Errorf("read counts: %w", err)
	}
	out := make(map[string]Count, len(all))
	for _, c := range all {
		out[c.Item] = c
	}
	return out, nil
}

// OnHand returns how many of each item the last count found; an item never counted is not in it.
func OnHand(ctx context.Context, r store.Reader) (map[string]int, error) {
	last, err := Latest(ctx, r)
	if err != nil {
		return nil, err
	}
	out := make(map[string]int, len(last))
	for item, c := range last {
		out[item] = c.N
	}
	return out, nil
}
