package intake

import (
	"context"
	"database/sql"
	"math"
	"reflect"

	"github.com/jumyla/jumyla/internal/household"
	"github.com/jumyla/jumyla/internal/store"
	"github.com/jumyla/jumyla/names"
)

// most is how far, in bits, decisions may move a weight: a bad day must not turn the register round.
const most = 4.0

// Learnt returns the weights that the verdicts people gave so far have taught. Each verdict keeps how the parts of
// the evidence compared when it was given; names.Weights.Learn fits the weights to them, held to those we begin
// with, and no weight moves by more than four bits.
func Learnt(ctx context.Context, r store.Reader) (names.Weights, error) {
	type row struct {
		says  household.Says
		bits  int
		marks string
	}
	rows, err := store.All(ctx, r, func(s *sql.Rows, v *row) error { return s.Scan(&v.says, &v.bits, &v.marks) },
		`SELECT v.says, v.bits, v.marks FROM household_verdict v JOIN household_tie t ON t.one=v.a AND t.other=v.b AND t.verdict=v.id
		WHERE v.says IN ('same','different') AND v.marks<>'' ORDER BY v.id`)
	first := names.DefaultWeights()
	if err != nil || len(rows) == 0 {
		return first, err
	}
	decisions := make([]names.Decision, 0, len(rows))
	for _, v := range rows {
		decisions = append(decisions, names.Decision{Evidence: unmarked(v.marks, float64(v.bits)/10), Same: v.says == household.Same})
	}
	return bounded(first, first.Learn(decisions)), nil
}

// bounded keeps each weight within most of where it began.
func bounded(first, learnt names.Weights) names.Weights {
	a, b := reflect.ValueOf(first), reflect.ValueOf(&learnt).Elem()
	for i := range b.NumField() {
		if at := a.Field(i); at.Kind() == reflect.Float64 {
			b.Field(i).SetFloat(math.Min(math.Max(b.Field(i).Float(), at.Float()-most), at.Float()+most))
		}
	}
	return learnt
}
