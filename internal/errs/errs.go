// Package errs names the six ways in which an act can fail and what the caller can do about each.
// An error carries a message key of internal/i18n, never a sentence: the edge that answers a person
// chooses the language. It knows nothing of HTTP, SQL or logging.
package errs

import (
	"errors"
	"fmt"
	"sort"
	"strings"
)

// Kind says what a caller can do about an error.
type Kind uint8

// The kinds, from "our fault" to "try again later".
const (
	Internal    Kind = iota // a defect or a broken machine: report it
	Invalid                 // the input is wrong: correct it and send it again
	NotFound                // there is no such thing, or none that you may see
	Conflict                // somebody was faster: look again, then decide
	Denied                  // you may not: ask somebody who may
	Unavailable             // not now: locked, busy, full or offline
)

// String returns the kind's name in lower case.
func (k Kind) String() string {
	return [...]string{"internal", "invalid", "not found", "conflict", "denied", "unavailable"}[k]
}

// Error is a failure with its kind, a message key for people, and for Invalid the fields at fault.
type Error struct {
	Kind   Kind
	Key    string            // message key; "" means the kind's own message
	Args   []any             // name, value pairs for the message
	Fields map[string]string // field → message key
	err    error
}

// Error returns the technical text for logs; it never holds what a person typed.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(e.Kind.String())
	if e.Key != "" {
		b.WriteString(": " + e.Key)
	}
	for _, f := range e.fieldNames() {
		b.WriteString("; " + f + ": " + e.Fields[f])
	}
	if e.err != nil {
		b.WriteString(": " + e.err.Error())
	}
	return b.String()
}

func (e *Error) fieldNames() []string {
	names := make([]string, 0, len(e.Fields))
	for f := range e.Fields {
		names = append(names, f)
	}
	sort.Strings(names)
	return names
}

// Unwrap returns the cause, or nil.
func (e *Error) Unwrap() error { return e.err }

// New returns an error of the kind with a message key and name, value pairs for the message.
func New(k Kind, key string, args ...any) *Error { return &Error{Kind: k, Key: key, Args: args} }

// Wrap gives a cause a kind and a message key; a nil cause gives nil.
func Wrap(k Kind, err error, key string, args ...any) error {
	if err == nil {
		return nil
	}
	return &Error{Kind: k, Key: key, Args: args, err: err}
}

// KindOf returns the kind of err: that of the first *Error in its chain, else Internal.
func KindOf(err error) Kind {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Kind
	}
	return Internal
}

// Is reports whether err is of kind k; a nil error is of no kind.
func Is(err error, k Kind) bool { return err != nil && KindOf(err) == k }

// Missing returns a NotFound for what is named, for example "request".
func Missing(what string) *Error {
	return &Error{Kind: NotFound, Key: "error.missing", err: fmt.Errorf("%s", what)}
}

// Fields collects what is wrong with an input, field by field.
type Fields map[string]string

// Check notes key against field when ok is false; the first note for a field stays.
func (f Fields) Check(ok bool, field, key string) {
	if _, seen := f[field]; !ok && !seen {
		f[field] = key
	}
}

// Err returns nil when nothing was noted, else an Invalid error naming each field.
func (f Fields) Err() error {
	if len(f) == 0 {
		return nil
	}
	return &Error{Kind: Invalid, Key: "error.fields", Fields: f}
}
