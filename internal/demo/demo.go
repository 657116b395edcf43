// Package demo has the material of a drill: a real city's streets and invented people, as plain values that
// are pure functions of a seed. It knows nothing of tables or pages; whoever opens the drill turns these values
// into records. Everything is marked: each note carries Mark, each phone lies in a range that InventedPhone
// knows, each plate begins with 000 and each pass with DEMO-.
package demo

import (
	"embed"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"
)

// Mark stands in the note of everything invented, in the two languages that everybody here reads.
const Mark = "ОЙДАН ШЫҒАРЫЛҒАН / ВЫМЫШЛЕНО"

// Invented reports whether a note carries the mark; its Russian half is enough, since old code pages lose the
// Kazakh one.
func Invented(note string) bool { return strings.Contains(note, "ВЫМЫШЛЕНО") }

func marked(note string) string {
	if note == "" {
		return Mark
	}
	return note + " · " + Mark
}

// Zone is Almaty's time in January 2022, six hours ahead of UTC.
func Zone() *time.Location { return time.FixedZone("+06", 6*60*60) }

// Now is the moment at which the drill opens: 15:40 on 12 January 2022.
func Now() time.Time { return time.Date(2022, time.January, 12, 15, 40, 0, 0, Zone()) }

// day returns the given hour and minute of a day of January 2022.
func day(d, hour, minute int) time.Time {
	return time.Date(2022, time.January, d, hour, minute, 0, 0, Zone())
}

// World is the whole drill of one seed.
type World struct {
	Seed       uint64
	Districts  []District
	Streets    []Street
	Places     []Landmark
	Settled    []Settlement
	Households []Household
	Requests   []Request
	Volunteers []Volunteer
	Crews      []Crew
	Items      []Item
	Stock      []StockLine
}

// Almaty returns everything that the drill of this seed starts with.
func Almaty(seed uint64) World {
	return World{
		Seed: seed, Districts: Districts(), Streets: Streets(), Places: Landmarks(), Settled: Settlements(),
		Households: Households(seed), Requests: Requests(seed), Volunteers: Volunteers(seed), Crews: Crews(seed),
		Items: Items(), Stock: MorningStock(),
	}
}

//go:embed data/*.tsv
var files embed.FS

// rows reads a table of data/: fields parted by tabs, lines with # left out. The tables are part of the program,
// so one that cannot be read is a defect that the tests find.
func rows(name string, fields int) [][]string {
	b, err := files.ReadFile("data/" + name)
	if err != nil {
		panic("demo: " + err.Error())
	}
	var all [][]string
	for line := range strings.Lines(string(b)) {
		line = strings.TrimRight(line, "\r\n")
		if line == "" || line[0] == '#' {
			continue
		}
		row := strings.Split(line, "\t")
		if len(row) != fields {
			panic(fmt.Sprintf("demo: %s: %d fields instead of %d: %s", name, len(row), fields, line))
		}
		all = append(all, row)
	}
	return all
}

// dice is a seeded source of choices; each kind of thing has its own stream, so that one more volunteer does
// not change every request.
type dice struct{ *rand.Rand }

// The streams.
const (
	streamHouseholds = iota + 1
	streamPlants
	streamRequests
	streamVolunteers
	streamCrews
	streamUgly
	streamAfternoon
	streamWords
)

func newDice(seed uint64, stream uint64) dice {
	return dice{rand.New(rand.NewPCG(seed, stream))} //nolint:gosec // a drill has to be the same each time, not secret
}

// chance is true in percent of a hundred cases.
func (d dice) chance(percent int) bool { return d.IntN(100) < percent }

// between returns a number from lo to hi, both included.
func (d dice) between(lo, hi int) int { return lo + d.IntN(hi-lo+1) }

func pick[T any](d dice, of []T) T { return of[d.IntN(len(of))] }

// weighted returns an index, each with a chance proportional to its weight.
func (d dice) weighted(weights ...int) int {
	sum := 0
	for _, w := range weights {
		sum += w
	}
	n := d.IntN(sum)
	for i, w := range weights {
		if n < w {
			return i
		}
		n -= w
	}
	return len(weights) - 1
}
