package link

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/exchange"
	"github.com/jumyla/jumyla/internal/id"
	"github.com/jumyla/jumyla/internal/store"
)

// doorFile says, in the data folder, where the program that has the data open can be asked: whoever may read the
// folder may ask it to call other centres.
const doorFile = "exchange.json"

type door struct {
	Addr  string `json:"addr"`
	Token string `json:"token"`
}

// Control lets the command line reach the program that has the data open. It is on this machine alone.
type Control struct {
	file  string
	srv   *http.Server
	ended chan struct{}
}

// Line is a centre as the command line lists it.
type Line struct {
	Name    string     `json:"name"`
	Centre  string     `json:"centre"`
	Level   string     `json:"level"`
	Address string     `json:"address,omitempty"`
	Heard   *time.Time `json:"heard,omitempty"`   // as of when; absent: never
	Waiting int        `json:"waiting"`           // entries that it has not
	Theirs  int        `json:"theirs"`            // entries that it had and we have not
	State   string     `json:"state"`             // ok, behind, unreached, none
	Reached *time.Time `json:"reached,omitempty"` // when an exchange that we began was last whole
	Came    *time.Time `json:"came,omitempty"`    // when one that it began was
	Fault   string     `json:"fault,omitempty"`   // why the last one failed: a message key
}

// Lines lists other centres for the command line.
func Lines(ctx context.Context, db *store.DB) ([]Line, error) {
	all, err := Peers(ctx, db)
	if err != nil {
		return nil, err
	}
	at := func(t time.Time) *time.Time {
		if t.IsZero() {
			return nil
		}
		return &t
	}
	out := []Line{}
	for _, p := range all {
		out = append(out, Line{Name: p.Name, Centre: id.ID(p.Centre.Centre).String(), Level: p.Level, Address: p.Address, Heard: at(p.Heard),
			Waiting: p.Entries, Theirs: p.Theirs, State: string(p.Standing()), Reached: at(p.Reached), Came: at(p.Came), Fault: p.Fault})
	}
	return out, nil
}

// answerOut is what the program that is asked says.
type answerOut struct {
	Passed exchange.Passed `json:"passed"`
	Lines  []Line          `json:"lines,omitempty"`
	Kind   uint8           `json:"kind,omitempty"`
	Key    string          `json:"key,omitempty"`
	Fault  bool            `json:"fault,omitempty"`
}

// Attend begins to listen to the command line.
func Attend(ctx context.Context, db *store.DB, x *Exchanger) (*Control, error) {
	secret := make([]byte, 16)
	if _, err := io.ReadFull(rand.Reader, secret); err != nil {
		return nil, err
	}
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	d := door{Addr: l.Addr().String(), Token: hex.EncodeToString(secret)}
	raw, err := json.Marshal(d)
	c := &Control{file: filepath.Join(db.Dir(), doorFile), ended: make(chan struct{})}
	if err == nil {
		err = os.WriteFile(c.file, raw, 0o600)
	}
	if err != nil {
		return nil, errors.Join(err, l.Close())
	}
	c.srv = &http.Server{Handler: control(db, x, d.Token), ReadHeaderTimeout: 10 * time.Second, BaseContext: func(net.Listener) context.Context { return ctx }}
	go func() {
		defer close(c.ended)
		_ = c.srv.Serve(l) // ends by Close alone
	}()
	return c, nil
}

// Close ends it, and what was asked for through it.
func (c *Control) Close() error {
	err := c.srv.Close()
	<-c.ended
	return errors.Join(err, os.Remove(c.file))
}

func control(db *store.DB, x *Exchanger, token string) http.Handler {
	mux := http.NewServeMux()
	verb := func(name string, do func(r *http.Request, out *answerOut) error) {
		mux.HandleFunc("POST /"+name, func(w http.ResponseWriter, r *http.Request) {
			if subtle.ConstantTimeCompare([]byte(r.Header.Get("Authorization")), []byte("Bearer "+token)) != 1 {
				w.WriteHeader(http.StatusForbidden)
				return
			}
			var out answerOut
			if err := do(r, &out); err != nil {
				out.Fault, out.Kind = true, uint8(errs.KindOf(err))
				if e, ok := errors.AsType[*errs.Error](err); ok {
					out.Key = e.Key
				}
			}
			w.Header().Set("Content-Type", "application/json")
			_ = json.NewEncoder(w).Encode(out) // whoever is gone asks again
		})
	}
	verb("exchange", func(r *http.Request, out *answerOut) (err error) {
		c, err := exchange.Find(r.Context(), db, r.FormValue("centre"))
		if err == nil {
			out.Passed, err = x.Exchange(r.Context(), id.ID(c.Centre))
		}
		return err
	})
	verb("address", func(r *http.Request, _ *answerOut) error {
		c, err := exchange.Find(r.Context(), db, r.FormValue("centre"))
		if err == nil {
			err = SetAddress(r.Context(), db, id.ID(c.Centre), r.FormValue("address"))
		}
		return err
	})
	verb("list", func(r *http.Request, out *answerOut) (err error) {
		out.Lines, err = Lines(r.Context(), db)
		return err
	})
	return mux
}

// Running asks the program that has a data folder open.
type Running struct{ dir string }

// At returns the program that has a folder open.
func At(dir string) Running { return Running{dir} }

// Exchange lets it exchange with a centre, and waits for the end.
func (a Running) Exchange(ctx context.Context, centre string) (exchange.Passed, error) {
	out, err := a.ask(ctx, "exchange", url.Values{"centre": {centre}})
	return out.Passed, err
}

// SetAddress lets it keep where a centre is called.
func (a Running) SetAddress(ctx context.Context, centre, address string) error {
	_, err := a.ask(ctx, "address", url.Values{"centre": {centre}, "address": {address}})
	return err
}

// Lines lists other centres.
func (a Running) Lines(ctx context.Context) ([]Line, error) {
	out, err := a.ask(ctx, "list", nil)
	return out.Lines, err
}

func (a Running) ask(ctx context.Context, verb string, v url.Values) (out answerOut, err error) {
	raw, err := os.ReadFile(filepath.Join(a.dir, doorFile))
	if err != nil {
		return out, errs.Wrap(errs.Unavailable, err, "link.not_served")
	}
	var d door
	if err := json.Unmarshal(raw, &d); err != nil {
		return out, errs.Wrap(errs.Unavailable, err, "link.not_served")
	}
	u := (&url.URL{Scheme: "http", Host: d.Addr, Path: "/" + verb, RawQuery: v.Encode()}).String()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, u, http.NoBody)
	if err != nil {
		return out, err
	}
	req.Header.Set("Authorization", "Bearer "+d.Token)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return out, errs.Wrap(errs.Unavailable, err, "link.not_served")
	}
	defer res.Body.Close()
	if err := json.NewDecoder(io.LimitReader(res.Body, 8<<20)).Decode(&out); err != nil {
		return out, errs.Wrap(errs.Unavailable, fmt.Errorf("status %d: %w", res.StatusCode, err), "link.not_served")
	}
	if out.Fault {
		return out, errs.New(errs.Kind(out.Kind), out.Key)
	}
	return out, nil
}
