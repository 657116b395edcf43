package household

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"

	"github.com/jumyla/jumyla/internal/contact"
	"github.com/jumyla/jumyla/internal/id"
	"github.com/jumyla/jumyla/internal/store"
)

// maxWords is how many of the words that somebody types are looked for, the longest.
const maxWords = 4

// Find returns up to limit households: by the last digits of a phone, at least four, or by the beginnings of
// words of a name or an address, in any order, however they are spelt in Kazakh, Russian or Latin letters. Text that
// holds neither finds nobody.
func Find(ctx context.Context, r store.Reader, text string, limit int) ([]ID, error) {
	if digits := contact.Digits(text); len(digits) >= 4 && len(digits)*2 >= len(strings.TrimSpace(text)) {
		back := backwards(digits[max(0, len(digits)-10):])
		return store.All(ctx, r, scanID, "SELECT DISTINCT household FROM household_phone WHERE back>=$1 AND back<$2 ORDER BY household DESC LIMIT $3",
			back, back+end, limit)
	}
	words := strings.Fields(contact.Fold(text))
	slices.SortStableFunc(words, func(a, b string) int { return len(b) - len(a) })
	if len(words) == 0 || len([]rune(words[0])) < 2 {
		return nil, nil
	}
	words, err := rarestFirst(ctx, r, words[:min(len(words), maxWords)])
	if err != nil {
		return nil, err
	}
	query, args := "SELECT DISTINCT w.household FROM household_word w JOIN household h ON h.id=w.household WHERE w.word>=$2 AND w.word<$3", []any{limit, words[0], words[0] + end}
	for _, w := range words[1:] {
		n := len(args)
		query += fmt.Sprintf(" AND EXISTS (SELECT 1 FROM household_word o WHERE o.household=w.household AND o.word>=$%d AND o.word<$%d)", n+1, n+2)
		args = append(args, w, w+end)
	}
	return store.All(ctx, r, scanID, query+" LIMIT $1", args...)
}

// common is from how many households on one beginning of a word is as good as another to begin with.
const common = 1000

// rarestFirst puts the word first that the fewest households have: everybody of a street shares its name.
func rarestFirst(ctx context.Context, r store.Reader, words []string) ([]string, error) {
	if len(words) < 2 {
		return words, nil
	}
	rare := map[string]int{}
	for _, w := range words {
		n, err := store.One[int](ctx, r, "words", "SELECT count(*) FROM (SELECT 1 FROM household_word WHERE word>=$1 AND word<$2 LIMIT $3)", w, w+end, common)
		if err != nil {
			return nil, err
		}
		rare[w] = n
	}
	slices.SortStableFunc(words, func(a, b string) int { return rare[a] - rare[b] })
	return words, nil
}

// end sorts after every letter and digit.
const end = "\U0010FFFF"

func scanID(row *sql.Rows, v *ID) error { return row.Scan(v) }

func backwards(s string) string {
	b := []byte(s) // digits
	slices.Reverse(b)
	return string(b)
}

// At returns the centre that has a household which is not here; NotFound where nobody has told of it.
func At(ctx context.Context, r store.Reader, h ID) (id.ID, error) {
	return store.One[id.ID](ctx, r, "household", "SELECT owner FROM household_elsewhere WHERE id=$1", h)
}
