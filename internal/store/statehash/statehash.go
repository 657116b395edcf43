// Package statehash turns tables into bytes to compare: equal rows, equal hash. It knows nothing of what they mean.
package statehash

import (
	"bufio"
	"context"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"hash"
	"math"
	"strings"
)

// Table adds every row of a table to the hash, in an order that is the rows' own.
func Table(ctx context.Context, r *sql.DB, h hash.Hash, table string) error {
	probe, err := r.QueryContext(ctx, "SELECT * FROM "+table+" LIMIT 0") //nolint:gosec // a table of the program's own
	if err != nil {
		return err
	}
	cols, err := probe.Columns()
	if err = errors.Join(err, probe.Err(), probe.Close()); err != nil {
		return err
	}
	rows, err := r.QueryContext(ctx, "SELECT * FROM "+table+" ORDER BY "+strings.Join(cols, ", ")) //nolint:gosec // as above
	if err != nil {
		return err
	}
	defer rows.Close()
	vals, ptrs := make([]any, len(cols)), make([]any, len(cols))
	for i := range vals {
		ptrs[i] = &vals[i]
	}
	out := bufio.NewWriterSize(h, 1<<16)
	for rows.Next() {
		if err := rows.Scan(ptrs...); err != nil {
			return err
		}
		for _, v := range vals {
			hashValue(out, v)
		}
	}
	return errors.Join(rows.Err(), out.Flush())
}

// hashValue writes a column's value with its type and, where it needs one, its length.
func hashValue(w *bufio.Writer, v any) {
	var b [9]byte // a failed write comes back at Flush
	switch v := v.(type) {
	case nil:
		_ = w.WriteByte('n')
	case int64:
		b[0] = 'i'
		binary.BigEndian.PutUint64(b[1:], uint64(v)) //nolint:gosec // its bits
		_, _ = w.Write(b[:])
	case float64:
		b[0] = 'f'
		binary.BigEndian.PutUint64(b[1:], math.Float64bits(v))
		_, _ = w.Write(b[:])
	case string:
		b[0] = 's'
		binary.BigEndian.PutUint64(b[1:], uint64(len(v)))
		_, _ = w.Write(b[:])
		_, _ = w.WriteString(v)
	case []byte:
		b[0] = 'b'
		binary.BigEndian.PutUint64(b[1:], uint64(len(v)))
		_, _ = w.Write(b[:])
		_, _ = w.Write(v)
	default:
		fmt.Fprintf(w, "?%T:%v", v, v)
	}
}
