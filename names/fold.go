package names

import (
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// What of a name is looked at: more than anybody is called, and little enough to bound the time.
const (
	maxRunes  = 200
	maxTokens = 6
	maxSounds = 20
)

// Kind is what a part of a name is, as far as its form tells.
type Kind uint8

// Kinds of parts. Given names and surnames cannot be told apart by form: the order is free, and a father's
// name may stand where a surname stands.
const (
	Core       Kind = iota // a given name or a surname
	Patronymic             // -ұлы, -қызы, -uly, -ович, -овна: without its ending
	Initial                // one letter
)

// Variant is one way to hear a part, with what it costs to hear it so, in steps of a quarter bit.
type Variant struct {
	Sounds string
	Extra  uint8
	set    uint32 // the sounds that are in it
}

func newVariant(sounds string, extra uint8) Variant {
	v := Variant{Sounds: sounds, Extra: extra}
	for i := range len(sounds) {
		v.set |= 1 << (sounds[i] & 31)
	}
	return v
}

// Token is one part of a name.
type Token struct {
	Text     string // as it was written, in lower case
	Kind     Kind
	Variants []Variant // the first is the plainest
}

// Key is a name ready to be compared.
type Key []Token

// Fold reads a name in Cyrillic, Latin or Arabic script. Names without a letter have an empty key.
func Fold(name string) Key {
	var key Key
	for _, w := range words(name) {
		if len(key) == maxTokens {
			break
		}
		if len(key) > 0 && key[len(key)-1].Kind == Core && isEnding(w) {
			key[len(key)-1] = asPatronymic(key[len(key)-1], w)
			continue
		}
		if t, ok := foldWord(w); ok {
			key = append(key, t)
		}
	}
	return key
}

// Skeleton returns the plainest sounds of all parts, in the order of the alphabet: equal skeletons are the
// same name however it was spelled.
func (k Key) Skeleton() string {
	var all []string
	for _, t := range k {
		all = append(all, t.Variants[0].Sounds)
	}
	slices.Sort(all)
	return strings.Join(all, " ")
}

// words splits a name into words in lower case, in NFC.
func words(name string) []string {
	name = clip(name, maxRunes)
	var out []string
	var word []rune
	flush := func() {
		if slices.ContainsFunc(word, unicode.IsLetter) {
			out = append(out, string(word))
		}
		word = word[:0]
	}
	runes := []rune(norm.NFC.String(name))
	for i, r := range runes {
		switch {
		case unicode.IsLetter(r):
			if seam(runes, i) {
				flush()
			}
			word = append(word, lower(r))
		case r == '-' && len(word) == 0 && i+1 < len(runes) && unicode.Is(unicode.Cyrillic, runes[i+1]) && (i == 0 || runes[i-1] == ' '):
			word = append(word, 'ө') // the key of ө on the Kazakh layout
		case digitRow[r] != 0 && within(runes, i):
			word = append(word, digitRow[r])
		case unicode.Is(unicode.Mn, r), r == '-', r == '‐', r == '‑', r == '\u00ad', unicode.Is(unicode.Cf, r):
			// a mark that NFC could not join, or a compound: Али-Султан is Алисултан
		case apostrophe(r):
			if len(word) > 0 {
				word = append(word, '\'')
			}
		case r == '.' && len(word) == 1:
			flush()
		default:
			flush()
		}
	}
	flush()
	return out
}

func clip(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for i := range s {
		if n == 0 {
			return s[:i]
		}
		n--
	}
	return s
}

func lower(r rune) rune {
	if r == 'İ' {
		return 'i'
	}
	return unicode.ToLower(r)
}

func apostrophe(r rune) bool {
	switch r {
	case '\'', '’', '‘', 'ʼ', 'ʹ', '`', '´', 'ʻ', '′':
		return true
	}
	return false
}

// within reports whether a digit touches a Cyrillic letter: no name has a digit.
func within(runes []rune, i int) bool {
	return i > 0 && unicode.Is(unicode.Cyrillic, runes[i-1]) || i+1 < len(runes) && unicode.Is(unicode.Cyrillic, runes[i+1])
}

// seam reports whether a new word begins here without a space: ArmanTuleshovich, TOLEGENToktasynov.
func seam(runes []rune, i int) bool {
	if i == 0 || !unicode.IsUpper(runes[i]) || !unicode.IsLetter(runes[i-1]) {
		return false
	}
	rest := 0
	for j := i + 1; j < len(runes) && unicode.IsLower(runes[j]); j++ {
		rest++
	}
	return rest >= 4 || rest >= 3 && unicode.IsLower(runes[i-1])
}

// foldWord turns a word into a token; ok is false where nothing can be heard.
func foldWord(w string) (Token, bool) {
	heard := sound(w)
	if len(heard) == 0 {
		return Token{}, false
	}
	t := Token{Text: w, Kind: Core}
	if len([]rune(w)) == 1 {
		t.Kind = Initial
		t.Variants = []Variant{newVariant(heard[0][:1], 0)}
		return t, true
	}
	for _, s := range heard {
		if root, ok := stripPatronymic(s); ok {
			t.Kind = Patronymic
			t.add(squeeze(root), 0)
		}
	}
	for _, s := range heard {
		if t.Kind == Core {
			t.add(squeeze(s), 0)
		}
	}
	if t.Kind == Core && strings.Contains(w, "sh") { // Ashat is Асхат where х is written h
		t.add(squeeze(apart(w)), apartExtra)
	}
	for _, full := range nickTable[t.Variants[0].Sounds] {
		t.add(full, nickExtra)
	}
	if root, ok := stripSurname(t.Variants[0].Sounds); ok && t.Kind == Core {
		t.add(root, rootExtra)
	}
	return t, true
}

// apartExtra is what it costs to hear sh as two sounds, in quarter bits.
const apartExtra = 8

// apart reads a Latin word with each sh as two sounds.
func apart(w string) string {
	parts := strings.Split(plainLatin(w), "sh")
	for i, p := range parts {
		parts[i] = readings[0].read(p)
	}
	return strings.Join(parts, "sh")
}

func (t *Token) add(s string, extra uint8) {
	if len(s) > maxSounds {
		s = s[:maxSounds]
	}
	for _, v := range t.Variants {
		if v.Sounds == s {
			return
		}
	}
	t.Variants = append(t.Variants, newVariant(s, extra))
}

// sound returns the sounds of a word in all readings, without repeats; doubled letters are still double.
func sound(w string) []string {
	if !strings.ContainsFunc(w, isLatin) {
		if s := plain(w); s != "" {
			return []string{s}
		}
		return nil
	}
	w = plainLatin(w)
	var all []string
	for _, r := range readings {
		if s := r.read(w); s != "" && !slices.Contains(all, s) {
			all = append(all, s)
		}
	}
	return all
}

// plainest returns the sounds of a word in its first reading.
func plainest(w string) string {
	if !strings.ContainsFunc(w, isLatin) {
		return squeeze(plain(w))
	}
	return squeeze(readings[0].read(plainLatin(w)))
}

func isLatin(r rune) bool {
	if r < 0x80 {
		return r >= 'a' && r <= 'z'
	}
	return r < 0x250 || unicode.Is(unicode.Latin, r)
}

// plain reads a word letter by letter: Cyrillic, Arabic, and Latin letters that strayed in.
func plain(w string) string {
	var b strings.Builder
	for _, r := range w {
		if s, ok := cyrillic[r]; ok {
			b.WriteString(s)
		} else {
			b.WriteString(arabic[r])
		}
	}
	return b.String()
}

// plainLatin writes a word in the Latin letters that readings know; Cyrillic letters within it are turned into theirs.
func plainLatin(w string) string {
	if strings.Contains(w, "'") {
		w = apostrophes.Replace(w)
	}
	acute := strings.ContainsAny(w, "áóúǵń") // the Kazakh Latin of 2018 writes у as ý
	if plainASCII(w) {
		return w
	}
	var b strings.Builder
	for _, r := range w {
		switch s, marked := latinLetters[r]; {
		case r == 'ý' && acute:
			b.WriteByte('u')
		case marked:
			b.WriteString(s)
		case r < 0x80 && r != '\'':
			b.WriteRune(r)
		default:
			b.WriteString(cyrillic[r])
		}
	}
	return b.String()
}

func plainASCII(w string) bool {
	for i := range len(w) {
		if w[i] < 'a' || w[i] > 'z' {
			return false
		}
	}
	return true
}

// read turns Latin letters into sounds, the longest match first.
func (r *reading) read(w string) string {
	b := make([]byte, 0, 24)
next:
	for i := 0; i < len(w); {
		for _, rule := range r[w[i]] {
			if strings.HasPrefix(w[i:], rule.letters) {
				b = append(b, rule.sounds...)
				i += len(rule.letters)
				continue next
			}
		}
		i++
	}
	return string(b)
}

// squeeze writes an affricate as one sound, and each run of a sound once: дж and its dictated дш, тш and тч.
func squeeze(s string) string {
	b := make([]byte, 0, 24)
	for i := range len(s) {
		c, n := s[i], len(b)
		switch {
		case n > 0 && b[n-1] == c:
			continue
		case n > 0 && b[n-1] == 'd' && (c == 'j' || c == 'x'):
			b[n-1] = 'j'
		case n > 0 && b[n-1] == 't' && (c == 'x' || c == 'c'):
			b[n-1] = 'c'
		default:
			b = append(b, c)
		}
	}
	return string(b)
}
