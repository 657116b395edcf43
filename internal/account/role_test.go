package account

import "testing"

func TestRolesRoundTrip(t *testing.T) {
	for r := range All + 1 {
		got, err := ParseRoles(r.String())
		if err != nil || got != r {
			t.Errorf("%q came back as %q, %v", r, got, err)
		}
		var sum Roles
		for _, one := range r.Each() {
			sum |= one
		}
		if sum != r {
			t.Errorf("Each(%q) adds up to %q", r, sum)
		}
	}
	if _, err := ParseRoles("operator,king"); err == nil {
		t.Error("an unknown role was accepted")
	}
}

func TestRolesAny(t *testing.T) {
	if !(Operator | Auditor).Any(Auditor) || Operator.Any(Admin) || Roles(0).Any(All) {
		t.Error("Any is not set intersection")
	}
}
