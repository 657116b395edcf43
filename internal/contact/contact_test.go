package contact_test

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"

	"github.com/jumyla/jumyla/internal/contact"
)

func TestParsePhone(t *testing.T) {
	for in, want := range map[string]contact.Phone{
		"8 (701) 555-12-34": "+77015551234",
		"+7 701 555 12 34":  "+77015551234",
		"77015551234":       "+77015551234",
		"7015551234":        "+77015551234",
		"8 (727) 278 20 83": "+77272782083",
		"+49 30 1234567":    "+49301234567",
		"278 20 83":         "2782083",
	} {
		got, ok := contact.ParsePhone(in)
		if !ok || got != want {
			t.Errorf("%q → %q %v, want %q", in, string(got), ok, want)
		}
	}
	for _, bad := range []string{"", "мама", "8-70l-555", "12", strings.Repeat("7", 40)} {
		if got, ok := contact.ParsePhone(bad); ok {
			t.Errorf("%q was read as %q", bad, string(got))
		}
	}
}

func TestNothingReachesTheLog(t *testing.T) {
	var b bytes.Buffer
	l := slog.New(slog.NewJSONHandler(&b, nil))
	l.InfoContext(t.Context(), "x", "name", contact.Name("Сәуле Ахметова"), "phone", contact.Phone("+77015551234"),
		"address", contact.Address("Абай 44"), "note", contact.Note("инсулин"))
	for _, secret := range []string{"Сәуле", "7015", "Абай", "инсулин"} {
		if strings.Contains(b.String(), secret) {
			t.Errorf("the log shows %q: %s", secret, b.String())
		}
	}
}

func TestShown(t *testing.T) {
	p := contact.Phone("+77015551234")
	if p.String() != "+7 701 555 12 34" || p.Masked() != "••• 34" {
		t.Error(p.String(), p.Masked())
	}
	if got := contact.Name("Сәуле Ахметова").Masked(); got != "С. А." {
		t.Error(got)
	}
	if got := contact.Phone("+49301234567").String(); got != "+49 30 1234567" {
		t.Error(got)
	}
}
