// Package account is who may sign in and what they may do: accounts with their roles, passphrases, sessions
// and invitations. It knows nothing of pages; the edges ask it. Sessions go by a real clock that is passed
// in, not by a write's own time, for a drill may run at another pace.
package account

import (
	"fmt"
	"strings"
)

// Role is one kind of work that an account may do at a centre. A Role is also a set of one.
type Role = Roles

// The roles, in the order in which people are shown them. Accounts keep them as bits: a new one goes last.
const (
	Operator    Roles = 1 << iota // takes calls, sees the households of open requests
	Coordinator                   // checks, decides, sets rules and stock, answers for the centre
	Dispatcher                    // plans and issues runs, follows crews
	Volunteer                     // sees own shifts and runs
	Auditor                       // reads the history, changes nothing
	Admin                         // accounts, devices, backups; no personal data by that alone
)

// Roles is a set of roles; the zero value holds none.
type Roles uint8

// All is every role: whoever is signed in.
const All = Operator | Coordinator | Dispatcher | Volunteer | Auditor | Admin

var roleNames = [...]string{"operator", "coordinator", "dispatcher", "volunteer", "auditor", "admin"}

// Any reports whether the two sets share a role.
func (r Roles) Any(of Roles) bool { return r&of != 0 }

// Each returns the roles of the set one by one, in their order.
func (r Roles) Each() []Role {
	var out []Role
	for i := range roleNames {
		if one := Role(1) << i; r.Any(one) {
			out = append(out, one)
		}
	}
	return out
}

// String returns the names in lower case, separated by commas; "" for none. It is the stored form.
func (r Roles) String() string {
	var out []string
	for i, name := range roleNames {
		if r.Any(1 << i) {
			out = append(out, name)
		}
	}
	return strings.Join(out, ",")
}

// ParseRoles reads what String wrote.
func ParseRoles(s string) (Roles, error) {
	var r Roles
next:
	for name := range strings.SplitSeq(s, ",") {
		if name = strings.TrimSpace(name); name == "" {
			continue
		}
		for i, known := range roleNames {
			if name == known {
				r |= 1 << i
				continue next
			}
		}
		return 0, fmt.Errorf("account: no role is called %q", name)
	}
	return r, nil
}
