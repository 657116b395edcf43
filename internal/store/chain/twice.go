package chain

import (
	"context"
	"errors"
	"fmt"

	"github.com/jumyla/jumyla/ledger"
)

// ErrTwice is the fault of a lane of which two branches have the same entries. Programs until November 2026 could leave it so when a disk had
// been put back and two sticks brought what it had lost: other centres cannot read what is written for them from it.
var ErrTwice = errors.New("the entry stands on two branches of its lane")

// twice is a pair of branches that have entries in common: those of the second up to a number.
type twice struct {
	kept, other lane
	first, last uint64
}

// findTwice returns a pair, that of the lowest branches; nil where there is none.
func findTwice(ctx context.Context, r Reader) (*twice, error) {
	forked, err := branched(ctx, r)
	if err != nil {
		return nil, err
	}
	for _, branches := range forked {
		for j, other := range branches {
			for _, kept := range branches[:j] {
				t := twice{kept: kept, other: other}
				if t.first, t.last, err = common(ctx, r, kept, other); err != nil {
					return nil, err
				}
				if t.last > 0 {
					return &t, nil
				}
			}
		}
	}
	return nil, nil //nolint:nilnil // as it should be
}

func common(ctx context.Context, r Reader, a, b lane) (first, last uint64, err error) {
	rows, err := r.Query(ctx, `SELECT coalesce(min(b.seq), 0), coalesce(max(b.seq), 0) FROM ledger_entry b CROSS JOIN ledger_entry a ON a.lane=$1 AND a.seq=b.seq
		WHERE b.lane=$2 AND a.hash=b.hash`, a.id, b.id)
	if err != nil {
		return 0, 0, err
	}
	defer rows.Close()
	for rows.Next() {
		err = rows.Scan(&first, &last)
	}
	return first, last, errors.Join(err, rows.Err())
}

// Mend takes away what stands on a branch though another of its lane has it, and returns whose lanes it mended. An entry names the one
// before it by its hash: what two branches have in common is the beginning of the later one, and no entry is lost.
func Mend(ctx context.Context, r Reader, exec func(ctx context.Context, query string, args ...any) (int64, error)) (mended []ledger.ID, err error) {
	for {
		t, err := findTwice(ctx, r)
		if t == nil || err != nil {
			return mended, err
		}
		for _, q := range t.mend() {
			if _, err := exec(ctx, q.query, q.args...); err != nil {
				return mended, fmt.Errorf("mend branches: %w", err)
			}
		}
		mended = append(mended, t.other.name.Centre)
	}
}

type statement struct {
	query string
	args  []any
}

// mend is what takes the second of a pair back to what it alone has. Where the first ends before the second, it goes on with the rest.
func (t *twice) mend() []statement {
	out := []statement{{"DELETE FROM ledger_entry WHERE lane=$1 AND seq<=$2", []any{t.other.id, int64(t.last)}}} //nolint:gosec // counts from 1
	switch t.last {
	case t.kept.end.Seq: // they end alike, or the second goes on
		out = append(out, statement{"UPDATE ledger_lane SET seq=$1, hash=$2 WHERE id=$3", []any{int64(t.other.end.Seq), t.other.end.Hash[:], t.kept.id}}) //nolint:gosec // counts from 1
		if !t.other.coming() && t.kept.signed < t.other.signed {
			out = append(out, statement{"UPDATE ledger_lane SET signature=$1, signed=$2 WHERE id=$3", []any{t.other.sig, int64(t.other.signed), t.kept.id}}) //nolint:gosec // counts from 1
		}
		out = append(out, statement{"UPDATE ledger_entry SET lane=$1 WHERE lane=$2", []any{t.kept.id, t.other.id}})
		fallthrough
	case t.other.end.Seq:
		out = append(out, statement{"DELETE FROM ledger_lane WHERE id=$1", []any{t.other.id}})
	default:
		out = append(out, statement{"UPDATE ledger_lane SET root_seq=$1, root=(SELECT hash FROM ledger_entry WHERE lane=$2 AND seq=$1) WHERE id=$3",
			[]any{int64(t.last), t.kept.id, t.other.id}}) //nolint:gosec // counts from 1
	}
	return out
}
