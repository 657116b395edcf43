// Package link is how two centres exchange while a network connects them: over HTTPS, each known to the other by the key
// that people compared when they paired. No authority, no name server and no clock need vouch for anybody. Whoever can
// reach the other calls; what waits goes both ways. What goes, and whether it is taken, internal/exchange decides.
package link

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"fmt"
	"math/big"
	"time"

	"github.com/jumyla/jumyla/internal/store"
	"github.com/jumyla/jumyla/ledger"
)

// certificate makes a certificate that says nothing but the centre's key, which is that of its card. Whoever reads it
// does not look at its dates: a clock may stand in 1970.
func certificate(key ed25519.PrivateKey) (tls.Certificate, error) {
	t := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "jumyla"},
		NotBefore: time.Unix(0, 0), NotAfter: time.Unix(253370764800, 0), KeyUsage: x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth}}
	der, err := x509.CreateCertificate(rand.Reader, t, t, key.Public(), key)
	if err != nil {
		return tls.Certificate{}, fmt.Errorf("certificate of the centre's key: %w", err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, nil
}

// errOtherKey means that whoever answers is not the centre that was called.
var errOtherKey = errors.New("another key answers than the one that was compared")

// keyOf returns the key that the other side has proved to hold.
func keyOf(s *tls.ConnectionState) (ed25519.PublicKey, error) {
	if len(s.PeerCertificates) == 0 {
		return nil, errOtherKey
	}
	key, ok := s.PeerCertificates[0].PublicKey.(ed25519.PublicKey)
	if !ok {
		return nil, errOtherKey
	}
	return key, nil
}

// config is what both sides of a connection have in common.
func config(db *store.DB) (*tls.Config, error) {
	own, err := certificate(db.SigningKey())
	return &tls.Config{Certificates: []tls.Certificate{own}, MinVersion: tls.VersionTLS13, NextProtos: []string{"http/1.1"}, SessionTicketsDisabled: true}, err
}

// calling is how we call a centre: whoever answers must hold its key.
func calling(db *store.DB, key ed25519.PublicKey) (*tls.Config, error) {
	c, err := config(db)
	if err != nil {
		return nil, err
	}
	c.InsecureSkipVerify = true // no authority vouches: VerifyConnection compares the key itself
	c.VerifyConnection = func(s tls.ConnectionState) error {
		got, err := keyOf(&s)
		if err != nil || !bytes.Equal(got, key) {
			return errOtherKey
		}
		return nil
	}
	return c, nil
}

// answering is how we let others in: each shows a key. Whose it is, and whether we know them, is asked afterwards, so
// that they can be told in words.
func answering(db *store.DB) (*tls.Config, error) {
	c, err := config(db)
	if err != nil {
		return nil, err
	}
	c.ClientAuth = tls.RequireAnyClientCert
	c.VerifyConnection = func(s tls.ConnectionState) error {
		_, err := keyOf(&s)
		return err
	}
	return c, nil
}

// whose returns the paired centre that holds a key. ok is false for a stranger; revoked says that the centre was ended.
func whose(ctx context.Context, db *store.DB, key ed25519.PublicKey) (c store.Centre, revoked, ok bool, err error) {
	all, err := store.Centres(ctx, db)
	if err != nil {
		return c, false, false, err
	}
	for _, c := range all {
		if c.Pinned && bytes.Equal(c.Key, key) {
			revoked, err := isRevoked(ctx, db, c.Centre)
			return c, revoked, true, err
		}
	}
	return c, false, false, nil
}

func isRevoked(ctx context.Context, db *store.DB, c ledger.ID) (bool, error) {
	d, err := db.Decider(ctx)
	if err != nil {
		return false, err
	}
	return d.Directory.Revoked(c), nil
}
