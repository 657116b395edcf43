package sheet

import (
	"testing"

	"github.com/jumyla/jumyla/internal/i18n"
	"github.com/jumyla/jumyla/internal/request"
)

// TestAnItemNamesItsKind holds that what is handed over can be told by its words: a detail alone ("with a prescription") names
// nothing, and how many stands before it.
func TestAnItemNamesItsKind(t *testing.T) {
	for _, c := range []struct {
		need request.Need
		lang i18n.Lang
		want string
	}{
		{request.Need{What: request.Medicine, Count: 1, Detail: "рецепт есть"}, i18n.RU, "лекарства × 1: рецепт есть"},
		{request.Need{What: request.Medicine, Count: 1, Detail: "рецепті бар"}, i18n.KK, "дәрі-дәрмек × 1: рецепті бар"},
		{request.Need{What: request.Diapers, Count: 2, Detail: "взрослые, M/L"}, i18n.EN, "diapers × 2: взрослые, M/L"},
		{request.Need{What: request.Insulin, Count: 2, Detail: "инсулин Лантус 2"}, i18n.RU, "инсулин × 2: инсулин Лантус 2"},
		{request.Need{What: request.Bread, Count: 3, Detail: "нан 3"}, i18n.KK, "нан × 3"},
		{request.Need{What: request.Other, Count: 1, Detail: "вынести мусор"}, i18n.RU, "вынести мусор × 1"},
	} {
		if got := item(&c.need, c.lang).String(); got != c.want {
			t.Errorf("%q, want %q", got, c.want)
		}
	}
}
