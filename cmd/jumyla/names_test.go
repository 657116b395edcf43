package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func file(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestNamesRank holds what the command prints: query, rank, id and score, and one line of JSON.
func TestNamesRank(t *testing.T) {
	corpus := file(t, "corpus.tsv", "id\tname\nk1\tАхметов Қайрат\nk2\tАхметова Сәуле\nk3\tКим Роман\n")
	queries := file(t, "queries.tsv", "kind\tscripts\tid\tquery\tfault\nR\tlat>kk\tk1\tKairat Akhmetov\t\nRc\tru>ru\tk3\tроман кин\tx\n")
	lines := strings.Split(strings.TrimSpace(must(t, "names", "rank", "--corpus", corpus, "--queries", queries, "--top", "2", "--workers", "2")), "\n")
	last := lines[len(lines)-1]
	if !strings.HasPrefix(lines[0], "1\t1\tk1\t") {
		t.Errorf("the first answer is %q", lines[0])
	}
	var sum struct {
		Kinds map[string]map[string]float64 `json:"kinds"`
		P99   *float64                      `json:"p99_ms"`
		MB    *float64                      `json:"index_mb"`
		Build *float64                      `json:"build_s"`
	}
	decode(t, last, &sum)
	if sum.Kinds["all"]["R@1"] != 1 || sum.Kinds["R"]["n"] != 1 || sum.P99 == nil || sum.MB == nil || sum.Build == nil {
		t.Errorf("the summary is %s", last)
	}
}

// TestNamesDedupe holds that the pair is found with its band, and the brother with the phone is not the same.
func TestNamesDedupe(t *testing.T) {
	list := file(t, "list.csv", "rec_id, given_name, surname, tel, dob\n"+
		"a, Қайрат, Тоқтасынов, 8 701 555 12 34, 19610502\n"+
		"b, Kairat, Toktasynov, +7 (701) 555-12-34, 02.05.1961\n"+
		"c, Болат, Тоқтасынов, 87015551234, 1966\n")
	out := must(t, "names", "dedupe", "--id", "rec_id", "--columns", "given=given_name,surname=surname,phone=tel,born=dob", list)
	lines := strings.Split(strings.TrimSpace(out), "\n")
	if lines[0] != "id1,id2,bits,band" || !strings.HasPrefix(lines[1], "a,b,") || !strings.HasSuffix(lines[1], ",same") {
		t.Errorf("printed %q", lines)
	}
	for _, l := range lines[2:] {
		if strings.HasSuffix(l, ",same") {
			t.Errorf("a brother is the same: %q", l)
		}
	}
	for _, columns := range []string{"given=nowhere", "colour=surname"} {
		if _, code := jumyla(t, "names", "dedupe", "--id", "rec_id", "--columns", columns, list); code != exitInvalid {
			t.Errorf("%s: exit code %d", columns, code)
		}
	}
}
