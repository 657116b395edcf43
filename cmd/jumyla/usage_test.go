package main

import (
	"strings"
	"testing"
)

// TestWhoMistypesIsAnsweredInThreeLanguages holds that no sentence of the library that reads the command line reaches a person.
func TestWhoMistypesIsAnsweredInThreeLanguages(t *testing.T) {
	t.Chdir(t.TempDir())
	for line, key := range map[string]string{
		"plan --foo":                           "usage.flag",
		"plan --dat 3":                         "usage.near",
		"sevre":                                "usage.near",
		"bogus":                                "usage.word",
		"plan 7":                               "usage.word",
		"init":                                 "usage.missing",
		"holders renew":                        "usage.missing",
		"init --name":                          "usage.empty",
		"import nothing x":                     "usage.choice",
		"check X --by hand":                    "usage.choice",
		"forget a --agree --keep":              "usage.together",
		"outcome --crew x --stop 1 delivered":  "usage.number",
		"demo --seed q":                        "usage.number",
		"init --name a --admin b --lat north":  "usage.number",
		"bench route --format lilim --time 5x": "usage.duration",
		"plan --issue=perhaps":                 "usage.value",
		"":                                     "usage.next",
		"import":                               "usage.next",
		"import places":                        "usage.next",
		"peer":                                 "usage.next",
	} {
		refused(t, exitUsage, key, strings.Fields(line)...)
		refused(t, exitUsage, "usage.help", strings.Fields(line)...)
	}
}

// TestAFileThatIsNotThereIsNamed holds that a file which cannot be opened or made is named, with what to do.
func TestAFileThatIsNotThereIsNamed(t *testing.T) {
	t.Chdir(t.TempDir())
	t.Setenv("JUMYLA_PASSPHRASE", passphrase)
	must(t, "--data", "c", "init", "--name", "Оқу орталығы", "--area", "almaty-city", "--admin", "Айгүл Тестова")
	for line, key := range map[string]string{
		"import requests none.xlsx":                 "app.no_file",
		"import areas none.geojson":                 "app.no_file",
		"import requests x --map none.json":         "app.no_file",
		"roads build none.osm.pbf -o r":             "app.no_file",
		"peer card -o nowhere/card.txt":             "app.no_write",
		"sheets --date 2022-01-12 -o nowhere/s.pdf": "app.no_write",
		"permit write --lost C --since now -o p":    "app.moment",
	} {
		refused(t, exitInvalid, key, append([]string{"--data", "c"}, strings.Fields(line)...)...)
	}
}
