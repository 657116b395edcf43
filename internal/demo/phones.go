package demo

import (
	"fmt"
	"regexp"
	"strings"
)

// The numbers of a drill. Within Kazakhstan they are +7 700 000 xx xx, chosen because nobody is likely to have
// a number with so many zeros: the country keeps no range for films, so a drill must never call or write to them;
// and +7 727 000 xx xx, a city exchange that cannot exist, since no subscriber's number starts with 0. Abroad they
// are the ranges that regulators keep for films: Ofcom's 07700 900xxx, North America's 202 555 01xx, Berlin's
// 030 23125 xxx.
const inventedPhones = `^(\+7700000\d{4}|\+7727000\d{4}|\+447700900\d{3}|\+120255501\d{2}|\+493023125\d{3})$`

// InventedPhone reports whether a number in E.164 is one that this drill may use.
func InventedPhone(e164 string) bool {
	return regexp.MustCompile(inventedPhones).MatchString(e164)
}

// The blocks of the last four digits, so that no two kinds of people meet by chance.
const (
	blockHouseholds = 0
	blockCallers    = 3000
	blockVolunteers = 7000
	blockEmergency  = 8000
	blockUgly       = 9000
	blockAfternoon  = 9960 // the ugly list may have one of these too; nobody minds
	blockSize       = 1000
)

// phoneBook deals numbers of one block, none twice.
type phoneBook struct {
	base int
	left []int
}

func newPhoneBook(d dice, base, size int) *phoneBook {
	return &phoneBook{base: base, left: d.Perm(size)}
}

func (b *phoneBook) next() string {
	n := b.left[0]
	b.left = b.left[1:]
	return mobile(b.base + n)
}

func mobile(last4 int) string { return fmt.Sprintf("+7700000%04d", last4) }

func cityPhone(last4 int) string { return fmt.Sprintf("+7727000%04d", last4) }

// abroad returns a number for a relative in a city of another country, and the city.
func abroad(d dice) (phone string, city foreign) {
	city = pick(d, foreignCities())
	switch city.country {
	case "uk":
		return fmt.Sprintf("+447700900%03d", d.IntN(1000)), city
	case "us":
		return fmt.Sprintf("+1202555%04d", 100+d.IntN(100)), city
	}
	return fmt.Sprintf("+493023125%03d", d.IntN(1000)), city
}

// foreign is a city abroad: in Kazakh "I am in it", in Russian "from it", in English.
type foreign struct{ country, kk, ru, en string }

func foreignCities() []foreign {
	return []foreign{
		{"uk", "Лондондамын", "из Лондона", "London"},
		{"uk", "Манчестердемін", "из Манчестера", "Manchester"},
		{"us", "Вашингтондамын", "из Вашингтона", "Washington"},
		{"de", "Берлиндемін", "из Берлина", "Berlin"},
	}
}

// oneDigitOff returns the number with one of its last four digits changed, as a slip in typing does.
func oneDigitOff(d dice, phone string) string {
	b := []byte(phone)
	i := len(b) - 1 - d.IntN(4)
	others := strings.ReplaceAll("0123456789", string(b[i]), "")
	b[i] = others[d.IntN(len(others))]
	return string(b)
}

// spoken writes a Kazakh number in one of the ways people write it.
func spoken(d dice, phone string) string {
	s := strings.TrimPrefix(phone, "+7")
	a, b, c, e := s[:3], s[3:6], s[6:8], s[8:]
	switch d.IntN(6) {
	case 0:
		return fmt.Sprintf("8 (%s) %s-%s-%s", a, b, c, e)
	case 1:
		return "8" + s
	case 2:
		return fmt.Sprintf("+7 (%s) %s %s %s", a, b, c, e)
	case 3:
		return fmt.Sprintf("8-%s-%s-%s-%s", a, b, c, e)
	case 4:
		return fmt.Sprintf("8 %s %s%s%s", a, b, c, e)
	}
	return "7" + s
}
