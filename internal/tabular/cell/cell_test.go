package cell_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jumyla/jumyla/internal/tabular/cell"
)

// Numbers of a range that rings nowhere in particular; the people are invented.
func TestPhones(t *testing.T) {
	const a, b = "+77015551234", "+77025551234"
	for in, want := range map[string]string{
		"8 (701) 555-12-34":                    a,
		"87015551234":                          a,
		"77015551234":                          a,
		"+77015551234":                         a,
		"+7 701 555 12 34":                     a,
		"7015551234":                           a,
		"8-701-555-12-34":                      a,
		"8.701.555.12.34":                      a,
		"8701 5551234":                         a,
		"(8701)5551234":                        a,
		"тел. 87015551234":                     a,
		"7.7015551234E10":                      a,
		"7,7015551234E+10":                     a,
		"77015551234.0":                        a,
		"87015551234, 87025551234":             a + " " + b,
		"87015551234; 8 702 555 12 34":         a + " " + b,
		"8(701)5551234/8(702)5551234":          a + " " + b,
		"87015551234\n87025551234":             a + " " + b,
		"8701555123487025551234":               a + " " + b,
		"70155512347025551234":                 a + " " + b,
		"87015551234 87025551234":              a + " " + b,
		"+77015551234+77025551234":             a + " " + b,
		"87015551234 и 87025551234":            a + " " + b,
		"87015551234 (мама), 87025551234 сын":  a + "=мама " + b + "=сын",
		"Айгүл 87015551234, Ержан 87025551234": a + "=Айгүл " + b + "=Ержан",
		"87015551234 WhatsApp":                 a + "=WhatsApp",
		"тел: 8/727/2782083":                   "+77272782083",
		"мама 87015551234 папа 87025551234":    a + "=мама " + b + "=папа",
		"Айгүл 87015551234 дочь":               a + "=Айгүл дочь",
		"+7(701)5551234 (дочь Асель)":          a + "=дочь Асель",
		"8701 555 12 34 8702 555 12 34":        a + " " + b,
		"8(701)5551234(мама)8(702)5551234":     a + "=мама " + b,
		"+7-701-555-12-34, +7-702-555-12-34":   a + " " + b,
		"8 (727) 278-20-83":                    "+77272782083",
		"8 912 345 67 89":                      "+79123456789", // +7 is also Russia
		"+7 912 345-67-89":                     "+79123456789",
		"+998 90 123 45 67":                    "+998901234567",
		"998901234567":                         "+998901234567",
		"+49 30 123456":                        "+4930123456",
		"8-10-998-90-123-45-67":                "+998901234567",
		"00996555123456":                       "+996555123456",
		"278-20-83":                            "278-20-83?",
		"27 82 0":                              "27 82 0?",
		"278-20-83, 87015551234":               "278-20-83? " + a,
		"8 799 555 12 34":                      "+77995551234?",
	} {
		got, why := cell.Phones(in, "KZ")
		var parts []string
		for _, n := range got.Numbers {
			s := n.E164
			if s == "" {
				s = n.Raw
			}
			if n.Doubt != "" {
				s += "?"
			}
			if n.Remark != "" {
				s += "=" + n.Remark
			}
			parts = append(parts, s)
		}
		if s := strings.Join(parts, " "); s != want || why != "" {
			t.Errorf("%q → %q, %q (rest %q), want %q", in, s, why, got.Rest, want)
		}
	}
}

func TestPhonesRefused(t *testing.T) {
	for in, want := range map[string]cell.Reason{
		"":                        cell.Empty,
		"  ":                      cell.Empty,
		"нет телефона":            cell.Empty,
		"Нет тел.":                cell.Empty,
		"жоқ":                     cell.Empty,
		"телефоны жоқ":            cell.Empty,
		"жоқ / нет":               cell.Empty,
		"—":                       cell.Empty,
		"жоқ емес":                cell.PhoneLetters,
		"нет, у соседки":          cell.PhoneLetters,
		"позвонить соседке":       cell.PhoneLetters,
		"11111111111":             cell.PhoneInvalid,
		"0000000":                 cell.PhoneInvalid,
		"8701":                    cell.PhoneInvalid,
		"870155512345":            cell.PhoneInvalid, // a digit too many
		"8701555123":              cell.PhoneInvalid, // one too few
		"87О15551234":             cell.PhoneInvalid, // a letter for a zero
		"80000000000":             cell.PhoneInvalid,
		"12.01.2022":              cell.PhoneInvalid,
		"7,70156E+10":             cell.PhoneRounded,
		"7.7E+10":                 cell.PhoneRounded,
		strings.Repeat("8", 5000): cell.PhoneInvalid,
	} {
		if got, why := cell.Phones(in, "KZ"); why != want || len(got.Numbers) > 0 {
			t.Errorf("%.30q → %+v, %q, want %q", in, got, why, want)
		}
	}
	got, _ := cell.Phones("87015551234, 8701", "KZ")
	if len(got.Numbers) != 1 || got.Rest != "8701" {
		t.Errorf("what is left over must be kept: %+v", got)
	}
}

func TestDate(t *testing.T) {
	for in, want := range map[string]string{
		"12.01.2022":           "2022-01-12 00:00",
		"12.1.22":              "2022-01-12 00:00",
		"12/01/22":             "2022-01-12 00:00",
		"12-01-2022":           "2022-01-12 00:00",
		"2022-01-12":           "2022-01-12 00:00",
		"2022.01.12":           "2022-01-12 00:00",
		"2022-01-12T18:30:00Z": "2022-01-12 18:30",
		"12.01.2022 18:30":     "2022-01-12 18:30",
		"12.01.2022 г.":        "2022-01-12 00:00",
		"до 12.01.2022г.":      "2022-01-12 00:00",
		"44573":                "2022-01-12 00:00",
		"44573.75":             "2022-01-12 18:00",
		"12012022":             "2022-01-12 00:00",
		"20220112":             "2022-01-12 00:00",
		"12 января 2022":       "2022-01-12 00:00",
		"12 Января 2022 года":  "2022-01-12 00:00",
		"12-янв-22":            "2022-01-12 00:00",
		"12 қаңтар 2022 ж.":    "2022-01-12 00:00",
		"2022 жылғы 12 қаңтар": "2022-01-12 00:00",
		"2022 ж. 12 қаңтарға дейін": "2022-01-12 00:00",
		"9 мая 2022":         "2022-05-09 00:00",
		"3 наурыз 2022":      "2022-03-03 00:00",
		"7 қыркүйек 2022":    "2022-09-07 00:00",
		"1 желтоқсан 2022 ж": "2022-12-01 00:00",
		"12 qańtar 2022":     "2022-01-12 00:00",
		"12 January 2022":    "2022-01-12 00:00",
		"Jan 12, 2022":       "2022-01-12 00:00",
		"12th of Jan 2022":   "2022-01-12 00:00",
		"1/13/2022":          "2022-01-13 00:00",
		"ср, 12.01.2022":     "2022-01-12 00:00",
	} {
		got, why := cell.Date(in)
		if why != "" || got.Format("2006-01-02 15:04") != want {
			t.Errorf("%q → %v %q, want %s", in, got, why, want)
		}
	}
	for in, want := range map[string]cell.Reason{
		"":                 cell.Empty,
		"01.01.1899":       cell.DateAbsurd,
		"31.02.2022":       cell.DateAbsurd,
		"12.01.3022":       cell.DateAbsurd,
		"5":                cell.DateAbsurd,
		"99999999999":      cell.DateAbsurd,
		"12.01":            cell.DateNoYear,
		"12 января":        cell.DateNoYear,
		"завтра":           cell.DateUnknown,
		"2022":             cell.DateUnknown,
		"срочно":           cell.DateUnknown,
		"ул. Абая 12-1-22": cell.DateUnknown,
		"1.2.3.4.5":        cell.DateUnknown,
		"25:99 12.01.2022": cell.DateUnknown,
	} {
		if got, why := cell.Date(in); why != want {
			t.Errorf("%q → %v %q, want %q", in, got.Format(time.DateOnly), why, want)
		}
	}
}

func TestCount(t *testing.T) {
	for in, want := range map[string]int{
		"4": 4, "4.0": 4, "4 чел.": 4, "4чел": 4, "төрт": 4, "четверо": 4, "Четыре человека": 4, "four": 4, "4 адам": 4,
		"2+3": 5, "5 (2 детей)": 5, "0": 0, "нет": 0, "жоқ": 0, "он адам": 10, "семья из 6 человек": 6, "1409": 1409, "үш": 3, "бір": 1, "алты": 6,
	} {
		if got, why := cell.Count(in); got != want || why != "" {
			t.Errorf("%q → %d %q, want %d", in, got, why, want)
		}
	}
	for in, want := range map[string]cell.Reason{
		"": cell.Empty, "много": cell.CountUnknown, "-4": cell.CountAbsurd, "4.5": cell.CountAbsurd, "4-5": cell.CountSeveral,
		"3 взрослых, 2 детей": cell.CountSeveral, "87015551234": cell.CountAbsurd, "99999999999999999999 чел": cell.CountAbsurd, "NaN": cell.CountUnknown, "Inf": cell.CountUnknown,
	} {
		if got, why := cell.Count(in); why != want {
			t.Errorf("%q → %d %q, want %q", in, got, why, want)
		}
	}
}

func TestAges(t *testing.T) {
	for in, want := range map[string][]int{
		"1, 6 лет": {12, 72}, "6 ай": {6}, "6 мес.": {6}, "2 и 5": {24, 60}, "5": {60}, "1 год 3 мес": {15}, "1г. 3мес.": {15},
		"2 детей: 3, 5": {36, 60}, "2 бала (3 және 5 жас)": {36, 60}, "новорожденный": {0}, "нәресте": {0}, "1,5 года": {18}, "1.5": {18},
		"1,6 лет": {12, 72}, "3 г, 8 мес": {36, 8}, "мальчик 5, девочка 7": {60, 84}, "2-х лет": {24}, "10 айлық": {10}, "3;5;7": {36, 60, 84}, "2/4": {24, 48},
		"3 недели": {0}, "4 y, 2 months": {48, 2},
	} {
		got, why := cell.Ages(in)
		if !slices.Equal(got, want) || why != "" {
			t.Errorf("%q → %v %q, want %v", in, got, why, want)
		}
	}
	for in, want := range map[string]cell.Reason{
		"": cell.Empty, "взрослые": cell.AgeUnknown, "2015": cell.AgeBirthYear, "2 детей": cell.AgeUnknown, "500": cell.AgeAbsurd, "2015 г.": cell.AgeBirthYear,
	} {
		if got, why := cell.Ages(in); why != want {
			t.Errorf("%q → %v %q, want %q", in, got, why, want)
		}
	}
}

func TestBool(t *testing.T) {
	for _, in := range []string{"да", "Да", "ДА", "иә", "ия", "бар", "есть", "yes", "Y", "+", "✓", "x", "х", "1", "да, двое", "true", "2", "ИСТИНА", "18-ге толған"[0:0] + "толған"} {
		if got, why := cell.Bool(in); !got || why != "" {
			t.Errorf("%q → %v %q, want yes", in, got, why)
		}
	}
	for _, in := range []string{"нет", "жоқ", "no", "-", "—", "0", "Нет", "false", "не нужно", "joq"} {
		if got, why := cell.Bool(in); got || why != "" {
			t.Errorf("%q → %v %q, want no", in, got, why)
		}
	}
	for in, want := range map[string]cell.Reason{"": cell.Empty, "возможно": cell.BoolUnknown, "?": cell.BoolUnknown} {
		if _, why := cell.Bool(in); why != want {
			t.Errorf("%q → %q, want %q", in, why, want)
		}
	}
}

func TestCoordinates(t *testing.T) {
	kz := cell.Bounds{South: 40, West: 46, North: 56, East: 88}
	for in, want := range map[string][2]float64{
		"43.25, 76.95":                     {43.25, 76.95},
		"43.25 76.95":                      {43.25, 76.95},
		"43.25,76.95":                      {43.25, 76.95},
		"43.25;76.95":                      {43.25, 76.95},
		"43,25; 76,95":                     {43.25, 76.95},
		"43,25 76,95":                      {43.25, 76.95},
		"43,25, 76,95":                     {43.25, 76.95},
		"(43.25, 76.95)":                   {43.25, 76.95},
		"N43.25 E76.95":                    {43.25, 76.95},
		"lat: 43.25 lon: 76.95":            {43.25, 76.95},
		"geo:43.25,76.95":                  {43.25, 76.95},
		`N43°15'00" E76°57'00"`:            {43.25, 76.95},
		`43°15'N 76°57'E`:                  {43.25, 76.95},
		"43.25° 76.95°":                    {43.25, 76.95},
		`43° 15' 0" с.ш., 76° 57' 0" в.д.`: {43.25, 76.95},
		"76.95, 43.25":                     {43.25, 76.95}, // the bounds tell
		"https://2gis.kz/almaty/geo/9429940000795/76.95,43.25":                               {43.25, 76.95},
		"https://2gis.kz/almaty?m=76.95%2C43.25%2F16":                                        {43.25, 76.95},
		"https://2gis.kz/almaty/geo/76.95%2C43.25?m=76.9%2C43.2%2F16":                        {43.25, 76.95},
		"https://www.google.com/maps/@43.25,76.95,15z":                                       {43.25, 76.95},
		"https://www.google.com/maps/place/X/@43.2,76.9,17z/data=!3m1!4b1!3d43.25!4d76.95!5": {43.25, 76.95},
		"https://maps.google.com/?q=43.25,76.95":                                             {43.25, 76.95},
		"https://yandex.kz/maps/?ll=76.95%2C43.25&z=16":                                      {43.25, 76.95},
		"https://yandex.ru/maps/?ll=76.9%2C43.2&whatshere%5Bpoint%5D=76.95%2C43.25":          {43.25, 76.95},
		"https://yandex.ru/maps/?pt=76.95,43.25,pm2":                                         {43.25, 76.95},
		"https://yandex.ru/maps/?rtext=~43.25,76.95":                                         {43.25, 76.95},
		"https://www.openstreetmap.org/#map=16/43.25/76.95":                                  {43.25, 76.95},
		"https://www.openstreetmap.org/?mlat=43.25&mlon=76.95#map=5/1/1":                     {43.25, 76.95},
		"вот тут: https://2gis.kz/geo/76.95,43.25 жду":                                       {43.25, 76.95},
	} {
		p, why := cell.Coordinates(in, kz)
		if why != "" || abs(p.Lat-want[0]) > 1e-6 || abs(p.Lon-want[1]) > 1e-6 {
			t.Errorf("%q → %+v %q, want %v", in, p, why, want)
		}
	}
	for in, want := range map[string]cell.Reason{
		"": cell.Empty, "дом у реки": cell.CoordsUnknown, "43.25": cell.CoordsUnknown, "0, 0": cell.CoordsAbsurd, "143.25, 276.95": cell.CoordsAbsurd,
		"10.5, 10.5": cell.CoordsOutside, "https://go.2gis.com/abc1": cell.CoordsShortLink, "https://maps.app.goo.gl/abc": cell.CoordsShortLink,
		"https://example.org/76.95,43.25": cell.CoordsUnknown, "NaN, NaN": cell.CoordsUnknown, "https://%zz": cell.CoordsUnknown, "87015551234, 87025551234": cell.CoordsAbsurd,
	} {
		if p, why := cell.Coordinates(in, kz); why != want {
			t.Errorf("%q → %+v %q, want %q", in, p, why, want)
		}
	}
	if p, _ := cell.Coordinates("76.95, 43.25", kz); !p.Swapped {
		t.Error("a swapped pair must say so")
	}
}

func abs(f float64) float64 { return max(f, -f) }

func TestFold(t *testing.T) {
	for a, b := range map[string]string{
		"Аты-жөні": "АТЫ ЖОНИ", "Телефон\nнөмірі": "телефон номири", "Aдрес": "адрес", "ЁЛКА": "елка", "Mekenjaıy": "mekenjaiy", "Ұялы тел.": "уялы тел",
	} {
		if cell.Fold(a) != cell.Fold(b) {
			t.Errorf("%q → %q, %q → %q", a, cell.Fold(a), b, cell.Fold(b))
		}
	}
}

// FuzzParsers: no cell may make a parser panic, and a phone found is one that is found again.
func FuzzParsers(f *testing.F) {
	for _, s := range []string{"8 (701) 555-12-34, сын +77025551234", "12 қаңтар 2022 ж.", "2 детей: 1,5 и 6 мес", "N43°15'20\" E76°57'", "https://2gis.kz/a/76.9,43.2", "7,7E+10", "да", "4 чел."} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got, _ := cell.Phones(s, "KZ")
		for _, n := range got.Numbers {
			if n.E164 == "" || n.Doubt != "" {
				continue
			}
			if again, why := cell.Phones(n.E164, "KZ"); why != "" || len(again.Numbers) != 1 || again.Numbers[0].E164 != n.E164 {
				t.Errorf("%q: %s comes back as %+v %s", s, n.E164, again, why)
			}
		}
		if d, why := cell.Date(s); why == "" && (d.Year() < 1900 || d.Year() > 2101) {
			t.Errorf("%q → %v", s, d)
		}
		cell.Count(s)
		cell.Ages(s)
		cell.Bool(s)
		if p, why := cell.Coordinates(s, cell.Bounds{}); why == "" && (p.Lat < -90 || p.Lat > 90 || p.Lon != p.Lon) {
			t.Errorf("%q → %+v", s, p)
		}
	})
}
