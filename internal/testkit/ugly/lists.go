package ugly

import (
	"strings"

	"github.com/xuri/excelize/v2"
)

// List is a list of requests and what should become of it.
type List struct {
	Name    string
	Content []byte
	Taken   []string       // what each row that can be taken is said to become, in order
	Skipped map[int]string // row → reason
	Refused map[int]string // row → reason
	Notices []string       // what is said of the whole table
	Sheet   string         // the sheet that is read, where there are several
}

// Lists returns lists as districts send them.
func Lists() []List { return append(append(shapes(), cells()...), texts()...) }

// The reasons why a row is not somebody's.
const (
	empty     = "tabular.skip.empty"
	header    = "tabular.skip.header"
	total     = "tabular.skip.total"
	numbering = "tabular.skip.numbering"
	section   = "tabular.skip.section"
	signature = "tabular.skip.signature"
)

// shapes are workbooks whose rows and columns lie otherwise than in a plain table.
func shapes() []List {
	return []List{
		{Name: "akimat's letter: titles, two rows of merged headings, merged homes, pages, sums", Content: letter(),
			Taken: []string{
				"Сынақова Айгүл · +77015550101 · Абай к-сі 12, 3", "Сынақов Ерлан · +77015550102 · Абай к-сі 12, 4",
				"Пробная Анна · +77015550103 · Сәтбаев к-сі 7", "Тестов Игорь · +77015550104 · Сәтбаев к-сі 9, 11",
			},
			Skipped: map[int]string{7: numbering, 8: section, 11: empty, 12: header, 13: section, 16: total, 17: empty, 18: signature, 19: signature},
			Notices: []string{"tabular.notice.merged"}},
		{Name: "filter on, rows and a column hidden", Content: hidden(),
			Taken:   []string{"Сынақова Айгүл · +77015550101 · Абай 1", "Сынақов Ерлан · +77015550102 · Абай 2", "Пробная Анна · +77015550103 · Абай 3"},
			Notices: []string{"tabular.notice.hidden"}},
		{Name: "several sheets, the fullest hidden", Content: sheets(), Sheet: "Бостандық",
			Taken:   []string{"Сынақова Айгүл · +77015550101 · Абай 1", "Сынақов Ерлан · +77015550102 · Абай 2"},
			Notices: []string{"tabular.notice.sheets"}},
		{Name: "empty rows between, headings on every page, sums of each page", Content: Book([][]any{
			{"ФИО", "Телефон", "Адрес", "Что нужно"}, {"Сынақова Айгүл", "87015550101", "Абая 1", "хлеб"}, {}, {},
			{"Всего на странице: 1"}, {"ФИО", "Телефон", "Адрес", "Что нужно"}, {"Сынақов Ерлан", "87015550102", "Абая 2", "хлеб"}, {"Итого по району: 2 чел."},
		}, nil),
			Taken:   []string{"Сынақова Айгүл · +77015550101 · Абая 1", "Сынақов Ерлан · +77015550102 · Абая 2"},
			Skipped: map[int]string{3: empty, 4: empty, 5: total, 6: header, 8: total}},
		{Name: "no headings at all", Content: Book([][]any{{"Сынақова Айгүл", "87015550101"}, {"Сынақов Ерлан", "87015550102"}}, nil),
			Notices: []string{"tabular.notice.no_header"}},
		{Name: "comments and rich text", Content: rich(), Taken: []string{"Сынақова Айгүл · +77015550101 · Абай 1", "Сынақов Ерлан · Абай 2"}},
	}
}

// letter is a list as an akimat's office lays it out.
func letter() []byte {
	return Book([][]any{
		{nil, nil, nil, nil, nil, nil, "«Бекітемін» Бостандық ауданы әкімінің орынбасары ________ М. Пробный"},
		{"Бостандық ауданының әкімдігі"},
		{"Көмекке мұқтаж отбасылардың ТІЗІМІ (ойдан шығарылған), 12.01.2022 ж."},
		{},
		{"№", "Аты-жөні", "Мекенжайы", nil, nil, "Байланыс", "Не керек"},
		{nil, nil, "көшесі", "үй", "пәтер", "тел.", nil},
		{1, 2, 3, 4, 5, 6, 7},
		{"Абай көшесі"},
		{1, "Сынақова Айгүл", "Абай к-сі", 12, 3, 87015550101, "азық-түлік"},
		{2, "Сынақов Ерлан", nil, nil, 4, "8 (701) 555-01-02", "нан"},
		{},
		{"№", "Аты-жөні", "Мекенжайы", nil, nil, "Байланыс", "Не керек"},
		{"Сәтбаев көшесі"},
		{3, "Пробная Анна", "Сәтбаев к-сі", 7, nil, "+7 701 555 01 03", "дәрі"},
		{4, "Тестов Игорь", "Сәтбаев к-сі", 9, 11, "701 555 01 04", "су"},
		{"Барлығы", nil, nil, nil, nil, nil, 4},
		{},
		{"Орындаушы: Д. Сынақова"},
		{"тел. 278-00-00", nil, "қолы ______"},
	}, func(f *excelize.File) {
		for _, m := range [][2]string{{"A2", "G2"}, {"A3", "G3"}, {"A5", "A6"}, {"B5", "B6"}, {"C5", "E5"}, {"G5", "G6"}, {"A8", "G8"}, {"C9", "C10"}, {"D9", "D10"}, {"A13", "G13"}, {"A16", "F16"}} {
			merge(f, m[0], m[1])
		}
	})
}

func hidden() []byte {
	return Book([][]any{
		{"ФИО", "Паспорт", "Телефон", "Адрес", "Что нужно"},
		{"Сынақова Айгүл", "N00000001", "87015550101", "Абай 1", "нан"}, {"Сынақов Ерлан", "N00000002", "87015550102", "Абай 2", "нан"}, {"Пробная Анна", "N00000003", "87015550103", "Абай 3", "нан"},
	}, func(f *excelize.File) {
		must(f.AutoFilter(first, "A1:E4", nil))
		must(f.SetRowVisible(first, 3, false))
		must(f.SetColVisible(first, "B", false))
	})
}

func sheets() []byte {
	return Book([][]any{{"Толтыру ережесі"}, {"1. Әр отбасы бір жолға жазылады."}}, func(f *excelize.File) {
		Put(f, "Бостандық", []any{"ФИО", "Телефон", "Адрес", "Что нужно"}, []any{"Сынақова Айгүл", "87015550101", "Абай 1", "нан"}, []any{"Сынақов Ерлан", "87015550102", "Абай 2", "нан"})
		Put(f, "Медеу", []any{"ФИО", "Телефон", "Адрес", "Что нужно"}, []any{"Пробная Анна", "87015550103", "Абай 3", "нан"})
		old := [][]any{{"ФИО", "Телефон", "Адрес", "Что нужно"}}
		for range 20 {
			old = append(old, []any{"Тестов Игорь", "87015550104", "Абай 9", "нан"})
		}
		Put(f, "2021 (ескі)", old...)
		must(f.SetSheetVisible("2021 (ескі)", false))
	})
}

func rich() []byte {
	return Book([][]any{{"ФИО", "Телефон", "Адрес", "Что нужно"}, {nil, "87015550101", "Абай 1", "нан"}, {"Сынақов Ерлан", nil, "Абай 2", "нан"}}, func(f *excelize.File) {
		must(f.SetCellRichText(first, "A2", []excelize.RichTextRun{{Text: "Сынақова "}, {Text: "Айгүл", Font: &excelize.Font{Bold: true, Color: "FF0000"}}}))
		must(f.AddComment(first, excelize.Comment{Cell: "A2", Author: "Әкімдік", Paragraph: []excelize.RichTextRun{{Text: "қайтыс болған, тексеру керек"}}}))
	})
}

// texts are lists as text.
func texts() []List {
	const plain = "ФИО;Телефон;Адрес;Что нужно\nСынақова Айгүл;87015550101;Абая 1;хлеб\nПробная Анна;87015550103;Абая 3;хлеб\n"
	both := []string{"Сынақова Айгүл · +77015550101 · Абая 1", "Пробная Анна · +77015550103 · Абая 3"}
	return []List{
		{Name: "semicolons", Content: []byte(plain), Taken: both},
		{Name: "tabs, as pasted", Content: []byte(strings.ReplaceAll(plain, ";", "\t")), Taken: both},
		{Name: "a byte order mark", Content: []byte("\uFEFF" + plain), Taken: both},
		{Name: "UTF-16", Content: utf16(plain), Taken: both},
		{Name: "Excel's own first line", Content: []byte("sep=;\r\n" + strings.ReplaceAll(plain, "\n", "\r\n")), Taken: both},
		{Name: "ends of line of three systems", Content: []byte("ФИО;Телефон;Адрес;Что нужно\r\nСынақова Айгүл;87015550101;Абая 1;хлеб\rПробная Анна;87015550103;Абая 3;хлеб\n"), Taken: both},
		{Name: "a NUL", Content: []byte(strings.Replace(plain, "Абая 1", "Аб\x00ая 1", 1)), Taken: both},
		{Name: "Kazakh letters lost in cp1251", Content: cp1251("Аты-жөні;Телефон нөмірі;Мекенжайы;Көмек түрі\nСынакова Айгуль;87015550101;Төле би 1;нан\n"),
			Taken: []string{"Сынакова Айгуль · +77015550101 · Т?ле би 1"}, Notices: []string{"tabular.notice.lost_letters"}},
		{Name: "a quotation mark that never closes", Content: []byte("ФИО;Телефон;Адрес;Что нужно\nСынақова Айгүл;87015550101;\"Абая 1;хлеб\nПробная Анна;87015550103;Абая 3;хлеб\n"),
			Taken: both[1:], Refused: map[int]string{2: "tabular.row.broken_quote"}},
		{Name: "quotation marks inside", Content: []byte("ФИО;Телефон;Адрес;Что нужно\n\"Сынақова Айгүл\";87015550101;\"мкр \"Самал\", 1\";хлеб\n"),
			Taken: []string{"Сынақова Айгүл · +77015550101 · мкр \"Самал\", 1"}},
		{Name: "a line break in a cell", Content: []byte("ФИО;Телефон;Адрес;Что нужно\nСынақова Айгүл;\"87015550101\n87015550102\";Абая 1;\"хлеб\nвода\"\n"),
			Taken: []string{"Сынақова Айгүл · +77015550101 · Абая 1"}},
	}
}
