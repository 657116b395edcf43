// Package rebind turns the numbered arguments of our statements into what the SQLite driver binds.
package rebind

import "strings"

// Query rewrites $N to ?N outside literals, quoted names and comments: the SQLite driver binds $N by
// first appearance, not by number.
func Query(q string) string {
	if !strings.Contains(q, "$") {
		return q
	}
	var b strings.Builder
	b.Grow(len(q))
	for i := 0; i < len(q); {
		n := 1
		switch c := q[i]; {
		case c == '\'' || c == '"':
			n = through(q[i+1:], string(c)) + 1
		case strings.HasPrefix(q[i:], "--"):
			n = through(q[i:], "\n")
		case strings.HasPrefix(q[i:], "/*"):
			n = through(q[i+2:], "*/") + 2
		case c == '$' && i+1 < len(q) && q[i+1] >= '0' && q[i+1] <= '9':
			b.WriteByte('?')
			i++
			continue
		}
		b.WriteString(q[i : i+n])
		i += n
	}
	return b.String()
}

// through returns the length of s up to and with the first end, or all of it.
func through(s, end string) int {
	if i := strings.Index(s, end); i >= 0 {
		return i + len(end)
	}
	return len(s)
}
