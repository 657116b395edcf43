package desk

import (
	"testing"

	"github.com/jumyla/jumyla/internal/exchange"
	"github.com/jumyla/jumyla/internal/i18n"
	"github.com/jumyla/jumyla/internal/id"
	"github.com/jumyla/jumyla/internal/store"
	"github.com/jumyla/jumyla/ledger"
)

func TestAHandOverStandsInTheHistoryInWords(t *testing.T) {
	us, them, others := id.ID{1}, id.ID{2}, id.ID{3}
	centres := []store.Centre{{Card: store.Card{Centre: ledger.ID(them), Name: "Талдықорған"}}}
	for _, c := range []struct {
		claim exchange.Passing
		want  string
	}{
		{exchange.Passing{By: us, To: them, Why: "area"}, "Handed over to Талдықорған: it is in another centre's area"},
		{exchange.Passing{By: them, To: us, Why: "mistake"}, "Талдықорған handed it over to us: it was handed over by mistake"},
		{exchange.Passing{By: us, To: us}, "We took it back"},
		{exchange.Passing{By: them, To: them}, "Талдықорған took it back"},
		{exchange.Passing{By: them, To: others}, "Талдықорған handed it over to an unknown centre"},
	} {
		if got := passingLine(i18n.EN, c.claim, us, centres); got != c.want {
			t.Errorf("%+v: %q", c.claim, got)
		}
		for _, lang := range i18n.Langs() {
			if got := passingLine(lang, c.claim, us, centres); got == "" {
				t.Errorf("%s says nothing of %+v", lang, c.claim)
			}
		}
	}
}
