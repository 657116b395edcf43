// Package usage says in the reader's language what is wrong with a command line.
package usage

import (
	"os"
	"regexp"
	"strings"

	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/i18n"
)

// mistyped are the sentences in which the library that reads the command line says what is wrong with it; what is in brackets is
// what was typed or could have been, the groups being named as the message's arguments.
var mistyped = []struct {
	heard *regexp.Regexp
	key   string
}{ // i18n: usage.*
	{regexp.MustCompile(`^unknown flag (?P<flag>\S+?)(?:, did you mean (?:one of )?(?P<near>.+)\?)?$`), "usage.flag"},
	{regexp.MustCompile(`^unexpected argument (?P<word>.+?)(?:, did you mean (?:one of )?(?P<near>.+)\?)?$`), "usage.word"},
	{regexp.MustCompile(`^missing flags: (?P<flags>.+)$`), "usage.missing"},
	{regexp.MustCompile(`^(?P<name>\S+?):? must be one of (?P<these>.+) but got "(?P<got>.*)"$`), "usage.choice"},
	{regexp.MustCompile(`^(?P<one>--\S+) and (?P<other>--\S+) can't be used together$`), "usage.together"},
	{regexp.MustCompile(`^(?P<name>\S+): missing value, .+$`), "usage.empty"},
	{regexp.MustCompile(`^(?P<name>\S+): expected .+ value but got "EOL" .+$`), "usage.empty"},
	{regexp.MustCompile(`^(?P<name>\S+): expected .*(?:int|uint|float|counter) but got "(?P<got>.*?)"(?: \(.+\))?$`), "usage.number"},
	{regexp.MustCompile(`^(?P<name>\S+): expected duration but got "(?P<got>.*?)".*$`), "usage.duration"},
	{regexp.MustCompile(`^(?P<name>\S+): (?:bool value must be|expected bool|expected .+ value but got) .*$`), "usage.value"},
	{regexp.MustCompile(`^expected (?:one of )?(?P<these>.+)$`), "usage.next"},
}

// Say returns what is wrong with a command line, by the error of the library that read it, and where to look; what it does not
// know stays as the library said it.
func Say(lang i18n.Lang, err error, command string) string {
	said := err.Error()
	for _, m := range mistyped {
		found := m.heard.FindStringSubmatch(said)
		if found == nil {
			continue
		}
		var args []any
		near := ""
		for i, name := range m.heard.SubexpNames() {
			switch name {
			case "":
			case "near":
				near = found[i]
			default:
				args = append(args, name, tidy(lang, found[i]))
			}
		}
		said = lang.T(m.key, args...)
		if near != "" {
			said += " " + lang.T("usage.near", "these", near)
		}
		break
	}
	command, _, _ = strings.Cut(command, " <") // without what stands for its arguments
	return said + " " + lang.T("usage.help", "command", strings.TrimSpace("jumyla "+command)+" --help")
}

// tidy puts the library's words between alternatives into the reader's language and air between them.
func tidy(lang i18n.Lang, these string) string {
	return strings.NewReplacer(" or ", " "+lang.T("usage.or")+" ", " and ", ", ", `","`, `", "`, ", ...", " …").Replace(these)
}

// NoFile is the answer where a named file cannot be opened.
func NoFile(err error, name string) error {
	return errs.Wrap(errs.Invalid, err, "app.no_file", "file", name)
}

// NoWrite is the answer where a named file cannot be made.
func NoWrite(err error, name string) error {
	return errs.Wrap(errs.Invalid, err, "app.no_write", "file", name)
}

// Language is the one that the machine speaks; English where it is none of ours.
func Language() i18n.Lang {
	for _, name := range []string{"LC_ALL", "LC_MESSAGES", "LANG"} {
		if v := os.Getenv(name); v != "" {
			if l, ok := i18n.Parse(strings.ToLower(v[:min(2, len(v))])); ok {
				return l
			}
			break
		}
	}
	return i18n.EN
}
