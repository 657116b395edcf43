package centre

import (
	"math"

	"github.com/jumyla/jumyla/internal/contact"
	"github.com/jumyla/jumyla/internal/i18n"
)

// Town is a city in whose middle a centre stands until somebody says it exactly.
type Town struct {
	KK, RU, EN string
	Lat, Lon   float64
}

// Name returns the town's name in a language.
func (t Town) Name(lang i18n.Lang) string {
	switch lang {
	case i18n.KK:
		return t.KK
	case i18n.RU:
		return t.RU
	default:
		return t.EN
	}
}

// Towns returns Kazakhstan's three cities of republican importance and its regions' centres, to a hundredth of a degree: a
// newcomer knows their town's name, and seldom its coordinates.
func Towns() []Town {
	return []Town{
		{"Алматы", "Алматы", "Almaty", 43.24, 76.92}, {"Астана", "Астана", "Astana", 51.13, 71.43}, {"Шымкент", "Шымкент", "Shymkent", 42.32, 69.59},
		{"Ақтау", "Актау", "Aqtau", 43.65, 51.17}, {"Ақтөбе", "Актобе", "Aqtobe", 50.28, 57.21}, {"Атырау", "Атырау", "Atyrau", 47.11, 51.92},
		{"Жезқазған", "Жезказган", "Zhezqazghan", 47.79, 67.71}, {"Көкшетау", "Кокшетау", "Kokshetau", 53.28, 69.39}, {"Қарағанды", "Караганда", "Karaganda", 49.81, 73.09},
		{"Қонаев", "Конаев", "Qonaev", 43.87, 77.07}, {"Қостанай", "Костанай", "Kostanay", 53.21, 63.62}, {"Қызылорда", "Кызылорда", "Kyzylorda", 44.85, 65.51},
		{"Орал", "Уральск", "Oral", 51.23, 51.37}, {"Өскемен", "Усть-Каменогорск", "Oskemen", 49.95, 82.61}, {"Павлодар", "Павлодар", "Pavlodar", 52.29, 76.97},
		{"Петропавл", "Петропавловск", "Petropavl", 54.87, 69.15}, {"Семей", "Семей", "Semey", 50.41, 80.23}, {"Талдықорған", "Талдыкорган", "Taldykorgan", 45.02, 78.38},
		{"Тараз", "Тараз", "Taraz", 42.90, 71.37}, {"Түркістан", "Туркестан", "Turkistan", 43.30, 68.27},
	}
}

// TownOf finds a town by its name in any of the languages.
func TownOf(text string) (Town, bool) {
	key := contact.Fold(text)
	for _, t := range Towns() {
		for _, name := range []string{t.KK, t.RU, t.EN} {
			if key != "" && contact.Fold(name) == key {
				return t, true
			}
		}
	}
	return Town{}, false
}

// Roughly returns the town in whose middle the centre stands because nobody has said it exactly yet.
func (c *Centre) Roughly() (Town, bool) {
	for _, t := range Towns() {
		if math.Abs(c.Lat-t.Lat) < 1e-6 && math.Abs(c.Lon-t.Lon) < 1e-6 {
			return t, true
		}
	}
	return Town{}, false
}
