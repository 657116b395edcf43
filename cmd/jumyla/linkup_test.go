package main

import (
	"bytes"
	"net"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jumyla/jumyla/internal/i18n"
)

// TestDoctorTellsOfLinks: what was never exchanged, who is not reached and why, a clock that is off, a port that is taken.
func TestDoctorTellsOfLinks(t *testing.T) {
	a, b := newCentre(t), newCentre(t)
	card := filepath.Join(t.TempDir(), "b.card")
	doctor := func(args ...string) string {
		var out bytes.Buffer // also where something must be mended
		execute(t.Context(), append([]string{"--data", a, "doctor", "--listen", "127.0.0.1:0"}, args...), &out, &out)
		return out.String()
	}
	if out := doctor(); !strings.Contains(out, i18n.EN.T("doctor.links", "n", 0)) {
		t.Error(out)
	}
	must(t, "--data", b, "peer", "card", "-o", card)
	must(t, "--data", a, "peer", "add", card)
	if out := doctor(); !strings.Contains(out, "nothing was ever exchanged") || !strings.Contains(out, i18n.EN.T("doctor.mend_never")) {
		t.Error(out)
	}
	name := peerName(t, a)
	must(t, "--data", a, "peer", "address", name, "127.0.0.1:1")
	if out, code := jumyla(t, "--data", a, "peer", "exchange", name); code == 0 {
		t.Error(out)
	}
	if out := doctor(); !strings.Contains(out, "is not reached") || !strings.Contains(out, i18n.EN.T("link.refused")) {
		t.Error(out)
	}

	// what the other wrote is of the year after the next
	stick := t.TempDir()
	must(t, "--data", a, "peer", "card", "-o", card)
	must(t, "--data", b, "peer", "add", card)
	ahead := time.Now().AddDate(2, 0, 0).Format(time.RFC3339)
	must(t, "--data", b, "--now", ahead, "peer", "card", "-o", card, "--level", "regional")
	must(t, "--data", b, "--now", ahead, "bundle", "write", "--to", peerName(t, b), "-o", stick)
	files, err := filepath.Glob(filepath.Join(stick, "*.jumyla"))
	if err != nil || len(files) != 1 {
		t.Fatal(files, err)
	}
	must(t, "--data", a, "bundle", "read", files[0])
	if out := doctor(); !strings.Contains(out, "later than this machine's clock") || !strings.Contains(out, "MEND links to centres") {
		t.Error(out)
	}

	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if out := doctor("--peers", l.Addr().String()); !strings.Contains(out, i18n.EN.T("doctor.peers_closed_mend")) {
		t.Error(out)
	}
	if out := doctor("--peers", "127.0.0.1:0"); !strings.Contains(out, i18n.EN.T("doctor.peers_open_mend")) {
		t.Error(out)
	}
}

// peerName returns the identity of the one centre that is known.
func peerName(t *testing.T, dir string) string {
	t.Helper()
	out := must(t, "--data", dir, "--json", "peer", "list")
	_, rest, _ := strings.Cut(out, `"centre":"`)
	name, _, _ := strings.Cut(rest, `"`)
	return name
}
