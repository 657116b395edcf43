package names

import (
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// Address is an address ready to be compared.
type Address struct {
	street string // folded words of the street, sorted, without what kind of street it is
	house  string
	flat   uint16
}

// street kinds, of three languages and their abbreviations, as sounds. They are left out.
var streetWords = wordSet(`улица ул көшесі көше кош к-сі street st str strasse ulitsa ul koshesi koshe
	проспект пр просп пр-т пркт даңғылы даңғыл даң avenue ave av prospekt pr-t dangyly
	переулок пер тұйық тұйығы lane pereulok бульвар бул гүлзары boulevard blvd bulvar
	шоссе тас жолы тасжолы highway шағын ықшам аудан ауданы ықшамаудан ықшамауданы шағынаудан шағынауданы
	микрорайон мкр мкрн м-н мкр-н microdistrict mikrorayon mkr md квартал мөлтек мөлтекауданы district
	проезд өткел площадь алаңы алаң square тракт жолы road rd
	город г қаласы қала city село с ауылы ауыл village пос поселок кенті кент
	имени им атындағы ат`)

// Words that say what a number is: Russian and English put them before it, Kazakh after it.
var (
	beforeNumber = labels(`дом д house h no № үй`, `квартира кв кварт flat apt apartment kv офис оф пәтер пәт`, `корпус корп блок block строение стр литер`)
	afterNumber  = labels(`үй уй`, `пәтер пәт пәтері`, ``)
	blockWords   = wordSet(`микрорайон мкр мкрн мкн м-н мкр-н ықшамаудан ықшамауданы шағынаудан шағынауданы microdistrict mikrorayon mkr`)
)

func labels(house, flat, part string) map[string]label {
	set := map[string]label{}
	for l, words := range map[label]string{houseLabel: house, flatLabel: flat, partLabel: part} {
		for w := range wordSet(words) {
			set[w] = l
		}
	}
	return set
}

// renamed gives the name that a street of Almaty has now by the one that people still say. A city's own knowledge:
// where a street of an old name is another, its houses are only suggested as one.
var renamed = renames(`
	Ленина: Достык
	Коммунистический: Абылай хана
	Калинина: Кабанбай батыра
	Комсомольская: Толе би
	Фурманова: Назарбаева
	Виноградова: Карасай батыра
	Кирова: Богенбай батыра
	Советская: Казыбек би
	Октябрьская: Айтеке би
	Пастера: Макатаева
	Дзержинского: Наурызбай батыра
	Космонавтов: Байтурсынова
	Мира: Желтоксан
	Карла Маркса: Кунаева`)

func renames(table string) map[string]string {
	set := map[string]string{}
	for line := range strings.Lines(table) {
		if old, now, ok := strings.Cut(strings.TrimSpace(line), ": "); ok {
			set[foldStreet(old)] = foldStreet(now)
		}
	}
	return set
}

func foldStreet(s string) string {
	var p addressParser
	for _, w := range addressWords(s) {
		p.word(w)
	}
	slices.Sort(p.street)
	return strings.Join(p.street, " ")
}

func wordSet(s string) map[string]bool {
	set := map[string]bool{}
	for w := range strings.FieldsSeq(s) {
		set[addressWord(w)] = true
	}
	return set
}

// addressWord folds one word of an address; digits stay.
func addressWord(w string) string {
	w = strings.ToLower(w)
	if !strings.ContainsFunc(w, unicode.IsDigit) {
		return strings.ReplaceAll(plainest(w), "q", "o") // Төле би, Толе би
	}
	return strings.Map(func(r rune) rune {
		switch {
		case unicode.IsDigit(r), r == '/':
			return r
		case unicode.IsLetter(r):
			if s := plain(string(r)); s != "" {
				return rune(s[0])
			}
			return r
		}
		return -1
	}, w)
}

// FoldAddress reads an address as people write it in Kazakh, Russian or English: улица Абая, 44, кв. 12; Абай көшесі
// 44-үй, 12-пәтер; 44 Abay st. 44/2 is a house, 44-12 a house and a flat.
func FoldAddress(s string) Address {
	var p addressParser
	for _, w := range addressWords(s) {
		p.word(w)
	}
	return p.address()
}

// label says what a number is.
type label uint8

const (
	unlabelled label = iota
	houseLabel
	flatLabel
	partLabel
)

// maxWords bounds the words of a street or a place.
const maxWords = 12

// addressParser takes the words of an address one by one.
type addressParser struct {
	street  []string
	numbers []labelled
	next    label // of the number to come
	fresh   bool  // the last word was a number that nothing has labelled
	block   bool  // a microdistrict was named and its number is still to come
}

type labelled struct {
	label label
	text  string
}

func (p *addressParser) word(w string) {
	number := unicode.IsDigit([]rune(w)[0])
	fresh := p.fresh
	p.fresh = false
	switch {
	case number && p.block:
		p.street, p.block = append(p.street, w), false
	case number:
		p.numbers = append(p.numbers, labelled{p.next, w})
		p.fresh, p.next = p.next == unlabelled, unlabelled
	case blockWords[w] && fresh: // 8 микрорайон, Самал 2 ықшамауданы
		last := len(p.numbers) - 1
		if n := len(p.street); n > 0 {
			p.street[n-1] += p.numbers[last].text
		} else {
			p.street = []string{p.numbers[last].text}
		}
		p.numbers = p.numbers[:last]
	case blockWords[w]:
		p.block = len(p.street) == 0
	case afterNumber[w] != unlabelled && fresh: // 12-пәтер
		p.numbers[len(p.numbers)-1].label = afterNumber[w]
	case beforeNumber[w] != unlabelled:
		p.next = beforeNumber[w]
	case streetWords[w]:
	case len(w) == 1 && fresh: // 44 А
		p.numbers[len(p.numbers)-1].text += w
	case len(p.street) < maxWords:
		p.street, p.block = append(p.street, stemStreet(w)), false
	}
}

// address puts together what was read: a number without a label is the house, the next the flat.
func (p *addressParser) address() Address {
	var a Address
	for _, n := range p.numbers {
		switch {
		case n.label == partLabel && a.house != "":
			a.house += "/" + n.text
		case n.label == flatLabel, n.label == unlabelled && a.house != "":
			if a.flat == 0 {
				a.flat = flatNumber(n.text)
			}
		case a.house == "":
			a.house = n.text
		}
	}
	slices.Sort(p.street)
	a.street = strings.Join(p.street, " ")
	if now, ok := renamed[a.street]; ok {
		a.street = now
	}
	return a
}

// addressWords splits at what is no letter, digit, or stroke, and at a hyphen after a digit: 44-12 is house and flat.
func addressWords(s string) []string {
	var out []string
	for f := range strings.FieldsFuncSeq(clip(s, maxRunes), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.Is(unicode.Mn, r) && !strings.ContainsRune("-/'’№", r)
	}) {
		parts := []string{f}
		if unicode.IsDigit([]rune(f)[0]) {
			parts = strings.Split(ordinal.Replace(f+" "), "-")
		}
		for _, p := range parts {
			if w := addressWord(strings.TrimSpace(p)); w != "" && w != "/" {
				out = append(out, w)
			}
		}
	}
	return out
}

// ordinal drops what makes a number an ordinal: 8-й микрорайон, 8-ші ықшамаудан.
var ordinal = strings.NewReplacer("-й ", "", "-ый ", "", "-ой ", "", "-я ", "", "-ая ", "", "-ші ", "", "-шы ", "", "-го ", "")

func flatNumber(w string) uint16 {
	digits := strings.TrimRightFunc(w, func(r rune) bool { return r < '0' || r > '9' })
	n, err := strconv.ParseUint(digits, 10, 16)
	if err != nil {
		return 0
	}
	return uint16(n)
}

// stemStreet drops the endings that turn a name into "of": Абая, Абай; Сатпаева, Сатпаев; Гоголя, Гоголь.
func stemStreet(w string) string {
	n := len(w)
	switch {
	case n <= 4 || strings.IndexByte("aiou", w[n-1]) < 0:
		return w
	case strings.HasSuffix(w, "ia") && strings.IndexByte("aeiou", w[n-3]) < 0:
		return w[:n-2]
	}
	return w[:n-1]
}

// String returns the folded address: equal strings are one flat.
func (a Address) String() string {
	s := a.street
	if a.house != "" {
		s += " " + a.house
	}
	if a.flat != 0 {
		s += " кв " + strconv.Itoa(int(a.flat))
	}
	return s
}

// Empty reports whether nothing was understood.
func (a Address) Empty() bool { return a.street == "" }

// likeTexts reports whether two folded texts are one but for a slip: for every four letters, one bit and a half.
func likeTexts(a, b string) bool {
	if a == b {
		return true
	}
	a, b = strings.ReplaceAll(a, " ", ""), strings.ReplaceAll(b, " ", "")
	return distance(clip(a, maxSounds), clip(b, maxSounds), 6*min(len(a), len(b), maxSounds)/4+4) != far
}
