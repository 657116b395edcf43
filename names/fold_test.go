package names_test

import (
	"strings"
	"testing"

	"github.com/jumyla/jumyla/names"
)

// TestTables holds golden pairs for each table: every spelling of a row is heard as the first one.
func TestTables(t *testing.T) {
	for table, rows := range map[string]string{
		"Kazakh and Russian Cyrillic": `
			Қайрат | Кайрат
			Әйгерім | Айгерим
			Жұлдыз | Жулдыз
			Ғалымжан | Галымжан
			Гүлнұр | Гулнур | Гульнур
			Еркін | Еркин
			Мәңгібай | Мангибай
			Шаһизада | Шахизада
			Соловьёва | Соловьева
			Айғаным Сейітқызы | Айганым Сейткызы`,
		"Kazakh Latin 2017 (apostrophes)": `
			Шолпан | S'olpan
			Шыңғыс | S'yn'g'ys
			Әйгерім | A'i'gerim
			Ғалымжан | G'alymjan
			Чингиз | C'ingiz`,
		"Kazakh Latin 2018 (acutes)": `
			Қайрат | Qaırat
			Әйгерім | Áıgerim
			Қуаныш | Qýanysh
			Ғалымжан | Ǵalymjan
			Өмірзақ | Ómirzaq
			Жаңабай | Jańabai`,
		"Kazakh Latin 2019 and 2021": `
			Шыңғыс | Şyñğys | Şıñğıs
			Жұлдыз | Jūldyz
			Әйгерім | Äigerım | Äygerim
			Гүлнұр | Gülnūr
			Өмірзақ | Ömirzaq
			Үмбет | Ümbet`,
		"passport, BGN, English": `
			Қайрат | Kairat | Kayrat | Qairat
			Жұлдыз | Zhuldyz
			Ержан | Yerzhan | Erzhan
			Юлия | Yuliya | Iuliia
			Яков | Yakov | Iakov
			Щербаков | Shcherbakov
			Хамит | Khamit | Hamit
			Ғани | Ghani | Gani
			Казанцев | Kazantsev
			Джамбул | Zhambul | Jambul | Djambul | Dzhambul`,
		"German": `
			Шолпан | Scholpan
			Чингиз | Tschingiz
			Тұяқбай | Tujaqbai
			Шармахан | Scharmachan
			Валиханов | Walichanow
			Кайрат | Kajrat`,
		"Dutch": `
			Хитуов | Chitoeov | Hitoeov
			Әшімжан | Äsjimzjan | Asjimzjan
			Чингиз | Tsjingiz
			Султан | Soeltan`,
		"Polish": `
			Шолпан | Szolpan
			Чингиз | Czingiz
			Кайрат | Kajrat
			Жанар | Żanar
			Валиев | Waliew`,
		"French, Turkish": `
			Булат | Boulat
			Мансур | Mansour
			Жанболат | Canbolat
			Шолпан | Şolpan`,
		"Arabic script (төте жазу)": `
			Қайрат | قايرات
			Жұлдыз | جۇلدىز
			Шолпан | شولپان
			Әйгерім | ايگەرىم | ءايگەرىم
			Нұрлан | نۇرلان
			Ғалымжан | عالىمجان`,
		"fathers' names": `
			Серікұлы | Серикулы | Serikuly | Serıkūly | Серикович | Serikovich | Serikowitsch | Серік ұлы | Serik uly
			Серікқызы | Сериккызы | Serikkyzy | Serikqyzy | Сериковна | Serikovna | Серік қызы | Serik kyzy
			Александрович | Alexandrovich | Aleksandrowitsch
			Файзуллаұлы | Файзуллаевич
			Мамедов Али оглы | Mamedov Ali oglu`,
		"joined words": `
			Али-Султан | Алисултан | Ali-Sultan
			Arman Tuleshovich | ArmanTuleshovich
			Tolegen Toktasynov | TOLEGENToktasynov
			Ким Роман | КИМ РОМАН | ким,роман`,
		"the digits row": `
			Нұрлан | Н9рлан
			Қайрат | 0айрат
			Әлия | 2лия
			Өтебаев | -тебаев`,
		"letters of both scripts in a word": `
			Кайрат | Kайрат | Кaйрат`,
	} {
		for row := range strings.Lines(strings.TrimSpace(rows)) {
			spellings := strings.Split(strings.TrimSpace(row), " | ")
			want := names.Fold(spellings[0])
			for _, s := range spellings[1:] {
				if got := names.Fold(s); !heardAlike(got, want) {
					t.Errorf("%s: %s is %v, %s is %v", table, s, got, spellings[0], want)
				}
			}
		}
	}
}

// TestApart holds that names which are two are heard as two.
func TestApart(t *testing.T) {
	for _, pair := range [][2]string{{"Нұрлан", "Нұржан"}, {"Айгүл", "Айнұр"}, {"Болат", "Болатбек"}, {"Ахметов", "Ахмедов"}, {"Ким", "Цой"}} {
		if heardAlike(names.Fold(pair[0]), names.Fold(pair[1])) {
			t.Errorf("%s and %s are heard as one", pair[0], pair[1])
		}
	}
}

// TestFound holds what is found beyond one skeleton: nicknames, keyboards, spaces, initials, faults of hearing and typing.
func TestFound(t *testing.T) {
	x := register("Ахметов Қайрат Серікұлы", "Иванова Наталья Петровна", "Нұрсұлтан Әбішев", "Смағұл Дәурен", "Тоқтасынов Жұмабек", "Ким Роман",
		"Байжанова Сәуле", "Омаров Марат", "Абдрахманов Ерлан", "Сейітова Гүлнар", "Искаков Бауыржан")
	for name, want := range map[string]names.Slot{
		"Rfqhfn F[vtnjd":       0, // Кайрат Ахметов
		"Лфшкфе Флрьуещм":      0, // Kairat Akhmetov
		"Ахметов К.":           0,
		"қайратахметов":        0,
		"Наташа Иванова":       1,
		"Нур Султан Абишев":    2,
		"Нурик Абишев":         2,
		"Смагулов Даурен":      3,
		"Жумабек Токтасинов":   4,
		"тактасынов жумабег":   4,
		"Роман Кимм":           5,
		"сауля байжанава":      6,
		"Марат Омарав":         7,
		"абдрахманоф ерлон":    8,
		"Сеитова Гульнара":     9,
		"Искаков Баужан":       10,
		"Iskakow Bauyrzhan":    10,
		"ИСКАКОВ БАУЫРЖАН 🙂":   10,
		"Dr. Baurzhan Iskakov": 10,
	} {
		hits := x.Search(names.Record{Name: name}, 3)
		if len(hits) == 0 || hits[0].Slot != want {
			t.Errorf("%s: %+v, want slot %d", name, hits, want)
		}
	}
}

// TestWhy holds that the reasons are the right ones.
func TestWhy(t *testing.T) {
	x := register("Ахметов Қайрат", "Ахметова Сәуле", "Ахметов Марат", "Ким Роман")
	for _, c := range []struct{ a, b, want string }{
		{"Қайрат Тоқтасынов", "Kairat Toktasynov", "name.sound_common name.sound"},
		{"Қайрат Ахметов", "Қайрат Ахметова", "name.equal_common name.near"},
		{"Наташа Белова", "Наталья Белова", "name.nickname name.equal"},
		{"Наташа Белова", "Наташа Белова", "name.equal name.equal"},
		{"Ashat Belov", "Ashat Belov", "name.equal name.equal"},
		{"К. Белов", "Қайрат Белов", "name.initial name.equal"},
		{"Смағұл Дәурен", "Смагулов Даурен", "name.root name.sound_common"},
		{"Rfqhfn", "Қайрат", "name.sound_common name.layout"},
		{"Болат Белов", "Марат Белов", "name.missing name.equal name.extra"},
		{"Болат Белов Серикович", "Марат Белов Серикович", "name.missing name.equal name.equal name.extra name.kin"},
		{"Белов Болат Маратович", "Белов Болат Иванович", "name.equal name.equal_common name.patronymic"},
	} {
		var got []string
		for _, p := range x.Compare(names.Record{Name: c.a}, names.Record{Name: c.b}).Parts {
			got = append(got, p.Message())
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("%s = %s: %v, want %s", c.a, c.b, got, c.want)
		}
	}
}
