package household

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"

	"github.com/jumyla/jumyla/internal/contact"
	"github.com/jumyla/jumyla/internal/store"
)

// maxWords is how many of the words that somebody types are looked for, the longest.
const maxWords = 4

// Find returns up to limit households, newest first: by the last digits of a phone, at least four, or by the beginnings of
// words of a name or an address, in any order, however they are spelt in Kazakh, Russian or Latin letters. Text that
// holds neither finds nobody.
func Find(ctx context.Context, r store.Reader, text string, limit int) ([]ID, error) {
	if digits := contact.Digits(text); len(digits) >= 4 && len(digits)*2 >= len(strings.TrimSpace(text)) {
		back := backwards(digits[max(0, len(digits)-10):])
		return store.All(ctx, r, scanID, "SELECT DISTINCT household FROM household_phone WHERE back>=$1 AND back<$2 ORDER BY household DESC LIMIT $3",
			back, back+end, limit)
	}
	words := strings.Fields(contact.Fold(text))
	slices.SortFunc(words, func(a, b string) int { return len(b) - len(a) })
	if len(words) == 0 || len([]rune(words[0])) < 2 {
		return nil, nil
	}
	query, args := "SELECT DISTINCT w.household FROM household_word w JOIN household h ON h.id=w.household WHERE w.word>=$2 AND w.word<$3", []any{limit, words[0], words[0] + end}
	for _, w := range words[1:min(len(words), maxWords)] {
		n := len(args)
		query += fmt.Sprintf(" AND EXISTS (SELECT 1 FROM household_word o WHERE o.household=w.household AND o.word>=$%d AND o.word<$%d)", n+1, n+2)
		args = append(args, w, w+end)
	}
	return store.All(ctx, r, scanID, query+" ORDER BY w.household DESC LIMIT $1", args...)
}

// end sorts after every letter and digit.
const end = "\U0010FFFF"

func scanID(row *sql.Rows, v *ID) error { return row.Scan(v) }

func backwards(s string) string {
	b := []byte(s) // digits
	slices.Reverse(b)
	return string(b)
}
