package app_test

import (
	"fmt"
	"testing"

	"github.com/jumyla/jumyla/internal/household"
	"github.com/jumyla/jumyla/internal/request"
)

// BenchmarkCity150k measures the board, weighed anew each time, and the search, with 150,000 households and requests of
// which 7,500 are open.
func BenchmarkCity150k(b *testing.B) {
	const n = 150_000
	db := city(b, n)
	for _, view := range []string{"open", "unchecked", "done"} {
		b.Run("Board/"+view, func(b *testing.B) {
			timed(b, func(int) error {
				w, err := request.Weigh(b.Context(), db, db.Now())
				if err != nil {
					return err
				}
				s, err := w.Survey(b.Context(), db, request.Filter{View: view, Limit: 200})
				if err == nil && len(s.Rows) != 200 {
					err = fmt.Errorf("%d rows", len(s.Rows))
				}
				return err
			})
		})
	}
	for _, text := range []string{"Абай 700", "шығарылған", "0012345"} {
		b.Run("Search/"+text, func(b *testing.B) {
			timed(b, func(int) error {
				ids, err := household.Find(b.Context(), db, text, 50)
				if err == nil && len(ids) == 0 {
					err = fmt.Errorf("nobody is found by %s", text)
				}
				return err
			})
		})
	}
}
