package print

import (
	"bytes"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/jumyla/jumyla/internal/i18n"
)

// day is an invented day; all people, phones and plates here are invented.
func day(h, m int) time.Time {
	return time.Date(2022, 1, 12, h, m, 0, 0, time.FixedZone("Almaty", 6*3600))
}

var info = Info{Title: "12.01.2022", Created: time.Date(2022, 1, 12, 9, 0, 0, 0, time.UTC)}

func sampleSheet(lang i18n.Lang) RunSheetInput {
	rule := map[i18n.Lang]string{
		i18n.KK: "Алматы: коменданттық сағат 23:00–07:00.", i18n.RU: "Алматы: комендантский час 23:00–07:00.", i18n.EN: "Almaty: curfew 23:00–07:00.",
	}[lang]
	care := map[i18n.Lang]string{
		i18n.KK: "Естімейді: қатты қағыңыз", i18n.RU: "Не слышит: стучать громко", i18n.EN: "Deaf: knock hard",
	}[lang]
	return RunSheetInput{
		Centre: "Алматы қаласының волонтерлік фронт-офисі (үлгі)", Number: 7, Of: 12, Date: day(0, 0), Crew: "7",
		Driver: "Ерлан Үлгібаев", Navigator: "Әсем Мысалова", Vehicle: "Lada Largus", Plate: "123 ABC 02", Pass: "АЛ-0417",
		Depart: day(15, 20), HomeBy: day(21, 40), Rules: []string{rule}, Checks: []time.Time{day(17, 30), day(19, 30)},
		Phone: "8 727 000 00 07", URL: "http://192.168.1.10:8080/f/7QK2M9XW", Start: &Point{43.238, 76.945}, Blank: 2,
		Stops: []Stop{
			{Ref: "47-21-90", At: day(15, 40), Window: "20:00", Address: "Абай даңғылы 44, 12-пәтер", Entrance: "2", Floor: "5", Code: "45К",
				Name: "Сәуле Үлгіқызы", Phone: "8 701 000 12 34", Items: []Item{{Name: "Азық-түлік себеті", Quantity: 1}, {Name: "Инсулин", Quantity: 2}, {Name: "Бала тамағы", Quantity: 4}},
				Care: []string{care, "2 жасар бала"}, URL: "http://192.168.1.10:8080/f/7QK2M9XW/1", Where: &Point{43.2402, 76.9080}},
			{Ref: "58-03-18", At: day(16, 5), Address: "мкр. Орбита-3, дом 26, кв. 41 (вход со двора, за детской площадкой)", Floor: "9", Name: "Пример Примеров",
				Phone: "8 747 000 55 66", Items: []Item{{Name: "Продуктовая корзина", Quantity: 2}}, Note: "Лифт не работает. Позвонить за 10 минут, собака во дворе.",
				URL: "http://192.168.1.10:8080/f/7QK2M9XW/2", Where: &Point{43.1985, 76.8745}},
			{Ref: "61-40-21", At: day(16, 40), Address: "ӘәҒғҚқҢңӨөҰұҮүҺһІі көшесі 7", Items: []Item{{Name: "Жөргек", Quantity: 3}}, Where: &Point{43.2120, 76.8800}},
			{Ref: "70-11-02", At: day(17, 20), Address: "Rozybakiyev St 125/1, flat 8", Name: "Sample Sampleov", Items: []Item{{Name: "Hot meal", Quantity: 5}}, Where: &Point{43.2125, 76.8803}},
		},
	}
}

// write makes a document, and keeps it where JUMYLA_PRINT_OUT says, to be looked at.
func write(tb testing.TB, name string, parts ...Part) []byte {
	tb.Helper()
	var b bytes.Buffer
	if err := Write(&b, info, parts...); err != nil {
		tb.Fatal(err)
	}
	if dir := os.Getenv("JUMYLA_PRINT_OUT"); dir != "" {
		if err := os.WriteFile(filepath.Join(dir, name+".pdf"), b.Bytes(), 0o600); err != nil {
			tb.Fatal(err)
		}
	}
	return b.Bytes()
}

func samplePacking() PackingInput {
	in := PackingInput{Centre: "Алматы қаласының волонтерлік фронт-офисі (үлгі)", Date: day(0, 0), Crew: "7", Vehicle: "Lada Largus", Plate: "123 ABC 02", LoadAt: day(15, 0), Depart: day(15, 20)}
	for _, s := range sampleSheet(i18n.KK).Stops {
		in.Loads = append(in.Loads, Load{Ref: s.Ref, Items: s.Items})
	}
	in.Loads[3].Items = append(in.Loads[3].Items, Item{Name: "Азық-түлік себеті", Quantity: 1}, Item{Name: "Арба", Quantity: 0})
	return in
}

func sampleDay(runs int) DayPackingInput {
	in := DayPackingInput{Centre: "Алматы қаласының волонтерлік фронт-офисі (үлгі)", Date: day(0, 0)}
	for i := range runs {
		in.Runs = append(in.Runs, DayRun{Crew: strconv.Itoa(i + 1), Depart: day(9+i/3, 0), Items: []Item{{Name: "Азық-түлік себеті", Quantity: 10 + i}, {Name: "Инсулин", Quantity: i % 3}, {Name: "Жөргек", Quantity: i % 4}}})
	}
	return in
}
