package names_test

import (
	"encoding/csv"
	"strings"
	"testing"

	"github.com/jumyla/jumyla/names"
)

// febrl reads one of the FEBRL data sets (Christen, 2008) and who each record is.
func febrl(tb testing.TB, file string) (list []names.Record, who []string) {
	tb.Helper()
	r := csv.NewReader(data(tb, file))
	r.TrimLeadingSpace = true
	rows, err := r.ReadAll()
	if err != nil {
		tb.Fatal(err)
	}
	for _, row := range rows[1:] {
		who = append(who, strings.Split(row[0], "-")[1])
		list = append(list, names.Record{
			Name: row[1] + " " + row[2], Address: row[4] + ", " + row[3], Place: row[5] + ", " + row[6] + ", " + row[7] + ", " + row[8],
			Born: names.ParseBorn(row[9]), Number: row[10],
		})
	}
	return list, who
}

// TestFEBRL holds F1 of the pairs that are Same.
func TestFEBRL(t *testing.T) {
	for file, floor := range map[string]float64{"febrl/dataset1.csv": 0.998, "febrl/dataset2.csv": 0.99, "febrl/dataset3.csv": 0.998} {
		list, who := febrl(t, file)
		count, pairs := map[string]int{}, 0.0
		for _, w := range who {
			pairs += float64(count[w])
			count[w]++
		}
		right, said := 0.0, 0.0
		for _, p := range names.Dedupe(list, names.DefaultWeights(), 2) {
			if p.Evidence.Band == names.Same {
				said++
				if who[p.A] == who[p.B] {
					right++
				}
			}
		}
		f1 := 2 * right / (said + pairs)
		t.Logf("%s: precision %.4f recall %.4f F1 %.4f", file, right/said, right/pairs, f1)
		if f1 < floor {
			t.Errorf("%s: F1 %.4f is below %v", file, f1, floor)
		}
	}
}

func BenchmarkDedupe(b *testing.B) {
	list, _ := febrl(b, "febrl/dataset3.csv")
	for b.Loop() {
		names.Dedupe(list, names.DefaultWeights(), 1)
	}
}
