package authority

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"time"

	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/store"
)

// A server's certificate is good for a year to each side of the day that it was made, so that neither this
// machine's clock nor a visitor's must be right, and is made anew after ninety days. Apple's devices refuse one that
// holds longer than 825 days.
const (
	span  = 365 * 24 * time.Hour
	fresh = 90 * 24 * time.Hour
)

// Server is the certificate that the pages are served under.
type Server struct {
	Names []string // addresses and host names that it vouches for
	From  time.Time
	Until time.Time
	TLS   tls.Certificate
}

// Serving returns the certificate for these names: the one that is kept, or, where names or the authority have
// changed or it grows old, a new one. Names that the authority may not vouch for are left out. now is a real clock's.
func Serving(ctx context.Context, db *store.DB, a *Authority, names []string, now time.Time) (*Server, error) {
	if names = a.permitted(names); len(names) == 0 {
		return nil, errs.New(errs.Unavailable, "lan.no_address")
	}
	kept, err := Kept(ctx, db)
	if err == nil && kept.goodFor(a, names, now) {
		return kept, nil
	}
	if err != nil && !errs.Is(err, errs.NotFound) {
		return nil, err
	}
	cert, key, err := a.issue(names, now, span)
	if err != nil {
		return nil, fmt.Errorf("issue certificate: %w", err)
	}
	err = db.Write(ctx, store.Actor{}, func(tx *store.Tx) error {
		_, err := tx.Exec(ctx, "INSERT INTO certificate (id, cert, key, issuer) VALUES (1,$1,$2,$3) ON CONFLICT (id) DO UPDATE SET cert=$1, key=$2, issuer=$3", cert, key, a.Cert)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("keep certificate: %w", err)
	}
	return read(cert, key, a.Cert)
}

// Kept returns the certificate that was served last; NotFound where there was none.
func Kept(ctx context.Context, r store.Reader) (*Server, error) {
	rows, err := r.Query(ctx, "SELECT cert, key, issuer FROM certificate")
	if err != nil {
		return nil, fmt.Errorf("find certificate: %w", err)
	}
	defer rows.Close()
	if !rows.Next() {
		return nil, errors.Join(rows.Err(), errs.Missing("certificate"))
	}
	var cert, key, issuer []byte
	if err := rows.Scan(&cert, &key, &issuer); err != nil {
		return nil, fmt.Errorf("read certificate: %w", err)
	}
	return read(cert, key, issuer)
}

func read(cert, key, issuer []byte) (*Server, error) {
	leaf, err := x509.ParseCertificate(cert)
	if err != nil {
		return nil, fmt.Errorf("read certificate: %w", err)
	}
	k, err := x509.ParsePKCS8PrivateKey(key)
	if err != nil {
		return nil, fmt.Errorf("read key: %w", err)
	}
	s := &Server{From: leaf.NotBefore, Until: leaf.NotAfter, TLS: tls.Certificate{Certificate: [][]byte{cert, issuer}, PrivateKey: k, Leaf: leaf}}
	for _, ip := range leaf.IPAddresses {
		s.Names = append(s.Names, ip.String())
	}
	s.Names = append(s.Names, leaf.DNSNames...)
	return s, nil
}

// goodFor reports whether the certificate vouches for all the names, is the authority's, and is still young.
func (s *Server) goodFor(a *Authority, names []string, now time.Time) bool {
	for _, n := range names {
		if !slices.Contains(s.Names, n) {
			return false
		}
	}
	made := s.From.Add(span)
	issuer := s.TLS.Certificate[1]
	return len(names) == len(s.Names) && slices.Equal(issuer, a.Cert) && now.Sub(made).Abs() < fresh
}

// permitted returns the names that the authority may vouch for, each once.
func (a *Authority) permitted(names []string) []string {
	var out []string
	for _, n := range names {
		ip, err := netip.ParseAddr(n)
		ok := err == nil && Private(ip)
		if err != nil {
			ok = a.mayName(n)
		}
		if ok && !slices.Contains(out, n) {
			out = append(out, n)
		}
	}
	return out
}

// mayName reports whether a host name is among those that the authority was made for.
func (a *Authority) mayName(host string) bool {
	ca, err := a.Certificate()
	if err != nil {
		return false
	}
	for _, z := range ca.PermittedDNSDomains {
		if host == z || len(host) > len(z) && host[len(host)-len(z)-1:] == "."+z {
			return true
		}
	}
	return false
}

// A centre that somebody shut answers other devices for this long, under a certificate whose key is nowhere but in memory:
// the one that is kept lies in the database, and who takes the laptop then must not be the office for a year.
const shutFor = 3 * 24 * time.Hour

// WhileShut returns a certificate of some days, kept nowhere, under which a centre says that it is closed.
func (a *Authority) WhileShut(names []string, now time.Time) (*Server, error) {
	if names = a.permitted(names); len(names) == 0 {
		return nil, errs.New(errs.Unavailable, "lan.no_address")
	}
	cert, key, err := a.issue(names, now, shutFor)
	if err != nil {
		return nil, fmt.Errorf("issue certificate: %w", err)
	}
	return read(cert, key, a.Cert)
}

// issue makes a certificate, good for span to each side of now, and its key.
func (a *Authority) issue(names []string, now time.Time, span time.Duration) (cert, key []byte, err error) {
	ca, err := a.Certificate()
	if err != nil {
		return nil, nil, err
	}
	caKey, err := x509.ParsePKCS8PrivateKey(a.Key)
	if err != nil {
		return nil, nil, fmt.Errorf("read key: %w", err)
	}
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, nil, err
	}
	serial, err := serialNumber()
	if err != nil {
		return nil, nil, err
	}
	now = now.UTC().Truncate(time.Second)
	t := &x509.Certificate{
		SerialNumber: serial, Subject: pkix.Name{CommonName: "Jumyla " + names[0], Organization: []string{"Jumyla"}},
		NotBefore: now.Add(-span), NotAfter: now.Add(span),
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}, BasicConstraintsValid: true,
	}
	for _, n := range names {
		if ip := net.ParseIP(n); ip != nil {
			t.IPAddresses = append(t.IPAddresses, ip)
		} else {
			t.DNSNames = append(t.DNSNames, n)
		}
	}
	if cert, err = x509.CreateCertificate(rand.Reader, t, ca, &k.PublicKey, caKey); err != nil {
		return nil, nil, err
	}
	key, err = x509.MarshalPKCS8PrivateKey(k)
	return cert, key, err
}

func ipNet(p netip.Prefix) *net.IPNet {
	return &net.IPNet{IP: p.Addr().AsSlice(), Mask: net.CIDRMask(p.Bits(), p.Addr().BitLen())}
}
