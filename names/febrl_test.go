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

func BenchmarkDedupe(b *testing.B) {
	list, _ := febrl(b, "febrl/dataset3.csv")
	for b.Loop() {
		names.Dedupe(list, names.DefaultWeights(), 1)
	}
}
