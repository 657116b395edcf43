package link

import (
	"bytes"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"

	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/ledger"
)

// program is an office's program of another version: it answers as the office does, but for what it says that it speaks.
type program struct {
	speaks func(*ledger.Hello)
	turns  []*turn // of both sides
	in     *impostor
}

// ofVersion lets an office be reached by another at a program of another version.
func (o *office) ofVersion(t *testing.T, from *office, speaks func(*ledger.Hello)) *program {
	t.Helper()
	p := &program{speaks: speaks, in: as(t, from, o)}
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { p.serve(t, w, r) }))
	var err error
	if server.TLS, err = answering(o.db); err != nil {
		t.Fatal(err)
	}
	server.StartTLS()
	t.Cleanup(server.Close)
	at, err := url.Parse(server.URL)
	if err == nil {
		err = SetAddress(t.Context(), from.db, o.db.Centre(), at.Host)
	}
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func (p *program) serve(t *testing.T, w http.ResponseWriter, r *http.Request) {
	t.Helper()
	said, err := unpack(r.Body)
	if err != nil {
		t.Error(err)
		return
	}
	if said.Hello != nil { // as it understands whoever calls
		p.speaks(said.Hello)
	}
	b, err := pack(said)
	if err != nil {
		t.Error(err)
		return
	}
	answer, status := p.in.post(t, b)
	if answer.Hello != nil {
		p.speaks(answer.Hello)
	}
	p.turns = append(p.turns, said, answer)
	if b, err = pack(answer); err != nil {
		t.Error(err)
		return
	}
	w.Header().Set("Content-Type", mediaType)
	w.WriteHeader(status)
	_, _ = w.Write(b)
}

// carried counts turns that brought entries thin, and taken apart.
func (p *program) carried() (thin, apart int) {
	for _, m := range p.turns {
		if len(m.Runs) > 0 {
			thin++
		}
		if m.Columns != nil {
			apart++
		}
	}
	return thin, apart
}

// TestProgramsOfOtherVersionsAreCalled: who speaks an older version is spoken with in that, who speaks later ones too in ours.
func TestProgramsOfOtherVersionsAreCalled(t *testing.T) {
	for name, c := range map[string]struct {
		speaks func(*ledger.Hello)
		thin   bool
	}{
		"only the first": {func(h *ledger.Hello) { h.Oldest, h.Newest = 1, 1 }, true},
		"later ones too": {func(h *ledger.Hello) { h.Oldest, h.Newest = ledger.Protocol, ledger.Protocol+7 }, false},
	} {
		t.Run(name, func(t *testing.T) {
			a, b := paired(t)
			a.call(t, 100, 5)
			b.call(t, 300, 5)
			p := b.ofVersion(t, a, c.speaks)
			a.exchange(t, b)
			even(t, a, b)
			if thin, apart := p.carried(); c.thin && (thin < 2 || apart > 0) || !c.thin && (apart < 2 || thin > 0) {
				t.Errorf("%d turns of thin runs, %d taken apart", thin, apart)
			}
		})
	}
}

// TestProgramsTooFarApart: nothing but the greeting passes, both say why in words that name the mend, and nothing changes.
func TestProgramsTooFarApart(t *testing.T) {
	for name, speaks := range map[string]func(*ledger.Hello){
		"only later ones":        func(h *ledger.Hello) { h.Oldest, h.Newest = ledger.Protocol+1, ledger.Protocol+7 },
		"only earlier ones":      func(h *ledger.Hello) { h.Oldest, h.Newest = 0, 0 },
		"none that can be meant": func(h *ledger.Hello) { h.Oldest, h.Newest = ledger.Protocol+1, 1 },
	} {
		t.Run(name, func(t *testing.T) {
			a, b := paired(t)
			a.call(t, 100, 5)
			b.call(t, 300, 5)
			hello := ledger.Hello{Centre: a.id(), Anchor: ledger.Anchor{}.Digest()}
			speaks(&hello)
			untouched(t, b, name, func() {
				if out := as(t, a, b).say(t, &turn{Hello: &hello, Have: &ledger.Have{}}); out.Fault != faultProtocol || out.Have != nil || out.offers() {
					t.Errorf("who calls is answered %+v", out)
				}
			})
			p := b.ofVersion(t, a, func(h *ledger.Hello) {
				if h.Centre == b.id() { // the office behind it hears what it knows
					speaks(h)
				}
			})
			untouched(t, a, name, func() {
				_, err := a.x.Exchange(t.Context(), b.db.Centre())
				if e, ok := errors.AsType[*errs.Error](err); !ok || e.Key != "link.says_protocol" {
					t.Error("who calls learns otherwise:", err)
				}
			})
			if len(p.turns) != 2 || p.turns[0].offers() {
				t.Errorf("%d turns passed", len(p.turns))
			}
		})
	}
}

// TestColumnsWithoutTheirVersion are refused: who speaks the first version cannot mean them.
func TestColumnsWithoutTheirVersion(t *testing.T) {
	a, b := paired(t)
	a.call(t, 100, 3)
	m := as(t, a, b)
	first := m.speaking(t, a, apartSince-1)
	if first.Fault != "" {
		t.Fatal(first.Fault)
	}
	untouched(t, b, "columns", func() {
		if out := m.say(t, &turn{Columns: apart(a.chunk(t, b).Runs)}); out.Fault != faultGarbled {
			t.Errorf("answered %q", out.Fault)
		}
	})
}

// TestALaterProgramMaySayMore: what is not known is passed over, and the rest is carried out.
func TestALaterProgramMaySayMore(t *testing.T) {
	a, b := paired(t)
	a.call(t, 100, 3)
	m := as(t, a, b)
	m.hello(t, a)
	c := a.chunk(t, b)
	var said turn
	said.put(c, ledger.Protocol)
	said.Session = m.session
	raw := marshalled(t, &said)
	var all map[int]any
	if err := ledger.Unmarshal(raw, &all); err != nil {
		t.Fatal(err)
	}
	all[40] = []string{"жаңа"}
	b2, err := compressed(marshalled(t, all))
	if err != nil {
		t.Fatal(err)
	}
	if out, _ := m.post(t, b2); out.Fault != "" || len(out.Took) != len(c.Runs) {
		t.Errorf("answered %q, %d of %d lanes taken", out.Fault, len(out.Took), len(c.Runs))
	}
	if !bytes.Contains(marshalled(t, all), []byte("жаңа")) {
		t.Error("nothing was added")
	}
}
