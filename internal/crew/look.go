package crew

import (
	"github.com/jumyla/jumyla/internal/id"
	"github.com/jumyla/jumyla/internal/store"
)

type lookKind struct{}

// Look is the fact that somebody saw whom to call when a crew is late.
type Look struct {
	ID      id.Of[lookKind]
	Crew    id.ID  `audit:"crew"`
	Account id.ID  `audit:"account"`
	Page    string `audit:"page"`
}

// LookKind is how looks are written: to the audit lane.
var LookKind = store.Define(store.Spec[Look]{Name: "crew_look", Schema: 1, Fact: true})
