package people_test

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/jumyla/jumyla/internal/crew"
	"github.com/jumyla/jumyla/internal/place"
	"github.com/jumyla/jumyla/internal/rule"
	"github.com/jumyla/jumyla/internal/store"
	"github.com/jumyla/jumyla/internal/supply"
	"github.com/jumyla/jumyla/internal/volunteer"
)

func form(pairs ...string) url.Values {
	f := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		f.Add(pairs[i], pairs[i+1])
	}
	return f
}

func (o *office) volunteers() []volunteer.Volunteer {
	o.t.Helper()
	all, err := volunteer.List(o.t.Context(), o.db)
	if err != nil {
		o.t.Fatal(err)
	}
	return all
}

func TestRegister(t *testing.T) {
	o := open(t)
	f := form("form_token", "t1", "name", "Серік Ойдан", "phone", "8 701 555 12 34", "adult", "seen", "langs", "kk", "langs", "xx",
		"skills", "дәрігер, ауыр көтеру,", "vehicle", "ақ Нива", "plate", "001ZZZ02", "baskets", "14", "when", "кешке", "emergency", "анасы", "permit", "А-7")
	page := o.post("/people", "operator", http.StatusUnprocessableEntity, f)
	has(t, page, "Подтвердить документ может только координатор")
	f.Set("adult", "said")
	for range 2 {
		o.post("/people", "operator", http.StatusSeeOther, f)
	}
	f.Set("adult", "seen")
	f.Set("form_token", "t2")
	f.Set("name", "Serik Oidan")
	has(t, o.post("/people", "coordinator", http.StatusUnprocessableEntity, f), "уже в списке", "звучит одинаково", "Серік Ойдан", "тот же телефон")
	f.Set("another", "yes")
	for range 2 {
		o.post("/people", "coordinator", http.StatusSeeOther, f)
	}
	all := o.volunteers()
	if len(all) != 2 {
		t.Fatalf("%d volunteers after two forms sent twice", len(all))
	}
	seen := 0
	for _, v := range all {
		if v.IsAdult() {
			seen++
			if v.SeenBy != o.boss.ID.ID || !v.SeenAt.Equal(noon) {
				t.Error("seen by", v.SeenBy, v.SeenAt)
			}
		}
		if v.Phone != "+77015551234" || len(v.Skills) != 2 || len(v.Langs) != 1 || v.Pass != "А-7" || v.Baskets != 14 {
			t.Errorf("%+v", v)
		}
	}
	if seen != 1 {
		t.Error("seen:", seen)
	}
	page = o.post("/people", "operator", http.StatusUnprocessableEntity, form("name", "", "phone", "12", "adult", "said", "baskets", "много", "when", "кешке"))
	has(t, page, "Нужно заполнить", "Это не номер телефона", "Здесь нужно число")
}

func TestFindAndSee(t *testing.T) {
	o := open(t)
	v := o.volunteer(minor, "+77015550011", volunteer.Said)
	o.volunteer(driver, "+77015551234", volunteer.Seen)
	hasNot(t, o.get("/people?show=ready", "operator"), string(minor))
	hasNot(t, o.get("/people?show=said", "operator"), string(driver))
	page := o.get("/people?q="+url.QueryEscape("ойдан"), "operator")
	has(t, page, string(driver))
	hasNot(t, page, string(minor), "/seen")
	has(t, o.get("/people?q=nobody+at+all", "operator"), "Никого не нашли")
	has(t, o.get("/people", "coordinator"), "/people/"+v.ID.String()+"/seen")
	has(t, o.get("/people/"+v.ID.String(), "operator"), "В экипаж пока нельзя")

	for range 2 {
		w := o.do(http.MethodPost, "/people/"+v.ID.String()+"/seen", "coordinator", form("next", "/people?show=said"))
		if w.Code != http.StatusSeeOther || w.Header().Get("Location") != "/people?show=said" {
			t.Fatal(w.Code, w.Header().Get("Location"))
		}
	}
	has(t, o.get("/people/"+v.ID.String(), "operator"), string(boss), "документ видел(а)", "12:00")
	o.post("/people/"+v.ID.String()+"/unseen", "coordinator", http.StatusSeeOther, nil)
	has(t, o.get("/people/"+v.ID.String(), "operator"), "В экипаж пока нельзя")

	if w := o.do(http.MethodPost, "/people/"+v.ID.String()+"/seen", "coordinator", form("next", "https://elsewhere.example/")); w.Header().Get("Location") != "/" {
		t.Error("led away to", w.Header().Get("Location"))
	}
	for _, path := range []string{"/people/nonsense", "/people/" + o.boss.ID.String()} {
		if w := o.do(http.MethodGet, path, "operator", nil); w.Code != http.StatusNotFound {
			t.Error(path, w.Code)
		}
	}
}

func TestChangeAndLeave(t *testing.T) {
	o := open(t)
	v := o.volunteer(driver, "+77015551234", volunteer.Seen)
	at := "/people/" + v.ID.String()
	version := func() string {
		got, err := store.Version(t.Context(), o.db, v.ID.ID)
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	stale := version()
	has(t, o.get(at+"/edit", "operator"), `value="+7 701 555 12 34"`, `value="14"`, `value="`+stale+`"`)
	hasNot(t, o.get(at+"/edit", "coordinator"), `name="adult"`)
	f := form("form_token", "e1", "version", stale, "name", "Серік Ойдан", "phone", "87015559999", "langs", "uz")
	for range 2 {
		o.post(at, "operator", http.StatusSeeOther, f)
	}
	all := o.volunteers()
	if len(all) != 1 || all[0].Phone != "+77015559999" || !all[0].IsAdult() || all[0].Plate != "" || len(all[0].Langs) != 1 {
		t.Errorf("%+v", all)
	}
	f.Set("form_token", "e2")
	f.Set("when", "кешке")
	o.post(at, "operator", http.StatusUnprocessableEntity, f)
	f.Set("version", version())
	f.Set("name", " ")
	has(t, o.post(at, "operator", http.StatusUnprocessableEntity, f), "Нужно заполнить")

	o.post("/crews", "dispatcher", http.StatusSeeOther, form("driver", v.ID.String()))
	for range 2 {
		o.post(at+"/end", "coordinator", http.StatusSeeOther, nil)
	}
	hasNot(t, o.get("/people", "operator"), string(driver))
	has(t, o.get(at, "operator"), "больше не волонтёр")
	has(t, o.get("/crews", "operator"), "выезжать нельзя", "больше не волонтёр")
	o.post(at+"/restore", "coordinator", http.StatusSeeOther, nil)
	has(t, o.get("/people", "operator"), string(driver))
}

// An attestation is of one person: whoever may not look at documents cannot hand it to another by a new name.
func TestAnotherNameIsAnotherPerson(t *testing.T) {
	for _, tc := range []struct {
		role, name string
		adult      bool
	}{
		{"operator", "СЕРІК  Ойдан", true},
		{"operator", "Жасөспірім Ойдан", false},
		{"dispatcher", "Жасөспірім Ойдан", false},
		{"coordinator", "Серікбай Ойдан", true},
	} {
		o := open(t)
		v := o.volunteer(driver, "+77015551234", volunteer.Seen)
		version, err := store.Version(t.Context(), o.db, v.ID.ID)
		if err != nil {
			t.Fatal(err)
		}
		o.post("/people/"+v.ID.String(), tc.role, http.StatusSeeOther, form("form_token", "n", "version", version, "name", tc.name, "phone", "87015551234"))
		if all := o.volunteers(); len(all) != 1 || all[0].IsAdult() != tc.adult || string(all[0].Name) != tc.name {
			t.Errorf("%s renames to %s: %+v", tc.role, tc.name, all)
		}
	}
}

func TestCrew(t *testing.T) {
	o := open(t)
	adult, said := o.volunteer(driver, "+77015551234", volunteer.Seen), o.volunteer(minor, "+77015550011", volunteer.Said)
	unasked := o.volunteer("Тимур Ойдан", "", volunteer.Unknown)
	hasNot(t, o.get("/crews", "dispatcher"), said.ID.String(), unasked.ID.String())
	for _, who := range []volunteer.Volunteer{said, unasked} {
		for _, f := range []url.Values{form("driver", who.ID.String()), form("driver", adult.ID.String(), "navigator", who.ID.String())} {
			page := o.post("/crews", "coordinator", http.StatusUnprocessableEntity, f)
			has(t, page, string(who.Name)+": координатор ещё не видел, что есть 18 лет", "Экипаж не собран")
		}
	}
	has(t, o.post("/crews", "dispatcher", http.StatusUnprocessableEntity, form("driver", o.boss.ID.String())), "не из реестра")
	has(t, o.post("/crews", "dispatcher", http.StatusUnprocessableEntity, form("driver", adult.ID.String(), "navigator", adult.ID.String(), "from", "9:00")),
		"Водитель и штурман", "Нужно заполнить")

	f := form("form_token", "c1", "driver", adult.ID.String(), "from", "18:00", "to", "02:00", "lang", "kk", "number", "7")
	for range 2 {
		o.post("/crews", "dispatcher", http.StatusSeeOther, f)
	}
	crews, err := crew.List(t.Context(), o.db)
	if err != nil || len(crews) != 1 {
		t.Fatal(len(crews), err)
	}
	c := crews[0]
	if c.Number != 7 || c.From != 18*60 || c.To != 26*60 || c.Vehicle != "ақ Нива" || c.Baskets != 14 || c.Emergency == "" || c.Members[0].Name != driver {
		t.Errorf("%+v", c)
	}
	has(t, o.get("/crews", "operator"), "18:00–02:00", "может выезжать", "14 корзин")
	f.Set("form_token", "c2")
	has(t, o.post("/crews", "dispatcher", http.StatusUnprocessableEntity, f), "Экипаж 7 уже есть")

	o.post("/people/"+adult.ID.String()+"/unseen", "coordinator", http.StatusSeeOther, nil)
	has(t, o.get("/crews", "operator"), "выезжать нельзя", "координатор ещё не видел")
	for range 2 {
		o.post("/crews/"+c.ID.String()+"/end", "dispatcher", http.StatusSeeOther, nil)
	}
	has(t, o.get("/crews", "dispatcher"), "Экипажей пока нет", "В экипаж пока некого взять")
}

func TestRules(t *testing.T) {
	o := open(t)
	for range 2 {
		o.post("/rules/preset", "coordinator", http.StatusSeeOther, form("name", rule.Almaty2022))
	}
	if w := o.do(http.MethodPost, "/rules/preset", "coordinator", form("name", "mars")); w.Code != http.StatusNotFound {
		t.Error(w.Code)
	}
	preset, err := rule.Preset(rule.Almaty2022)
	if err != nil {
		t.Fatal(err)
	}
	page := o.get("/rules", "operator")
	if n := strings.Count(page, `<tr id="r-`); n != len(preset) {
		t.Errorf("%d rules, want %d", n, len(preset))
	}
	has(t, page, "23:00–07:00", "caravan.kz", "действует", "ещё не началось", "с пропуском")
	hasNot(t, page, "/end", "new-rule", "/rules/preset")

	page = o.post("/rules", "coordinator", http.StatusUnprocessableEntity, form("kind", "curfew", "area", "*", "from_clock", "10:00", "start", "22:00", "to", "завтра"))
	has(t, page, "Укажите и день", "Укажите и начало, и конец", "Это не дата", "Нужно заполнить")
	has(t, o.post("/rules", "coordinator", http.StatusUnprocessableEntity, form("kind", "war", "source", "x")), "Нужно заполнить")
	has(t, o.post("/rules", "coordinator", http.StatusUnprocessableEntity, form("kind", "curfew", "source", "x", "to", "2022-01-01")), "Окончание должно быть позже")

	f := form("form_token", "r1", "kind", "curfew", "area", "*", "area_name", "Талғар", "from", "2022-01-13", "from_clock", "20:00", "start", "22:00", "end", "6:00",
		"exempt", "1", "source", "әкімдік, ойдан")
	for range 2 {
		o.post("/rules", "coordinator", http.StatusSeeOther, f)
	}
	has(t, o.get("/rules", "coordinator"), "Талғар", "22:00–06:00", "без срока", "13 янв, чт 20:00")
	all, err := rule.Between(t.Context(), o.db, noon, noon.AddDate(1, 0, 0))
	if err != nil || len(all) != len(preset)+1 {
		t.Fatal(len(all), err)
	}
	for _, act := range []struct {
		do   string
		want int
	}{{"end", 0}, {"end", 0}, {"restore", 1}} {
		for _, r := range all {
			if r.Area == "Талғар" {
				o.post("/rules/"+r.ID.String()+"/"+act.do, "coordinator", http.StatusSeeOther, nil)
			}
		}
		if n := strings.Count(o.get("/rules", "auditor"), "әкімдік, ойдан"); n != act.want {
			t.Errorf("after %s: %d times on the page", act.do, n)
		}
	}
}

func TestStock(t *testing.T) {
	o := open(t)
	has(t, o.get("/stock", "dispatcher"), "не считали")
	hasNot(t, o.get("/stock", "dispatcher"), "n_basket")
	has(t, o.post("/stock", "coordinator", http.StatusUnprocessableEntity, form("n_basket", " ")), "Впишите хотя бы одно число")
	has(t, o.post("/stock", "coordinator", http.StatusUnprocessableEntity, form("n_basket", "12", "n_bread", "-1")), "слишком большое или слишком маленькое")
	f := form("form_token", "s1", "n_basket", "120", "n_insulin", "0", "n_bread", "")
	for range 2 {
		o.post("/stock", "coordinator", http.StatusSeeOther, f)
	}
	have, err := supply.OnHand(t.Context(), o.db)
	if err != nil || len(have) != 2 || have[supply.Basket] != 120 || have[supply.Insulin] != 0 {
		t.Error(have, err)
	}
	has(t, o.get("/stock", "operator"), `data-have="basket">120<`, "сегодня 12:00")
}

func TestPlaces(t *testing.T) {
	o := open(t)
	f := form("form_token", "p1", "street", "Абай даңғылы", "house", "44", "lat", "43,2389", "lon", "76.8897")
	for range 2 {
		o.post("/places", "operator", http.StatusSeeOther, f)
	}
	if n, err := place.Count(t.Context(), o.db); err != nil || n != 1 {
		t.Fatal(n, err)
	}
	f.Set("form_token", "p2")
	has(t, o.post("/places", "operator", http.StatusUnprocessableEntity, f), "Этот дом уже есть в книге")
	page := o.post("/places", "operator", http.StatusUnprocessableEntity, form("street", "", "lat", "север", "lon", "191"))
	has(t, page, "Нужно заполнить", "Нужны градусы")
	part := o.get("/places/search?q="+url.QueryEscape("абай 4"), "operator")
	has(t, part, "Абай даңғылы", "43.23890, 76.88970")
	hasNot(t, part, "<html")
	has(t, o.get("/places?q=zzz", "operator"), "Такого адреса в книге нет", "В книге 1 адрес.")
}

// TestManyVolunteers keeps a page within bounds that a laptop can show.
func TestManyVolunteers(t *testing.T) {
	o := open(t)
	o.write(func(ctx context.Context, tx *store.Tx) error {
		for range 320 {
			if err := tx.Put(ctx, &volunteer.Volunteer{ID: volunteer.ID{ID: tx.NewID()}, Name: driver}); err != nil {
				return err
			}
		}
		return nil
	})
	page := o.get("/people", "operator")
	if n := strings.Count(page, `<tr id="v-`); n != 300 {
		t.Error("rows:", n)
	}
	has(t, page, "Ещё 20 человек")
}

// TestTwins finds volunteers in any script, says of two entries which stays, and takes it back; the other entry tells
// whose it is.
func TestTwins(t *testing.T) {
	o := open(t)
	first, second := o.volunteer(driver, "+77015551234", volunteer.Seen), o.volunteer("Serik Oidan", "+77015551234", volunteer.Said)
	brother := o.volunteer("Ойдан Болат", "+77015551234", volunteer.Said)
	has(t, o.get("/people?q="+url.QueryEscape("Serick Oydan"), "operator"), "Серік Ойдан", "Serik Oidan")
	has(t, o.get("/people", "coordinator"), "3 возможных дубля")
	page := o.get("/people/twins", "coordinator")
	has(t, page, "Это один человек?", "похоже, тот же человек", "звучит одинаково", "тот же телефон")
	if w := o.do(http.MethodGet, "/people/twins", "operator", nil); w.Code == http.StatusOK {
		t.Error("an operator may say that somebody leaves the list")
	}
	o.post("/people/twins", "coordinator", http.StatusSeeOther, form("form_token", "w1", "a", first.ID.String(), "b", second.ID.String(), "says", "first"))
	if all := o.volunteers(); len(all) != 2 {
		t.Fatalf("%d volunteers", len(all))
	}
	has(t, o.get("/people/"+second.ID.String(), "coordinator"), "осталась в списке", "Серік Ойдан")
	has(t, o.get("/people", "coordinator"), "1 возможный дубль")
	o.post("/people/twins/"+first.ID.String()+"/"+second.ID.String()+"/undo", "coordinator", http.StatusSeeOther, nil)
	if all := o.volunteers(); len(all) != 3 {
		t.Fatalf("%d volunteers after it was taken back", len(all))
	}
	for i, pair := range [][2]string{{first.ID.String(), second.ID.String()}, {first.ID.String(), brother.ID.String()}, {second.ID.String(), brother.ID.String()}} {
		o.post("/people/twins", "coordinator", http.StatusSeeOther, form("form_token", "w"+string(rune('2'+i)), "a", pair[0], "b", pair[1], "says", "different"))
	}
	has(t, o.get("/people/twins", "coordinator"), "Дублей нет")
	o.post("/people/twins", "coordinator", http.StatusUnprocessableEntity, form("form_token", "w9", "a", first.ID.String(), "b", second.ID.String(), "says", "both"))
}
