package volunteer

import (
	"slices"
	"strings"

	"github.com/jumyla/jumyla/internal/contact"
	"github.com/jumyla/jumyla/internal/i18n"
)

// Skills that the program knows by name; others are kept as they were typed.
const (
	Driver       = "driver"
	Navigator    = "navigator"
	Packer       = "packer"
	CallTaker    = "call_taker"
	DataEntry    = "data_entry"
	Cook         = "cook"
	FirstAid     = "first_aid"
	Nurse        = "nurse"
	Doctor       = "doctor"
	Psychologist = "psychologist"
	Interpreter  = "interpreter"
	SignLanguage = "sign_language"
)

// Skills returns the skills that the program knows, in the order in which they are offered.
func Skills() []string {
	return []string{Driver, Navigator, Packer, CallTaker, DataEntry, Cook, FirstAid, Nurse, Doctor, Psychologist, Interpreter, SignLanguage}
}

// stems are beginnings of folded words by which a skill is known, as people write it; the first that fits counts.
var stems = []struct {
	skill string
	words []string
}{
	{SignLanguage, []string{"жестов", "ымдау", "сурдо", "sign"}},
	{FirstAid, []string{"первая помощь", "первую помощь", "алғашқы көмек", "first aid"}},
	{Nurse, []string{"медсестр", "медбрат", "медбике", "мейирбике", "мейиргер", "nurse", "фельдшер", "paramedic"}},
	{Doctor, []string{"врач", "дәрігер", "doctor", "медик", "medic", "хирург", "педиатр", "терапевт"}},
	{Psychologist, []string{"психолог", "psycholog"}},
	{Navigator, []string{"штурман", "навигатор", "жол көрсет", "navigator"}},
	{Driver, []string{"водител", "шофер", "жүргіз", "driver", "за рулем"}},
	{CallTaker, []string{"оператор", "қоңырау", "звонк", "call", "колл"}},
	{DataEntry, []string{"ввод данн", "дерек", "data", "набор текст"}},
	{Packer, []string{"фасов", "упаков", "комплектов", "буып", "қапта", "жинақтау", "pack"}},
	{Cook, []string{"повар", "аспаз", "готов", "cook"}},
	{Interpreter, []string{"переводчик", "аударма", "тілмаш", "interpret", "translat"}},
}

// SkillOf returns the skill that a text names, in whatever language, or the text itself where the program knows none.
func SkillOf(text string) string {
	text = strings.TrimSpace(text)
	if slices.Contains(Skills(), text) {
		return text
	}
	folded := contact.Fold(text)
	for _, s := range stems {
		for _, w := range s.words {
			if w = contact.Fold(w); strings.HasPrefix(folded, w) || strings.Contains(folded, " "+w) {
				return s.skill
			}
		}
	}
	return text
}

// ReadSkills returns the skills that texts name, each once.
func ReadSkills(texts []string) []string {
	var out []string
	for _, t := range texts {
		if s := SkillOf(t); !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	return out
}

// SkillName returns a skill's word; one that the program does not know comes back as it was typed.
func SkillName(lang i18n.Lang, skill string) string {
	if !slices.Contains(Skills(), skill) {
		return skill
	}
	return lang.T("volunteer.skill." + skill) // i18n: volunteer.skill.*
}

// SkillNames returns the words of several, with commas.
func SkillNames(lang i18n.Lang, skills []string) string {
	out := make([]string, len(skills))
	for i, s := range skills {
		out[i] = SkillName(lang, s)
	}
	return strings.Join(out, ", ")
}

// Medic reports whether somebody with these skills may be asked to nurse or to look at a patient.
func Medic(skills []string) bool {
	return slices.ContainsFunc(skills, func(s string) bool { s = SkillOf(s); return s == Nurse || s == Doctor })
}
