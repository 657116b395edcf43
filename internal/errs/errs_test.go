package errs_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/jumyla/jumyla/internal/errs"
)

func TestKindSurvivesWrapping(t *testing.T) {
	err := fmt.Errorf("create request: %w", errs.New(errs.Conflict, "request.stale"))
	if got := errs.KindOf(err); got != errs.Conflict {
		t.Fatalf("kind = %v, want conflict", got)
	}
	if errs.KindOf(errors.New("x")) != errs.Internal {
		t.Fatal("an unnamed error must be internal")
	}
	if errs.Is(nil, errs.Internal) {
		t.Fatal("nil is of no kind")
	}
	if errs.Wrap(errs.Invalid, nil, "k") != nil {
		t.Fatal("wrapping nil must give nil")
	}
}

func TestFields(t *testing.T) {
	f := errs.Fields{}
	f.Check(true, "name", "a")
	if f.Err() != nil {
		t.Fatal("no fault, no error")
	}
	f.Check(false, "phone", "phone.letters")
	f.Check(false, "phone", "phone.short")
	err := f.Err()
	var e *errs.Error
	if !errors.As(err, &e) || e.Fields["phone"] != "phone.letters" || e.Kind != errs.Invalid {
		t.Fatalf("err = %v", err)
	}
	if want := "invalid: error.fields; phone: phone.letters"; err.Error() != want {
		t.Fatalf("text = %q, want %q", err.Error(), want)
	}
}
