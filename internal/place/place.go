// Package place is the office's own book of addresses: street, house and where it lies. It finds an
// address as people write it in Kazakh, Russian or Latin letters, and says when it only knows the street.
package place

import (
	"context"
	"database/sql"
	"slices"
	"strings"
	"unicode"

	"github.com/jumyla/jumyla/internal/contact"
	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/id"
	"github.com/jumyla/jumyla/internal/list"
	"github.com/jumyla/jumyla/internal/store"
)

type kind struct{}

// ID names a place.
type ID = id.Of[kind]

// Place is a house on a street, in degrees (WGS 84). A Place without a house is the middle of a street, a
// district or a settlement.
type Place struct {
	ID     ID
	Street string  `dir:"street"`
	House  string  `dir:"house"`
	Lat    float64 `dir:"lat"`
	Lon    float64 `dir:"lon"`
	List   list.ID `dir:"list"` // that it came with
	Area   string  `dir:"area"` // the district or settlement it lies in; "" where not known
}

// Kind is how places are written.
var Kind = store.Define(store.Spec[Place]{
	Name: "place", Schema: 1, Tables: []string{"place_row"}, Views: []string{"place"},
	DDL: list.HiddenDDL + `CREATE TABLE place_row (id TEXT PRIMARY KEY, street TEXT NOT NULL, house TEXT NOT NULL, street_key TEXT NOT NULL,
	house_key TEXT NOT NULL, lat REAL NOT NULL, lon REAL NOT NULL, list TEXT NOT NULL, area TEXT NOT NULL) WITHOUT ROWID;
CREATE INDEX place_key ON place_row (street_key, house_key);
CREATE INDEX place_list ON place_row (list) WHERE list<>'';
CREATE VIEW place AS SELECT * FROM place_row WHERE ` + list.Shown + `;
`,
	Project: func(ctx context.Context, tx *store.Tx, p *Place) error {
		street, _ := Key(p.Street)
		_, err := tx.Exec(ctx, `INSERT INTO place_row (id, street, house, street_key, house_key, lat, lon, list, area) VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9)
			ON CONFLICT (id) DO UPDATE SET street=$2, house=$3, street_key=$4, house_key=$5, lat=$6, lon=$7, list=$8, area=$9`,
			p.ID, p.Street, p.House, street, houseKey(p.House), p.Lat, p.Lon, p.List.String(), p.Area)
		return err
	},
})

// Validate answers for fields that make no sense.
func (p *Place) Validate() error {
	f := errs.Fields{}
	f.Check(strings.TrimSpace(p.Street) != "", "street", "error.required")
	f.Check(len(p.Street) <= 400 && len(p.House) <= 60, "street", "error.too_long")
	f.Check(p.Lat >= -90 && p.Lat <= 90 && p.Lon >= -180 && p.Lon <= 180 && (p.Lat != 0 || p.Lon != 0), "lat", "place.coordinates")
	return f.Err()
}

// Hit is where an address was found. Rough means that only the street, district or settlement is known.
type Hit struct {
	Street, House string
	Lat, Lon      float64
	Area          string
	Rough         bool
}

// filler are words that people put in or leave out.
var filler = map[string]bool{"ул": true, "улица": true, "улицаси": true, "пр": true, "просп": true, "проспект": true, "пркт": true, "даңғили": true,
	"дангили": true, "кошеси": true, "кош": true, "даң": true, "данг": true, "д": true, "дом": true, "уи": true, "г": true, "город": true, "каласи": true,
	"мкр": true, "мкрн": true, "микрораион": true, "шагин": true, "аудан": true, "аудани": true, "имени": true, "им": true,
	"стрет": true, "street": true, "аве": true, "авенуе": true, "ст": true, "стреет": true, "алмати": true}

// Key splits an address into the folded words of its street, sorted, and the folded number of its house:
// the first word that begins with a digit after a word that does not. Words after it are left out.
func Key(address string) (street, house string) {
	var words []string
	for w := range strings.FieldsSeq(contact.Fold(address)) {
		if first := []rune(w)[0]; unicode.IsDigit(first) && len(words) > 0 {
			house = w
			break
		}
		if !filler[w] {
			words = append(words, stem(w))
		}
	}
	slices.Sort(words)
	return strings.Join(words, " "), house
}

// Tells reports whether a name tells one place from another: "Рамстор" does, "Дом 2" does not.
func Tells(name string) bool {
	street, _ := Key(name)
	return slices.ContainsFunc(strings.Fields(street), func(w string) bool { return unicode.IsLetter([]rune(w)[0]) })
}

// stem drops the endings that turn a name into "of": Абая, Абай; Сатпаева, Сатпаев.
func stem(w string) string {
	r := []rune(w)
	if len(r) < 4 {
		return w
	}
	switch r[len(r)-1] {
	case 'а', 'я', 'и', 'о':
		return string(r[:len(r)-1])
	}
	return w
}

func houseKey(house string) string {
	return strings.ReplaceAll(contact.Fold(house), " ", "")
}

// Locate finds an address: the house, or the middle of its street marked rough. An address that is not in
// the book is NotFound.
func Locate(ctx context.Context, r store.Reader, address string) (Hit, error) {
	street, house := Key(address)
	if street == "" {
		return Hit{}, errs.Missing("place")
	}
	hits, err := find(ctx, r, "street_key=$1 AND ($2='' OR house_key=$2)", street, house, 400)
	if err == nil && len(hits) == 0 && house != "" {
		hits, err = find(ctx, r, "street_key=$1 AND $2<>''", street, house, 400)
		for i := range hits {
			hits[i].House = ""
		}
	}
	if err != nil || len(hits) == 0 {
		return Hit{}, orMissing(err)
	}
	if hits[0].House != "" && house != "" {
		return hits[0], nil
	}
	mid := Hit{Street: hits[0].Street, Rough: true, Area: hits[0].Area}
	for _, h := range hits {
		if h.Area != mid.Area { // a street of several districts
			mid.Area = ""
		}
		mid.Lat += h.Lat / float64(len(hits))
		mid.Lon += h.Lon / float64(len(hits))
	}
	return mid, nil
}

func orMissing(err error) error {
	if err != nil {
		return err
	}
	return errs.Missing("place")
}

// Search returns up to limit places whose street begins with what has been typed so far.
func Search(ctx context.Context, r store.Reader, text string, limit int) ([]Hit, error) {
	street, house := Key(text)
	if len([]rune(street)) < 2 {
		return nil, nil
	}
	return find(ctx, r, "street_key>=$1 AND street_key<$1||char(1114111) AND house_key LIKE $2||'%'", street, house, limit)
}

func find(ctx context.Context, r store.Reader, where, street, house string, limit int) ([]Hit, error) {
	return store.All(ctx, r, func(row *sql.Rows, h *Hit) error {
		err := row.Scan(&h.Street, &h.House, &h.Lat, &h.Lon, &h.Area)
		h.Rough = h.House == ""
		return err
	}, "SELECT street, house, lat, lon, area FROM place WHERE "+where+" ORDER BY street, length(house_key), house_key LIMIT $3", street, house, limit)
}

// Count returns how many places the book holds.
func Count(ctx context.Context, r store.Reader) (int, error) {
	return store.One[int](ctx, r, "places", "SELECT count(*) FROM place")
}
