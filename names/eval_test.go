package names_test

import (
	"bufio"
	"crypto/sha256"
	"encoding/binary"
	"encoding/csv"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jumyla/jumyla/names"
)

const shared = "../../shared/data/names"

// data opens a file of the shared data or skips, naming it.
func data(tb testing.TB, name string) *os.File {
	tb.Helper()
	f, err := os.Open(filepath.Join(shared, name))
	if err != nil {
		tb.Skipf("skipped: %s is not there", filepath.Join(shared, name))
	}
	tb.Cleanup(func() { _ = f.Close() })
	return f
}

type question struct{ kind, scripts, id, name, fault string }

// held reports whether a question is of the part that nobody tunes to: two of five, by the target's id.
func (q question) held() bool {
	h := sha256.Sum256([]byte(q.id))
	return binary.BigEndian.Uint32(h[:])%10 < 4
}

func questions(tb testing.TB) []question {
	tb.Helper()
	r := csv.NewReader(data(tb, "kz/queries.tsv"))
	r.Comma = '\t'
	r.LazyQuotes = true
	rows, err := r.ReadAll()
	if err != nil {
		tb.Fatal(err)
	}
	var out []question
	for _, row := range rows[1:] {
		out = append(out, question{row[0], row[1], row[2], row[3], row[4]})
	}
	return out
}

// corpus reads id and name of each record.
func corpus(tb testing.TB, name string) (ids, all []string) {
	tb.Helper()
	s := bufio.NewScanner(data(tb, name))
	for s.Scan() {
		id, n, ok := strings.Cut(s.Text(), "\t")
		if ok && id != "id" {
			ids, all = append(ids, id), append(all, n)
		}
	}
	return ids, all
}

func cpu() time.Duration {
	var u syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// tally counts ranks.
type tally struct {
	n, first, ten int
	mrr           float64
}

func (t *tally) add(rank int) {
	t.n++
	if rank == 1 {
		t.first++
	}
	if rank > 0 {
		t.ten++
		t.mrr += 1 / float64(rank)
	}
}

func (t *tally) of(n float64) float64 { return n / float64(max(t.n, 1)) }

func (t *tally) String() string {
	return fmt.Sprintf("R@1 %.3f R@10 %.3f MRR %.3f (n=%d)", t.of(float64(t.first)), t.of(float64(t.ten)), t.of(t.mrr), t.n)
}

// TestRank holds the floors of finding, over all questions and over those that nobody tunes to. The figures are in
// the package's documentation.
func TestRank(t *testing.T) {
	qs := questions(t)
	for name, floor := range map[string]struct{ first, ten, mrr float64 }{
		"kz/corpus_100k.tsv":  {0.985, 0.995, 0.99},
		"kz/corpus_100kh.tsv": {0.955, 0.995, 0.975},
	} {
		ids, all := corpus(t, name)
		x := register(all...)
		parts := map[string]*tally{}
		for _, q := range qs {
			hits := x.Search(names.Record{Name: q.name}, 10)
			rank := 1 + slices.IndexFunc(hits, func(h names.Hit) bool { return ids[h.Slot] == q.id })
			part := "tuned to"
			if q.held() {
				part = "held"
			} else if rank != 1 {
				t.Logf("%s: %s %s %q has rank %d", name, q.kind, q.scripts, q.name, rank)
			}
			for _, k := range []string{part, part + " " + q.kind} {
				if parts[k] == nil {
					parts[k] = &tally{}
				}
				parts[k].add(rank)
			}
		}
		for _, k := range slices.Sorted(maps.Keys(parts)) {
			t.Logf("%s %s: %v", name, k, parts[k])
		}
		for _, k := range []string{"tuned to", "held"} {
			p := parts[k]
			if p.of(float64(p.first)) < floor.first || p.of(float64(p.ten)) < floor.ten || p.of(p.mrr) < floor.mrr {
				t.Errorf("%s, %s: %v is below %v", name, k, p, floor)
			}
		}
	}
}
