package names_test

import (
	"encoding/csv"
	"testing"

	"github.com/jumyla/jumyla/names"
)

// TestStrangers holds that names which are nearly alike and another's do not agree: pairs of OpenSanctions' bench, most of
// them made to deceive. What they hold of other languages is not what this package is for.
func TestStrangers(t *testing.T) {
	rows, err := csv.NewReader(data(t, "opensanctions_name_bench_cases.csv")).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	x := names.NewIndex(names.DefaultWeights())
	var pairs [][]string
	for _, r := range rows[1:] {
		if r[1] == "Person" {
			pairs = append(pairs, r)
			x.Add(names.Record{Name: r[2]})
			x.Add(names.Record{Name: r[3]})
		}
	}
	agree, all := map[string]float64{}, map[string]float64{}
	for _, r := range pairs {
		all[r[4]]++
		if x.Compare(names.Record{Name: r[2]}, names.Record{Name: r[3]}).Given {
			agree[r[4]]++
		}
	}
	t.Logf("agree: %.3f of %.0f who are one, %.3f of %.0f who are two", agree["true"]/all["true"], all["true"], agree["false"]/all["false"], all["false"])
	if agree["false"] > 0.03*all["false"] {
		t.Errorf("the names of %.0f strangers agree", agree["false"])
	}
}
