package account

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"strings"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"
	"golang.org/x/text/unicode/norm"

	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/store"
)

// KDF is the cost of hashing a passphrase; store.StrongKDF but in tests.
type KDF = store.KDF

// hash returns Argon2id of the passphrase as a PHC string; one that is too short is Invalid in its field.
func hash(passphrase string, cost KDF) (string, error) {
	if utf8.RuneCountInString(passphrase) < store.MinPassphrase {
		return "", &errs.Error{Kind: errs.Invalid, Key: "account.passphrase_short", Fields: map[string]string{"passphrase": "account.passphrase_short"}}
	}
	salt := make([]byte, 16)
	if _, err := rand.Read(salt); err != nil {
		return "", fmt.Errorf("draw salt: %w", err)
	}
	sum := stretch(passphrase, salt, cost)
	b := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, cost.Memory, cost.Time, cost.Threads,
		b.EncodeToString(salt), b.EncodeToString(sum)), nil
}

// stretch normalises first: two keyboards may send one letter in two ways.
func stretch(passphrase string, salt []byte, cost KDF) []byte {
	return argon2.IDKey([]byte(norm.NFC.String(passphrase)), salt, cost.Time, cost.Memory, cost.Threads, 32)
}

// matches reports whether the passphrase gives the hash; a hash that cannot be read matches nothing.
func matches(phc, passphrase string) bool {
	part := strings.Split(phc, "$")
	if len(part) != 6 || part[1] != "argon2id" {
		return false
	}
	var cost KDF
	if _, err := fmt.Sscanf(part[3], "m=%d,t=%d,p=%d", &cost.Memory, &cost.Time, &cost.Threads); err != nil || cost.Time == 0 || cost.Threads == 0 {
		return false
	}
	salt, err1 := base64.RawStdEncoding.DecodeString(part[4])
	sum, err2 := base64.RawStdEncoding.DecodeString(part[5])
	if err1 != nil || err2 != nil || len(sum) == 0 {
		return false
	}
	return subtle.ConstantTimeCompare(sum, stretch(passphrase, salt, cost)) == 1
}
