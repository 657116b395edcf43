package main

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"github.com/jumyla/jumyla/internal/contact"
	"github.com/jumyla/jumyla/internal/dispatch"
	"github.com/jumyla/jumyla/internal/household"
	"github.com/jumyla/jumyla/internal/id"
	"github.com/jumyla/jumyla/internal/intake"
	"github.com/jumyla/jumyla/internal/request"
	"github.com/jumyla/jumyla/internal/store"
)

// serving starts the program on a folder and waits until it answers.
func serving(t *testing.T, args ...string) (cmd *exec.Cmd, log *bytes.Buffer) {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd = exec.CommandContext(t.Context(), exe, args...)
	cmd.Env = append(os.Environ(), victimMode+"=main")
	log = &bytes.Buffer{}
	cmd.Stderr = log
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if !bufio.NewScanner(out).Scan() {
		t.Fatalf("it does not answer: %v; %s", cmd.Wait(), log)
	}
	return cmd, log
}

// TestPanicEndsTheProgramAndTheKeys destroys the keys under a running program, in two steps, and comes back from a back-up.
func TestPanicEndsTheProgramAndTheKeys(t *testing.T) {
	dir := dayOfCalls(t)
	file := filepath.Join(t.TempDir(), "b.jumyla")
	must(t, "--data", dir, "backup", file)
	cmd, _ := serving(t, "--data", dir, "serve", "--listen", "127.0.0.1:0")
	for _, word := range []string{"", "иә"} {
		if out, code := jumyla(t, "--data", dir, "panic", "--confirm", word); code != exitInvalid || !strings.Contains(out, "--confirm DESTROY") {
			t.Fatalf("%q: exit %d: %s", word, code, out)
		}
	}
	began := time.Now()
	must(t, "--data", dir, "panic", "--confirm", "жою")
	if cmd.Wait() == nil || cmd.ProcessState.Exited() {
		t.Error("the program ended by itself")
	}
	t.Logf("keys and program gone after %v", time.Since(began).Round(time.Millisecond))
	for _, args := range [][]string{{"verify"}, {"serve", "--listen", "127.0.0.1:0"}, {"backup", file + "2"}} {
		if out, code := jumyla(t, append([]string{"--data", dir}, args...)...); code == 0 || !strings.Contains(out, "keys.json") {
			t.Errorf("%v: exit %d: %s", args, code, out)
		}
	}
	back := filepath.Join(t.TempDir(), "back")
	must(t, "--data", back, "restore", file)
	look(t, back, func(db *store.DB) {
		if n := count(t, db, "SELECT count(*) FROM request"); n != ordered {
			t.Errorf("%d requests came back", n)
		}
	})
}

const (
	plantedPeople = 2100
	window        = 12 // bytes: as many of a planted word must stand somewhere to be found
)

// planted are the beginnings of everything that is looked for, in the encodings in which it might lie on a disk.
type planted map[string]string

func (p planted) add(s string) {
	wide := utf16.Encode([]rune(s))
	little, big := make([]byte, 0, 2*len(wide)), make([]byte, 0, 2*len(wide))
	for _, c := range wide {
		little, big = binary.LittleEndian.AppendUint16(little, c), binary.BigEndian.AppendUint16(big, c)
	}
	for _, b := range [][]byte{[]byte(s), little, big, []byte(fmt.Sprintf("%x", s))} {
		if len(b) >= window {
			p[string(b[:window])] = s
		}
	}
}

// in returns one of the planted words that stand in b, "" where none does.
func (p planted) in(b []byte) string {
	for i := 0; i+window <= len(b); i++ {
		if s, found := p[string(b[i:i+window])]; found {
			return s
		}
	}
	return ""
}

// scan looks through every file below the folders, as who has taken the disk does.
func (p planted) scan(t *testing.T, when string, folders ...string) (size int) {
	t.Helper()
	for _, dir := range folders {
		err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			b, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			size += len(b)
			if s := p.in(b); s != "" {
				t.Errorf("%s: %q stands in %s", when, s, filepath.Base(path))
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return size
}

// person is the i-th planted name, phone and street: no two begin alike, and nothing else begins like them.
func person(i int) (name, phone, street string) {
	n := i*7919 + 104729
	return fmt.Sprintf("Қ%07dжасырын Ойдан", n), fmt.Sprintf("+770%08d", n), fmt.Sprintf("Құпия%07d көшесі, %d", n, i%90+1)
}

// plant writes calls of planted people, closes some of them and lets them be erased.
func plant(t *testing.T, dir string, p planted) {
	t.Helper()
	look(t, dir, func(db *store.DB) {
		for from := 0; from < plantedPeople; from += 100 {
			err := db.Write(t.Context(), store.Actor{}, func(tx *store.Tx) error {
				for i := from; i < from+100; i++ {
					name, phone, street := person(i)
					c := intake.Call{Phone: contact.Phone(phone), Needs: []string{"нан 1"}, Note: contact.Note(street),
						Household: household.Household{Head: contact.Name(name), Address: contact.Address(street), Keep: i%3 > 0, Code: "дом" + phone}}
					q, err := intake.Take(t.Context(), tx, c, 7)
					if err != nil {
						return err
					}
					if i%3 == 0 {
						if err := dispatch.Close(t.Context(), tx, q.ID, request.Done); err != nil {
							return err
						}
					}
				}
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
		}
	})
	for i := range plantedPeople {
		name, phone, street := person(i)
		for _, s := range []string{name, phone, phone[2:] + "  ", street} {
			p.add(s)
		}
	}
}

const plantedBeside = 60

// beside plants people where else names come in: calls that are promised, calls that were begun and not saved, a list with lines
// that cannot be taken, and a request that goes to another centre on a stick. aside is where the list lies, which is not ours.
func beside(t *testing.T, dir, stick, aside string, p planted) {
	t.Helper()
	for i := plantedPeople; i < plantedPeople+3*plantedBeside; i++ {
		name, phone, street := person(i)
		for _, s := range []string{name, phone, phone[2:] + "  ", street} {
			p.add(s)
		}
	}
	first := id.Ref("")
	look(t, dir, func(db *store.DB) {
		err := db.Write(t.Context(), store.Actor{}, func(tx *store.Tx) error {
			for i := plantedPeople; i < plantedPeople+plantedBeside; i++ {
				name, phone, street := person(i)
				c := &request.Callback{ID: request.CallbackID{ID: tx.NewID()}, Name: contact.Name(name), Phone: contact.Phone(phone), Why: contact.Note(street), At: tx.Now}
				if err := tx.Put(t.Context(), c); err != nil {
					return err
				}
				name, phone, street = person(i + plantedBeside)
				if _, err := tx.Exec(t.Context(), "INSERT INTO draft (id, account, form, body, at) VALUES ($1,$1,'call',$2,$3)", tx.NewID().String(),
					fmt.Sprintf(`{"head":[%q],"phone":[%q],"address":[%q]}`, name, phone, street), store.Micro(tx.Now)); err != nil {
					return err
				}
			}
			return tx.QueryRow(t.Context(), "SELECT q.ref FROM request q JOIN household h ON h.id=q.household WHERE h.passing=0 LIMIT 1").Scan(&first)
		})
		if err != nil {
			t.Fatal(err)
		}
	})
	rows := "name,phone,address,needs\n"
	for i := plantedPeople + 2*plantedBeside; i < plantedPeople+3*plantedBeside; i++ {
		name, phone, street := person(i)
		rows += fmt.Sprintf("%s,%s,%q,%s\n", name, phone, street, []string{"нан 1", ""}[i%2])
	}
	file, card := filepath.Join(aside, "list.csv"), filepath.Join(aside, "card")
	if err := os.WriteFile(file, []byte(rows), 0o600); err != nil {
		t.Fatal(err)
	}
	must(t, "--data", dir, "import", "requests", file)
	other := newCentre(t)
	for _, pair := range [][2]string{{dir, other}, {other, dir}} {
		must(t, "--data", pair[0], "peer", "card", "-o", card)
		must(t, "--data", pair[1], "peer", "add", card)
		if err := os.Remove(card); err != nil {
			t.Fatal(err)
		}
	}
	must(t, "--data", dir, "handover", first.String(), "--to", "Оқу", "--why", "closer")
	must(t, "--data", dir, "bundle", "write", "--to", "Оқу", "-o", stick)
}

// TestAStolenDiskNamesNobody plants thousands of names, phones and streets, and looks for them in everything that lies on the
// disk: database, log, temporary files, back-up, second copy, a bundle, what the program has said; while it runs, after it was killed,
// after it was closed, and after some of them were erased.
func TestAStolenDiskNamesNobody(t *testing.T) {
	dir := newCentre(t)
	p := planted{}
	plant(t, dir, p)
	clear := []byte{}
	for i := range plantedPeople {
		name, phone, _ := person(i)
		clear = append(clear, name+";"+phone+"\n"...)
	}
	if p.in(clear) == "" || p.in([]byte("Үлгі Ойдан;+77000000001")) != "" {
		t.Fatal("the scan finds nothing, or what nobody planted")
	}
	stick, temporary, aside := t.TempDir(), t.TempDir(), t.TempDir()
	beside(t, dir, stick, aside, p)
	if raw, err := os.ReadFile(filepath.Join(aside, "list.csv")); err != nil || p.in(raw) == "" {
		t.Fatal("the scan does not find what was planted beside:", err)
	}
	t.Setenv("TMPDIR", temporary)
	must(t, "--data", dir, "backup", filepath.Join(stick, "b.jumyla"))
	p.scan(t, "at rest", dir, stick)

	cmd, log := serving(t, "--data", dir, "serve", "--listen", "127.0.0.1:0", "--copy", stick)
	copied := filepath.Join(stick, "jumyla-*", "*.log")
	for began := time.Now(); ; {
		if made, err := filepath.Glob(copied); err == nil && len(made) > 0 {
			break
		}
		if time.Since(began) > 2*time.Minute {
			t.Fatal("there is no second copy")
		}
		<-time.After(50 * time.Millisecond)
	}
	p.scan(t, "while it runs", dir, stick, temporary)
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait() // it was killed
	size := p.scan(t, "after a kill", dir, stick, temporary)
	if s := p.in(log.Bytes()); s != "" {
		t.Errorf("the program has said %q", s)
	}
	must(t, "--data", dir, "--now", "2022-01-12T09:00:00Z", "verify") // erases who did not agree to be kept
	p.scan(t, "after erasing", dir)
	look(t, dir, func(db *store.DB) {
		if n := count(t, db, "SELECT count(*) FROM household WHERE head<>''"); n != plantedPeople-plantedPeople/3+plantedBeside/2 {
			t.Errorf("%d households are left", n)
		}
	})
	t.Logf("%d words in no place of %d MB", 4*(plantedPeople+3*plantedBeside), size>>20)
}
