package tabular_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/jumyla/jumyla/internal/tabular"
)

func requestFields() []tabular.Field {
	return tabular.Fields(tabular.FieldRef, tabular.FieldName, tabular.FieldPhone, tabular.FieldAddress, tabular.FieldStreet, tabular.FieldHouse,
		tabular.FieldFlat, tabular.FieldEntrance, tabular.FieldFloor, tabular.FieldDoorCode, tabular.FieldDistrict, tabular.FieldSettlement,
		tabular.FieldPeople, tabular.FieldChildren, tabular.FieldAges, tabular.FieldNeeds, tabular.FieldUrgency, tabular.FieldBefore, tabular.FieldSince,
		tabular.FieldNote, tabular.FieldLanguage, tabular.FieldInfant, tabular.FieldDiabetic, tabular.FieldDisabled, tabular.FieldLat, tabular.FieldLon,
		tabular.FieldCoords, tabular.FieldBirth, tabular.FieldIIN, tabular.FieldStatus)
}

func volunteerFields() []tabular.Field {
	return tabular.Fields(tabular.FieldName, tabular.FieldPhone, tabular.FieldVehicle, tabular.FieldPlate, tabular.FieldCapacity, tabular.FieldLanguages,
		tabular.FieldSkills, tabular.FieldAdult, tabular.FieldEmergency, tabular.FieldAvailable, tabular.FieldPass, tabular.FieldGroup, tabular.FieldNote,
		tabular.FieldDistrict, tabular.FieldBirth)
}

// TestSuggestByHeading takes headings as they were met in lists; "-" is a column that no field should take.
func TestSuggestByHeading(t *testing.T) {
	for _, c := range []struct {
		fields []tabular.Field
		pairs  string // heading=field, separated by |
	}{
		{requestFields(), "№ п/п=ref|ФИО заявителя=name|Контактный телефон=phone|Адрес фактического проживания=address|Кол-во чел.=people|Возраст детей=ages|Что необходимо=needs|Примечание=note"},
		{requestFields(), "Р/с=ref|Аты-жөні=name|Телефон нөмірі=phone|Мекен-жайы=address|Адам саны=people|Балалардың жасы=ages|Қажеттілігі=needs|Ескерту=note"},
		{requestFields(), "No=ref|Full name=name|Phone number=phone|Address=address|Number of people=people|Ages of children=ages|Needs=needs|Comments=note|Preferred language=language"},
		{requestFields(), "T.A.A.=name|Telefon nömiri=phone|Mekenjaıy=address|Adam sany=people|Bala sany=children"},
		{requestFields(), "Т.А.Ә.=name|Ұялы тел.=phone|Көшесі=street|Үй=house|Пәтер=flat|Кіреберіс=entrance|Қабаты=floor|Домофон=door_code|Аудан=district|Елді мекен=settlement"},
		{requestFields(), "Ф.И.О.=name|Моб. тел.=phone|Дом. тел.=phone|Улица=street|Дом=house|Кв.=flat|Подъезд=entrance|Этаж=floor|Код домофона=door_code|Район=district|Населённый пункт=settlement"},
		{requestFields(), "ФИО=name|Год рождения=birth|ИИН=iin|Диабет (да/нет)=diabetic|Инвалидность=disabled|Грудной ребёнок=infant|Срочность=urgency|Дата обращения=since|Нужно до=before|Широта=lat|Долгота=lon"},
		{requestFields(), "фамилия имя отчество=name|тлефон=phone|адресс=address|колличество человек=people|примечние=note"},
		{requestFields(), "ФИО=name|Телефон=phone|Адрес=address|Нужно=needs"},
		{requestFields(), "ФИО=name|Нужда=needs|Нужно до=before"},
		{requestFields(), "ФИО=name|Нужды=needs"},
		{requestFields(), "ФИО=name|Что нужно=needs|Когда нужно=before"},
		{requestFields(), "Аты-жөні=name|Керек=needs|Қай күнге дейін=before"},
		{requestFields(), "Аты-жөні=name|Не керек=needs"},
		{requestFields(), "Аты-жөні / ФИО=name|Телефоны / Телефон=phone|Мекенжайы / Адрес=address|Статус=status"},
		{requestFields(), "ЖСН=iin|Туған жылы=birth|Жедел жәрдем шақырды ма=-|Кто принял=-|Оператор=-"},
		{volunteerFields(), "Имя, фамилия=name|Номер WhatsApp=phone|Марка авто=vehicle|Гос. номер=plate|Грузоподъёмность, кг=capacity|Какие языки знаете=languages|Чем можете помочь=skills|Есть 18 лет?=adult|Контакт на экстренный случай=emergency|Когда свободен=available"},
		{volunteerFields(), "Аты-жөні=name|Телефоны=phone|Көлігі=vehicle|Көлік нөмірі=plate|Тілдері=languages|Дағдылары=skills|18-ге толған=adult|Жақынының телефоны=emergency|Бос уақыты=available|Рұқсаттама=pass"},
		{volunteerFields(), "Name=name|Phone=phone|Vehicle=vehicle|Plate number=plate|Seats=capacity|Languages=languages|Skills=skills|18 or over=adult|Emergency contact phone=emergency|Availability=available"},
	} {
		var heads, fields []string
		for p := range strings.SplitSeq(c.pairs, "|") {
			i := strings.LastIndex(p, "=")
			heads, fields = append(heads, p[:i]), append(fields, p[i+1:])
		}
		tab := &tabular.Table{}
		for i, h := range heads {
			tab.Columns = append(tab.Columns, tabular.Column{Index: i, Heading: h})
		}
		for i, a := range tabular.Suggest(tab, c.fields).Columns {
			got := a.Field
			if got == "" {
				got = "-"
			}
			if got != fields[i] {
				t.Errorf("%q → %s (%.2f), want %s", a.Heading, got, a.Confidence, fields[i])
			}
		}
	}
}

func TestSuggestByContent(t *testing.T) {
	tab := read(t, []byte("a;b;c;d\nАнна;87015551234;87025551234 мама;43.25, 76.95\nПётр;8 (701) 555-12-35;;43.26, 76.94\n"))
	m := tabular.Suggest(tab, requestFields())
	if !slices.Equal(m.Of(tabular.FieldPhone), []int{1, 2}) || !slices.Equal(m.Of(tabular.FieldCoords), []int{3}) || len(m.Of(tabular.FieldName)) != 0 {
		t.Errorf("%+v", m.Columns)
	}
	want(t, "samples", m.Columns[1].Samples, []string{"87015551234", "8 (701) 555-12-35"})
	// a heading that promises phones over a column of names is doubted
	tab = read(t, []byte("Контакт;Телефон\nАнна;87015551234\nПётр;87025551234\n"))
	m = tabular.Suggest(tab, requestFields())
	if m.Columns[0].Confidence >= m.Columns[1].Confidence {
		t.Errorf("%+v", m.Columns)
	}
}

func TestMappingIsRemembered(t *testing.T) {
	tab := read(t, []byte("ФИО;Тел.\nАнна;87015551234\n"))
	m := tabular.Suggest(tab, requestFields())
	b, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	var back tabular.Mapping
	if err := json.Unmarshal(b, &back); err != nil {
		t.Fatal(err)
	}
	next := read(t, []byte("Список на 13.01;\nФ И О;тел\nПётр;87025551234\n"))
	if !back.Fits(next) || !slices.Equal(back.Of(tabular.FieldPhone), []int{1}) {
		t.Errorf("%s does not fit %q", b, headingsOf(next))
	}
	if back.Fits(read(t, []byte("ФИО;Адрес\nПётр;Абая 5\n"))) {
		t.Error("another form must not fit")
	}
}

func TestFields(t *testing.T) {
	f := tabular.Fields("phone", "of my own")
	if len(f) != 2 || len(f[0].Synonyms) == 0 || f[1].Name != "of my own" {
		t.Errorf("%+v", f)
	}
	seen := map[string]bool{}
	for _, f := range tabular.Fields() {
		if seen[f.Name] {
			t.Errorf("%s stands twice", f.Name)
		}
		seen[f.Name] = true
	}
}
