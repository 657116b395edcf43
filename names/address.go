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
	block  bool   // a microdistrict, whose houses are numbered through
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

var (
	houseWords = wordSet(`дом д үй house h уй no №`)
	flatWords  = wordSet(`квартира кв кварт пәтер пәт п flat apt apartment apart kv pater оф офис кеңсе`)
	blockWords = wordSet(`микрорайон мкр мкрн м-н мкр-н ықшамаудан ықшамауданы шағынаудан шағынауданы microdistrict mikrorayon mkr`)
	partWords  = wordSet(`корпус корп блок block строение стр литер`)
)

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
		return plainest(w)
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
// 44-12; 44 Abay st.
func FoldAddress(s string) Address {
	var a Address
	var street []string
	expect := ""
	for _, w := range addressWords(s) {
		number := unicode.IsDigit([]rune(w)[0])
		switch {
		case houseWords[w] && !number:
			expect = "house"
		case flatWords[w] && !number:
			expect = "flat"
		case partWords[w]:
			expect = "part"
		case blockWords[w]:
			a.block = true
		case streetWords[w]:
		case number && expect == "flat":
			a.flat, expect = flatNumber(w), ""
		case number && expect == "part" && a.house != "":
			a.house, expect = a.house+"/"+w, ""
		case number && (len(street) > 0 || expect == "house"):
			if a.house == "" {
				a.house, expect = w, ""
			} else if a.flat == 0 {
				a.flat = flatNumber(w)
			}
		case number && len(street) == 0 && a.house == "" && !strings.HasSuffix(w, "i"):
			a.house = w // 44 Abay st; 8 микрорайон is settled below
		case len(w) == 1 && a.house != "" && a.flat == 0:
			a.house += w // 44 А
		default:
			street = append(street, stemStreet(w))
		}
	}
	if a.block && len(street) == 0 && a.house != "" { // 8 микрорайон, дом 12, кв. 3
		street = []string{a.house}
		a.house = ""
	}
	slices.Sort(street)
	a.street = strings.Join(street, " ")
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
			parts = strings.Split(f, "-")
		}
		for _, p := range parts {
			if w := addressWord(p); w != "" && w != "/" {
				out = append(out, w)
			}
		}
	}
	return out
}

func flatNumber(w string) uint16 {
	digits := strings.TrimRightFunc(w, func(r rune) bool { return r < '0' || r > '9' })
	n, err := strconv.ParseUint(digits, 10, 16)
	if err != nil {
		return 0
	}
	return uint16(n)
}

// stemStreet drops the endings that turn a name into "of": Абая, Абай; Сатпаева, Сатпаев.
func stemStreet(w string) string {
	if n := len(w); n > 4 && strings.IndexByte("aiou", w[n-1]) >= 0 {
		w = strings.TrimRight(w, "aiou")
	}
	return w
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
