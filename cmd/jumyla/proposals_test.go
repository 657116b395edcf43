package main

import (
	"testing"

	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/exchange"
)

func TestOneProposalIsAnsweredOrNone(t *testing.T) {
	all := []exchange.Proposal{{Name: "ab1"}, {Name: "ab2"}}
	for name, want := range map[string]errs.Kind{"ab": errs.Invalid, "a": errs.Invalid, "ab3": errs.NotFound} {
		for _, c := range []proposalsCmd{{Accept: name}, {Decline: name}} {
			if err := c.answer(&env{}, nil, all); !errs.Is(err, want) {
				t.Errorf("%+v: %v", c, err)
			}
		}
	}
}
