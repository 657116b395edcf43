package link

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jumyla/jumyla/internal/centre"
	"github.com/jumyla/jumyla/internal/contact"
	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/exchange"
	"github.com/jumyla/jumyla/internal/household"
	"github.com/jumyla/jumyla/internal/id"
	"github.com/jumyla/jumyla/internal/request"
	"github.com/jumyla/jumyla/internal/store"
	"github.com/jumyla/jumyla/ledger"
)

const passphrase = "төрт сөз жеткілікті"

var noon = time.Date(2022, 1, 12, 6, 0, 0, 0, time.UTC)

// office is a centre whose port for others is open.
type office struct {
	db   *store.DB
	x    *Exchanger
	port *Port
	tick atomic.Int64 // its clock goes on: else the identities that it gives would be too much alike
}

func open(tb testing.TB, name string) *office {
	tb.Helper()
	return openWith(tb, name, store.Config{Kinds: []store.Registered{centre.Kind, household.Kind, request.Kind, request.NeedKind, request.CallbackKind}})
}

func openWith(tb testing.TB, name string, cfg store.Config) *office {
	tb.Helper()
	o := &office{}
	cfg.Dir, cfg.KDF = filepath.Join(tb.TempDir(), "centre"), store.KDF{Time: 1, Memory: 64, Threads: 1}
	if cfg.Now == nil {
		cfg.Now = func() time.Time { return noon.Add(time.Duration(o.tick.Add(1)) * 137 * time.Millisecond) }
	}
	var err error
	o.db, err = store.Create(tb.Context(), cfg, store.Secret{Passphrase: passphrase})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = o.db.Close() })
	o.write(tb, func(ctx context.Context, tx *store.Tx) error {
		return centre.Create(ctx, tx, &centre.Centre{Name: name, Zone: centre.DefaultZone, Langs: []string{"kk"}})
	})
	log := slog.New(slog.DiscardHandler)
	o.x = New(o.db, log, time.Now, nil)
	o.x.Again = nil
	o.port, err = Listen(tb.Context(), "127.0.0.1:0", log, time.Now)
	if err == nil {
		err = o.port.Open(o.db, o.x)
	}
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = o.port.Close() })
	return o
}

func (o *office) write(tb testing.TB, fn func(ctx context.Context, tx *store.Tx) error) {
	tb.Helper()
	if err := o.db.Write(tb.Context(), store.Actor{}, func(tx *store.Tx) error { return fn(tb.Context(), tx) }); err != nil {
		tb.Fatal(err)
	}
}

func (o *office) id() ledger.ID { return ledger.ID(o.db.Centre()) }

// knows lets an office know another, and call it at its port.
func (o *office) knows(tb testing.TB, other *office) {
	tb.Helper()
	raw, err := exchange.Card(tb.Context(), other.db, store.Actor{})
	if err != nil {
		tb.Fatal(err)
	}
	card, err := exchange.ReadCard(raw)
	if err == nil {
		err = exchange.Pair(tb.Context(), o.db, store.Actor{}, card)
	}
	if err == nil {
		err = SetAddress(tb.Context(), o.db, other.db.Centre(), other.port.Addr)
	}
	if err != nil {
		tb.Fatal(err)
	}
}

func paired(tb testing.TB) (a, b *office) {
	tb.Helper()
	a, b = open(tb, "Оқу А"), open(tb, "Оқу Б")
	a.knows(tb, b)
	b.knows(tb, a)
	return a, b
}

// call takes calls for people who are invented.
func (o *office) call(tb testing.TB, first, n int) (last *request.Request) {
	tb.Helper()
	for i := first; i < first+n; i++ {
		o.write(tb, func(ctx context.Context, tx *store.Tx) error {
			h := &household.Household{Head: contact.Name(fmt.Sprintf("Ойдан %d", i)), Address: "Оқу көшесі 1", Keep: true}
			q := &request.Request{Ref: id.Ref(fmt.Sprintf("%06d", i)), At: noon, Calls: 1, Note: "Ойдан: ескерту"}
			d := &request.Need{What: request.Insulin, Class: "medical", Count: 1, Status: request.Open}
			h.ID.ID, q.ID.ID, d.ID.ID = tx.NewID(), tx.NewID(), tx.NewID()
			q.Household, d.Request = h.ID, q.ID
			last = q
			return errors.Join(tx.Put(ctx, h), tx.Put(ctx, q), tx.Put(ctx, d))
		})
	}
	return last
}

func (o *office) handOver(tb testing.TB, q *request.Request, to *office) {
	tb.Helper()
	o.write(tb, func(ctx context.Context, tx *store.Tx) error {
		_, err := exchange.HandOver(ctx, tx, q.ID, to.db.Centre(), "area")
		return err
	})
}

func (o *office) exchange(tb testing.TB, with *office) exchange.Passed {
	tb.Helper()
	p, err := o.x.Exchange(tb.Context(), with.db.Centre())
	if err != nil {
		tb.Fatal(err)
	}
	return p
}

// sound proves that a centre's tables follow from its ledger.
func (o *office) sound(tb testing.TB) {
	tb.Helper()
	if _, err := o.db.Verify(tb.Context()); err != nil {
		tb.Error(err)
	}
	if before, after, err := o.db.Rebuild(tb.Context()); err != nil || before != after {
		tb.Error("the tables are not what the ledger says:", before, after, err)
	}
}

// even proves that nothing waits between two centres, either way.
func even(tb testing.TB, a, b *office) {
	tb.Helper()
	for _, o := range []*office{a, b} {
		o.sound(tb)
		all, err := Peers(tb.Context(), o.db)
		if err != nil {
			tb.Fatal(err)
		}
		for _, p := range all {
			if p.Entries != 0 || p.Theirs != 0 {
				tb.Errorf("%s: %d wait here, %d there", p.Name, p.Entries, p.Theirs)
			}
		}
	}
}

func (o *office) state(tb testing.TB) string {
	tb.Helper()
	h, err := o.db.StateHash(tb.Context())
	if err != nil {
		tb.Fatal(err)
	}
	return h
}

// TestTwoCentresExchange hands a request over, both ways in one session that one of the two began.
func TestTwoCentresExchange(t *testing.T) {
	a, b := paired(t)
	q := a.call(t, 100, 3)
	mine := b.call(t, 900, 1)
	b.handOver(t, mine, a)
	a.handOver(t, q, b)
	p := a.exchange(t, b)
	if p.Received != 1 || p.New == 0 || p.Sent == 0 || len(p.Refused) > 0 {
		t.Errorf("%+v", p)
	}
	if h, err := household.Kind.Get(t.Context(), b.db, q.Household.ID); err != nil || h.Head != "Ойдан 102" {
		t.Error("the household did not come along:", h, err)
	}
	if n, err := store.One[int](t.Context(), b.db, "requests", "SELECT count(*) FROM request"); err != nil || n != 2 {
		t.Errorf("%d requests stand there: %v", n, err)
	}
	even(t, a, b)
	if again := b.exchange(t, a); again.New != 0 || again.Sent != 0 {
		t.Errorf("again: %+v", again)
	}
	s, err := StateOf(t.Context(), b.db, a.id())
	if err != nil || s.Came.IsZero() || s.Reached.IsZero() || s.Failed != 0 {
		t.Errorf("%+v %v", s, err)
	}
}

// cut is a connection that ends after so many bytes, both ways together.
type cut struct {
	net.Conn

	left *int
}

var errPulled = errors.New("the cable was pulled")

func (c *cut) spend(n int, err error) (int, error) {
	if *c.left -= n; *c.left <= 0 {
		return n, errors.Join(errPulled, c.Close())
	}
	return n, err
}

func (c *cut) Read(b []byte) (int, error) {
	if *c.left <= 0 {
		return 0, errPulled
	}
	return c.spend(c.Conn.Read(b[:min(len(b), *c.left)]))
}

func (c *cut) Write(b []byte) (int, error) {
	if *c.left < len(b) {
		n, _ := c.Conn.Write(b[:max(*c.left, 0)])
		return n, errors.Join(errPulled, c.Close())
	}
	return c.spend(c.Conn.Write(b))
}

// TestCutAnywhere cuts each connection after so many bytes, again and again: nothing is lost, and nothing comes twice.
func TestCutAnywhere(t *testing.T) {
	a, b := paired(t)
	q := a.call(t, 100, 120)
	a.handOver(t, q, b)
	b.call(t, 900, 40)
	conns := 0
	for every := 2500; ; every += 97 {
		a.x.Dial = func(ctx context.Context, network, addr string) (net.Conn, error) {
			c, err := (&net.Dialer{}).DialContext(ctx, network, addr)
			left := every
			conns++
			return &cut{c, &left}, err
		}
		_, err := a.x.Exchange(t.Context(), b.db.Centre())
		if err == nil {
			break
		}
		if !errs.Is(err, errs.Unavailable) {
			t.Fatal(err)
		}
		if every > 100_000 {
			t.Fatal("it never came to an end:", err)
		}
	}
	t.Log(conns, "connections")
	if conns < 10 {
		t.Errorf("only %d connections: nothing was cut", conns)
	}
	even(t, a, b)
	if h, err := household.Kind.Get(t.Context(), b.db, q.Household.ID); err != nil || h.Head != "Ойдан 219" {
		t.Error("the household did not come along:", h, err)
	}
}

// TestRelayedAndCut: a lane that a third centre wrote bears one signature, at its end. Until that comes its entries wait
// aside, through every cut; no reader sees them before.
func TestRelayedAndCut(t *testing.T) {
	a, b := paired(t)
	c := open(t, "Оқу В")
	b.knows(t, c)
	c.knows(t, b)
	a.call(t, 100, 150)
	a.exchange(t, b)
	waited := 0
	for every := 6000; ; every += 300 {
		c.x.Dial = func(ctx context.Context, network, addr string) (net.Conn, error) {
			conn, err := (&net.Dialer{}).DialContext(ctx, network, addr)
			left := every
			waited = max(waited, c.staged(t))
			return &cut{conn, &left}, err
		}
		_, err := c.x.Exchange(t.Context(), b.db.Centre())
		if err == nil {
			break
		}
		if !errs.Is(err, errs.Unavailable) || every > 100_000 {
			t.Fatal(err)
		}
	}
	if waited == 0 || c.staged(t) != 0 {
		t.Errorf("%d entries waited for a signature, %d still do", waited, c.staged(t))
	}
	all, err := request.All(t.Context(), c.db, c.db.Centre(), c.db.Now(), c.db.Now())
	if f := all[a.db.Centre()]; err != nil || len(all) != 1 || f.Waiting != 150 {
		t.Error(all, err)
	}
	a.exchange(t, b)
	even(t, b, c)
}

// staged counts entries that wait for a signature.
func (o *office) staged(tb testing.TB) int {
	tb.Helper()
	n, err := store.One[int](tb.Context(), o.db, "staged", "SELECT count(*) FROM exchange_staged")
	if err != nil {
		tb.Fatal(err)
	}
	return n
}
