package desk

import (
	"testing"

	"github.com/jumyla/jumyla/internal/account"
)

func TestEverybodyBeginsWhereTheyMay(t *testing.T) {
	for roles, want := range map[account.Roles]string{
		account.Operator: "/board", account.Dispatcher: "/board", account.Coordinator | account.Admin: "/board",
		account.Admin: "/accounts", account.Auditor: "/people", account.Volunteer: "/account",
	} {
		if got := first(roles); got != want {
			t.Errorf("%s begins on %s, want %s", roles, got, want)
		}
	}
}
