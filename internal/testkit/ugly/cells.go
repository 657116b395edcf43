package ugly

import "github.com/xuri/excelize/v2"

// cells are workbooks whose cells hold something else than they show.
func cells() []List {
	heads := []any{"ФИО", "Телефон", "Адрес", "Кв.", "Что нужно", "Дата"}
	return []List{
		{Name: "phones as numbers, rounded, and as other programs write them", Content: Book([][]any{heads,
			{"Сынақова Айгүл", 87015550101, "Абая 1", 1, "хлеб"}, {"Сынақов Ерлан", 8.7015550102e10, "Абая 2", 2, "хлеб"}, {"Пробная Анна", 7015550103, "Абая 3", 3, "хлеб"},
			{"Тестов Игорь", "8,70156E+10", "Абая 4", 4, "хлеб"}, {"Тестова Инна", "87015550105.0", "Абая 5", 5, "хлеб"}, {"Тестов Олег", "'87015550106", "Абая 6", 6, "хлеб"}}, nil),
			Taken: []string{"Сынақова Айгүл · +77015550101 · Абая 1, 1", "Сынақов Ерлан · +77015550102 · Абая 2, 2", "Пробная Анна · +77015550103 · Абая 3, 3",
				"Тестова Инна · +77015550105 · Абая 5, 5", "Тестов Олег · +77015550106 · Абая 6, 6"},
			Refused: map[int]string{5: "tabular.phone.rounded"}},
		{Name: "several phones in a cell", Content: Book([][]any{heads,
			{"Сынақова Айгүл", "8 701 555 01 01, 8(702)5550101", "Абая 1", 1, "хлеб"}, {"Сынақов Ерлан", "87015550102/87025550102 (сын)", "Абая 2", 2, "хлеб"},
			{"Пробная Анна", "+7-701-555-01-03 доб. 12; нет WhatsApp", "Абая 3", 3, "хлеб"}, {"Тестов Игорь", "нет", "Абая 4", 4, "хлеб"}}, nil),
			Taken: []string{"Сынақова Айгүл · +77015550101 · Абая 1, 1", "Сынақов Ерлан · +77015550102 · Абая 2, 2", "Пробная Анна · +77015550103 · Абая 3, 3", "Тестов Игорь · Абая 4, 4"}},
		{Name: "days as numbers, as text, in the system of 1904", Content: Book([][]any{heads,
			{"Сынақова Айгүл", "87015550101", "Абая 1", 1, "хлеб", 43111}, {"Сынақов Ерлан", "87015550102", "Абая 2", 2, "хлеб", "12 қаңтар 2022 ж."}}, func(f *excelize.File) {
			system := true
			must(f.SetWorkbookProps(&excelize.WorkbookPropsOptions{Date1904: &system}))
			asDates(f, "F2", "F2")
		}), Taken: []string{"Сынақова Айгүл · +77015550101 · Абая 1, 1", "Сынақов Ерлан · +77015550102 · Абая 2, 2"}},
		{Name: "houses and flats that Excel has made days", Content: Book([][]any{
			{"ФИО", "Улица", "Дом", "Кв.", "Что нужно"}, {"Сынақова Айгүл", "Абая", 44573, 5, "хлеб"}, {"Сынақов Ерлан", "Абая", 12, 44896, "хлеб"}, {"Пробная Анна", "Абая", "12/1", 7, "хлеб"}}, func(f *excelize.File) {
			asDates(f, "C2", "C2")
			asDates(f, "D3", "D3")
		}), Taken: []string{"Пробная Анна · Абая 12/1, 7"}, Refused: map[int]string{2: "lists.refuse.day", 3: "lists.refuse.day"}},
		{Name: "formulas with what they gave, and without", Content: formulas(),
			Taken: []string{"Сынақова Айгүл · +77015550101 · Абая 1, 1"}, Refused: map[int]string{3: "tabular.cell.no_value", 4: "tabular.cell.formula"}},
		{Name: "spaces that are none, and letters not seen", Content: Book([][]any{
			{" ФИО\u00a0", "Телефон\u200b ", "\u00a0Адрес", "Кв.", "Что\u00a0нужно  ", nil},
			{"\u00a0Сынақова\u00a0Айгүл ", "\u202a+7\u00a0701\u00a0555\u00a001\u00a001\u202c", "ул.\u00a0Абая, 1\u2009", "\u00a07", "хлеб\u00a0"}}, nil),
			Taken: []string{"Сынақова Айгүл · +77015550101 · ул. Абая, 1, 7"}},
		{Name: "headings with Latin and Russian letters for Kazakh ones", Content: Book([][]any{
			{"Аты-жөнi", "Телефон номiрi", "Мекен-жайы", "Патери", "Не кeрек"}, {"Сынақова Айгүл", "87015550101", "Абай 1", 7, "нан"}}, nil),
			Taken: []string{"Сынақова Айгүл · +77015550101 · Абай 1, 7"}},
		{Name: "headings with ? for Kazakh letters", Content: Book([][]any{
			{"Аты-ж?н?", "Телефон н?м?р?", "Мекен-жайы", "П?тер", "К?мек т?р?"}, {"Сынақова Айгүл", "87015550101", "Т?ле би 1", 7, "нан"}}, nil),
			Taken: []string{"Сынақова Айгүл · +77015550101 · Т?ле би 1, 7"}, Notices: []string{"tabular.notice.lost_letters"}},
		{Name: "cells that begin as a formula does", Content: Book([][]any{heads,
			{"=HYPERLINK(\"http://x\",\"Айгүл\")", "+77015550101", "@Абая 1", 1, "=1+1"}, {"-Ерлан", "+77015550102", "+Абая 2", 2, "-хлеб"}}, nil),
			Taken: []string{"=HYPERLINK(\"http://x\",\"Айгүл\") · +77015550101 · @Абая 1, 1", "-Ерлан · +77015550102 · +Абая 2, 2"}},
		{Name: "children in one cell", Content: Book([][]any{
			{"Ф.И.О. главы семьи", "конт. тел.", "Адрес фактического проживания", "Дети (возраст)", "Вид помощи"},
			{"Сынақова Айгүл", "87015550101", "Абая 1", "Али 2 года, Дана 5 лет, малыш 8 мес.", "продукты, памперсы"}, {"Сынақов Ерлан", "87015550102", "Абая 2", "3 и 7", "продукты"}, {"Пробная Анна", "87015550103", "Абая 3", "нет", "продукты"},
		}, nil), Taken: []string{"Сынақова Айгүл · +77015550101 · Абая 1", "Сынақов Ерлан · +77015550102 · Абая 2", "Пробная Анна · +77015550103 · Абая 3"}},
	}
}

// formulas is a workbook whose second row was never calculated, and whose third cannot be.
func formulas() []byte {
	return Book([][]any{
		{"ФИО", "Телефон", "Адрес", "Кв.", "Что нужно"}, {"Сынақова Айгүл", "87015550101", "Абая 1", 1, "хлеб"},
		{"Сынақов Ерлан", "87015550102", nil, 2, "хлеб"}, {"Пробная Анна", "87015550103", "#REF!", 3, "хлеб"},
	}, func(f *excelize.File) { must(f.SetCellFormula(first, "C3", "\"Абая \"&D3")) })
}
