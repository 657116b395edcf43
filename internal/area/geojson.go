package area

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/jumyla/jumyla/internal/errs"
)

// Loading says how a file of areas is read.
type Loading struct {
	Level  Level  // of all of them; "": as the file says
	From   string // the first day on which they were so, where the file does not say; "" always before
	To     string // the first day on which they were no longer so; "" until now
	Source string // who drew them, and under what licence
}

// MaxFile is how large a file may be, in bytes.
const MaxFile = 64 << 20

// Loaded is what came of a file.
type Loaded struct {
	Areas   int `json:"areas"`
	Skipped int `json:"skipped"` // features that are no area
}

type collection struct {
	Type     string    `json:"type"`
	Features []feature `json:"features"`
}

type feature struct {
	Properties map[string]any `json:"properties"`
	Geometry   struct {
		Type        string          `json:"type"`
		Coordinates json.RawMessage `json:"coordinates"`
	} `json:"geometry"`
}

// Read makes areas of a GeoJSON FeatureCollection (RFC 7946): polygons with names in kk, ru or en under the keys that COD-AB,
// OpenStreetMap and others use. Points and lines are counted as skipped. What is no such file is Invalid.
func Read(r io.Reader, how Loading) ([]Area, Loaded, error) {
	b, err := io.ReadAll(io.LimitReader(r, MaxFile+1))
	if err != nil {
		return nil, Loaded{}, fmt.Errorf("read areas: %w", err)
	}
	if len(b) > MaxFile {
		return nil, Loaded{}, errs.New(errs.Invalid, "area.too_large")
	}
	var c collection
	if err := json.Unmarshal(b, &c); err != nil {
		return nil, Loaded{}, errs.Wrap(errs.Invalid, err, notJSON(err))
	}
	if c.Type != "FeatureCollection" {
		return nil, Loaded{}, errs.New(errs.Invalid, "area.not_geojson")
	}
	var out []Area
	var sum Loaded
	for i := range c.Features {
		a, ok := c.Features[i].area(how)
		if !ok {
			sum.Skipped++
			continue
		}
		if a.Level == "" {
			return nil, sum, errs.Fields{"level": "area.which_level"}.Err()
		}
		if err := a.Validate(); err != nil {
			return nil, sum, err
		}
		out = append(out, a)
	}
	if sum.Areas = len(out); sum.Areas == 0 {
		return nil, sum, errs.New(errs.Invalid, "area.none")
	}
	return out, sum, nil
}

func notJSON(err error) string {
	if bad, ok := errors.AsType[*json.SyntaxError](err); ok && strings.Contains(bad.Error(), "unexpected end") {
		return "area.truncated"
	}
	return "area.not_geojson"
}

// first is the first of some properties that is there, as text.
func (f *feature) first(keys ...string) string {
	for _, k := range keys {
		switch v := f.Properties[k].(type) {
		case string:
			if v = strings.TrimSpace(v); v != "" {
				return v
			}
		case float64:
			return fmt.Sprintf("%.0f", v)
		}
	}
	return ""
}

// area reads a feature; ok is false for what is no polygon or has no name.
func (f *feature) area(how Loading) (Area, bool) {
	a := Area{Level: how.Level, From: cmp.Or(f.first("from", "valid_from"), how.From), To: cmp.Or(f.first("to", "valid_to"), how.To), Source: how.Source}
	n := "1" // COD-AB: ADM1_KK of a region, ADM2_KK of a district
	if f.first("ADM2_EN", "ADM2_RU", "ADM2_KK") != "" {
		n = "2"
		a.Parent = code(f.first("ADM1_PCODE"))
	}
	named := f.first("ADM"+n+"_EN", "ADM"+n+"_RU", "ADM"+n+"_KK") != ""
	a.KK = f.first("ADM"+n+"_KK", "name_kk", "name:kk", "nameKk", "kk")
	a.RU = f.first("ADM"+n+"_RU", "name_ru", "name:ru", "nameRu", "ru")
	a.EN = f.first("ADM"+n+"_EN", "name_en", "name:en", "nameEn", "en")
	a.plain(f.first("name"))
	a.Code = code(f.first("KATO", "kato", "code", "ADM"+n+"_PCODE"))
	a.Parent = cmp.Or(a.Parent, code(f.first("parent")))
	a.People = people(f.first("people", "population", "T_TL"))
	if a.Level == "" {
		a.Level = cmp.Or(Level(f.first("level")), byNumber(f.first("admin_level")))
		if a.Level == "" && named {
			a.Level = map[string]Level{"1": Region, "2": District}[n]
		}
	}
	rings, err := f.rings()
	if err != nil || a.KK+a.RU+a.EN == "" {
		return a, false
	}
	a.Shape = encode(rings)
	return a, true
}

// people reads how many live somewhere, as files of outlines and of counts have it; 0 where it is no such number.
func people(s string) int {
	n, err := strconv.Atoi(strings.NewReplacer(" ", "", "\u00a0", "", ",", "").Replace(s))
	if err != nil || n < 0 || n > MostPeople {
		return 0
	}
	return n
}

// byNumber is OpenStreetMap's admin_level as a level, by its use in Kazakhstan; "" for one that is none of ours.
func byNumber(s string) Level {
	switch n, err := strconv.Atoi(s); {
	case err != nil:
		return ""
	case n == 4:
		return Region
	case n == 6:
		return District
	case n >= 8:
		return Settlement
	}
	return ""
}

// plain takes a name whose language is not said, as OpenStreetMap's "name" is, for the language that has none yet: by its
// letters and its last word.
func (a *Area) plain(name string) {
	if name == "" || name == a.KK || name == a.RU || name == a.EN {
		return
	}
	low := strings.ToLower(name)
	words := strings.Fields(low)
	kazakh := strings.ContainsAny(low, "әғқңөұүһі") || slices.Contains([]string{"ауданы", "облысы", "ауылы", "кенті"}, words[len(words)-1])
	to := &a.RU
	switch {
	case !strings.ContainsFunc(low, func(r rune) bool { return unicode.Is(unicode.Cyrillic, r) }):
		to = &a.EN
	case kazakh, a.RU != "":
		to = &a.KK
	}
	if *to == "" {
		*to = name
	}
}

// code makes KZ10 and 101000 the nine digits of KATO; what is no such code stays as it is.
func code(s string) string {
	digits := strings.TrimPrefix(s, "KZ")
	if digits == "" || strings.Trim(digits, "0123456789") != "" || len(digits) > 9 {
		return s
	}
	return digits + strings.Repeat("0", 9-len(digits))
}

// rings reads the outlines and holes of a polygon or of several.
func (f *feature) rings() ([]ring, error) {
	var polygons [][][][]float64
	switch f.Geometry.Type {
	case "Polygon":
		polygons = make([][][][]float64, 1)
		if err := json.Unmarshal(f.Geometry.Coordinates, &polygons[0]); err != nil {
			return nil, err
		}
	case "MultiPolygon":
		if err := json.Unmarshal(f.Geometry.Coordinates, &polygons); err != nil {
			return nil, err
		}
	default:
		return nil, errShape
	}
	var out []ring
	for _, polygon := range polygons {
		for _, line := range polygon {
			r, err := outline(line)
			if err != nil {
				return nil, err
			}
			out = append(out, r)
		}
	}
	if len(out) == 0 {
		return nil, errShape
	}
	return out, nil
}

func outline(line [][]float64) (ring, error) {
	var r ring
	for _, p := range line {
		if len(p) < 2 || !(math.Abs(p[0]) <= 180 && math.Abs(p[1]) <= 90) {
			return nil, errShape
		}
		r = append(r, point{int32(math.Round(p[1] * perDegree)), int32(math.Round(p[0] * perDegree))})
	}
	if n := len(r); n > 1 && r[0] == r[n-1] {
		r = r[:n-1]
	}
	if len(r) < 3 || len(r) > maxCorners {
		return nil, errShape
	}
	return r, nil
}
