package names

import "strings"

// nicknames are short and tender forms, and the full names that they stand for. Russian and Kazakh usage; written by
// hand, not complete: a name that is missing here is only found by the other parts.
const nicknames = `
Александр Александра: Саша Саня Шура Сашка
Алексей: Леша Алеша
Анастасия: Настя
Анатолий: Толя Толик
Андрей: Андрюша
Анна: Аня Нюра
Антонина: Тоня
Аркадий: Аркаша
Борис: Боря
Вадим: Вадик
Валентина Валентин: Валя
Валерий: Валера
Валерия: Лера
Василий: Вася
Вера: Верочка
Виктор: Витя
Виктория: Вика
Виталий: Виталик
Владимир: Вова Володя
Владислав: Влад Владик
Вячеслав: Слава
Галина: Галя
Геннадий: Гена
Георгий: Гоша Жора
Григорий: Гриша
Дарья: Даша
Дмитрий: Дима Митя
Евгений Евгения: Женя
Екатерина: Катя
Елена: Лена Алена
Елизавета: Лиза
Зинаида: Зина
Иван: Ваня
Ирина: Ира
Константин: Костя
Ксения: Ксюша
Лариса: Лара
Леонид: Леня
Любовь: Люба
Людмила: Люда Мила
Маргарита: Рита
Мария: Маша Маруся
Михаил: Миша
Надежда: Надя
Наталья: Наташа
Николай: Коля
Оксана: Ксана
Ольга: Оля
Павел: Паша
Петр: Петя
Роман: Рома
Светлана: Света
Семен: Сеня
Сергей: Сережа
Станислав: Стас
Степан: Степа
Тамара: Тома
Татьяна: Таня
Федор: Федя
Юлия: Юля
Юрий: Юра
Яков: Яша
Айгүл: Айка Айгулька
Айгерім: Айка Герима
Алмагүл: Алма
Асқар: Аскарик
Бауыржан: Бауыр Бауке Баука
Бақытжан: Баха Бакон
Бақытгүл: Баха
Болат: Боля Болатик
Гүлнар Гүлнара Гүлжан Гүлсара Гүлмира: Гуля Гуль
Данияр: Даня Данико
Дәурен: Даурик
Дінмұхаммед: Димаш Динмуха
Ержан: Ерж Ержик
Ерлан: Ерик Ерлик
Жанар: Жанка
Жәнібек: Жанік Жаник
Қайрат: Кайра Қайреке
Мұхамеджан: Мухан
Мұхтар: Муха
Нұрлан: Нурик Нұреке
Нұрсұлтан: Нурик Нурсик
Нұржан: Нурик
Олжас: Олжик Олж
Рүстем: Рустик
Сәуле: Сауля
Серік: Сэр Сереке
Тимур: Тима
`

// nickExtra is what it costs to hear a nickname as the full name, in quarter bits.
const nickExtra = 12

// fullNames returns, by the sounds of a nickname, the sounds of the names it may stand for.
func fullNames() map[string][]string {
	full := map[string][]string{}
	for line := range strings.Lines(nicknames) {
		names, short, ok := strings.Cut(strings.TrimSpace(line), ":")
		if !ok {
			continue
		}
		for s := range strings.FieldsSeq(short) {
			for n := range strings.FieldsSeq(names) {
				key := plainest(strings.ToLower(s))
				full[key] = append(full[key], plainest(strings.ToLower(n)))
			}
		}
	}
	return full
}

var nickTable = fullNames()

// everyday are names that any register of Kazakhstan has many of. A small register does not know it yet.
var everyday = everydayNames(`
Ахметов Ахметова Омаров Омарова Оспанов Оспанова Иванов Иванова Алиев Алиева Сулейменов Сулейменова Искаков Искакова Ибрагимов Ибрагимова
Калиев Калиева Садыков Садыкова Абдрахманов Абдрахманова Смагулов Смагулова Касымов Касымова Султанов Султанова Исмаилов Исмаилова
Кузнецов Кузнецова Попов Попова Ибраев Ибраева Мусаев Мусаева Жунусов Жунусова Нургалиев Нургалиева Сарсенов Сарсенова Ким Ли Пак Цой
Александр Сергей Андрей Дмитрий Алексей Николай Владимир Елена Наталья Ольга Татьяна Светлана Ирина Анна Мария
Нұрлан Серік Бауыржан Қайрат Болат Марат Асқар Ерлан Ержан Нұржан Берік Мұрат Арман Азамат Данияр Тимур Санжар Алихан Нұрсұлтан Дәурен Жәнібек
Айгүл Гүлнар Гүлнара Сәуле Айгерім Асель Динара Жанар Мадина Айжан Алия Сәлтанат Гүлмира Бақыт Бақытжан Назгүл Айнұр Жұлдыз Әсем Аружан Аяулым
`)

// everydayShare is the share of people who bear one of everyday.
const everydayShare = 1.0 / 300

func everydayNames(s string) map[string]bool {
	set := map[string]bool{}
	for w := range strings.FieldsSeq(s) {
		set[plainest(strings.ToLower(w))] = true
	}
	return set
}
