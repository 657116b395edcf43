package rule_test

import (
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/i18n"
	"github.com/jumyla/jumyla/internal/rule"
	"github.com/jumyla/jumyla/internal/store"
)

var (
	almaty = time.FixedZone("+06", 6*3600) // what Asia/Almaty was in January 2022
	city   = []string{rule.AlmatyCity}
	region = []string{rule.AlmatyRegion}
)

func at(d, h, m int) time.Time { return time.Date(2022, 1, d, h, m, 0, 0, almaty) }

func preset(t *testing.T) []rule.Rule {
	t.Helper()
	rules, err := rule.Preset(rule.Almaty2022)
	if err != nil {
		t.Fatal(err)
	}
	return rules
}

func TestMayInJanuary2022(t *testing.T) {
	both := []string{rule.AlmatyCity, rule.AlmatyRegion}
	for name, c := range map[string]struct {
		q    rule.Query
		want []string // kind and clash
	}{
		"by day":                {rule.Query{Areas: city, From: at(12, 9, 0), To: at(12, 18, 0)}, nil},
		"late":                  {rule.Query{Areas: city, From: at(12, 22, 0), To: at(12, 23, 40)}, []string{"curfew 12 23:00-12 23:40"}},
		"late with a pass":      {rule.Query{Areas: city, From: at(12, 22, 0), To: at(12, 23, 40), Pass: true}, nil},
		"back at the minute":    {rule.Query{Areas: city, From: at(12, 22, 0), To: at(12, 23, 0)}, nil},
		"out at the minute":     {rule.Query{Areas: city, From: at(12, 7, 0), To: at(12, 8, 0)}, nil},
		"before dawn":           {rule.Query{Areas: city, From: at(12, 6, 30), To: at(12, 8, 0)}, []string{"curfew 12 06:30-12 07:00"}},
		"two nights":            {rule.Query{Areas: city, From: at(12, 6, 0), To: at(13, 1, 0)}, []string{"curfew 12 06:00-12 07:00", "curfew 12 23:00-13 01:00"}},
		"before it began":       {rule.Query{Areas: city, From: at(5, 0, 0), To: at(5, 1, 30)}, nil},
		"the first minute":      {rule.Query{Areas: city, From: at(5, 1, 0), To: at(5, 2, 0)}, []string{"curfew 05 01:30-05 02:00"}},
		"the last night":        {rule.Query{Areas: city, From: at(18, 23, 30), To: at(19, 3, 0)}, []string{"curfew 18 23:30-19 00:00"}},
		"region earlier":        {rule.Query{Areas: region, From: at(12, 19, 0), To: at(12, 21, 0)}, []string{"curfew 12 20:00-12 21:00"}},
		"region after the 13th": {rule.Query{Areas: region, From: at(13, 19, 0), To: at(13, 22, 59)}, nil},
		"region 13th before 7":  {rule.Query{Areas: region, From: at(13, 6, 0), To: at(13, 6, 30)}, []string{"curfew 13 06:00-13 06:30"}},
		"across":                {rule.Query{Areas: both, From: at(14, 12, 0), To: at(14, 13, 0)}, []string{"entry_exit 14 12:00-14 13:00", "entry_exit 14 12:00-14 13:00"}},
		"across with a pass":    {rule.Query{Areas: both, From: at(14, 12, 0), To: at(14, 13, 0), Pass: true}, nil},
		"the same area twice":   {rule.Query{Areas: []string{rule.AlmatyCity, rule.AlmatyCity}, From: at(14, 12, 0), To: at(14, 13, 0)}, nil},
		"a meeting":             {rule.Query{Areas: city, From: at(14, 12, 0), To: at(14, 13, 0), People: 40, Pass: true}, []string{"gathering 14 12:00-14 13:00"}},
		"another area":          {rule.Query{Areas: []string{"mangystau"}, From: at(12, 1, 0), To: at(12, 2, 0)}, nil},
		"area not known":        {rule.Query{From: at(12, 21, 0), To: at(12, 22, 0)}, []string{"curfew 12 21:00-12 22:00"}},
		"a moment":              {rule.Query{Areas: city, From: at(12, 23, 30)}, []string{"curfew 12 23:30-12 23:30"}},
	} {
		var got []string
		for _, f := range rule.May(preset(t), c.q) {
			got = append(got, string(f.Rule.Kind)+" "+f.From.In(almaty).Format("02 15:04")+"-"+f.To.In(almaty).Format("02 15:04"))
		}
		if !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}

func TestZonesExemptionsAndRulesThatAreGone(t *testing.T) {
	square := [][2]float64{{43.2, 76.9}, {43.2, 77.0}, {43.3, 77.0}, {43.3, 76.9}}
	zone := rule.Rule{Kind: rule.ClosedZone, Area: rule.AlmatyCity, From: at(5, 0, 0), Zone: "Asia/Almaty", Polygon: square}
	curfew := rule.Rule{Kind: rule.Curfew, From: at(5, 0, 0), Zone: "Asia/Almaty", Start: 23 * 60, End: 7 * 60}
	free := rule.Rule{Kind: rule.Exemption, Area: rule.AlmatyCity, From: at(5, 0, 0), Zone: "Asia/Almaty", Start: 22 * 60, End: 60}
	passes := rule.Rule{Kind: rule.Exemption, From: at(5, 0, 0), Zone: "Asia/Almaty", PassExempt: true}
	gone, replaced, odd := curfew, curfew, curfew
	gone.Ended = true
	replaced.Superseded = [16]byte{1}
	odd.Zone = "Nowhere/Here"
	night := rule.Query{Areas: city, From: at(12, 22, 30), To: at(13, 2, 0)}
	point := func(lat, lon float64) rule.Query {
		return rule.Query{Areas: city, From: at(12, 12, 0), To: at(12, 13, 0), Lat: lat, Lon: lon}
	}
	withPass := night
	withPass.Pass = true
	elsewhere := night
	elsewhere.Areas = region
	for name, c := range map[string]struct {
		rules []rule.Rule
		q     rule.Query
		want  int
		from  time.Time
	}{
		"in the zone":              {[]rule.Rule{zone}, point(43.25, 76.95), 1, at(12, 12, 0)},
		"beside the zone":          {[]rule.Rule{zone}, point(43.35, 76.95), 0, time.Time{}},
		"point not known":          {[]rule.Rule{zone}, point(0, 0), 0, time.Time{}},
		"exempt until one":         {[]rule.Rule{curfew, free}, night, 1, at(13, 1, 0)},
		"exempt elsewhere":         {[]rule.Rule{curfew, free}, elsewhere, 1, at(12, 23, 0)},
		"exempt with a pass":       {[]rule.Rule{curfew, passes}, withPass, 0, time.Time{}},
		"exempt without a pass":    {[]rule.Rule{curfew, passes}, night, 1, at(12, 23, 0)},
		"taken back":               {[]rule.Rule{gone}, night, 0, time.Time{}},
		"superseded":               {[]rule.Rule{replaced}, night, 0, time.Time{}},
		"a zone nobody can read":   {[]rule.Rule{odd}, point(0, 0), 1, at(12, 12, 0)},
		"no rules":                 {nil, night, 0, time.Time{}},
		"a kind that nobody knows": {[]rule.Rule{{Kind: "new", From: at(5, 0, 0), Zone: "Asia/Almaty"}}, night, 1, at(12, 22, 30)},
	} {
		got := rule.May(c.rules, c.q)
		if len(got) != c.want || c.want > 0 && !got[0].From.Equal(c.from) {
			t.Errorf("%s: %+v", name, got)
		}
		for _, f := range got {
			for _, l := range i18n.Langs() {
				if s := f.Text(l); s == "" || strings.ContainsAny(s, "⟦{}") {
					t.Errorf("%s: %q", name, s)
				}
			}
		}
	}
}

func TestTextNamesRuleTimeAndWayOut(t *testing.T) {
	f := rule.May(preset(t), rule.Query{Areas: city, From: at(12, 22, 0), To: at(12, 23, 40)})[0]
	for l, want := range map[i18n.Lang]string{
		i18n.EN: "Curfew in Almaty 23:00–07:00. Not possible: 12 Jan, Wed 23:00 – 23:40. Be done by 12 Jan, Wed 23:00. Or take a pass.",
		i18n.RU: "Алматы: комендантский час 23:00–07:00. Нельзя: 12 янв, ср 23:00 – 23:40. Закончите до 12 янв, ср 23:00. Или получите пропуск.",
		i18n.KK: "Алматы: коменданттық сағат 23:00–07:00. Мүмкін емес: 12 қаңтар, ср 23:00 – 23:40. Мына уақытқа дейін аяқтаңыз: 12 қаңтар, ср 23:00. Немесе рұқсатнама алыңыз.",
	} {
		if got := f.Text(l); got != want {
			t.Errorf("%s: %q", l, got)
		}
	}
	for from, want := range map[time.Time]string{
		at(12, 5, 0):  "Start after 12 Jan, Wed 07:00.",
		at(12, 23, 5): "Choose another time.",
	} {
		f := rule.May(preset(t), rule.Query{Areas: city, From: from, To: from.Add(3 * time.Hour)})[0]
		if got := f.Text(i18n.EN); !strings.Contains(got, want) {
			t.Errorf("%q lacks %q", got, want)
		}
	}
	ban := rule.May(preset(t), rule.Query{Areas: city, From: at(12, 12, 0), To: at(12, 13, 0), People: 9})[0]
	if got := ban.Text(i18n.EN); !strings.HasPrefix(got, "Gatherings in Almaty are banned.") || strings.Contains(got, "pass") {
		t.Error(got)
	}
}

func TestAllowed(t *testing.T) {
	for name, c := range map[string]struct {
		areas []string
		pass  bool
		day   time.Time
		want  []rule.Window
	}{
		"city":            {city, false, at(12, 15, 0), []rule.Window{{420, 1380}}},
		"city, pass":      {city, true, at(12, 15, 0), []rule.Window{{0, 1440}}},
		"region":          {region, false, at(12, 15, 0), []rule.Window{{420, 1200}}},
		"both":            {append(city, region...), false, at(12, 0, 0), []rule.Window{{420, 1200}}},
		"first day":       {city, false, at(5, 12, 0), []rule.Window{{0, 90}, {420, 1380}}},
		"day after":       {city, false, at(19, 12, 0), []rule.Window{{0, 1440}}},
		"before":          {city, false, at(4, 12, 0), []rule.Window{{0, 1440}}},
		"nowhere known":   {nil, false, at(12, 12, 0), []rule.Window{{420, 1200}}},
		"region the 13th": {region, false, at(13, 12, 0), []rule.Window{{420, 1380}}},
	} {
		if got := rule.Allowed(preset(t), c.areas, c.pass, c.day, almaty); !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}

func TestLine(t *testing.T) {
	for now, want := range map[time.Time]string{
		at(12, 20, 50): "Curfew 23:00–07:00 · in 2 h 10 min",
		at(13, 1, 30):  "Curfew 23:00–07:00 · 5 h 30 min left",
		at(19, 12, 0):  "",
		at(3, 12, 0):   "",
	} {
		if got := rule.Line(i18n.EN, preset(t), city, now); got != want {
			t.Errorf("%v: %q, want %q", now, got, want)
		}
	}
}

func TestLineTakesTheLongerOfTwo(t *testing.T) {
	short := rule.Rule{Kind: rule.Curfew, From: at(5, 0, 0), Zone: "Asia/Almaty", Start: 23 * 60, End: 5 * 60}
	long := short
	long.End = 7 * 60
	for _, rules := range [][]rule.Rule{{short, long}, {long, short}} {
		if got := rule.Line(i18n.EN, rules, city, at(12, 22, 0)); got != "Curfew 23:00–07:00 · in 1 h" {
			t.Error(got)
		}
	}
}

// TestNightWhenClocksChange holds that a window is of the clock on the wall: in Berlin the night of 27 March
// 2022 has an hour less.
func TestNightWhenClocksChange(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	night := rule.Rule{Kind: rule.Curfew, From: at(5, 0, 0), Zone: "Europe/Berlin", Start: 23 * 60, End: 7 * 60}
	from := time.Date(2022, 3, 26, 20, 0, 0, 0, berlin)
	got := rule.May([]rule.Rule{night}, rule.Query{From: from, To: from.Add(20 * time.Hour)})
	if len(got) != 1 || got[0].From.In(berlin).Hour() != 23 || got[0].To.In(berlin).Hour() != 7 || got[0].To.Sub(got[0].From) != 7*time.Hour {
		t.Fatalf("%+v", got)
	}
	want := []rule.Window{{360, 1320}} // an hour is gone by seven
	if w := rule.Allowed([]rule.Rule{night}, nil, false, from.Add(16*time.Hour), berlin); !reflect.DeepEqual(w, want) {
		t.Fatal(w)
	}
}

func TestEveryKindHasWords(t *testing.T) {
	for _, l := range i18n.Langs() {
		for _, k := range []rule.Kind{rule.Curfew, rule.ClosedZone, rule.EntryExit, rule.Gathering, rule.Exemption} {
			if s := k.Name(l); s == "" || strings.Contains(s, "⟦") {
				t.Errorf("%s %s: %q", l, k, s)
			}
		}
	}
}

func BenchmarkMay(b *testing.B) {
	rules, err := rule.Preset(rule.Almaty2022)
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		rule.May(rules, rule.Query{Areas: city, From: at(12, 22, 0), To: at(12, 23, 40)})
	}
}

// TestMayAgreesWithAllowed asks minute by minute: where the calendar is open, nothing refuses, and the other way.
func TestMayAgreesWithAllowed(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		minute := rapid.IntRange(0, 1440)
		area := rapid.SampledFrom([]string{"", "a", "b"})
		rules := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) rule.Rule {
			r := rule.Rule{Kind: rapid.SampledFrom([]rule.Kind{rule.Curfew, rule.ClosedZone, rule.Exemption}).Draw(t, "kind"),
				Area: area.Draw(t, "area"), Zone: rapid.SampledFrom([]string{"Asia/Almaty", "UTC", "Europe/Berlin"}).Draw(t, "zone"),
				Start: minute.Draw(t, "start"), End: minute.Draw(t, "end"), PassExempt: rapid.Bool().Draw(t, "exempt"),
				From: at(10, 0, 0).Add(time.Duration(rapid.IntRange(0, 2880).Draw(t, "from")) * time.Minute)}
			if rapid.Bool().Draw(t, "bounded") {
				r.To = r.From.Add(time.Duration(rapid.IntRange(1, 4000).Draw(t, "for")) * time.Minute)
			}
			return r
		}), 0, 4).Draw(t, "rules")
		areas := rapid.SampledFrom([][]string{{"a"}, {"b"}, {"a", "b"}, nil}).Draw(t, "areas")
		pass, day := rapid.Bool().Draw(t, "pass"), at(rapid.IntRange(9, 14).Draw(t, "day"), 0, 0)
		open := make([]bool, 1440)
		for _, w := range rule.Allowed(rules, areas, pass, day, almaty) {
			for m := w.From; m < w.To; m++ {
				open[m] = true
			}
		}
		for range 30 {
			m := rapid.IntRange(0, 1439).Draw(t, "minute")
			from := day.Add(time.Duration(m) * time.Minute)
			got := rule.May(rules, rule.Query{Areas: areas, From: from, To: from.Add(time.Minute), Pass: pass})
			if open[m] != (len(got) == 0) {
				t.Fatalf("minute %d: calendar open %v, refusals %+v", m, open[m], got)
			}
		}
	})
}

func TestApplyIsIdempotentAndRebuilds(t *testing.T) {
	db, err := store.Create(t.Context(), store.Config{Dir: filepath.Join(t.TempDir(), "c"), Kinds: []store.Registered{rule.Record},
		KDF: store.KDF{Time: 1, Memory: 64, Threads: 1}}, store.Secret{Passphrase: "төрт сөз жеткілікті"})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	apply := func(rules ...rule.Rule) error {
		return db.Write(t.Context(), store.Actor{}, func(tx *store.Tx) error { return rule.Apply(t.Context(), tx, rules) })
	}
	count := func(from, to time.Time) int {
		t.Helper()
		got, err := rule.Between(t.Context(), db, from, to)
		if err != nil {
			t.Fatal(err)
		}
		return len(got)
	}
	for range 2 {
		if err := apply(preset(t)...); err != nil {
			t.Fatal(err)
		}
	}
	if got := count(at(1, 0, 0), at(31, 0, 0)); got != 7 {
		t.Fatal(got, "rules after applying twice")
	}
	now, err := rule.InForce(t.Context(), db, at(12, 12, 0))
	if err != nil || len(now) != 6 {
		t.Fatal(len(now), err)
	}
	first := preset(t)[0]
	first.ID = now[0].ID
	if now[0].Kind == rule.Curfew && !reflect.DeepEqual(now[0], first) {
		t.Fatalf("%+v, want %+v", now[0], first)
	}
	ended := now[0]
	ended.Ended = true
	if err := apply(ended); err != nil {
		t.Fatal(err)
	}
	if err := apply(preset(t)...); err != nil { // does not bring it back
		t.Fatal(err)
	}
	for when, want := range map[time.Time]int{at(5, 1, 29): 0, at(12, 12, 0): 5, at(19, 0, 0): 0} {
		if got, err := rule.InForce(t.Context(), db, when); err != nil || len(got) != want {
			t.Errorf("%v: %d in force, want %d; %v", when, len(got), want, err)
		}
	}
	if err := apply(rule.Rule{Kind: "x", Start: -1, Zone: "Local", To: at(1, 0, 0), Polygon: make([][2]float64, 2)}); !errs.Is(err, errs.Invalid) {
		t.Fatal(err)
	}
	if _, err := rule.Preset("atlantis"); !errs.Is(err, errs.NotFound) {
		t.Fatal(err)
	}
	before, after, err := db.Rebuild(t.Context())
	if err != nil || before != after {
		t.Fatal(before, after, err)
	}
}

// TestTheNeighboursCurfewDoesNotBind asks for a centre of each known area under the curfew of one.
func TestTheNeighboursCurfewDoesNotBind(t *testing.T) {
	for _, c := range []struct {
		written string // the area of the rule
		centre  string
		binds   bool
	}{
		{rule.AlmatyCity, rule.AlmatyCity, true}, {rule.AlmatyCity, rule.AlmatyRegion, false}, {rule.AlmatyCity, "abai-region", false},
		{"", "abai-region", true}, {"Семей", "abai-region", true}, {"Область Абай", "abai-region", true}, {"Семей", "zhetysu-region", false}, {"abai-region", "abai-region", true},
	} {
		curfew := rule.Rule{Kind: rule.Curfew, Area: c.written, From: at(5, 0, 0), Zone: "Asia/Almaty", Start: 22 * 60, End: 7 * 60}
		q := rule.Query{Areas: []string{c.centre}, From: at(12, 23, 0), To: at(12, 23, 30)}
		if !rule.KnownArea(c.centre) {
			t.Error(c.centre, "is not known")
		}
		if bound := len(rule.May([]rule.Rule{curfew}, q)) > 0; bound != c.binds {
			t.Errorf("a curfew in %q binds a centre in %s: %v", c.written, c.centre, bound)
		}
	}
	if rule.KnownArea("Талғар ауданы") || rule.OutlineOf("abai-region") != "100000000" || rule.AreaName(i18n.EN, "abai-region") != "in Abai region" {
		t.Error("an area of one's own is known, or a known one is not")
	}
}
