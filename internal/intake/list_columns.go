package intake

import (
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/jumyla/jumyla/internal/contact"
	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/i18n"
	"github.com/jumyla/jumyla/internal/tabular"
	"github.com/jumyla/jumyla/internal/tabular/cell"
)

// Fields that only lists of volunteers and crews have.
const (
	fieldBaskets = "baskets"
	fieldFrom    = "from"
	fieldNamed   = "landmark" // what a place is called, where it has no street or beside it
	fieldTo      = "to"
)

// ListFields returns what the columns of a kind of list can be, for a screen that lets a person choose.
func ListFields(kind Kind) []tabular.Field {
	home := []string{tabular.FieldRef, tabular.FieldName, tabular.FieldSurname, tabular.FieldGiven, tabular.FieldPatronymic,
		tabular.FieldPhone, tabular.FieldAddress, tabular.FieldSettlement, tabular.FieldStreet, tabular.FieldHouse,
		tabular.FieldFlat, tabular.FieldEntrance, tabular.FieldFloor, tabular.FieldDoorCode, tabular.FieldDistrict,
		tabular.FieldPeople, tabular.FieldChildren, tabular.FieldAges, tabular.FieldNote, tabular.FieldLanguage,
		tabular.FieldConsent, tabular.FieldInfant, tabular.FieldDiabetic, tabular.FieldDisabled, tabular.FieldPregnant, tabular.FieldCoords,
		tabular.FieldLat, tabular.FieldLon, tabular.FieldStatus, tabular.FieldBirth, tabular.FieldIIN}
	switch kind {
	case Places:
		f := with(tabular.Fields(tabular.FieldStreet, tabular.FieldHouse, fieldNamed, tabular.FieldLat, tabular.FieldLon, tabular.FieldCoords, tabular.FieldDistrict),
			tabular.FieldHouse, "housenumber")
		return with(f, fieldNamed, "name", "name of place", "landmark", "название", "наименование", "ориентир", "объект", "атауы", "нысан", "бағдар")
	case Households:
		return tabular.Fields(home...)
	case Requests:
		return tabular.Fields(append(home, tabular.FieldNeeds, tabular.FieldQuantity, tabular.FieldUrgency, tabular.FieldBefore, tabular.FieldSince)...)
	case Volunteers:
		f := tabular.Fields(tabular.FieldRef, tabular.FieldName, tabular.FieldSurname, tabular.FieldGiven, tabular.FieldPatronymic,
			tabular.FieldPhone, tabular.FieldAdult, tabular.FieldLanguages, tabular.FieldSkills, tabular.FieldVehicle, tabular.FieldPlate,
			fieldBaskets, tabular.FieldAvailable, tabular.FieldEmergency, tabular.FieldPass, tabular.FieldBirth, tabular.FieldIIN)
		return withBaskets(f)
	case Crews:
		f := tabular.Fields(tabular.FieldCrew, tabular.FieldDriver, tabular.FieldNavigator, tabular.FieldVehicle, tabular.FieldPlate,
			fieldBaskets, fieldFrom, fieldTo, tabular.FieldPass, tabular.FieldLanguage)
		f = with(withBaskets(f), tabular.FieldCrew, "number", "№", "номер", "нөмірі")
		f = with(f, tabular.FieldDriver, "driver phone", "телефон водителя", "жүргізуші телефоны", "жүргізушінің телефоны")
		f = with(f, tabular.FieldNavigator, "navigator phone", "телефон штурмана", "телефон напарника", "жол көрсетуші", "жол көрсетушінің телефоны")
		f = with(f, fieldFrom, "start", "начало", "начало смены", "с", "басталуы", "ауысым басы")
		f = with(f, fieldTo, "end", "until", "конец", "конец смены", "до", "аяқталуы", "ауысым соңы")
		for i := range f {
			f[i].Many = f[i].Name == tabular.FieldDriver || f[i].Name == tabular.FieldNavigator // a name here, a phone there
		}
		return f
	}
	return nil
}

func with(fields []tabular.Field, name string, synonyms ...string) []tabular.Field {
	for i := range fields {
		if fields[i].Name == name {
			fields[i].Synonyms = append(slices.Clone(fields[i].Synonyms), synonyms...)
		}
	}
	return fields
}

func withBaskets(fields []tabular.Field) []tabular.Field {
	return with(fields, fieldBaskets, "корзин", "сколько корзин", "кол-во корзин", "количество корзин", "вместимость корзин", "себет саны", "неше себет", "себет сыйымдылығы")
}

// columns know which column is which field.
type columns struct {
	of       map[string][]int
	headings []string
}

// missing begins the keys that say which column a list lacks.
const missing = "lists.missing." // i18n: lists.missing.*

func columnsOf(t *tabular.Table, kind Kind, m tabular.Mapping) (columns, error) {
	c := columns{of: map[string][]int{}}
	if !m.Fits(t) {
		return c, errs.New(errs.Invalid, "lists.mapping")
	}
	for _, a := range m.Columns {
		if a.Column < 0 || a.Column >= len(t.Columns) {
			return c, errs.New(errs.Invalid, "lists.mapping")
		}
		if a.Field != "" {
			c.of[a.Field] = append(c.of[a.Field], a.Column)
		}
	}
	for _, col := range t.Columns {
		c.headings = append(c.headings, col.Heading)
	}
	for _, either := range required(kind) {
		if !slices.ContainsFunc(either, func(f string) bool { return len(c.of[f]) > 0 }) {
			return c, errs.New(errs.Invalid, missing+either[0])
		}
	}
	return c, nil
}

// required returns what a list must have: of each group one.
func required(kind Kind) [][]string {
	address := []string{tabular.FieldAddress, tabular.FieldStreet}
	switch kind {
	case Places:
		return [][]string{{tabular.FieldStreet, fieldNamed}, {tabular.FieldCoords, tabular.FieldLat}, {tabular.FieldCoords, tabular.FieldLon}}
	case Volunteers:
		return [][]string{{tabular.FieldName, tabular.FieldSurname, tabular.FieldGiven}}
	case Crews:
		return [][]string{{tabular.FieldDriver}}
	case Requests:
		return [][]string{address, {tabular.FieldNeeds}}
	case Households:
	}
	return [][]string{address}
}

// row reads one row's fields and keeps the first thing that is wrong.
type row struct {
	tabular.Row
	cols columns

	field, why string // why it is refused
	idle       string // why it is skipped
}

// fault returns what makes the whole row doubtful: cells of the file itself that are broken or shifted.
func (r *row) fault() (tabular.Reason, bool) {
	for _, f := range r.Faults {
		switch f.Reason {
		case tabular.ReasonNUL: // left out, and nothing with it
		case tabular.ReasonExtraCells, tabular.ReasonTooManyCols, tabular.ReasonQuote:
			return f.Reason, true
		default:
			for _, cols := range r.cols.of {
				if slices.Contains(cols, f.Column) {
					return f.Reason, true
				}
			}
		}
	}
	return "", false
}

func (r *row) refuse(field, why string) {
	if r.why == "" {
		r.field, r.why = field, why
	}
}

// text returns a field; several columns of one field are joined.
func (r *row) text(field, between string) string {
	var parts []string
	for _, i := range r.cols.of[field] {
		if v := r.Cell(i); v != "" {
			parts = append(parts, v)
		}
	}
	return strings.Join(parts, between)
}

func (r *row) get(field string) string { return r.text(field, " ") }

const months = `янв|фев|мар|апр|ма[йя]|июн|июл|авг|сен|окт|ноя|дек|қаң|ақп|нау|сәу|мам|мау|шіл|там|қыр|қаз|қар|жел|jan|feb|apr|may|jun|jul|aug|sep|oct|nov|dec`

// aDay is a day as a workbook holds it, or as Excel writes one into text.
var aDay = regexp.MustCompile(`(?i)^(\d{4}-\d\d-\d\d( \d\d:\d\d)?|\d{1,2}\.\d{1,2}\.\d{4}|\d{1,2}[. -](` + months + `)\.?|(` + months + `)[. -]\d{1,2})$`)

// door returns a house or a flat. Where "12/1" was typed, Excel has made the twelfth of January of it: what it was nobody can know but the
// sender.
func (r *row) door(field string) string {
	s := r.get(field)
	if aDay.MatchString(s) {
		r.refuse(field, "lists.refuse.day")
	}
	return s
}

// name is the person's name, in one column or in three.
func (r *row) name() contact.Name {
	if n := r.get(tabular.FieldName); n != "" {
		return contact.Name(n)
	}
	return contact.Name(strings.Join(strings.Fields(r.get(tabular.FieldSurname)+" "+r.get(tabular.FieldGiven)+" "+r.get(tabular.FieldPatronymic)), " "))
}

// count reads how many: 0 for an empty cell.
func (r *row) count(field string) int {
	s := r.get(field)
	if s == "" {
		return 0
	}
	n, why := cell.Count(s)
	if why != "" {
		r.refuse(field, string(why))
	}
	return n
}

// yes reads a mark; what is neither yes nor no is refused.
func (r *row) yes(field string) bool { return r.yesOr(field, false) }

// yesOr is yes, or what holds where the cell is empty.
func (r *row) yesOr(field string, empty bool) bool {
	s := r.get(field)
	if s == "" {
		return empty
	}
	ok, why := cell.Bool(s)
	if why != "" {
		r.refuse(field, string(why))
	}
	return ok
}

// phones reads every number of the row's phones; a cell without any is refused, unless it says that they have none.
func (r *row) phones() []contact.Phone {
	s := r.text(tabular.FieldPhone, ", ")
	if s == "" {
		return nil
	}
	found, why := cell.Phones(s, "KZ")
	if why == cell.Empty {
		return nil
	}
	if why != "" {
		r.refuse(tabular.FieldPhone, string(why))
		return nil
	}
	var out []contact.Phone
	for _, n := range found.Numbers {
		if p, ok := phone(n); ok && !slices.Contains(out, p) {
			out = append(out, p)
		}
	}
	if len(out) == 0 {
		r.refuse(tabular.FieldPhone, "error.phone")
	}
	return out
}

func phone(n cell.Phone) (contact.Phone, bool) {
	if n.E164 != "" {
		return contact.ParsePhone(n.E164)
	}
	return contact.ParsePhone(n.Raw)
}

// lang reads a language by its beginning in any of the three; "" where none is said.
func (r *row) lang(field string) i18n.Lang {
	s := r.get(field)
	l, ok := parseLang(s)
	if !ok && s != "" {
		r.refuse(field, "lists.language")
	}
	return l
}

func parseLang(s string) (i18n.Lang, bool) {
	f := strings.ReplaceAll(contact.Fold(s), " ", "")
	for l, starts := range map[i18n.Lang][]string{i18n.KK: {"каз", "кк", "кз"}, i18n.RU: {"рус", "ру", "орис", "орус"}, i18n.EN: {"ен", "анг", "агил"}} {
		for _, p := range starts {
			if strings.HasPrefix(f, p) {
				return l, true
			}
		}
	}
	return "", false
}

var hours = regexp.MustCompile(`^(\d{1,2})(?:[:.\-](\d{2})(?::\d{2})?)?$`)

// clock reads a time of day in minutes from midnight; a spreadsheet's fraction of a day too.
func (r *row) clock(field string) int {
	s := r.get(field)
	if s == "" {
		return 0
	}
	if strings.HasPrefix(s, "0.") && len(s) > 4 {
		if f, err := strconv.ParseFloat(s, 64); err == nil {
			return int(math.Round(f * 24 * 60))
		}
	}
	m := hours.FindStringSubmatch(s)
	if m == nil {
		r.refuse(field, "lists.time")
		return 0
	}
	h, err := strconv.Atoi(m[1])
	minute := 0
	if err == nil && m[2] != "" {
		minute, err = strconv.Atoi(m[2])
	}
	if err != nil || h > 24 || minute > 59 || h == 24 && minute > 0 {
		r.refuse(field, "lists.time")
	}
	return h*60 + minute
}

// point reads where a row lies: nil where nothing says so.
func (r *row) point() *cell.Point {
	s := r.get(tabular.FieldCoords)
	if lat, lon := r.get(tabular.FieldLat), r.get(tabular.FieldLon); s == "" && (lat != "" || lon != "") {
		y, err1 := strconv.ParseFloat(strings.Replace(lat, ",", ".", 1), 64)
		x, err2 := strconv.ParseFloat(strings.Replace(lon, ",", ".", 1), 64)
		if err1 != nil || err2 != nil || math.Abs(y) > 90 || math.Abs(x) > 180 || y == 0 && x == 0 || y != y || x != x {
			r.refuse(tabular.FieldLat, "place.coordinates")
			return nil
		}
		return &cell.Point{Lat: y, Lon: x}
	}
	if s == "" {
		return nil
	}
	p, why := cell.Coordinates(s, cell.Bounds{})
	if why != "" {
		r.refuse(tabular.FieldCoords, string(why))
		return nil
	}
	return &p
}

// words splits a cell that holds several things. A comma or slash between digits belongs to the number.
func words(s string) []string {
	var out []string
	rs := []rune(s)
	from := 0
	add := func(to int) {
		if w := strings.TrimSpace(string(rs[from:to])); w != "" {
			out = append(out, w)
		}
		from = to + 1
	}
	for i, c := range rs {
		inside := i > 0 && i+1 < len(rs) && unicode.IsDigit(rs[i-1]) && unicode.IsDigit(rs[i+1])
		if c == ';' || c == '\n' || (c == ',' || c == '/') && !inside {
			add(i)
		}
	}
	add(len(rs))
	return out
}
