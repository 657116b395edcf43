package web

import (
	"cmp"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/a-h/templ"

	"github.com/jumyla/jumyla/internal/i18n"
)

// Tone is what a colour means. A tone always comes with a word and a shape.
type Tone uint8

// The tones.
const (
	TonePlain  Tone = iota
	ToneUrgent      // vermilion, triangle: act now
	ToneWait        // amber, half circle: somebody waits
	ToneGood        // moss, tick: done, safe
	ToneInfo        // slate, disc: to know
	ToneAccent      // teal, square: chosen, current
)

func (t Tone) class() string {
	return [...]string{"", "tone-urgent", "tone-wait", "tone-good", "tone-info", "tone-accent"}[t]
}

// Field describes one field of a form; words are in the viewer's language.
type Field struct {
	Name     string
	Label    string
	Hint     string
	Type     string // of an Input; "" means text
	Auto     string // autocomplete; "" means off
	Required bool
	Keys     string           // shown beside the label
	Class    string           // "short", "wide", "inline"
	Attrs    templ.Attributes // autofocus, inputmode, hx-…
}

func (d Field) id() string   { return "f-" + d.Name }
func (d Field) kind() string { return cmp.Or(d.Type, "text") }
func (d Field) auto() string { return cmp.Or(d.Auto, "off") }

// Option is one choice of a Select, Radios or Checkboxes.
type Option struct{ Value, Label string }

// Head is the head of a column.
type Head struct {
	Label string
	Href  string // sorts by this column
	Num   bool   // figures, set to the right
	Minor bool   // left out on a phone
	Act   bool   // holds buttons: left out on paper, as are cells of class "act"
}

// Tab is one view of a page.
type Tab struct {
	Label string
	Href  string
	Count string // "" shows none
	Here  bool
}

// Fact is a term with its text.
type Fact struct{ Term, Text string }

// shown returns what a field shows again; a password never is.
func (f *Form) shown(d Field) string {
	if d.Type == "password" {
		return ""
	}
	return f.Value(d.Name)
}

func (f *Form) invalid(d Field) string {
	if f.Error(d.Name) != "" {
		return "true"
	}
	return "false"
}

func (f *Form) describedBy(d Field) string {
	var ids []string
	if d.Hint != "" {
		ids = append(ids, d.id()+"-hint")
	}
	if f.Error(d.Name) != "" {
		ids = append(ids, d.id()+"-error")
	}
	return strings.Join(ids, " ")
}

func (f FrameData) has(pattern string) bool { return f.allowed != nil && f.allowed(pattern) }

func (f FrameData) searchable() bool { return f.has("GET /search") }

func (f FrameData) commonKeys() []Key {
	keys := []Key{
		{"?", f.Lang.T("web.key_help")},
		{"J K", f.Lang.T("web.key_rows")},
		{"Enter", f.Lang.T("web.key_open")},
		{"Esc", f.Lang.T("web.key_esc")},
	}
	if f.searchable() {
		keys = append([]Key{{"/", f.Lang.T("web.search")}}, keys...)
	}
	for _, n := range f.Rail {
		keys = append(keys, Key{n.Hint(), n.Label(f.Lang)})
	}
	return keys
}

// Hint returns the entry's keys as people read them: "G B".
func (n NavItem) Hint() string { return strings.ToUpper(n.Keys) }

func (n NavItem) current() string { return pageIf(n.Here) }

func pageIf(here bool) string {
	if here {
		return "page"
	}
	return "false"
}

func pressed(on bool) string { return strconv.FormatBool(on) }

func itoa(n int) string { return strconv.Itoa(n) }

// short returns a language's name in three or four letters of its own.
func short(l i18n.Lang) string {
	return map[i18n.Lang]string{i18n.KK: "Қаз", i18n.RU: "Рус", i18n.EN: "Eng"}[l]
}

// initials returns the first letters of the first two words of a name.
func initials(name string) string {
	var out []rune
	for word := range strings.FieldsSeq(name) {
		r, _ := utf8.DecodeRuneInString(word)
		if out = append(out, unicode.ToUpper(r)); len(out) == 2 {
			break
		}
	}
	return string(out)
}

// typed returns the texts that a person typed, in the order of their fields, without the kit's own.
func typed(kept url.Values) []string {
	var out []string
	for _, name := range sortedKeys(kept) {
		for _, v := range kept[name] {
			if name != TokenField && name != "back" && strings.TrimSpace(v) != "" {
				out = append(out, v)
			}
		}
	}
	return out
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
