package way_test

import (
	"strings"
	"testing"
	"time"

	"github.com/jumyla/jumyla/internal/dispatch/way"
	"github.com/jumyla/jumyla/internal/household"
	"github.com/jumyla/jumyla/internal/i18n"
	"github.com/jumyla/jumyla/internal/rule"
	"github.com/jumyla/jumyla/roads"
)

var day = time.Date(2022, 1, 12, 0, 0, 0, 0, time.FixedZone("Almaty", 6*3600))

// twoRoads is a street to the north and a way around by the east; the street's second half goes on under another name.
func twoRoads(t *testing.T) *roads.Network {
	t.Helper()
	n, err := roads.Read(t.Context(), strings.NewReader(`<osm version="0.6">
		<node id="1" lat="43.2565" lon="76.9284"/><node id="2" lat="43.2665" lon="76.9284"/><node id="3" lat="43.2765" lon="76.9284"/>
		<node id="4" lat="43.2565" lon="76.9484"/><node id="5" lat="43.2765" lon="76.9484"/><node id="6" lat="43.2675" lon="76.9284"/>
		<way id="1"><nd ref="1"/><nd ref="2"/><tag k="highway" v="primary"/><tag k="name" v="Abay"/><tag k="name:kk" v="Абай даңғылы"/><tag k="name:ru" v="пр. Абая"/></way>
		<way id="5"><nd ref="2"/><nd ref="6"/><tag k="highway" v="primary"/><tag k="name" v="a hundred metres under another name"/></way>
		<way id="6"><nd ref="6"/><nd ref="3"/><tag k="highway" v="primary"/><tag k="name" v="a street whose name is so long that no crew reads it while it drives"/></way>
		<way id="2"><nd ref="1"/><nd ref="4"/><tag k="highway" v="primary"/></way>
		<way id="3"><nd ref="4"/><nd ref="5"/><tag k="highway" v="primary"/></way>
		<way id="4"><nd ref="5"/><nd ref="3"/><tag k="highway" v="primary"/></way></osm>`), nil)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// TestALineGoesAroundAZone draws the same trip before, while and after a zone is closed: a line that would still be in it
// when it closes goes around, too.
func TestALineGoesAroundAZone(t *testing.T) {
	zone := rule.Zone{Rule: rule.Rule{Kind: rule.ClosedZone, Polygon: [][2]float64{{43.263, 76.925}, {43.263, 76.932}, {43.266, 76.932}, {43.266, 76.925}}},
		From: day.Add(12 * time.Hour), To: day.Add(13 * time.Hour)}
	paths := way.On(twoRoads(t), day, []rule.Zone{zone})
	from, to := household.Point{Lat: 43.2565, Lon: 76.9284}, household.Point{Lat: 43.2765, Lon: 76.9284}
	for leave, bends := range map[time.Duration]bool{10*time.Hour + 59*time.Minute: false, 11 * time.Hour: true, 12 * time.Hour: true, 12*time.Hour + 59*time.Minute: true, 13 * time.Hour: false} {
		line := paths.Line([]way.Visit{{Point: from, Leave: int32(leave / time.Second)}, {Point: to}})
		east := 0.0
		for i, p := range line {
			east = max(east, p[1])
			if i > 0 && bends && zone.Rule.Crossed(line[i-1], p) {
				t.Errorf("%v: the line goes through the zone between %v and %v", leave, line[i-1], p)
			}
		}
		if (east > 76.94) != bends {
			t.Errorf("%v: as far east as %v", leave, east)
		}
	}
	if line := way.On(nil, day, nil).Line([]way.Visit{{Point: from}, {Point: to}}); len(line) != 2 {
		t.Errorf("without roads: %v", line)
	}
}

func TestStepsInThreeLanguages(t *testing.T) {
	paths := way.On(twoRoads(t), day, nil)
	leg, ok := paths.Leg(household.Point{Lat: 43.2575, Lon: 76.9290}, household.Point{Lat: 43.2755, Lon: 76.9290}, 12*3600)
	if !ok {
		t.Fatal("no way")
	}
	for lang, want := range map[i18n.Lang]string{
		i18n.KK: "солтүстікке|Абай даңғылы|1,1\u00a0км;тура|a\u00a0street whose name is so long that no c…|890\u00a0м;үй оң жақта",
		i18n.RU: "на север|пр.\u00a0Абая|1,1\u00a0км;прямо|a\u00a0street whose name is so long that no c…|890\u00a0м;дом справа",
		i18n.EN: "north|Abay|1.1\u00a0km;straight on|a\u00a0street whose name is so long that no c…|890\u00a0m;the house is on the right",
	} {
		var got []string
		for _, s := range leg.Steps(lang) {
			got = append(got, s.Do+"|"+s.Street+"|"+s.Far)
		}
		if said := strings.Join(append(got, leg.Side(lang)), ";"); said != want {
			t.Errorf("%s: %q, want %q", lang, said, want)
		}
	}
}

func TestFar(t *testing.T) {
	for metres, want := range map[int32]string{0: "10\u00a0м", 14: "10\u00a0м", 15: "20\u00a0м", 994: "990\u00a0м", 995: "1,0\u00a0км", 1_449: "1,4\u00a0км", 19_949: "19,9\u00a0км", 20_400: "20\u00a0км", 181_500: "182\u00a0км"} {
		if got := way.Far(i18n.RU, metres); got != want {
			t.Errorf("%d: %q, want %q", metres, got, want)
		}
	}
}
