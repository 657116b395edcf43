package instance

import (
	"bufio"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// Read reads one file.
func Read(f Format, r io.Reader) (*Instance, error) {
	lines, err := fields(r)
	if err != nil {
		return nil, err
	}
	in := &Instance{Format: f}
	switch f {
	case Solomon:
		err = in.readSolomon(lines)
	case LiLim:
		err = in.readLiLim(lines)
	case PCVRPTW, MTVRPTWR:
		err = in.readVRPLIB(lines)
	default:
		return nil, fmt.Errorf("no format %q", f)
	}
	if err == nil {
		err = in.validate()
	}
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", f, err)
	}
	return in, nil
}

// fields are the words of each line that has some.
func fields(r io.Reader) ([][]string, error) {
	var out [][]string
	s := bufio.NewScanner(r)
	for s.Scan() {
		if w := strings.Fields(s.Text()); len(w) > 0 {
			out = append(out, w)
		}
	}
	return out, s.Err()
}

// row reads a line of exactly so many numbers.
func row(words []string, n int) ([]float64, error) {
	if len(words) != n {
		return nil, fmt.Errorf("%d numbers instead of %d: %q", len(words), n, words)
	}
	out := make([]float64, n)
	for i, w := range words {
		x, err := strconv.ParseFloat(w, 64)
		if err != nil {
			return nil, fmt.Errorf("no number: %q", w)
		}
		out[i] = x
	}
	return out, nil
}

// readSolomon reads a name, the fleet under VEHICLE, and rows of seven under CUSTOMER.
func (in *Instance) readSolomon(lines [][]string) error {
	if len(lines) == 0 {
		return fmt.Errorf("empty")
	}
	in.Name = lines[0][0]
	number := func(i int) bool { return lines[i][0][0] >= '0' && lines[i][0][0] <= '9' }
	fleet := false
	for i := 1; i < len(lines); i++ {
		if !number(i) {
			continue
		}
		if !fleet {
			x, err := row(lines[i], 2)
			if err != nil {
				return err
			}
			in.Vehicles, in.Capacity, fleet = int(x[0]), int(x[1]), true
			continue
		}
		x, err := row(lines[i], 7)
		if err != nil {
			return err
		}
		in.Nodes = append(in.Nodes, Node{Number: int(x[0]), X: x[1], Y: x[2], Demand: int(x[3]), From: x[4], To: x[5], Service: x[6]})
	}
	return nil
}

// readLiLim reads vehicles, capacity and speed, and rows of nine: the last two are
// where it is picked up and where it is delivered.
func (in *Instance) readLiLim(lines [][]string) error {
	if len(lines) == 0 {
		return fmt.Errorf("empty")
	}
	x, err := row(lines[0], 3)
	if err != nil {
		return err
	}
	in.Vehicles, in.Capacity = int(x[0]), int(x[1])
	for i, words := range lines[1:] {
		if x, err = row(words, 9); err != nil {
			return err
		}
		if int(x[0]) != i {
			return fmt.Errorf("node %v stands where %d should", x[0], i)
		}
		in.Nodes = append(in.Nodes, Node{Number: i, X: x[1], Y: x[2], Demand: int(x[3]), From: x[4], To: x[5], Service: x[6],
			From1: int(x[7]), To1: int(x[8])})
	}
	return nil
}

// readVRPLIB reads "KEY : value" lines, and sections of rows that begin with a node's number.
func (in *Instance) readVRPLIB(lines [][]string) error {
	service, section := 0.0, ""
	for _, words := range lines {
		if len(words) == 1 && (strings.HasSuffix(words[0], "_SECTION") || words[0] == "EOF") {
			section = strings.TrimSuffix(words[0], "_SECTION")
			if section == "VEHICLES_RELOAD_DEPOT" {
				in.Reloads = true
			}
			continue
		}
		var err error
		if section == "" {
			service, err = in.keyword(strings.Join(words, " "), service)
		} else {
			err = in.sectionRow(section, words)
		}
		if err != nil {
			return err
		}
	}
	for i := range in.Nodes {
		if i > 0 {
			in.Nodes[i].Service = service
		}
	}
	return nil
}

func (in *Instance) keyword(line string, service float64) (float64, error) {
	key, value, _ := strings.Cut(line, ":")
	value = strings.TrimSpace(value)
	var err error
	switch strings.TrimSpace(key) {
	case "NAME":
		in.Name = value
	case "VEHICLES":
		in.Vehicles, err = strconv.Atoi(value)
	case "CAPACITY":
		in.Capacity, err = strconv.Atoi(value)
	case "SERVICE_TIME":
		service, err = strconv.ParseFloat(value, 64)
	case "EDGE_WEIGHT_TYPE":
		if value != "EUC_2D" {
			err = fmt.Errorf("edge weights %q", value)
		}
	case "DIMENSION":
		var n int
		if n, err = strconv.Atoi(value); err == nil && (n < 1 || n > maxNodes) {
			err = fmt.Errorf("dimension %d", n)
		}
		if err == nil {
			in.Nodes = make([]Node, n)
		}
	}
	return service, err
}

func (in *Instance) sectionRow(section string, words []string) error {
	width := map[string]int{"NODE_COORD": 3, "DEMAND": 2, "TIME_WINDOW": 3, "PRIZE": 2, "RELEASE_TIME": 2}[section]
	if width == 0 {
		return nil // the depot, and who may reload there: all
	}
	x, err := row(words, width)
	if err != nil {
		return err
	}
	i := int(x[0]) - 1
	if i < 0 || i >= len(in.Nodes) {
		return fmt.Errorf("%s: no node %v", section, x[0])
	}
	n := &in.Nodes[i]
	n.Number = i
	switch section {
	case "NODE_COORD":
		n.X, n.Y = x[1], x[2]
	case "DEMAND":
		n.Demand = int(x[1])
	case "TIME_WINDOW":
		n.From, n.To = x[1], x[2]
	case "PRIZE":
		n.Prize = x[1]
	case "RELEASE_TIME":
		n.Release = x[1]
	}
	return nil
}
