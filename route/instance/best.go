package instance

import (
	"encoding/csv"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// Best is the best plan known of an instance.
type Best struct {
	Vehicles int // 0 where only the distance is known
	Cost     float64
}

// BestKey is a set, an instance in lower case, and an objective.
type BestKey struct {
	Set, Instance string
	Objective     Objective
}

// ReadBest reads rows of set, instance, vehicles, distance, and convention: (a) is
// vehicles first, (b) is distance.
func ReadBest(r io.Reader) (map[BestKey]Best, error) {
	rows, err := csv.NewReader(r).ReadAll()
	if err != nil {
		return nil, fmt.Errorf("read best known: %w", err)
	}
	out := map[BestKey]Best{}
	for i, row := range rows {
		if i == 0 {
			continue
		}
		if len(row) < 5 {
			return nil, fmt.Errorf("read best known: row %d has %d columns", i+1, len(row))
		}
		o := Distance
		if strings.HasPrefix(row[4], "a") {
			o = Vehicles
		}
		cost, err := strconv.ParseFloat(row[3], 64)
		if err != nil || cost <= 0 {
			return nil, fmt.Errorf("read best known: row %d: distance %q", i+1, row[3])
		}
		vehicles := 0
		if row[2] != "" {
			if vehicles, err = strconv.Atoi(row[2]); err != nil {
				return nil, fmt.Errorf("read best known: row %d: vehicles %q", i+1, row[2])
			}
		}
		out[BestKey{row[0], strings.ToLower(row[1]), o}] = Best{vehicles, cost}
	}
	return out, nil
}

// Sample is a part of a set that is measured together.
type Sample struct {
	Name      string
	Set       string
	Format    Format
	Objective Objective
	Files     []string
}

// Samples are the parts of the sets that the tables and the picture show.
func Samples() []Sample {
	dozen := strings.Fields("R101.txt R106.txt R112.txt R201.txt R206.txt R211.txt RC101.txt RC104.txt RC108.txt RC201.txt RC204.txt RC208.txt")
	return []Sample{
		{"Solomon, hard dozen", "solomon", Solomon, Distance, dozen},
		{"Gehring–Homberger 200", "homberger_200", Solomon, Distance, strings.Fields("r1_2_3.txt r2_2_4.txt rc1_2_6.txt rc2_2_8.txt c1_2_4.txt")},
		{"Gehring–Homberger 400", "homberger_400", Solomon, Distance, strings.Fields("r1_4_3.txt r2_4_6.txt rc1_4_8.txt")},
		{"Gehring–Homberger 1000", "homberger_1000", Solomon, Distance, strings.Fields("r1_10_3.txt rc2_10_6.txt c1_10_4.txt")},
		{"Solomon, hard dozen, vehicles first", "solomon", Solomon, Vehicles, dozen},
		{"Li–Lim 100, vehicles first", "li_lim_100", LiLim, Vehicles, strings.Fields("lr101.txt lr112.txt lr206.txt lrc104.txt lrc208.txt lc109.txt")},
		{"Li–Lim 200, vehicles first", "li_lim_200", LiLim, Vehicles, strings.Fields("LR1_2_3.txt LR2_2_4.txt LRC1_2_6.txt LRC2_2_8.txt")},
		{"Prizes, 1000", "pcvrptw", PCVRPTW, Distance, strings.Fields("R1_10_1.vrp RC2_10_4.vrp C1_10_6.vrp")},
		{"Trips and release times", "mtvrptwr", MTVRPTWR, Distance, strings.Fields("R201R0.25.vrp RC203R0.5.vrp C204R0.75.vrp")},
	}
}
