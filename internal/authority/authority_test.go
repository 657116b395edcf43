package authority_test

import (
	"bytes"
	"crypto/x509"
	"net/netip"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/jumyla/jumyla/internal/authority"
	"github.com/jumyla/jumyla/internal/store"
)

var (
	kinds = []store.Registered{authority.Kind}
	cheap = store.KDF{Time: 1, Memory: 64, Threads: 1}
	today = time.Date(2026, 11, 27, 9, 0, 0, 0, time.UTC)
	open  = store.Secret{Passphrase: "төрт сөз жеткілікті"}
)

func newDB(t *testing.T) (*store.DB, store.Config) {
	t.Helper()
	cfg := store.Config{Dir: filepath.Join(t.TempDir(), "centre"), Kinds: kinds, KDF: cheap}
	db, err := store.Create(t.Context(), cfg, open)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db, cfg
}

func ensure(t *testing.T, db *store.DB) *authority.Authority {
	t.Helper()
	a, err := authority.Ensure(t.Context(), db, "Оқу орталығы", "Aigul-PC.office.example", today)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func serving(t *testing.T, db *store.DB, a *authority.Authority, now time.Time, names ...string) *authority.Server {
	t.Helper()
	s, err := authority.Serving(t.Context(), db, a, names, now)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func verify(t *testing.T, a *authority.Authority, s *authority.Server, name string, at time.Time) error {
	t.Helper()
	ca, err := a.Certificate()
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(ca)
	_, err = s.TLS.Leaf.Verify(x509.VerifyOptions{DNSName: name, Roots: pool, CurrentTime: at})
	return err
}

func TestACertificateForTheOffice(t *testing.T) {
	db, _ := newDB(t)
	a := ensure(t, db)
	s := serving(t, db, a, today, "192.168.1.5", "fd00::5", "aigul-pc", "aigul-pc.local", "8.8.8.8", "bank.example", "192.168.1.5")
	if want := []string{"192.168.1.5", "fd00::5", "aigul-pc", "aigul-pc.local"}; !slices.Equal(s.Names, want) {
		t.Errorf("vouches for %v, want %v: nobody's addresses outside the office", s.Names, want)
	}
	for _, name := range s.Names {
		for _, at := range []time.Time{today.AddDate(0, -11, 0), today, today.AddDate(0, 11, 0)} {
			if err := verify(t, a, s, name, at); err != nil {
				t.Errorf("%s on %s: %v", name, at.Format(time.DateOnly), err)
			}
		}
	}
	if days := s.Until.Sub(s.From).Hours() / 24; days > 825 {
		t.Errorf("%.0f days: Apple's devices refuse more than 825", days)
	}
	if verify(t, a, s, "bank.example", today) == nil {
		t.Error("it vouches for a bank")
	}
	if got := a.Fingerprint(); len(got) != 16 || len(got[0]) != 4 {
		t.Error(got)
	}
}

// TestTheAuthorityCannotVouchForOthers signs a bank's name with the authority's own key, as a thief would.
func TestTheAuthorityCannotVouchForOthers(t *testing.T) {
	db, _ := newDB(t)
	a := ensure(t, db)
	ca, err := a.Certificate()
	if err != nil {
		t.Fatal(err)
	}
	key, err := x509.ParsePKCS8PrivateKey(a.Key)
	if err != nil {
		t.Fatal(err)
	}
	forged := serving(t, db, a, today, "192.168.1.5").TLS.Leaf
	forged.IPAddresses, forged.DNSNames = nil, []string{"bank.example"}
	der, err := x509.CreateCertificate(nil, forged, ca, forged.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(ca)
	if _, err := leaf.Verify(x509.VerifyOptions{DNSName: "bank.example", Roots: pool, CurrentTime: today}); err == nil {
		t.Error("a device that trusts the centre would trust a forged bank")
	}
}

func TestACertificateIsMadeAnewWhenItMust(t *testing.T) {
	db, _ := newDB(t)
	a := ensure(t, db)
	first := serving(t, db, a, today, "192.168.1.5", "aigul-pc.local")
	for name, c := range map[string]struct {
		now   time.Time
		names []string
		same  bool
	}{
		"the next month":        {today.AddDate(0, 1, 0), []string{"192.168.1.5", "aigul-pc.local"}, true},
		"in another order":      {today, []string{"aigul-pc.local", "192.168.1.5"}, true},
		"another address":       {today, []string{"192.168.7.9", "aigul-pc.local"}, false},
		"an address less":       {today, []string{"192.168.1.5"}, false},
		"four months later":     {today.AddDate(0, 4, 0), []string{"192.168.1.5", "aigul-pc.local"}, false},
		"the clock a year back": {today.AddDate(-1, 0, 0), []string{"192.168.1.5", "aigul-pc.local"}, false},
	} {
		t.Run(name, func(t *testing.T) {
			again := serving(t, db, a, today, "192.168.1.5", "aigul-pc.local")
			got := serving(t, db, a, c.now, c.names...)
			if same := bytes.Equal(got.TLS.Leaf.Raw, again.TLS.Leaf.Raw); same != c.same {
				t.Errorf("the same certificate: %v, want %v", same, c.same)
			}
			for _, n := range c.names {
				if err := verify(t, a, got, n, c.now); err != nil {
					t.Error(err)
				}
			}
		})
	}
	if first.TLS.Leaf.SerialNumber.Sign() <= 0 {
		t.Error("no serial number")
	}
}

// TestARestoredDatabaseKeepsItsAuthority restores a back-up in another folder: devices that trust the centre trust it there.
func TestARestoredDatabaseKeepsItsAuthority(t *testing.T) {
	db, _ := newDB(t)
	a := ensure(t, db)
	file, dir := filepath.Join(t.TempDir(), "backup"), filepath.Join(t.TempDir(), "elsewhere")
	if err := db.Backup(t.Context(), file); err != nil {
		t.Fatal(err)
	}
	if err := store.Restore(file, dir); err != nil {
		t.Fatal(err)
	}
	other, err := store.Open(t.Context(), store.Config{Dir: dir, Kinds: kinds, KDF: cheap}, open)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = other.Close() })
	b := ensure(t, other)
	if !bytes.Equal(a.Cert, b.Cert) || !bytes.Equal(a.Codes, b.Codes) {
		t.Fatal("another authority")
	}
	if err := verify(t, a, serving(t, other, b, today, "10.0.0.7"), "10.0.0.7", today); err != nil {
		t.Error(err)
	}
	before, after, err := other.Rebuild(t.Context())
	if err != nil || before != after {
		t.Error("rebuild differs", err)
	}
	if c := ensure(t, other); !bytes.Equal(a.Cert, c.Cert) {
		t.Error("rebuild loses the authority")
	}
}

func TestPrivate(t *testing.T) {
	for s, want := range map[string]bool{"192.168.0.1": true, "10.1.2.3": true, "172.31.0.1": true, "172.32.0.1": false, "8.8.8.8": false,
		"fe80::1%eth0": true, "fd12::1": true, "2a00::1": false, "::ffff:192.168.1.1": true, "127.0.0.2": true} {
		if got := authority.Private(netip.MustParseAddr(s)); got != want {
			t.Errorf("%s: %v", s, got)
		}
	}
	for s, want := range map[string]string{"Aigul-PC": "aigul-pc", "a.b.c": "a", "Айгүл": "", "localhost": "", "-x": "", "": ""} {
		if got := authority.HostName(s); got != want {
			t.Errorf("%q: %q", s, got)
		}
	}
}
