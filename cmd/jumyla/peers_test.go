package main

import (
	"bufio"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
)

type serversKey struct{}

// servedProgram is a program that serves while a script goes on.
type servedProgram struct {
	cmd *exec.Cmd
	out *bufio.Reader
}

// scriptServe starts a centre that other centres may call: serve DIR. PEERS is where.
func scriptServe(ts *testscript.TestScript, _ bool, args []string) {
	ts.Setenv("PEERS", startProgram(ts, "may call ", "--data", ts.MkAbs(args[0]), "--now", noon, "serve", "--listen", "127.0.0.1:0", "--peers", "127.0.0.1:0"))
}

// scriptServed starts a program that serves, waits until it says where, tells it to stop, and holds that it ends with 0:
// served PROGRAM ARGS…
func scriptServed(ts *testscript.TestScript, _ bool, args []string) {
	startProgram(ts, "http://", args[1:]...)
	servers := serversOf(ts)
	last := (*servers)[len(*servers)-1]
	*servers = (*servers)[:len(*servers)-1]
	ts.Check(last.cmd.Process.Signal(os.Interrupt))
	ts.Check(last.cmd.Wait())
}

// startProgram starts the program, waits for a line with these words, and returns what follows them.
func startProgram(ts *testscript.TestScript, words string, args ...string) string {
	var exe string
	for _, dir := range filepath.SplitList(ts.Getenv("PATH")) {
		if p, err := exec.LookPath(filepath.Join(dir, "jumyla")); err == nil {
			exe = p
			break
		}
	}
	cmd := exec.Command(exe, args...)
	cmd.Dir = ts.MkAbs(".")
	for _, name := range []string{"PATH", "HOME", "TMPDIR", "JUMYLA_PASSPHRASE", "JUMYLA_CHEAP_KEYS", "LANG"} {
		cmd.Env = append(cmd.Env, name+"="+ts.Getenv(name))
	}
	var log strings.Builder
	cmd.Stderr = &log
	out, err := cmd.StdoutPipe()
	ts.Check(err)
	ts.Check(cmd.Start())
	p := servedProgram{cmd, bufio.NewReader(out)}
	servers := serversOf(ts)
	*servers = append(*servers, p)
	for {
		line, err := p.out.ReadString('\n')
		if err != nil {
			ts.Fatalf("%v: %v; %s", args, err, log.String())
		}
		if _, rest, ok := strings.Cut(strings.TrimSpace(line), words); ok {
			return rest
		}
	}
}

// scriptUnserve ends the program that was started last, and waits for it.
func scriptUnserve(ts *testscript.TestScript, _ bool, _ []string) {
	servers := serversOf(ts)
	last := (*servers)[len(*servers)-1]
	*servers = (*servers)[:len(*servers)-1]
	last.end()
}

func (p servedProgram) end() {
	_ = p.cmd.Process.Signal(os.Interrupt)
	_ = p.cmd.Wait()
}

// serversOf returns the programs that a script has started; what it forgets is ended with it.
func serversOf(ts *testscript.TestScript) *[]servedProgram {
	if s, ok := ts.Value(serversKey{}).(*[]servedProgram); ok {
		return s
	}
	ts.Fatalf("the script has no list of programs")
	return nil
}
