package demo

import (
	"slices"
	"strings"
	"time"
)

// Callback is somebody who waits to be called back when the drill opens.
type Callback struct {
	Name, Phone string
	Why         string
	At          time.Time // since when they wait
	After       time.Time // not to be called before; zero: at once
	Tries       int       // how often nobody could be reached
	About       int       // index of the request that it is about, or -1
}

// Callbacks returns the queue of call-backs of a seed: lines that broke, questions that were left open, people who named an hour.
func Callbacks(seed uint64) []Callback {
	var about []int
	for i, r := range Requests(seed) {
		if r.RepeatOf < 0 && r.At.After(day(12, 12, 30)) && len(about) < 3 {
			about = append(about, i)
		}
	}
	all := []Callback{
		{Why: "Мекенжайды айтып тұрғанда байланыс үзілді. Абай көшесі деді, үй нөмірі естілмеді.", At: day(12, 13, 52), Tries: 1},
		{Why: "Просит узнать, когда привезут: звонит второй раз, внук голодный.", At: day(12, 14, 10), About: 1},
		{Why: "Занято. Уточнить подъезд и код двери, экипаж не смог войти.", At: day(12, 14, 25), Tries: 3, About: 2},
		{Why: "Инсулиннің атын дәрігерден сұрап қояды, 16:00-ден кейін хабарласуды өтінді.", At: day(12, 14, 48), After: day(12, 16, 0), About: 3},
		{Why: "На дежурстве в больнице, трубку возьмёт после 18:00.", At: day(12, 15, 5), After: day(12, 18, 0)},
		{Why: "Daughter in London: has anybody spoken to her father?", At: day(12, 15, 21)},
	}
	d := newDice(seed, streamAfternoon)
	requests := Requests(seed)
	for i := range all {
		c := &all[i]
		name, lang, _ := d.person(d.chance(60))
		c.Name, c.Phone, c.Why = name.In(lang), mobile(blockAfternoon+i), marked(c.Why)
		if c.About--; c.About < 0 || c.About >= len(about) {
			c.About = -1
			continue
		}
		c.About = about[c.About]
		r := requests[c.About]
		if c.Name, c.Phone = r.Household.Contact, r.Household.Phone; r.Caller != nil {
			c.Name, c.Phone = r.Caller.Name.In(r.Language), r.Caller.Phone
		}
	}
	all[len(all)-1].Phone = "+447700900148" // abroad
	return all
}

// Word is what somebody asked to be told to whom.
type Word struct {
	Request   int // index of the request; its first need is the message
	To, Phone string
	Words     string
	NoAnswer  time.Time // when it was tried in vain; zero: not yet
}

// Words returns what is to be brought to relatives. For every third message nobody has written it down yet.
func Words(seed uint64) []Word {
	d := newDice(seed, streamWords)
	said := map[Lang][]string{
		KK: {"Бәріміз аманбыз, үйде отырмыз. Байланыс шыққанда өзіміз хабарласамыз.", "Дәрімді алып келді, жағдайым жақсы. Жолға шықпай-ақ қойыңдар."},
		RU: {"Мы дома, все живы и здоровы. Позвоним сами, как только появится связь.", "Лекарство привезли, чувствую себя лучше. Не выезжайте, дороги закрыты."},
		EN: {"I am safe and stay with friends near the airport. I will call as soon as the line works."},
	}
	var out []Word
	n := 0
	for i, r := range Requests(seed) {
		if r.RepeatOf >= 0 || r.Needs[0].Kind != Message {
			continue
		}
		if n++; n%3 == 0 {
			continue
		}
		name, _, _ := d.person(d.chance(50))
		w := Word{Request: i, To: name.In(r.Language), Phone: mobile(blockEmergency + d.IntN(blockSize)), Words: pick(d, said[r.Language])}
		if n%5 == 1 && r.At.Before(day(12, 11, 0)) {
			w.NoAnswer = day(12, 11, 30).Add(time.Duration(n) * time.Minute)
		}
		out = append(out, w)
	}
	return out
}

// Post is an institution or a checkpoint that asks for itself.
type Post struct {
	Landmark Landmark
	Phone    string
	At       time.Time
	Said     string
	Needs    []Need
	From, To time.Time
}

// Posts returns what posts and hospitals asked for on the drill's day. Their numbers name nobody's home.
func Posts() []Post {
	asks := map[string]Post{
		"№ 90 аурухана": {At: day(12, 13, 15), Said: "Кезекшілікте 40 адам, кешкі тамақ керек. Қызметкерлер кіретін есікке.", Needs: []Need{{HotMeal, 40, marked("кіреберіс 3 · вход 3")}}, From: day(12, 17, 0), To: day(12, 19, 0)},
		"1-бекет":       {At: day(12, 14, 5), Said: "На посту 12 человек до утра. Горячее и вода.", Needs: []Need{{HotMeal, 12, marked("")}, {Water, 4, marked("")}}, From: day(12, 18, 0), To: day(12, 20, 30)},
		"4-бекет":       {At: day(12, 14, 40), Said: "Нан мен су бітіп барады, 16 адамбыз.", Needs: []Need{{Bread, 10, marked("")}, {Water, 6, marked("")}}},
		"«Үлгі» диализ орталығы": {At: day(12, 15, 10), Said: "Пациенты задержались до вечера: 10 порций горячего.", Needs: []Need{{HotMeal, 10, marked("")}}, From: day(12, 17, 0), To: day(12, 18, 30)},
	}
	var out []Post
	for i, l := range Landmarks() {
		if p, ok := asks[l.KK]; ok {
			p.Landmark, p.Phone = l, cityPhone(blockAfternoon+i)
			out = append(out, p)
		}
	}
	slices.SortFunc(out, func(a, b Post) int { return a.At.Compare(b.At) })
	return out
}

// AfterShift is what a household asks for that is home only after a shift in hospital: so late that a crew without a pass which
// goes there is not back before the curfew, if it lives far out.
func AfterShift(h Household) Request {
	said := "Ауруханада кезекшілікте, үйде 22:20-дан кейін ғана болады. Нан керек, ертерек есікті ешкім ашпайды."
	if spokenWith(h.Language) == RU {
		said = "Дежурит в больнице, дома будет только после 22:20. Нужен хлеб, раньше дверь никто не откроет."
	}
	return Request{At: day(12, 15, 2), Household: h, Language: spokenWith(h.Language), RepeatOf: -1, Said: said, Note: marked(""),
		Needs: []Need{{Kind: Bread, Quantity: 2, Note: marked("")}}, From: day(12, 22, 20), To: day(12, 23, 30)}
}

// Lesson is what the morning shift left for the next.
func Lesson() (text, ask string) {
	return marked("Таңғы ауысым: 2-экипаж 14:20-дан бері хабарсыз, төтенше байланысына қоңырау шалыңыз. Инсулин аз қалды, алдымен балаларға. / " +
			"Утренняя смена: экипаж 2 молчит с 14:20, звоните его близким. Инсулина мало, сначала детям."),
		"Әкімдіктен: 1-бекетке өту рұқсатын 13 қаңтарға ұзартуды сұраймыз. / От акимата: продлить пропуск на пост 1 на 13 января. " + Mark
}

// DistrictCSV is a small list of households that an akimat sent in the morning, as the office took it: one row without a phone that
// can be called, a sum at the end.
func DistrictCSV() string {
	lines := []string{"№;Аты-жөні / ФИО;Мекенжайы / Адрес;Телефон;Адам саны;Ескерту"}
	for i, row := range []string{
		"Өрік Қиялқызы;Абай даңғылы 12, 4;{0};3", "Дубль Примеров;пр. Абая 58, кв. 9;{1};2", "Шырын Үлгіқызы;Жандосов көшесі 21;{2};5",
		"Образец Примерова;ул. Тимирязева 40, кв. 17;{3};1", "Қиял Үлгіұлы;Райымбек даңғылы 101;{4};4", "Проба Вымыслова;ул. Жандосова 8;жоқ / нет;2",
	} {
		fields := strings.Split(row, ";")
		if n := strings.Trim(fields[2], "{}"); n != fields[2] {
			fields[2] = typed(mobile(blockAfternoon + 20 + i))
		}
		lines = append(lines, string(rune('1'+i))+";"+strings.Join(fields, ";")+";"+Mark)
	}
	return strings.Join(append(lines, ";Барлығы / Итого;;;17;"), "\r\n") + "\r\n"
}
