package household

import (
	"github.com/jumyla/jumyla/internal/id"
	"github.com/jumyla/jumyla/internal/store"
)

type lookKind struct{}

// Look is the fact that somebody saw a household's contact.
type Look struct {
	ID        id.Of[lookKind]
	Household id.ID  `audit:"household"`
	Account   id.ID  `audit:"account"`
	Page      string `audit:"page"`
}

// LookKind is how looks are written: to the audit lane.
var LookKind = store.Define(store.Spec[Look]{Name: "look", Schema: 1, Fact: true,
	Subjects: func(l *Look) []id.ID { return []id.ID{l.Household} }})
