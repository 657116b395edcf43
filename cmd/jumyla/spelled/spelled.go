// Package spelled checks the names engine on files, from the command line; it needs no centre's data.
package spelled

import (
	"bufio"
	"cmp"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/names"
)

// Cmd is the command with its parts, each run with where it prints.
type Cmd struct {
	Rank   rankCmd   `cmd:"" help:"Search a corpus for each query and print the ranks."`
	Dedupe dedupeCmd `cmd:"" help:"Find the pairs of a list that may be one person."`
}

type rankCmd struct {
	Corpus  string `required:"" help:"TSV with a header: id, name." placeholder:"FILE"`
	Queries string `required:"" help:"TSV with a header: kind, scripts, id, query, fault." placeholder:"FILE"`
	Top     int    `default:"10" help:"Answers for each query."`
	Workers int    `default:"1" help:"Queries at a time."`
}

// sought is one query and what came of it.
type sought struct {
	kind, id, name string
	hits           []names.Hit
	took           time.Duration
}

// Run prints query number, rank, id and score of every answer, and last one line of JSON.
func (c *rankCmd) Run(out io.Writer) error {
	queries, err := c.queries()
	if err != nil {
		return err
	}
	ids, list, err := c.corpus()
	if err != nil {
		return err
	}
	before := heap()
	start := time.Now()
	x := names.NewIndex(names.DefaultWeights())
	for _, n := range list {
		x.Add(names.Record{Name: n})
	}
	built := time.Since(start)
	size := float64(heap()-before) / (1 << 20)
	var wg sync.WaitGroup
	next := make(chan *sought)
	for range max(1, c.Workers) {
		wg.Go(func() {
			for q := range next {
				start := time.Now()
				q.hits = x.Search(names.Record{Name: q.name}, c.Top)
				q.took = time.Since(start)
			}
		})
	}
	for i := range queries {
		next <- &queries[i]
	}
	close(next)
	wg.Wait()
	w := bufio.NewWriter(out)
	for i, q := range queries {
		for rank, h := range q.hits {
			fmt.Fprintf(w, "%d\t%d\t%s\t%.2f\n", i+1, rank+1, ids[h.Slot], h.Bits)
		}
	}
	sum := summary(queries, ids)
	sum["n"], sum["records"] = len(queries), len(ids)
	sum["index_mb"], sum["build_s"] = round(size), round(built.Seconds())
	enc := json.NewEncoder(w)
	if err := enc.Encode(sum); err != nil {
		return err
	}
	return w.Flush()
}

// corpus reads the ids and the names.
func (c *rankCmd) corpus() (ids, list []string, err error) {
	err = lines(c.Corpus, func(n int, fields []string) error {
		if len(fields) < 2 {
			return fmt.Errorf("%s, line %d: want id and name", c.Corpus, n)
		}
		ids, list = append(ids, fields[0]), append(list, fields[1])
		return nil
	})
	return ids, list, err
}

func (c *rankCmd) queries() ([]sought, error) {
	var all []sought
	err := lines(c.Queries, func(n int, fields []string) error {
		if len(fields) < 4 {
			return fmt.Errorf("%s, line %d: want kind, scripts, id and query", c.Queries, n)
		}
		all = append(all, sought{kind: fields[0], id: fields[2], name: fields[3]})
		return nil
	})
	return all, err
}

// lines calls fn with the fields of each line after the header.
func lines(file string, fn func(n int, fields []string) error) error {
	f, err := os.Open(file) //nolint:gosec // the file that the command line names
	if err != nil {
		return errs.Wrap(errs.Invalid, err, "app.names_file")
	}
	defer f.Close()
	s := bufio.NewScanner(f)
	s.Buffer(make([]byte, 1<<16), 1<<24)
	for n := 1; s.Scan(); n++ {
		if text := strings.TrimSuffix(s.Text(), "\r"); n > 1 && text != "" {
			if err := fn(n, strings.Split(text, "\t")); err != nil {
				return errs.Wrap(errs.Invalid, err, "app.names_file")
			}
		}
	}
	return s.Err()
}

// summary counts how often the right record was first and among those shown, for each kind and all, and how long it took.
func summary(queries []sought, ids []string) map[string]any {
	type score struct {
		N                int `json:"n"`
		First, Ten, Rank float64
	}
	kinds := map[string]*score{}
	var took []float64
	total := 0.0
	for _, q := range queries {
		rank := 1 + slices.IndexFunc(q.hits, func(h names.Hit) bool { return ids[h.Slot] == q.id })
		for _, k := range []string{q.kind, "all"} {
			s := kinds[k]
			if s == nil {
				s = &score{}
				kinds[k] = s
			}
			s.N++
			if rank == 1 {
				s.First++
			}
			if rank >= 1 {
				s.Rank += 1 / float64(rank)
				if rank <= 10 {
					s.Ten++
				}
			}
		}
		ms := q.took.Seconds() * 1000
		took, total = append(took, ms), total+ms
	}
	out := map[string]any{}
	for k, s := range kinds {
		n := float64(s.N)
		out[k] = map[string]any{"n": s.N, "R@1": round(s.First / n), "R@10": round(s.Ten / n), "MRR": round(s.Rank / n)}
	}
	slices.Sort(took)
	at := func(p float64) float64 {
		if len(took) == 0 {
			return 0
		}
		return round(took[min(len(took)-1, int(p*float64(len(took))))])
	}
	return map[string]any{"kinds": out, "mean_ms": round(total / float64(max(1, len(took)))), "p50_ms": at(0.5), "p99_ms": at(0.99)}
}

func round(v float64) float64 { return math.Round(v*10000) / 10000 }

// heap returns the bytes in use after a collection.
func heap() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc) //nolint:gosec // memory is smaller than 2^63
}

type dedupeCmd struct {
	ID      string   `required:"" help:"Column that names a row." placeholder:"COLUMN"`
	Columns []string `required:"" help:"What the columns are: given=given_name,surname=surname,phone=tel,born=date_of_birth,address=street." placeholder:"FIELD=COLUMN"`
	Workers int      `default:"0" help:"Pairs at a time; 0 is as many as there are processors."`
	File    string   `arg:"" help:"CSV with a header."`
}

// fields are the words that --columns takes, by what they fill.
var fields = map[string]string{
	"name": "name", "full_name": "name", "given": "given", "given_name": "given", "first": "given", "first_name": "given", "surname": "surname", "family": "surname",
	"last": "surname", "last_name": "surname", "patronymic": "patronymic", "middle": "patronymic", "middle_name": "patronymic",
	"phone": "phone", "phones": "phone", "phone2": "phone", "tel": "phone", "born": "born", "birth": "born", "birthday": "born", "birthdate": "born", "birth_date": "born", "dob": "born",
	"date": "born", "date_of_birth": "born", "year": "born", "birth_year": "born", "yob": "born",
	"place": "place", "city": "place", "town": "place", "settlement": "place", "suburb": "place", "district": "place", "postcode": "place", "zip": "place", "state": "region", "region": "region", "oblast": "region",
	"address": "address", "address1": "address", "address_1": "address", "street": "address", "house": "house", "number": "house", "street_number": "house", "house_number": "house", "flat": "flat", "apartment": "flat",
	"address2": "locality", "address_2": "locality", "locality": "locality",
	"document": "document", "doc": "document", "iin": "document", "id": "document", "ssn": "document", "soc_sec_id": "document", "soc_sec": "document", "card": "document",
	"children": "children",
}

// Run prints id1, id2, bits and band of every pair that is not different.
func (c *dedupeCmd) Run(out io.Writer) error {
	f, err := os.Open(c.File)
	if err != nil {
		return errs.Wrap(errs.Invalid, err, "app.names_file")
	}
	defer f.Close()
	r := csv.NewReader(bufio.NewReader(f))
	r.TrimLeadingSpace, r.FieldsPerRecord, r.ReuseRecord = true, -1, true
	header, err := r.Read()
	if err != nil {
		return errs.Wrap(errs.Invalid, fmt.Errorf("read the header: %w", err), "app.names_file")
	}
	id, columns, err := c.layout(header)
	if err != nil {
		return errs.Wrap(errs.Invalid, err, "app.names_columns")
	}
	var ids []string
	var list []names.Record
	for {
		row, err := r.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return errs.Wrap(errs.Invalid, err, "app.names_file")
		}
		if id >= len(row) {
			continue
		}
		ids = append(ids, strings.Clone(strings.TrimSpace(row[id])))
		list = append(list, record(row, columns))
	}
	w := bufio.NewWriter(out)
	fmt.Fprintln(w, "id1,id2,bits,band")
	for _, p := range names.Dedupe(list, names.DefaultWeights(), cmp.Or(c.Workers, runtime.NumCPU())) {
		fmt.Fprintf(w, "%s,%s,%.2f,%s\n", ids[p.A], ids[p.B], p.Evidence.Bits-p.Evidence.Prior, p.Evidence.Band)
	}
	return w.Flush()
}

// layout finds the columns by their header, which may have spaces and a byte order mark.
func (c *dedupeCmd) layout(header []string) (id int, columns map[int]string, err error) {
	at := map[string]int{}
	for i, h := range header {
		at[strings.TrimSpace(strings.TrimPrefix(h, "\ufeff"))] = i
	}
	id, ok := at[c.ID]
	if !ok {
		return 0, nil, fmt.Errorf("there is no column %q", c.ID)
	}
	columns = map[int]string{}
	for _, pair := range c.Columns {
		field, column, ok := strings.Cut(pair, "=")
		if !ok {
			column = field
		}
		i, there := at[strings.TrimSpace(column)]
		known := fields[strings.ToLower(strings.TrimSpace(field))]
		if !there {
			return 0, nil, fmt.Errorf("there is no column %q", column)
		}
		if known == "" {
			return 0, nil, fmt.Errorf("%q is none of given, surname, patronymic, name, phone, born, place, region, address, house, flat, locality, document, children", field)
		}
		columns[i] = known
	}
	return id, columns, nil
}

// record puts a row's cells where they belong.
func record(row []string, columns map[int]string) names.Record {
	var r names.Record
	cells := map[string][]string{}
	for i := range row {
		if field, ok := columns[i]; ok {
			if v := strings.TrimSpace(row[i]); v != "" {
				cells[field] = append(cells[field], v)
			}
		}
	}
	join := func(fields ...string) string {
		var all []string
		for _, f := range fields {
			all = append(all, cells[f]...)
		}
		return strings.Join(all, " ")
	}
	r.Name = join("surname", "given", "patronymic", "name")
	r.Phones = cells["phone"]
	r.Place = strings.Join(slices.Concat(cells["locality"], cells["place"], cells["region"]), ", ")
	r.Address = strings.Join(slices.DeleteFunc([]string{join("address"), join("house"), join("flat")}, func(s string) bool { return s == "" }), ", ")
	r.Number = join("document")
	if born := cells["born"]; len(born) > 0 {
		r.Born = names.ParseBorn(born[0])
	}
	for _, s := range strings.FieldsFunc(join("children"), func(r rune) bool { return r < '0' || r > '9' }) {
		if y, err := strconv.Atoi(s); err == nil {
			r.Children = append(r.Children, y)
		}
	}
	slices.SortFunc(r.Children, cmp.Compare)
	return r
}
