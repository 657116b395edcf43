package intake_test

import (
	"database/sql"
	"testing"

	"github.com/jumyla/jumyla/internal/household"
	"github.com/jumyla/jumyla/internal/intake"
	"github.com/jumyla/jumyla/internal/store"
)

// TestWhoIsKeptOfAList takes lists with and without a column of consent, with and without the sender's word: nobody is kept
// whom nobody said to have agreed.
func TestWhoIsKeptOfAList(t *testing.T) {
	const plain = "ФИО;Адрес\nОйдан Бір;Абай 10\n"
	const asked = "ФИО;Адрес;Согласие\nОйдан Бір;Абай 10;да\nОйдан Екі;Абай 11;нет\nОйдан Үш;Абай 12;\n"
	for name, c := range map[string]struct {
		list string
		opt  intake.Options
		want []string // who is kept
		says string
	}{
		"nobody said so":        {list: plain},
		"the sender says so":    {plain, intake.Options{Keep: true, Sender: "Үлгі әкімдігі"}, []string{"Ойдан Бір"}, "Үлгі әкімдігі тізімі бойынша келіскен"},
		"row by row":            {asked, intake.Options{Sender: "Үлгі әкімдігі"}, []string{"Ойдан Бір"}, "Үлгі әкімдігі тізімі бойынша келіскен"},
		"row by row, and so on": {asked, intake.Options{Keep: true}, []string{"Ойдан Бір", "Ойдан Үш"}, "кім жібергені белгісіз тізімі бойынша келіскен"},
	} {
		t.Run(name, func(t *testing.T) {
			db := open(t)
			res := load(t, db, intake.Households, c.list, c.opt)
			if res.Taken == 0 || len(res.Refused) > 0 {
				t.Fatalf("%+v", res)
			}
			ids, err := household.Kept(t.Context(), db)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, hid := range ids {
				h, err := household.Kind.Get(t.Context(), db, hid)
				if err != nil || h.Wording != c.says {
					t.Errorf("%q, want %q; %v", h.Wording, c.says, err)
				}
				got = append(got, string(h.Head))
			}
			if len(got) != len(c.want) {
				t.Errorf("%v are kept, want %v", got, c.want)
			}
			for _, h := range c.want {
				n, err := store.All(t.Context(), db, func(r *sql.Rows, v *string) error { return r.Scan(v) }, "SELECT id FROM household WHERE head=$1 AND passing=0", h)
				if err != nil || len(n) != 1 {
					t.Errorf("%s is not kept; %v", h, err)
				}
			}
		})
	}
}
