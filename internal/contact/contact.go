// Package contact has the types of what may not be seen by strangers: a person's name, a phone, an
// address, a free note. Each is text that hides itself from logs, so that a log line can be shown to
// anybody; each can be masked for a reader whose work does not need it.
package contact

import (
	"log/slog"
	"strings"
	"unicode"

	"github.com/nyaruka/phonenumbers"
)

// Name is a person's name as it was given; never split, never corrected.
type Name string

// Address is where somebody lives, as it was given.
type Address string

// Note is free text about a person or a household.
type Note string

// Phone is a number in E.164 (+77015551234), or a short local number kept as digits.
type Phone string

// LogValue hides the name from logs.
func (Name) LogValue() slog.Value { return hidden }

// LogValue hides the address from logs.
func (Address) LogValue() slog.Value { return hidden }

// LogValue hides the note from logs.
func (Note) LogValue() slog.Value { return hidden }

// LogValue hides the phone from logs.
func (Phone) LogValue() slog.Value { return hidden }

var hidden = slog.StringValue("‹hidden›")

// ParsePhone reads a number as people here write it: 8 (701) 555-12-34, +7 701…, 701…, and numbers of
// any other country with their +code. Five to seven digits alone are a local number. ok is false when
// it is none of these; +7 is also Russia.
func ParsePhone(s string) (p Phone, ok bool) {
	s = strings.TrimSpace(s)
	if s == "" || strings.ContainsFunc(s, unicode.IsLetter) {
		return "", false
	}
	digits := Digits(s)
	if n := len(digits); n >= 5 && n <= 7 && !strings.HasPrefix(s, "+") {
		return Phone(digits), true
	}
	if len(digits) == 11 && digits[0] == '7' && !strings.HasPrefix(s, "+") {
		s = "+" + digits
	}
	num, err := phonenumbers.Parse(s, "KZ")
	if err != nil || !phonenumbers.IsPossibleNumber(num) {
		return "", false
	}
	return Phone(phonenumbers.Format(num, phonenumbers.E164)), true
}

// Digits returns only the ASCII digits of s.
func Digits(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, s)
}

// String writes the phone for reading: +7 701 555 12 34; a local number as it is.
func (p Phone) String() string {
	if len(p) == 12 && strings.HasPrefix(string(p), "+7") {
		s := string(p)
		return s[:2] + " " + s[2:5] + " " + s[5:8] + " " + s[8:10] + " " + s[10:]
	}
	if num, err := phonenumbers.Parse(string(p), "KZ"); err == nil && strings.HasPrefix(string(p), "+") {
		return phonenumbers.Format(num, phonenumbers.INTERNATIONAL)
	}
	return string(p)
}

// Masked shows only the last two digits: ••• 34.
func (p Phone) Masked() string {
	if len(p) < 4 {
		return "•••"
	}
	return "••• " + string(p[len(p)-2:])
}

// Masked shows only first letters: С. А.
func (n Name) Masked() string {
	var b []string
	for w := range strings.FieldsSeq(string(n)) {
		b = append(b, string([]rune(w)[:1])+".")
	}
	return strings.Join(b, " ")
}
