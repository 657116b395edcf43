package tabular

// Names of the fields that lists carry. A caller may have fields of its own; these have synonyms here.
const (
	FieldRef        = "ref"         // the sender's own number of the row
	FieldName       = "name"        // the person, as written
	FieldSurname    = "surname"     // where names are split over columns
	FieldGiven      = "given"       //
	FieldPatronymic = "patronymic"  //
	FieldPhone      = "phone"       // one or more numbers
	FieldAddress    = "address"     // everything in one cell
	FieldStreet     = "street"      //
	FieldHouse      = "house"       //
	FieldFlat       = "flat"        //
	FieldEntrance   = "entrance"    //
	FieldFloor      = "floor"       //
	FieldDoorCode   = "door_code"   //
	FieldDistrict   = "district"    // of a city or a region
	FieldSettlement = "settlement"  // city, village
	FieldPeople     = "people"      // how many live there
	FieldChildren   = "children"    // how many children
	FieldAges       = "ages"        // the children's ages
	FieldNeeds      = "needs"       // what is asked for
	FieldQuantity   = "quantity"    // how much of it
	FieldUrgency    = "urgency"     //
	FieldBefore     = "before"      // the latest date
	FieldSince      = "since"       // the date of asking
	FieldNote       = "note"        //
	FieldLanguage   = "language"    // that they speak
	FieldConsent    = "consent"     // yes or no: may be kept
	FieldInfant     = "infant"      // yes or no
	FieldDiabetic   = "diabetic"    // yes or no
	FieldDisabled   = "disabled"    // yes or no, or the group
	FieldPregnant   = "pregnant"    // yes or no
	FieldLat        = "lat"         //
	FieldLon        = "lon"         //
	FieldCoords     = "coordinates" // both, or a map link
	FieldBirth      = "birth"       // recognised so that it can be left out
	FieldIIN        = "iin"         // recognised so that it can be left out
	FieldVehicle    = "vehicle"     //
	FieldPlate      = "plate"       //
	FieldCapacity   = "capacity"    // of the vehicle, kg or seats as written
	FieldLanguages  = "languages"   // that a volunteer speaks
	FieldSkills     = "skills"      //
	FieldAdult      = "adult"       // 18 or over
	FieldEmergency  = "emergency"   // whom to ring
	FieldAvailable  = "available"   // when
	FieldPass       = "pass"        // permission to move
	FieldGroup      = "group"       // or organisation
	FieldStatus     = "status"      //
	FieldCrew       = "crew"        // name or number
	FieldDriver     = "driver"      //
	FieldNavigator  = "navigator"   //
)

// Fields returns the named fields with their synonyms in Kazakh (Cyrillic and Latin), Russian and
// English, in the order asked for; a name that has none comes back bare. Without names: all of them.
func Fields(names ...string) []Field {
	all := headings()
	if len(names) == 0 {
		return all
	}
	out := make([]Field, 0, len(names))
	for _, n := range names {
		f := Field{Name: n}
		for _, h := range all {
			if h.Name == n {
				f = h
			}
		}
		out = append(out, f)
	}
	return out
}

// headings is the table of what senders write above a column, found in lists of akimats, funds, schools and
// volunteer groups. Matching folds letters, so "мекен-жайы", "Мекенжайы" and "мекен жайы" are one entry.
func headings() []Field {
	return append(personHeadings(), append(needHeadings(), volunteerHeadings()...)...)
}

func personHeadings() []Field {
	return []Field{
		{Name: FieldRef, Synonyms: []string{
			"№", "№ п/п", "п/п", "номер п/п", "р/с", "р/с №", "рет саны", "реттік саны", "реттік нөмірі", "no", "nr", "id", "ref", "number", "ret sany", "номер заявки", "№ заявки", "өтінім нөмірі", "serial no", "s no", "sl no"}},
		{Name: FieldName, Synonyms: []string{
			"ФИО", "Ф.И.О.", "фамилия имя отчество", "фамилия, имя", "фамилия и имя", "фио заявителя", "фио получателя", "фио полностью", "ф и о главы семьи", "имя", "получатель", "заявитель", "нуждающийся", "глава семьи", "собственник", "житель", "контактное лицо", "имя фамилия", "кому",
			"Аты-жөні", "Т.А.Ә.", "ТАӘ", "тегі аты әкесінің аты", "тегі, аты", "аты, тегі", "аты-тегі", "толық аты-жөні", "өтініш беруші", "алушы", "отбасы басшысы", "отағасы", "есімі", "азаматтың аты-жөні",
			"aty-joni", "aty jöni", "aty zhoni", "t.a.a.", "tegi aty", "esimi", "fio",
			"name", "full name", "applicant", "recipient", "beneficiary", "head of household", "contact person", "person", "names", "name of camp"}},
		{Name: FieldSurname, Synonyms: []string{"фамилия", "тегі", "tegi", "surname", "last name", "family name"}},
		{Name: FieldGiven, Synonyms: []string{"имя", "аты", "aty", "first name", "given name", "forename"}},
		{Name: FieldPatronymic, Synonyms: []string{"отчество", "әкесінің аты", "akesinin aty", "patronymic", "middle name"}},
		{Name: FieldPhone, Content: LooksPhone, Many: true, Synonyms: []string{
			"телефон", "тел", "тел.", "моб", "моб.", "моб. тел.", "сот.", "сот. тел.", "сотовый", "сотовый телефон", "мобильный", "мобильный телефон", "номер телефона", "№ телефона", "контактный телефон", "контактный номер", "контакт", "контакты", "контактные данные", "телефоны", "домашний телефон", "дом. тел.", "тел. дом.", "доп. телефон", "второй телефон", "номер", "ватсап", "whatsapp", "вацап", "телефон whatsapp",
			"телефоны", "телефон нөмірі", "тел нөмірі", "ұялы", "ұялы телефон", "ұялы тел", "ұялы телефоны", "байланыс", "байланыс телефоны", "байланыс нөмірі", "байланыс деректері", "үй телефоны", "нөмірі", "қосымша телефон",
			"telefon", "tel", "telefon nomiri", "uialy telefon", "ualy", "bailanys", "bailanys telefony", "nomiri",
			"phone", "phone number", "telephone", "mobile", "mobile number", "cell", "contact", "contact number", "contact no", "phone no", "phones", "tel no"}},
		{Name: FieldAddress, Synonyms: []string{
			"адрес", "адрес проживания", "адрес доставки", "фактический адрес", "адрес фактического проживания", "домашний адрес", "место жительства", "место проживания", "адрес прописки", "адрес регистрации", "полный адрес", "куда",
			"мекенжай", "мекен-жайы", "мекенжайы", "тұрғылықты мекенжайы", "тұрғылықты жері", "тұратын мекенжайы", "тұратын жері", "үй мекенжайы", "жеткізу мекенжайы", "нақты мекенжайы",
			"mekenjai", "mekenjaiy", "meken jaiy", "mekenzhai", "turatyn jeri",
			"address", "location", "where", "home address", "delivery address", "full address", "residence", "place of residence"}},
		{Name: FieldStreet, Synonyms: []string{"улица", "ул", "ул.", "улица/мкр", "мкр", "микрорайон", "көше", "көшесі", "көше атауы", "ықшамаудан", "шағын аудан", "koshe", "koshesi", "street", "street name", "road", "наименование улицы"}},
		{Name: FieldHouse, Synonyms: []string{"дом", "д.", "№ дома", "номер дома", "үй", "үйі", "үй нөмірі", "үй №", "ui", "uy", "house", "house no", "house number", "building", "bldg"}},
		{Name: FieldFlat, Synonyms: []string{"квартира", "кв", "кв.", "№ кв", "№ квартиры", "номер квартиры", "пәтер", "пәтері", "пәтер №", "пәт", "pater", "päter", "flat", "apartment", "apt", "unit"}},
		{Name: FieldEntrance, Synonyms: []string{"подъезд", "под.", "пд", "№ подъезда", "кіреберіс", "кіребері", "подъезі", "kireberis", "entrance", "entry", "staircase"}},
		{Name: FieldFloor, Synonyms: []string{"этаж", "эт.", "эт", "қабат", "қабаты", "qabat", "qabaty", "floor", "storey"}},
		{Name: FieldDoorCode, Synonyms: []string{"домофон", "код домофона", "код двери", "код", "домофон коды", "есік коды", "кіру коды", "domofon", "esik kody", "door code", "intercom", "entry code"}},
		{Name: FieldDistrict, Synonyms: []string{"район", "р-н", "район города", "район области", "аудан", "ауданы", "қала ауданы", "audan", "audany", "rayon", "district", "county", "taluk"}},
		{Name: FieldSettlement, Synonyms: []string{"населенный пункт", "населённый пункт", "нп", "город", "село", "аул", "посёлок", "поселок", "город/село", "сельский округ", "с/о", "елді мекен", "елдімекен", "қала", "ауыл", "ауылы", "кент", "ауылдық округ", "а/о", "eldi meken", "auyl", "qala", "settlement", "village", "city", "town", "locality"}},
		{Name: FieldLanguage, Synonyms: []string{"язык", "язык общения", "родной язык", "тілі", "тіл", "сөйлесу тілі", "tili", "language", "preferred language", "lang"}},
		{Name: FieldBirth, Content: LooksDate, Synonyms: []string{"год рождения", "г.р.", "г/р", "дата рождения", "туған жылы", "туған күні", "т.ж.", "tugan jyly", "tugan kuni", "birth year", "year of birth", "date of birth", "dob", "birthday"}},
		{Name: FieldIIN, Synonyms: []string{"ИИН", "ЖСН", "ИИН/ЖСН", "jsn", "iin", "national id", "id number", "уд. личности", "жеке куәлік"}},
		{Name: FieldCoords, Content: LooksCoordinates, Synonyms: []string{"координаты", "геолокация", "геоточка", "точка на карте", "ссылка 2гис", "2гис", "ссылка на карту", "локация", "координаттары", "координаттар", "геолокациясы", "картадағы орны", "koordinattar", "coordinates", "coords", "location link", "map link", "geo", "gps", "lat lon", "lat lng", "2gis"}},
		{Name: FieldLat, Synonyms: []string{"широта", "ш.", "ендік", "endik", "lat", "latitude"}},
		{Name: FieldLon, Synonyms: []string{"долгота", "бойлық", "boilyq", "lon", "lng", "long", "longitude"}},
	}
}

func needHeadings() []Field {
	return []Field{
		{Name: FieldPeople, Content: LooksCount, Synonyms: []string{
			"кол-во", "количество", "кол-во человек", "кол-во чел", "количество человек", "количество людей", "кол во членов семьи", "членов семьи", "количество членов семьи", "состав семьи", "человек", "чел", "чел.", "число людей", "сколько человек", "семья человек", "кол-во проживающих", "проживает",
			"адам саны", "адамдар саны", "отбасы саны", "отбасы мүшелерінің саны", "отбасы мүшелері", "жан саны", "неше адам", "тұрғындар саны", "саны",
			"adam sany", "otbasy sany", "otbasy musheleri", "jan sany", "sany",
			"people", "people count", "number of people", "persons", "no of people", "household size", "family size", "members", "total people", "headcount"}},
		{Name: FieldChildren, Content: LooksCount, Synonyms: []string{
			"дети", "детей", "кол-во детей", "количество детей", "несовершеннолетние", "несовершеннолетних детей", "балалар", "балалар саны", "бала саны", "балалары", "кәмелетке толмағандар", "balalar", "bala sany", "children", "kids", "number of children", "children count", "minors"}},
		{Name: FieldAges, Synonyms: []string{
			"возраст детей", "возраст ребенка", "дети возраст", "дети (возраст)", "сколько лет детям", "возраст", "балалардың жасы", "балалар жасы", "балаларының жасы", "бала жасы", "жасы", "balalardyn jasy", "bala jasy", "children ages", "ages of children", "kids ages", "child age", "ages", "children's ages"}},
		{Name: FieldNeeds, Synonyms: []string{
			"нужно", "необходимо", "что нужно", "что необходимо", "нужда", "нужды", "потребность", "потребности", "вид помощи", "необходимая помощь", "какая помощь нужна", "запрос", "заявка", "просьба", "нуждается", "нуждается в", "суть обращения", "помощь", "требуется", "необходимое", "содержание заявки",
			"қажеттілік", "қажеттілігі", "керек", "қажет", "не керек", "не қажет", "көмек түрі", "қандай көмек керек", "керек-жарақ", "қажетті көмек", "сұраныс", "өтініш", "өтінім", "өтінім мазмұны", "мұқтаждығы",
			"qajettilik", "ne kerek", "komek turi", "kerek", "otinish",
			"needs", "need", "what is needed", "help needed", "type of help", "request", "assistance", "requirements", "items needed", "other req"}},
		{Name: FieldQuantity, Content: LooksCount, Synonyms: []string{"кол-во наборов", "количество наборов", "кол-во корзин", "количество корзин", "кол-во пакетов", "себет саны", "жиынтық саны", "sebet sany", "quantity", "qty", "number of kits", "baskets"}},
		{Name: FieldUrgency, Synonyms: []string{"срочность", "срочно", "приоритет", "степень срочности", "неотложность", "шұғылдығы", "шұғыл", "жеделдігі", "маңыздылығы", "басымдық", "shugyl", "shugyldygy", "urgency", "urgent", "priority", "severity"}},
		{Name: FieldBefore, Content: LooksDate, Synonyms: []string{"срок", "срок до", "до какого числа", "доставить до", "нужно до", "когда нужно", "крайний срок", "дата доставки", "мерзімі", "мерзім", "қай күнге дейін", "дейін", "жеткізу күні", "merzimi", "before", "deadline", "due", "due date", "needed by", "by when", "deliver by"}},
		{Name: FieldSince, Content: LooksDate, Synonyms: []string{"дата", "дата обращения", "дата заявки", "дата приема", "дата поступления", "дата и время", "отметка времени", "күні", "өтініш күні", "өтінім күні", "қабылданған күні", "уақыты", "kuni", "date", "request date", "received", "timestamp", "created", "date of request"}},
		{Name: FieldNote, Synonyms: []string{"примечание", "примечания", "прим.", "прим", "комментарий", "комментарии", "коммент", "дополнительно", "доп. информация", "дополнительная информация", "особые отметки", "описание", "пояснение", "ескерту", "ескертпе", "ескертулер", "қосымша", "қосымша ақпарат", "түсініктеме", "пікір", "eskertu", "qosymsha", "note", "notes", "comment", "comments", "remark", "remarks", "additional info", "description", "details"}},
		{Name: FieldConsent, Content: LooksBool, Synonyms: []string{"согласие", "согласие на обработку", "согласие на обработку данных", "согласие на обработку персональных данных", "согласие на хранение", "келісім", "келісімі", "дербес деректерді өңдеуге келісім", "сақтауға келісім", "kelisim", "consent", "consent given", "data consent"}},
		{Name: FieldInfant, Content: LooksBool, Synonyms: []string{"младенец", "грудной ребенок", "грудничок", "новорожденный", "дети до года", "до 1 года", "есть младенец", "нәресте", "емшектегі бала", "жаңа туған", "нәресте бар", "bobek", "nareste", "infant", "baby", "infants", "newborn", "total infants", "has infant"}},
		{Name: FieldDiabetic, Content: LooksBool, Synonyms: []string{"диабет", "диабетик", "сахарный диабет", "инсулин", "инсулинозависимый", "есть диабетик", "қант диабеті", "диабеті бар", "диабетпен ауырады", "diabet", "qant diabeti", "diabetic", "diabetes", "insulin"}},
		{Name: FieldDisabled, Content: LooksBool, Synonyms: []string{"инвалид", "инвалидность", "группа инвалидности", "лицо с инвалидностью", "ЛСИ", "овз", "маломобильный", "лежачий", "мүгедек", "мүгедектігі", "мүгедектігі бар", "мүмкіндігі шектеулі", "ерекше қажеттілігі бар", "mugedek", "disabled", "disability", "wheelchair", "bedridden", "person with disability"}},
		{Name: FieldPregnant, Content: LooksBool, Synonyms: []string{"беременная", "беременность", "беременные", "жүкті", "жүкті әйел", "екіқабат", "jukti", "pregnant", "pregnancy"}},
		{Name: FieldStatus, Synonyms: []string{"статус", "состояние", "отметка о выполнении", "мәртебесі", "мәртебе", "күйі", "орындалуы", "status", "state"}},
	}
}

func volunteerHeadings() []Field {
	return []Field{
		{Name: FieldVehicle, Synonyms: []string{"авто", "автомобиль", "машина", "марка авто", "марка автомобиля", "марка машины", "транспорт", "личный транспорт", "наличие авто", "наличие автомобиля", "көлік", "көлігі", "көлік маркасы", "автокөлік", "автокөлігі", "машинасы", "kolik", "koligi", "avtokolik", "vehicle", "car", "car model", "transport", "make"}},
		{Name: FieldPlate, Synonyms: []string{"госномер", "гос номер", "гос. номер", "гос. № авто", "номер авто", "номер машины", "номер автомобиля", "грнз", "мемлекеттік нөмірі", "мем нөмірі", "көлік нөмірі", "мнтб", "мемл. нөмір", "kolik nomiri", "plate", "plate number", "licence plate", "license plate", "registration", "reg no", "vehicle number"}},
		{Name: FieldCapacity, Synonyms: []string{"грузоподъемность", "вместимость", "сколько кг", "кг", "мест", "кол-во мест", "количество мест", "объем багажника", "жүк көтергіштігі", "сыйымдылығы", "орын саны", "jukkotergishtigi", "syiymdylygy", "oryn sany", "capacity", "payload", "seats", "load", "max load", "kg"}},
		{Name: FieldLanguages, Synonyms: []string{"языки", "владение языками", "знание языков", "какие языки знает", "тілдер", "тілдері", "білетін тілдері", "тіл білуі", "tilder", "tilderi", "languages", "languages spoken", "speaks"}},
		{Name: FieldSkills, Synonyms: []string{"навыки", "умения", "что умеет", "чем может помочь", "чем могу помочь", "специальность", "профессия", "компетенции", "направление", "дағдылары", "дағды", "дағдылар", "қолынан келетіні", "мамандығы", "кәсібі", "немен көмектесе алады", "dagdylary", "mamandygy", "skills", "abilities", "profession", "occupation", "can do", "how can help"}},
		{Name: FieldAdult, Content: LooksBool, Synonyms: []string{"18+", "18 лет", "есть 18", "есть 18 лет", "старше 18", "совершеннолетний", "совершеннолетие", "18-ге толған", "18 жасқа толған", "18 жастан асқан", "кәмелетке толған", "kamelettik", "18 or over", "over 18", "18 and over", "adult", "is adult", "of age"}},
		{Name: FieldEmergency, Synonyms: []string{"экстренный контакт", "контакт на экстренный случай", "кому звонить", "кому сообщить", "телефон родственника", "телефон близких", "контакт близкого", "контакт родственника", "доверенное лицо", "экстренная связь", "телефон экстренной связи", "төтенше жағдайдағы байланыс", "төтенше байланыс", "шұғыл байланыс", "жақынының телефоны", "туысының телефоны", "сенімді тұлға", "shugyl bailanys", "tuysynyn telefony", "emergency contact", "emergency phone", "emergency contact phone", "next of kin", "in case of emergency", "ice"}},
		{Name: FieldAvailable, Synonyms: []string{"когда может", "когда могу", "когда свободен", "время", "доступность", "график", "удобное время", "дни", "смена", "смены", "қашан бос", "қашан келе алады", "бос уақыты", "уақыты", "қолайлы уақыты", "кестесі", "ауысым", "qashan", "bos uaqyty", "availability", "available", "when", "shift", "shifts", "days", "free time"}},
		{Name: FieldPass, Synonyms: []string{"пропуск", "номер пропуска", "№ пропуска", "рұқсаттама", "рұқсатнама", "рұқсат қағазы", "ruqsattama", "pass", "pass number", "permit"}},
		{Name: FieldGroup, Synonyms: []string{"организация", "группа", "отряд", "волонтерская организация", "объединение", "фонд", "ұйым", "ұйымы", "топ", "тобы", "еріктілер тобы", "қор", "uiym", "top", "group", "organisation", "organization", "team", "affiliation"}},
		{Name: FieldCrew, Synonyms: []string{"экипаж", "номер экипажа", "№ экипажа", "бригада", "экипаж нөмірі", "ekipaj", "crew", "crew number", "crew name"}},
		{Name: FieldDriver, Synonyms: []string{"водитель", "фио водителя", "жүргізуші", "жүргізушінің аты-жөні", "jurgizushi", "driver", "driver name"}},
		{Name: FieldNavigator, Synonyms: []string{"штурман", "сопровождающий", "напарник", "фио напарника", "серік", "серігі", "жолсерік", "ertip jurushi", "navigator", "co-driver", "partner", "second crew member"}},
	}
}
