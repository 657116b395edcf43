package request

import (
	"context"
	"database/sql"
	"slices"
	"strings"
	"time"

	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/id"
	"github.com/jumyla/jumyla/internal/store"
)

// OwnView is a choice of the board that somebody keeps under a name of their own.
type OwnView struct {
	ID     string
	Name   string
	Filter Filter // View, Area, Band, Age
	Opens  bool   // the board opens with it
}

// maxOwn is how many views one person keeps: as many as tabs that can be told apart.
const (
	maxOwn     = 8
	maxOwnName = 40
)

// OwnViews returns the views that an account has saved, by name.
func OwnViews(ctx context.Context, r store.Reader, account id.ID) ([]OwnView, error) {
	return store.All(ctx, r, func(row *sql.Rows, v *OwnView) error {
		return row.Scan(&v.ID, &v.Name, &v.Filter.View, &v.Filter.Area, &v.Filter.Band, &v.Filter.Age, &v.Opens)
	}, "SELECT id, name, view, area, band, age, opens FROM board_view WHERE account=$1 ORDER BY name, id", account)
}

// SaveView keeps a view for tx.Actor and fills in its ID; one of the same name is replaced. Only one opens the board.
func SaveView(ctx context.Context, tx *store.Tx, v *OwnView) error {
	v.Name = strings.Join(strings.Fields(v.Name), " ")
	f := errs.Fields{}
	f.Check(v.Name != "", "view_name", "error.required")
	f.Check(len([]rune(v.Name)) <= maxOwnName, "view_name", "board.view_long")
	f.Check(slices.Contains(Views(), v.Filter.View), "view_name", "board.view_gone")
	if err := f.Err(); err != nil {
		return err
	}
	if v.Opens {
		if _, err := tx.Exec(ctx, "UPDATE board_view SET opens=0 WHERE account=$1", tx.Actor); err != nil {
			return err
		}
	}
	if _, err := tx.Exec(ctx, "DELETE FROM board_view WHERE account=$1 AND name=$2", tx.Actor, v.Name); err != nil {
		return err
	}
	own, err := OwnViews(ctx, tx, tx.Actor)
	if err != nil {
		return err
	}
	if len(own) >= maxOwn {
		return errs.New(errs.Conflict, "board.views_full", "n", maxOwn)
	}
	v.ID = tx.NewID().String()
	_, err = tx.Exec(ctx, "INSERT INTO board_view (id, account, name, view, area, band, age, opens) VALUES ($1,$2,$3,$4,$5,$6,$7,$8)",
		v.ID, tx.Actor, v.Name, v.Filter.View, v.Filter.Area, string(v.Filter.Band), string(v.Filter.Age), v.Opens)
	return err
}

// DropView forgets one of tx.Actor's views; another's stays.
func DropView(ctx context.Context, tx *store.Tx, view string) error {
	_, err := tx.Exec(ctx, "DELETE FROM board_view WHERE account=$1 AND id=$2", tx.Actor, view)
	return err
}

// Same reports whether two filters choose the same requests of the board.
func (f *Filter) Same(g *Filter) bool {
	return f.View == g.View && f.Area == g.Area && f.Band == g.Band && f.Age == g.Age
}

// Count is how many requests of the backlog a filter shows; 0 of what is done, which is not in it.
func (o *Backlog) Count(f *Filter) int {
	n := 0
	for i := range o.all {
		if o.all[i].chosen(f, o.now) {
			n++
		}
	}
	return n
}

func (l *light) chosen(f *Filter, now time.Time) bool {
	return l.in(f.View) && f.inArea(l.area) && (f.Band == "" || BandOf(l.points) == f.Band) && (f.Age == "" || AgeOf(now.Sub(l.at)) == f.Age)
}
