package main

import (
	"net"
	"os/exec"
	"path/filepath"
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
	for name, c := range map[string]struct {
		system, there, viewer, state string
		want                         []string
	}{
		"nothing":    {"linux", "", "", stateLook, []string{"doctor.no_viewer", "doctor.no_cups"}},
		"a browser":  {"linux", "chromium", "chromium", stateLook, []string{"doctor.viewer", "doctor.no_cups"}},
		"everything": {"linux", "lpstat evince", "evince", stateOK, []string{"doctor.viewer", "doctor.cups"}},
		"Windows":    {"windows", "explorer", "explorer", stateOK, []string{"doctor.viewer"}},
	} {
		k := &checkup{e: &env{lang: i18n.EN}}
		k.printing(c.system, func(n string) (string, error) {
			if strings.Contains(" "+c.there+" ", " "+n+" ") {
				return "/usr/bin/" + n, nil
			}
			return "", exec.ErrNotFound
		})
		f := k.all[0]
		for _, key := range c.want {
			if !strings.Contains(f.Say, i18n.EN.T(key, "name", c.viewer)) {
				t.Errorf("%s: %s", name, f.Say)
			}
		}
		if f.State != c.state || (f.Mend == "") != (c.state == stateOK) {
			t.Errorf("%s: %s, %q", name, f.State, f.Mend)
		}
	}
}

// TestDoctorSaysWithEachFaultItsMend takes the port away and has no data: whatever is not well comes with what to do, in three languages.
func TestDoctorSaysWithEachFaultItsMend(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	for _, lang := range i18n.Langs() {
		c := &checkup{e: &env{ctx: t.Context(), lang: lang, cli: &cli{Data: filepath.Join(t.TempDir(), "none")}}, now: time.Now()}
		c.folder()
		c.disk()
		c.room()
		c.copies()
		c.port(taken.Addr().String())
		c.data()
		seen := map[string]string{}
		for _, f := range c.all {
			seen[f.What] = f.State
			if f.State != stateOK && f.Mend == "" || f.Say == "" || strings.Contains(f.Say+f.Mend, "⟦") {
				t.Errorf("%s: %s is %s, %q: %q", lang, f.What, f.State, f.Say, f.Mend)
			}
		}
		if seen["port"] != stateMend || seen["clock"] != stateOK || seen["folder"] != stateLook {
			t.Errorf("%s: %v", lang, seen)
		}
	}
}
