package area

import (
	"slices"
	"testing"

	"github.com/jumyla/jumyla/internal/i18n"
)

// TestAKnownAreaIsFoundByItsNames asks for every area in every language, and for how people write some.
func TestAKnownAreaIsFoundByItsNames(t *testing.T) {
	for _, k := range KnownAreas() {
		for _, text := range []string{k.Code, k.KATO, k.Name(i18n.KK), k.Name(i18n.RU), k.Name(i18n.EN)} {
			if got, ok := Find(text); !ok || got.Code != k.Code {
				t.Errorf("%q is %q, want %s", text, got.Code, k.Code)
			}
		}
		if got, ok := ByCode(k.Code); !ok || got.KATO != k.KATO || len(k.KATO) != 9 {
			t.Errorf("%s: %+v", k.Code, got)
		}
	}
	for text, want := range map[string]string{
		"Алматы": "almaty-city", "г. Алматы": "almaty-city", "АЛМАТЫ ҚАЛАСЫ": "almaty-city", "almaty": "almaty-city", "Алматы обл.": "almaty-region", "Алматинская": "almaty-region",
		"ВКО": "east-kazakhstan-region", "северо-казахстанская обл": "north-kazakhstan-region", "Қарағанды": "karaganda-region", "Караганды": "karaganda-region",
		"Абай": "abai-region", "Абай ауданы": "", "Талғар ауданы": "", "Талғар": "", "Семей": "", "": "", "область": "", "?": "", "г. Абай": "",
	} {
		if got, _ := Find(text); got.Code != want {
			t.Errorf("%q is %q, want %q", text, got.Code, want)
		}
	}
}

func TestATownTellsItsArea(t *testing.T) {
	for text, want := range map[string]string{"Семей": "abai-region", "г. Усть-Каменогорск": "east-kazakhstan-region", "Талдықорған": "zhetysu-region", "Алматы": "almaty-city",
		"Қарағанды қаласы": "karaganda-region", "Талғар": "", "": "", "Семей облысы": ""} {
		if got, _ := OfTown(text); got.Code != want {
			t.Errorf("%q lies in %q, want %q", text, got.Code, want)
		}
	}
}

func TestNearestAreas(t *testing.T) {
	for text, want := range map[string]string{"Алмата": "almaty-city", "Кастанай": "kostanay-region", "Жетису облысы": "zhetysu-region", "Pavlodor": "pavlodar-region"} {
		if got := Nearest(text, 3); len(got) == 0 || len(got) > 3 || !slices.ContainsFunc(got, func(k Known) bool { return k.Code == want }) {
			t.Errorf("%q: %v lacks %s", text, got, want)
		}
	}
	if got := Nearest("ццц", 3); len(got) != 0 {
		t.Error(got)
	}
}
