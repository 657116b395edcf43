// Package authority is the centre's own certificate authority: what other devices of the office install once, so
// that they know this centre's pages from anybody else's. It makes the authority, keeps it in the encrypted
// database, and issues the certificate that the pages are served under. It opens no port and knows no page.
package authority

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/hex"
	"fmt"
	"math/big"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/id"
	"github.com/jumyla/jumyla/internal/store"
)

type kind struct{}

// ID names an authority.
type ID = id.Of[kind]

// Authority is the centre's, once in its life. A copy or a restored database has the same one, so that devices which
// trust it need not be told again.
type Authority struct {
	ID    ID
	Cert  []byte `local:"cert"`  // X.509, DER
	Key   []byte `local:"key"`   // ECDSA P-256, PKCS #8
	Codes []byte `local:"codes"` // 32 random bytes, from which the codes of the runs' field pages follow
}

// Kind is how the authority is kept: sealed, in the lane that never leaves the centre.
var Kind = store.Define(store.Spec[Authority]{
	Name: "authority", Schema: 1, Tables: []string{"authority"},
	DDL: `CREATE TABLE authority (id TEXT PRIMARY KEY) WITHOUT ROWID;
`,
	Project: func(ctx context.Context, tx *store.Tx, a *Authority) error {
		_, err := tx.Exec(ctx, "INSERT INTO authority (id) VALUES ($1) ON CONFLICT DO NOTHING", a.ID)
		return err
	},
})

// Get reads the centre's authority; NotFound where it has never served a network.
func Get(ctx context.Context, r store.Reader) (*Authority, error) {
	rid, err := store.One[id.ID](ctx, r, "authority", "SELECT id FROM authority ORDER BY id LIMIT 1")
	if err != nil {
		return nil, fmt.Errorf("find authority: %w", err)
	}
	return Kind.Get(ctx, r, rid)
}

// Ensure returns the centre's authority and makes it where there is none. name is the centre's, host this machine's;
// now is a real clock's.
func Ensure(ctx context.Context, db *store.DB, name, host string, now time.Time) (*Authority, error) {
	a, err := Get(ctx, db)
	if !errs.Is(err, errs.NotFound) {
		return a, err
	}
	fresh, err := create(name, host, now)
	if err != nil {
		return nil, fmt.Errorf("make authority: %w", err)
	}
	err = db.Write(ctx, store.Actor{}, func(tx *store.Tx) error {
		if a, err = Get(ctx, tx); !errs.Is(err, errs.NotFound) {
			return err
		}
		a = fresh
		a.ID = store.NewID[kind](tx)
		return tx.Put(ctx, a)
	})
	return a, err
}

const (
	years   = 10 // that devices need not install another
	maxName = 50 // characters of the centre's name in the authority's
)

// create makes an authority that can vouch for this centre's own network only: for private addresses, for names
// that no public authority gives out, and for nothing but servers. Whoever steals it cannot pretend to be a bank.
// The limits are not marked critical: devices that know them keep them, old ones still take the certificate.
func create(name, host string, now time.Time) (*Authority, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	serial, err := serialNumber()
	if err != nil {
		return nil, err
	}
	short := []rune("Жұмыла · " + name)
	t := &x509.Certificate{
		SerialNumber: serial, Subject: pkix.Name{CommonName: string(short[:min(len(short), maxName)]), Organization: []string{"Jumyla"}},
		// A machine whose clock stands years ahead must not make an authority that nobody else believes yet.
		NotBefore: time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC),
		NotAfter:  later(now, time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)).AddDate(years, 0, 0),
		IsCA:      true, BasicConstraintsValid: true, MaxPathLenZero: true,
		KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageCRLSign, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		PermittedDNSDomains: zones(),
	}
	for _, p := range networks() {
		t.PermittedIPRanges = append(t.PermittedIPRanges, ipNet(p))
	}
	if h := HostName(host); h != "" {
		t.PermittedDNSDomains = append(t.PermittedDNSDomains, h)
	}
	a := &Authority{Codes: make([]byte, 32)}
	if a.Cert, err = x509.CreateCertificate(rand.Reader, t, t, &key.PublicKey, key); err != nil {
		return nil, err
	}
	if a.Key, err = x509.MarshalPKCS8PrivateKey(key); err != nil {
		return nil, err
	}
	_, err = rand.Read(a.Codes)
	return a, err
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

func serialNumber() (*big.Int, error) {
	return rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 127))
}

// networks are the addresses that an office's network gives out; none of them is anybody's on the internet.
func networks() []netip.Prefix {
	var out []netip.Prefix
	for _, s := range []string{"10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16", "100.64.0.0/10", "127.0.0.0/8", "fc00::/7", "fe80::/10", "::1/128"} {
		out = append(out, netip.MustParsePrefix(s))
	}
	return out
}

// zones are the endings of names that are used within a network and are nobody's outside.
func zones() []string { return []string{"local", "lan", "home.arpa", "internal", "localhost"} }

// Private reports whether an address is one of an office's network.
func Private(a netip.Addr) bool {
	a = a.Unmap().WithZone("")
	return slices.ContainsFunc(networks(), func(p netip.Prefix) bool { return p.Contains(a) })
}

// HostName returns a machine's name as certificates hold it: the first label in lower case, or "" where it has none
// that a network could know.
func HostName(s string) string {
	s, _, _ = strings.Cut(strings.ToLower(strings.TrimSpace(s)), ".")
	plain := s != "" && len(s) <= 63 && s[0] != '-' && s != "localhost"
	for _, r := range s {
		plain = plain && (r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r == '-')
	}
	if !plain {
		return ""
	}
	return s
}

// Certificate returns the authority's certificate.
func (a *Authority) Certificate() (*x509.Certificate, error) {
	c, err := x509.ParseCertificate(a.Cert)
	if err != nil {
		return nil, fmt.Errorf("read authority: %w", err)
	}
	return c, nil
}

// Fingerprint returns the SHA-256 of the certificate in sixteen groups of four, to be compared aloud.
func (a *Authority) Fingerprint() []string {
	sum := sha256.Sum256(a.Cert)
	s := strings.ToUpper(hex.EncodeToString(sum[:]))
	var out []string
	for ; s != ""; s = s[4:] {
		out = append(out, s[:4])
	}
	return out
}
