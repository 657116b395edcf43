package i18n

import (
	"regexp"
	"strconv"
	"strings"
)

// A Kazakh case ending fits the sound of the number before it: 14:05-ке, 14:30-ға, 14:00-ге. A catalogue writes {at|ға} for whatever is
// filled in, with one of the endings ға, дан, да (to, from, at) standing for all their forms.
var endingIn = regexp.MustCompile(`\{([a-z_]+)\|(ға|дан|да)\}`)

// Numbers as they are said, whose last word the ending follows.
var (
	ones  = [...]string{"нөл", "бір", "екі", "үш", "төрт", "бес", "алты", "жеті", "сегіз", "тоғыз"}
	tens  = [...]string{"", "он", "жиырма", "отыз", "қырық", "елу", "алпыс", "жетпіс", "сексен", "тоқсан"}
	atEnd = regexp.MustCompile(`\d+(:\d\d)?$`)
)

// withEndings replaces the marks of s by values and their endings; what ends with no number gets none.
func withEndings(s string, values map[string]string) string {
	return endingIn.ReplaceAllStringFunc(s, func(mark string) string {
		m := endingIn.FindStringSubmatch(mark)
		value := values[m[1]]
		word := lastWord(value)
		if word == "" {
			return value
		}
		return value + "-" + ending(word, m[2])
	})
}

// lastWord is the last word of the number, or the time of day, that a text ends with.
func lastWord(text string) string {
	clock, minutes, _ := strings.Cut(atEnd.FindString(text), ":")
	if minutes != "" && minutes != "00" { // on the hour nobody says the minutes
		clock = minutes
	}
	n, err := strconv.Atoi(clock)
	switch {
	case err != nil:
		return ""
	case n%10 != 0 || n == 0:
		return ones[n%10]
	case n%100 != 0:
		return tens[n/10%10]
	case n%1000 != 0:
		return "жүз"
	case n%1_000_000 != 0:
		return "мың"
	}
	return "миллион"
}

// ending is the form of a case that follows a word: by whether its last vowel is open, and by its last sound.
func ending(word, of string) string {
	back := strings.ContainsAny(word[strings.LastIndexAny(word, "аоұыәөүіе"):], "аоұы")
	last := []rune(word)[len([]rune(word))-1]
	mute, nasal := strings.ContainsRune("пктсқш", last), strings.ContainsRune("мнң", last)
	front := map[string]string{"ға": "ге", "дан": "ден", "да": "де", "қа": "ке", "тан": "тен", "та": "те", "нан": "нен"}
	switch {
	case mute:
		of = map[string]string{"ға": "қа", "дан": "тан", "да": "та"}[of]
	case nasal && of == "дан":
		of = "нан"
	}
	if back {
		return of
	}
	return front[of]
}
