package volunteer

import (
	"slices"
	"strings"
	"testing"

	"github.com/jumyla/jumyla/internal/i18n"
)

// TestASkillIsKnownInEachLanguage holds that what a page shows is what a form reads back.
func TestASkillIsKnownInEachLanguage(t *testing.T) {
	for _, lang := range i18n.Langs() {
		shown := SkillNames(lang, Skills())
		if got := ReadSkills(strings.Split(shown, ", ")); !slices.Equal(got, Skills()) {
			t.Errorf("%s: %s comes back as %v", lang, shown, got)
		}
	}
	for text, want := range map[string]string{"Дәрігер": Doctor, "детский врач": Doctor, "медбрат": Nurse, "жүргізуші": Driver, "шофёр": Driver,
		"алғашқы көмек": FirstAid, "сварщик": "сварщик", " повар ": Cook} {
		if got := SkillOf(text); got != want {
			t.Errorf("%q is %q, want %q", text, got, want)
		}
	}
	if !Medic([]string{Packer, "фельдшер"}) || Medic([]string{FirstAid, "сварщик"}) {
		t.Error("a medic is a nurse or a doctor, and nobody else")
	}
}
