package i18n

import (
	"regexp"
	"slices"
	"testing"
)

func TestEndingsFitTheNumber(t *testing.T) {
	for value, want := range map[string][3]string{
		"14:00": {"ке", "тен", "те"}, "14:30": {"ға", "дан", "да"}, "08:05": {"ке", "тен", "те"}, "23:40": {"қа", "тан", "та"}, "07:10": {"ға", "нан", "да"},
		"00:00": {"ге", "ден", "де"}, "16:20": {"ға", "дан", "да"}, "20:00": {"ға", "дан", "да"}, "12:50": {"ге", "ден", "де"}, "21:06": {"ға", "дан", "да"},
		"12 қаңтар, ср 15:40": {"қа", "тан", "та"}, "60": {"қа", "тан", "та"}, "80": {"ге", "нен", "де"}, "100": {"ге", "ден", "де"}, "50000": {"ға", "нан", "да"},
		"3": {"ке", "тен", "те"}, "9": {"ға", "дан", "да"}, "70": {"ке", "тен", "те"}, "90": {"ға", "нан", "да"}, "2000000": {"ға", "нан", "да"},
	} {
		for i, of := range []string{"ға", "дан", "да"} {
			if got := withEndings("{at|"+of+"}!", map[string]string{"at": value}); got != value+"-"+want[i]+"!" {
				t.Errorf("%s with %s: %s, want -%s", value, of, got, want[i])
			}
		}
	}
	if got := withEndings("{at|дан} бері", map[string]string{"at": "12 қаңтар, ср"}); got != "12 қаңтар, ср бері" {
		t.Error(got)
	}
	if got := KK.T("desk.until", "clock", "20:00"); got != "20:00-ға дейін" {
		t.Error(got)
	}
}

// TestTheSameIsFilledIn holds that a message is filled in with the same values in each language, that only Kazakh marks endings, and that
// no Kazakh number stands bare before a word that wants it in a case.
func TestTheSameIsFilledIn(t *testing.T) {
	all, err := read(files)
	if err != nil {
		t.Fatal(err)
	}
	hole := regexp.MustCompile(`\{([a-z_0-9]+)(\|[^}]*)?\}`)
	bare := regexp.MustCompile(`\{[a-z_0-9]+\} (дейін|бастап|бері|кейін)([^а-я]|$)|\{[a-z_0-9]+\}-(ға|ге|қа|ке|дан|ден|тан|тен|нан|нен|да|де|та|те)([^а-яәғқңөұүһі]|$)`)
	for key, langs := range all {
		names := map[Lang][]string{}
		for l, m := range langs {
			for _, s := range m {
				for _, h := range hole.FindAllStringSubmatch(s, -1) {
					names[l] = append(names[l], h[1])
					if h[2] != "" && (l != KK || !endingIn.MatchString(h[0])) {
						t.Errorf("%s: %s: what ending is %s?", key, l, h[0])
					}
				}
				if l == KK && bare.MatchString(s) {
					t.Errorf("%s: %q wants an ending, as {x|ға}, {x|дан} or {x|да}", key, bare.FindString(s))
				}
			}
			slices.Sort(names[l])
			names[l] = slices.Compact(names[l])
		}
		for _, l := range Langs() {
			if !slices.Equal(names[l], names[EN]) {
				t.Errorf("%s: %s fills in %v, en %v", key, l, names[l], names[EN])
			}
		}
	}
}
