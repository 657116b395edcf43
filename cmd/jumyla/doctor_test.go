package main

import (
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/jumyla/jumyla/internal/authority"
	"github.com/jumyla/jumyla/internal/i18n"
)

func TestDoctorTellsOfTheCertificate(t *testing.T) {
	dir := newCentre(t)
	if out := must(t, "--data", dir, "doctor", "--listen", ":0"); !strings.Contains(out, i18n.EN.T("doctor.no_authority")) || strings.Contains(out, "MEND") {
		t.Error(out)
	}
	db, err := open(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	a, err := authority.Ensure(t.Context(), db, "Оқу орталығы", "aigul-pc", now)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := authority.Serving(t.Context(), db, a, []string{"192.168.1.5"}, now); err != nil {
		t.Fatal(err)
	}
	e := &env{ctx: t.Context(), lang: i18n.EN}
	if say, err := certificate(e, db, now); err != nil || !strings.Contains(say, "192.168.1.5") || !strings.Contains(say, strings.Join(a.Fingerprint(), " ")) {
		t.Error(say, err)
	}
	for _, off := range []int{-2, 2} {
		if _, err := certificate(e, db, now.AddDate(off, 0, 0)); err == nil {
			t.Errorf("a clock that is %d years off goes unsaid", off)
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if out := must(t, "--data", dir, "doctor", "--listen", "127.0.0.1:0"); !strings.Contains(out, "192.168.1.5") {
		t.Error(out)
	}
	if out, code := jumyla(t, "--data", dir, "doctor", "--listen", "127.0.0.1:0"); code != 0 || !strings.Contains(out, i18n.EN.T("doctor.port_here")) {
		t.Error(out)
	}
}

func TestDoctorTellsOfPrinting(t *testing.T) {
	e := &env{lang: i18n.EN}
	for name, c := range map[string]struct {
		there, viewer string
		want          []string
	}{
		"nothing":    {"", "", []string{"doctor.no_viewer", "doctor.no_cups"}},
		"a browser":  {"chromium", "chromium", []string{"doctor.viewer", "doctor.no_cups"}},
		"everything": {"lpstat evince", "evince", []string{"doctor.viewer", "doctor.cups"}},
	} {
		say := printing(e, func(n string) (string, error) {
			if strings.Contains(" "+c.there+" ", " "+n+" ") {
				return "/usr/bin/" + n, nil
			}
			return "", exec.ErrNotFound
		})
		for _, key := range c.want {
			if !strings.Contains(say, i18n.EN.T(key, "name", c.viewer)) {
				t.Errorf("%s: %s", name, say)
			}
		}
	}
}
