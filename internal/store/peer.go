package store

import (
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"slices"

	"filippo.io/age"

	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/store/cards"
	"github.com/jumyla/jumyla/ledger"
)

// Card is what a centre tells of itself: how to know its signature, how to seal for it, and where it stands.
type Card = cards.Card

// Centre is another centre as it is known here.
type Centre = cards.Centre

// HashOf is the hash of an entry's bytes.
func HashOf(raw []byte) ledger.Hash { return sha256.Sum256(raw) }

func (db *DB) publicKey() ed25519.PublicKey { return db.key.Public().(ed25519.PublicKey) }

// Signs signs a message with the centre's key.
func (db *DB) Signs(message []byte) []byte { return ed25519.Sign(db.key, message) }

// SigningKey is the centre's key: for bundles and for peers' connections.
func (db *DB) SigningKey() ed25519.PrivateKey { return db.key }

// Box opens what other centres seal for this one. It is made when it is first asked for.
func (db *DB) Box(ctx context.Context) (*age.X25519Identity, error) {
	var text []byte
	err := db.QueryRow(ctx, "SELECT value FROM ledger_self WHERE key='box'").Scan(&text)
	if err == nil {
		return age.ParseX25519Identity(string(text))
	}
	if !errors.Is(err, sql.ErrNoRows) {
		return nil, err
	}
	made, err := age.GenerateX25519Identity()
	if err != nil {
		return nil, fmt.Errorf("make box: %w", err)
	}
	err = db.Write(ctx, Actor{}, func(tx *Tx) error {
		if _, err := tx.Exec(ctx, "INSERT INTO ledger_self (key, value) VALUES ('box', $1) ON CONFLICT DO NOTHING", []byte(made.String())); err != nil {
			return err
		}
		return tx.QueryRow(ctx, "SELECT value FROM ledger_self WHERE key='box'").Scan(&text)
	})
	if err != nil {
		return nil, err
	}
	return age.ParseX25519Identity(string(text))
}

// PublicKey is what others know our signature by.
func (db *DB) PublicKey() ed25519.PublicKey { return db.publicKey() }

// Introduce writes what is known of a centre into our dir lane: of our own, or of one whose key our people compared.
// Saying the same again writes nothing.
func (tx *Tx) Introduce(ctx context.Context, c Card) error {
	known, err := Centres(ctx, tx)
	if err != nil {
		return err
	}
	fields, err := ledger.FieldsOf(c)
	if err != nil {
		return err
	}
	for _, k := range known {
		same, err := ledger.FieldsOf(k.Card)
		if err != nil {
			return err
		}
		if k.Centre == c.Centre && (k.Pinned || c.Centre == tx.w.db.centre) && maps.EqualFunc(same, fields, slices.Equal) {
			return nil
		}
	}
	tx.Touch("centre")
	return tx.Append(ctx, &ledger.Entry{Lane: ledger.Lane{Class: ledger.Dir}, Record: c.Centre, Kind: ledger.KindIntroduction, Op: ledger.Declare, Fields: fields}, nil)
}

// inDir returns the entries of every dir lane, in the order in which they came.
func inDir(ctx context.Context, r Reader) ([]ledger.Known, error) {
	return All(ctx, r, func(row *sql.Rows, k *ledger.Known) error {
		var raw []byte
		err := row.Scan(&raw)
		if err == nil {
			k.Hash = HashOf(raw)
			k.Entry, err = ledger.Decode(raw)
		}
		return err
	}, "SELECT e.raw FROM ledger_lane l CROSS JOIN ledger_entry e ON e.lane=l.id WHERE l.class='dir' ORDER BY e.n") // CROSS: from the few lanes, not through all that was ever written
}

// Declared returns what centres declare of a kind, in the order in which it came here.
func Declared(ctx context.Context, r Reader, kind string) ([]ledger.Known, error) {
	all, err := inDir(ctx, r)
	return slices.DeleteFunc(all, func(k ledger.Known) bool { return k.Op != ledger.Declare || k.Kind != kind }), err
}

// Centres returns every centre that was introduced here, ours too where it has a card, in the order of their names. Our
// own people's word counts before the centre's own, that before others'; of one speaker the last.
func Centres(ctx context.Context, r Reader) ([]Centre, error) {
	us, err := One[[]byte](ctx, r, "centre", "SELECT value FROM ledger_self WHERE key='centre'")
	if err != nil {
		return nil, err
	}
	said, err := Declared(ctx, r, ledger.KindIntroduction)
	if err != nil {
		return nil, fmt.Errorf("centres: %w", err)
	}
	return cards.Fold(ledger.ID(us), said), nil
}

// Peer returns one centre as it is known here.
func Peer(ctx context.Context, r Reader, centre ledger.ID) (Centre, error) {
	all, err := Centres(ctx, r)
	if err != nil {
		return Centre{}, err
	}
	for _, c := range all {
		if c.Centre == centre {
			return c, nil
		}
	}
	return Centre{}, errs.Missing("centre")
}
