package print

import (
	"io"
	"strings"
	"testing"

	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/i18n"
)

var consent = map[i18n.Lang]string{
	i18n.KK: "Сізге көмек жеткізу үшін атыңызды, телефоныңызды және мекенжайыңызды сақтаймыз; оны тек осы жұмысты істейтін адамдар көреді. Келісесіз бе?",
	i18n.RU: "Чтобы привезти помощь, мы сохраним ваше имя, телефон и адрес; их увидят только те, кто этим занят. Вы согласны?",
	i18n.EN: "To bring you help we keep your name, phone and address; only those who do this work will see them. Do you agree?",
}

func TestFormsFillOnePageEach(t *testing.T) {
	for _, lang := range i18n.Langs() {
		t.Run(string(lang), func(t *testing.T) {
			calls := CallForm(lang, CallFormInput{Centre: "Үлгі", Copies: 3, From: 41, Distress: "150", Consent: consent[lang]})
			people := RegisterForm(lang, RegisterFormInput{Centre: "Үлгі орталығы", Copies: 2, Consent: consent[lang]})
			for name, want := range map[string]struct {
				part  Part
				pages int
			}{"call": {calls, 3}, "register": {people, 2}} {
				pages, err := want.part()
				if err != nil {
					t.Fatal(err)
				}
				if len(pages) != want.pages {
					t.Errorf("%s: %d pages, want %d", name, len(pages), want.pages)
				}
				t.Logf("%s: %.0f points are left", name, a4H-margin-14-lowest(pages[0]))
				for i, p := range pages {
					inside(t, i+1, p)
				}
			}
			text := extract(t, write(t, "call-"+string(lang), calls))
			contains(t, text, lang.T("print.form.number", "n", 43), "112", "150", consent[lang], lang.T("print.form.consent_no"), lang.T("print.form.by_list"),
				lang.T("print.form.diabetic"), lang.T("print.form.relation"))
			lacks(t, text, "⟦", "□", "{")
			text = extract(t, write(t, "register-"+string(lang), people))
			contains(t, text, lang.T("print.form.seen"), lang.T("print.form.adult_why"), lang.T("print.form.emergency"))
			lacks(t, text, "⟦", "□", "№ 0")
		})
	}
	for _, n := range []int{0, -1, 1_000_000} {
		if err := Write(io.Discard, info, CallForm(i18n.KK, CallFormInput{Copies: n})); !errs.Is(err, errs.Invalid) {
			t.Errorf("%d copies: %v, want invalid", n, err)
		}
	}
}

func TestOutcomeForm(t *testing.T) {
	in := OutcomeFormInput{Centre: "Үлгі", Date: day(0, 0), Rows: []OutcomeRow{{"7", "1"}, {"7", "2"}, {"12", "1"}}, Blank: 20}
	for _, lang := range i18n.Langs() {
		text := extract(t, write(t, "outcomes-"+string(lang), OutcomeForm(lang, in)))
		contains(t, text, "1 "+lang.T("print.outcome.delivered"), lang.T("print.page", "i", 2, "of", 2), lang.Date(day(0, 0)))
		if n := strings.Count(text, lang.T("print.form.crew")); n != 2 {
			t.Errorf("the headings stand on %d of 2 pages", n)
		}
	}
}

func TestInvitationCards(t *testing.T) {
	card := Card{For: "Әсем Мысалова", URL: "https://192.168.1.10:8443/join", Fingerprint: strings.Repeat("ab:CD:12:34:", 8), Code: "4721-9058-0318", Expires: day(20, 0)}
	for _, lang := range i18n.Langs() {
		in := InvitationInput{Centre: "Алматы қаласының волонтерлік фронт-офисі (үлгі)", Cards: []Card{card, card, {Code: "111-222"}, card, card}}
		text := extract(t, write(t, "cards-"+string(lang), InvitationCards(lang, in)))
		contains(t, text, "4721-9058-0318", "ABCD 1234 ABCD 1234", "https://192.168.1.10:8443/join", "111-222")
		lacks(t, text, "⟦", "□", "0 янв", "{")
		if n := strings.Count(text, "\f"); n != 2 {
			t.Errorf("%d pages, want 2", n)
		}
	}
	if err := Write(io.Discard, info, InvitationCards(i18n.KK, InvitationInput{})); !errs.Is(err, errs.Invalid) {
		t.Errorf("no cards: %v, want invalid", err)
	}
}

func TestTableAndSituation(t *testing.T) {
	grid := Grid{Columns: []Column{{"Аудан", false}, {"Ашық", true}, {"Ең ұзақ күткені", true}}}
	for range 70 {
		grid.Rows = append(grid.Rows, []string{"Бостандық ауданы, Абай даңғылынан жоғары", "41", "20 сағ"}, []string{"Түрксіб"})
	}
	text := extract(t, write(t, "table", Table(i18n.KK, TableInput{Title: "Ашық өтінімдер", Subtitle: "12 қаңтар", Grid: grid, Foot: "Үлгі"})))
	contains(t, text, "Ашық өтінімдер", "5-бет, барлығы 5")
	if n := strings.Count(text, "Ең ұзақ күткені"); n != 5 {
		t.Errorf("the headings stand on %d of 5 pages", n)
	}
	grid.Rows = grid.Rows[:6]
	sections := []Section{
		{Heading: "Что действует", Lines: []string{"Комендантский час 23:00–07:00, Алматы.", ""}},
		{Heading: "Что открыто", Table: &grid},
		{Heading: "Что просим у акимата", Lines: []string{strings.Repeat("Пропуска для шести экипажей до вечера. ", 6), "Инсулин."}},
	}
	part := Situation(i18n.RU, SituationInput{Title: "Обстановка", Centre: "Центр (образец)", When: day(15, 40), Sections: sections, Foot: "Числа до пяти скрыты."})
	contains(t, extract(t, write(t, "situation", part)), "Обстановка", "12 янв, ср 15:40", "Комендантский час 23:00–07:00, Алматы.", "Пропуска для шести", "стр. 1 из 1")
	wide := Grid{Rows: [][]string{{"x"}}}
	for range 30 {
		wide.Columns = append(wide.Columns, Column{Title: strings.Repeat("Ұ", 300)})
	}
	for _, g := range []Grid{{}, wide, {Columns: []Column{{}}, Rows: [][]string{{strings.Repeat("а ", 90_000)}}}} {
		write(t, "odd", Table(i18n.EN, TableInput{Grid: g}))
	}
}

// lowest is where the last mark above the foot stands.
func lowest(p *page) (y float64) {
	for _, o := range p.ops {
		if o.y < a4H-margin-14 {
			y = max(y, o.y)
		}
	}
	return y
}

// TestKeyPapers: one key a page, every group of it in words that can be typed.
func TestKeyPapers(t *testing.T) {
	keys := []string{"7KQ2M 0D3FX 1A2B3 4C5D6 7E8F9 0G1H2 3J4K5", "AAAAA BBBBB CCCCC DDDDD EEEEE FFFFF GGGGG"}
	for _, lang := range i18n.Langs() {
		text := extract(t, write(t, "keys-"+string(lang), KeyPapers(lang, KeyPapersInput{Centre: "Оқу орталығы", Date: day(9, 0), Need: 2, Keys: keys})))
		for g := range strings.FieldsSeq(strings.Join(keys, " ")) {
			if !strings.Contains(text, g) {
				t.Errorf("%s: group %s is not on the paper", lang, g)
			}
		}
	}
	if err := Write(io.Discard, info, KeyPapers(i18n.KK, KeyPapersInput{})); !errs.Is(err, errs.Invalid) {
		t.Error("no paper at all:", err)
	}
}
