package names_test

import (
	"encoding/csv"
	"math/rand/v2"
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

// TestFEBRL holds F1 of the pairs that are Same, in the order of the file and in another: nothing may hang on it.
func TestFEBRL(t *testing.T) {
	for file, floor := range map[string]float64{"febrl/dataset1.csv": 0.998, "febrl/dataset2.csv": 0.99, "febrl/dataset3.csv": 0.998} {
		list, who := febrl(t, file)
		for _, order := range []string{"as it is", "shuffled"} {
			if order == "shuffled" {
				rand.New(rand.NewPCG(1, 9)).Shuffle(len(list), func(i, j int) {
					list[i], list[j], who[i], who[j] = list[j], list[i], who[j], who[i]
				})
			}
			precision, recall, f1 := f1Of(names.Dedupe(list, names.DefaultWeights(), 2), who)
			t.Logf("%s, %s: precision %.4f recall %.4f F1 %.4f", file, order, precision, recall, f1)
			if f1 < floor {
				t.Errorf("%s, %s: F1 %.4f is below %v", file, order, f1, floor)
			}
		}
	}
}

// f1Of judges the pairs that are Same by who each record is.
func f1Of(found []names.Pair, who []string) (precision, recall, f1 float64) {
	count, pairs := map[string]int{}, 0.0
	for _, w := range who {
		pairs += float64(count[w])
		count[w]++
	}
	right, said := 0.0, 0.0
	for _, p := range found {
		if p.Evidence.Band == names.Same {
			said++
			if who[p.A] == who[p.B] {
				right++
			}
		}
	}
	return right / said, right / pairs, 2 * right / (said + pairs)
}

func BenchmarkDedupe(b *testing.B) {
	list, _ := febrl(b, "febrl/dataset3.csv")
	for b.Loop() {
		names.Dedupe(list, names.DefaultWeights(), 1)
	}
}
