// Package i18n holds every word that a person reads, in Kazakh, Russian and English side by side, and
// chooses among them. Catalogues are files of catalog/, one an area of the product; a key that lacks a
// language, or a key that code uses and no file has, fails the tests and so the build. It formats dates
// and counts; it never translates what people typed.
package i18n

import (
	"embed"
	"encoding/json"
	"fmt"
	"io/fs"
	"strings"
	"sync"

	"golang.org/x/text/feature/plural"
	"golang.org/x/text/language"
)

// Lang is a language of the product.
type Lang string

// The languages; every key has all three.
const (
	KK Lang = "kk"
	RU Lang = "ru"
	EN Lang = "en"
)

// Langs returns the languages in the order in which they are offered.
func Langs() []Lang { return []Lang{KK, RU, EN} }

// Parse returns the language named s, or ok = false.
func Parse(s string) (l Lang, ok bool) {
	l = Lang(s)
	return l, l == KK || l == RU || l == EN
}

// Negotiate returns the best language for an Accept-Language header; Kazakh where none fits.
func Negotiate(header string) Lang {
	tags, _, err := language.ParseAcceptLanguage(header)
	if err != nil {
		return KK
	}
	_, i, c := language.NewMatcher([]language.Tag{language.Kazakh, language.Russian, language.English}).Match(tags...)
	if c == language.No {
		return KK
	}
	return Langs()[i]
}

// Name returns the language's name in itself.
func (l Lang) Name() string {
	return map[Lang]string{KK: "Қазақша", RU: "Русский", EN: "English"}[l]
}

func (l Lang) tag() language.Tag {
	switch l {
	case RU:
		return language.Russian
	case EN:
		return language.English
	case KK:
	}
	return language.Kazakh
}

// message is one key in one language: a text, or texts by plural category.
type message map[string]string

// UnmarshalJSON reads "text" or {"one": "text", "other": "text"}.
func (m *message) UnmarshalJSON(b []byte) error {
	var s string
	if json.Unmarshal(b, &s) == nil {
		*m = message{"other": s}
		return nil
	}
	forms := map[string]string{}
	if err := json.Unmarshal(b, &forms); err != nil {
		return err
	}
	*m = forms
	return nil
}

//go:embed catalog/*.json
var files embed.FS

// catalog is every key in every language, read once: the files are part of the program, so one that
// cannot be read is a defect that TestCatalog finds.
var catalog = sync.OnceValue(func() map[string]map[Lang]message {
	all, err := read(files)
	if err != nil {
		panic("i18n: " + err.Error())
	}
	return all
})

func read(fsys fs.FS) (map[string]map[Lang]message, error) {
	all := map[string]map[Lang]message{}
	names, err := fs.Glob(fsys, "catalog/*.json")
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		b, err := fs.ReadFile(fsys, name)
		if err != nil {
			return nil, err
		}
		var area map[string]map[Lang]message
		if err := json.Unmarshal(b, &area); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		for key, m := range area {
			if all[key] != nil {
				return nil, fmt.Errorf("%s: %s stands in two files", name, key)
			}
			all[key] = m
		}
	}
	return all, nil
}

// Has reports whether there is a message with this key.
func Has(key string) bool { return catalog()[key] != nil }

// T returns the message with this key. Args are name, value pairs that replace {name}; an integer
// named "n" chooses the plural form; in Kazakh {name|ға} adds the ending that fits. An unknown key comes back in ⟦brackets⟧, which tests look for.
func (l Lang) T(key string, args ...any) string {
	m := catalog()[key][l]
	if m == nil {
		return "⟦" + key + "⟧"
	}
	s, ok := m[l.form(args)]
	if !ok {
		s = m["other"]
	}
	if len(args) == 0 {
		return s
	}
	values := make(map[string]string, len(args)/2)
	pairs := make([]string, 0, len(args))
	for i := 0; i+1 < len(args); i += 2 {
		name, value := fmt.Sprint(args[i]), fmt.Sprint(args[i+1])
		values[name] = value
		pairs = append(pairs, "{"+name+"}", value)
	}
	if l == KK && strings.Contains(s, "|") {
		s = withEndings(s, values)
	}
	return strings.NewReplacer(pairs...).Replace(s)
}

func (l Lang) form(args []any) string {
	for i := 0; i+1 < len(args); i += 2 {
		if n, ok := args[i+1].(int); ok && args[i] == "n" {
			return [...]string{"other", "zero", "one", "two", "few", "many"}[plural.Cardinal.MatchPlural(l.tag(), max(n, -n), 0, 0, 0, 0)]
		}
	}
	return "other"
}
