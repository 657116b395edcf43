package dispatch

import (
	"context"

	"github.com/jumyla/jumyla/internal/crew"
	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/household"
	"github.com/jumyla/jumyla/internal/i18n"
	"github.com/jumyla/jumyla/internal/id"
	"github.com/jumyla/jumyla/internal/store"
	"github.com/jumyla/jumyla/internal/volunteer"
)

// What a stop may ask of a crew.
const (
	toHomes     uint64 = 1 << iota // goes to homes
	toPosts                        // goes to posts: institutions, hospitals, checkpoints
	byTwo                          // is two people or more
	byMedic                        // somebody in it is a nurse or a doctor
	inKazakh                       // somebody in it speaks Kazakh
	inRussian                      // … Russian
	inEnglish                      // … English
	languages   = inKazakh | inRussian | inEnglish
	asksMembers = byMedic | languages
)

// inLang is the ability to speak a language of the product; 0 for one that crews are not asked for.
func inLang(code string) uint64 {
	switch code {
	case string(i18n.KK):
		return inKazakh
	case string(i18n.RU):
		return inRussian
	case string(i18n.EN):
		return inEnglish
	}
	return 0
}

// abilities returns what a crew's members can do together. A crew of whom nobody named a language speaks that of its sheet.
func abilities(ctx context.Context, r store.Reader, c *crew.Crew) (uint64, error) {
	can := inLang(string(c.Lang))
	for _, m := range c.Members {
		v, err := volunteer.Kind.Get(ctx, r, m.Volunteer)
		if errs.Is(err, errs.NotFound) {
			continue
		}
		if err != nil {
			return 0, err
		}
		for _, lang := range v.Langs {
			can |= inLang(lang)
		}
		if volunteer.Medic(v.Skills) {
			can |= byMedic
		}
	}
	return can, nil
}

// able reads what the crews can do.
func (w *World) able(ctx context.Context, r store.Reader) error {
	w.can = make(map[id.ID]uint64, len(w.Crews))
	for i := range w.Crews {
		can, err := abilities(ctx, r, &w.Crews[i])
		if err != nil {
			return err
		}
		w.can[w.Crews[i].ID.ID] = can
	}
	return nil
}

// asks is what a stop asks of a crew beside room and time.
func (s *Stop) asks() uint64 {
	want := toHomes
	if s.Household.Post {
		want = toPosts
	}
	if s.heavy() {
		want |= byTwo
	}
	for i := range s.Needs {
		if s.Needs[i].WantsMedic() {
			want |= byMedic
		}
	}
	if s.Household.Has(household.OnlyLang) {
		want |= inLang(string(s.Household.Lang))
	}
	return want
}

// missing is the word for what is not there of what a stop asks for, the plainest first.
func missing(skills uint64) string {
	for _, s := range []struct {
		skill uint64
		word  string
	}{{toPosts, "posts"}, {toHomes, "homes"}, {byMedic, "medic"}, {inKazakh, "kk"}, {inRussian, "ru"}, {inEnglish, "en"}} {
		if skills&s.skill != 0 {
			return s.word
		}
	}
	return "two"
}
