package i18n

import (
	"testing"
	"time"
)

func TestCatalogIsComplete(t *testing.T) {
	all, err := read(files)
	if err != nil {
		t.Fatal(err)
	}
	for key, langs := range all {
		for _, l := range Langs() {
			if langs[l]["other"] == "" {
				t.Errorf("%s lacks %s", key, l)
			}
		}
		if len(langs) != len(Langs()) {
			t.Errorf("%s has a language we do not offer", key)
		}
	}
}

func TestPluralAndNames(t *testing.T) {
	m := map[Lang]message{RU: {"one": "{n} заявка", "few": "{n} заявки", "many": "{n} заявок", "other": "{n} заявки"}}
	for n, want := range map[int]string{1: "one", 3: "few", 5: "many", 21: "one"} {
		if got := RU.form([]any{"n", n}); got != want {
			t.Errorf("form(%d) = %s, want %s; %v", n, got, want, m)
		}
	}
	if got := EN.T("time.hm", "h", 2, "m", 10); got != "2 h 10 min" {
		t.Error(got)
	}
	if got := EN.T("no.such"); got != "⟦no.such⟧" {
		t.Error(got)
	}
}

func TestDates(t *testing.T) {
	at := time.Date(2022, 1, 12, 15, 40, 0, 0, time.UTC)
	for l, want := range map[Lang]string{KK: "12 қаңтар, ср 15:40", RU: "12 янв, ср 15:40", EN: "12 Jan, Wed 15:40"} {
		if got := l.DateClock(at); got != want {
			t.Errorf("%s: %q, want %q", l, got, want)
		}
	}
	for d, want := range map[time.Duration]string{time.Minute: "1 min", 2 * time.Hour: "2 h", 76 * time.Hour: "3 d 4 h", -90 * time.Minute: "1 h 30 min"} {
		if got := EN.Span(d); got != want {
			t.Errorf("%v: %q, want %q", d, got, want)
		}
	}
}

func TestNegotiate(t *testing.T) {
	for h, want := range map[string]Lang{"": KK, "ru-KZ,ru;q=0.9": RU, "en-GB": EN, "kk": KK, "ja": KK, ";;": KK} {
		if got := Negotiate(h); got != want {
			t.Errorf("%q → %s, want %s", h, got, want)
		}
	}
}
