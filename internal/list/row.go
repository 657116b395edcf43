package list

import (
	"context"
	"database/sql"
	"encoding/json"

	"github.com/jumyla/jumyla/internal/id"
	"github.com/jumyla/jumyla/internal/store"
)

// Status is what becomes, or became, of a row.
type Status string

// What can become of a row.
const (
	RowTaken   Status = "taken"
	RowSkipped Status = "skipped" // nobody needs to correct it
	RowRefused Status = "refused" // until somebody corrects it
	RowGone    Status = "gone"    // taken back
	RowStayed  Status = "stayed"  // not taken back: somebody had worked on it
)

// Row is one row of a list with what becomes of it.
type Row struct {
	Row    int // as the spreadsheet shows it, from 1
	Status Status
	Field  string // what is refused; "" for the row as a whole
	Reason string // message key
	Args   []any  // name, value pairs of the message
	Says   string // what it would become; "" once it has
	Record id.ID  // what it became
	Ref    id.Ref // of a request
	Same   bool   // it may be somebody who is known, or stands higher up
	Twin   id.ID  // the household that it may be; zero where it stands higher up
}

// KeepRow writes what becomes of a row.
func KeepRow(ctx context.Context, tx *store.Tx, lid ID, r Row) error {
	args := ""
	if len(r.Args) > 0 {
		b, err := json.Marshal(r.Args)
		if err != nil {
			return err
		}
		args = string(b)
	}
	_, err := tx.Exec(ctx, `INSERT INTO list_row (list, row, status, field, reason, args, says, record, ref, same, twin)
		VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11)
		ON CONFLICT (list, row) DO UPDATE SET status=$3, field=$4, reason=$5, args=$6, says=$7, record=$8, ref=$9, same=$10, twin=$11`,
		lid.String(), r.Row, string(r.Status), r.Field, r.Reason, args, r.Says, r.Record.String(), string(r.Ref), r.Same, r.Twin.String())
	return err
}

// Forget drops what was noted of a list's rows.
func Forget(ctx context.Context, tx *store.Tx, lid ID) error {
	return drop(ctx, tx, lid.String(), "list_row")
}

// Choice chooses rows of a list.
type Choice struct {
	Status Status // "" for all
	Same   bool   // only those that may be known
	After  int    // only rows below this one
	Limit  int    // 0 for all
}

// Rows returns a list's rows in their order.
func Rows(ctx context.Context, r store.Reader, lid ID, c Choice) ([]Row, error) {
	limit := c.Limit
	if limit == 0 {
		limit = -1
	}
	return store.All(ctx, r, func(row *sql.Rows, v *Row) error {
		var args, record, twin string
		if err := row.Scan(&v.Row, &v.Status, &v.Field, &v.Reason, &args, &v.Says, &record, &v.Ref, &v.Same, &twin); err != nil {
			return err
		}
		if args != "" {
			if err := json.Unmarshal([]byte(args), &v.Args); err != nil {
				return err
			}
		}
		if err := v.Record.UnmarshalText([]byte(record)); err != nil {
			return err
		}
		return v.Twin.UnmarshalText([]byte(twin))
	}, `SELECT row, status, field, reason, args, says, record, ref, same, twin FROM list_row
		WHERE list=$1 AND ($2='' OR status=$2) AND ($3=0 OR same=1) AND row>$4 ORDER BY row LIMIT $5`, lid.String(), string(c.Status), c.Same, c.After, limit)
}

// Tally is how many rows of a list became what.
type Tally struct{ Rows, Taken, Same, Skipped, Refused, Gone, Stayed int }

// Count tallies a list's rows.
func Count(ctx context.Context, r store.Reader, lid ID) (t Tally, err error) {
	err = r.QueryRow(ctx, `SELECT count(*), coalesce(sum(status='taken'),0), coalesce(sum(status='taken' AND same=1),0), coalesce(sum(status='skipped'),0),
		coalesce(sum(status='refused'),0), coalesce(sum(status='gone'),0), coalesce(sum(status='stayed'),0) FROM list_row WHERE list=$1`, lid.String()).
		Scan(&t.Rows, &t.Taken, &t.Same, &t.Skipped, &t.Refused, &t.Gone, &t.Stayed)
	return t, err
}

// TakenFrom returns the numbers of the rows that were taken from the very same file before.
func TakenFrom(ctx context.Context, r store.Reader, what, sum string, but ID) (map[int]bool, error) {
	lists, err := BySum(ctx, r, what, sum)
	if err != nil {
		return nil, err
	}
	out := map[int]bool{}
	for _, l := range lists {
		if l.ID == but {
			continue
		}
		rows, err := Rows(ctx, r, l.ID, Choice{Status: RowTaken})
		if err != nil {
			return nil, err
		}
		for _, row := range rows {
			out[row.Row] = true
		}
	}
	return out, nil
}
