package demo

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"sync"
)

// District is one of Almaty's eight, with a rough centre.
type District struct {
	Code       string // as it stands in Place.District
	KK, RU, EN string
	Lat, Lon   float64
}

// Districts returns the eight of January 2022. Centres are of the inhabited part, not of the mountains.
func Districts() []District {
	return []District{
		{"alatau", "Алатау ауданы", "Алатауский район", "Alatau District", 43.2900, 76.8450},
		{"almaly", "Алмалы ауданы", "Алмалинский район", "Almaly District", 43.2520, 76.9100},
		{"auezov", "Әуезов ауданы", "Ауэзовский район", "Auezov District", 43.2240, 76.8500},
		{"bostandyk", "Бостандық ауданы", "Бостандыкский район", "Bostandyk District", 43.2200, 76.9050},
		{"zhetysu", "Жетісу ауданы", "Жетысуский район", "Zhetysu District", 43.3000, 76.9250},
		{"medeu", "Медеу ауданы", "Медеуский район", "Medeu District", 43.2450, 76.9650},
		{"nauryzbay", "Наурызбай ауданы", "Наурызбайский район", "Nauryzbay District", 43.2000, 76.8100},
		{"turksib", "Түрксіб ауданы", "Турксибский район", "Turksib District", 43.3400, 76.9750},
	}
}

// InCity reports whether a point lies in the box around Almaty.
func InCity(lat, lon float64) bool {
	return lat > 43.03 && lat < 43.41 && lon > 76.73 && lon < 77.17
}

// InRegion reports whether a point lies in the box of the drill: the city and the settlements around it.
func InRegion(lat, lon float64) bool {
	return lat > 43.00 && lat < 43.60 && lon > 76.50 && lon < 77.60
}

// Anchor is a point along a street and the district it lies in.
type Anchor struct {
	Lat, Lon float64
	District string
}

// Street is a street, or a microdistrict whose houses are numbered through.
type Street struct {
	KK, RU   string   // with the kind of street: Абай даңғылы, проспект Абая
	Others   []string // former and other names
	From, To int      // plausible house numbers
	Line     []Anchor // from house From to house To; of a microdistrict, its diagonal
}

// Block reports whether the houses of a whole microdistrict are numbered through, so that an address has no street.
func (s Street) Block() bool { return strings.Contains(s.KK, "ықшамаудан") }

// At returns where a house plausibly stands: between the anchors in proportion to its number, odd and even
// on two sides of a street, scattered within a microdistrict. A number outside the range stands at the end.
func (s Street) At(house int) Anchor {
	if s.Block() {
		return s.within(house)
	}
	total := 0.0
	for i := 1; i < len(s.Line); i++ {
		total += metres(s.Line[i-1], s.Line[i])
	}
	share := float64(min(max(house, s.From), s.To)-s.From) / float64(max(1, s.To-s.From))
	left := share * total
	for i := 1; i < len(s.Line); i++ {
		a, b := s.Line[i-1], s.Line[i]
		l := metres(a, b)
		if left > l && i < len(s.Line)-1 {
			left -= l
			continue
		}
		t := min(1, left/l)
		side := 20.0
		if house%2 == 0 {
			side = -side
		}
		at := Anchor{Lat: a.Lat + t*(b.Lat-a.Lat), Lon: a.Lon + t*(b.Lon-a.Lon), District: a.District}
		if t > 0.5 {
			at.District = b.District
		}
		at.Lat += side * (b.Lon - a.Lon) * metresLon / l / metresLat
		at.Lon -= side * (b.Lat - a.Lat) * metresLat / l / metresLon
		return round(at)
	}
	return s.Line[0]
}

// within scatters the houses of a microdistrict over its box by their number, always in the same way.
func (s Street) within(house int) Anchor {
	a, b := s.Line[0], s.Line[1]
	u := math.Mod(float64(house)*0.618034, 1)
	v := math.Mod(float64(house)*0.754878, 1)
	at := Anchor{Lat: a.Lat + u*(b.Lat-a.Lat), Lon: a.Lon + v*(b.Lon-a.Lon), District: a.District}
	if u+v > 1 {
		at.District = b.District
	}
	return round(at)
}

// Metres in a degree at 43¼° north.
const (
	metresLat = 111_100
	metresLon = 81_100
)

func metres(a, b Anchor) float64 {
	return math.Hypot((a.Lat-b.Lat)*metresLat, (a.Lon-b.Lon)*metresLon)
}

func round(a Anchor) Anchor {
	a.Lat, a.Lon = math.Round(a.Lat*1e5)/1e5, math.Round(a.Lon*1e5)/1e5
	return a
}

// Streets returns the main streets and microdistricts (data/streets.tsv says where they come from). The slice
// is shared: it is for reading.
func Streets() []Street { return streetTable() }

var streetTable = sync.OnceValue(func() []Street {
	var all []Street
	for _, row := range rows("streets.tsv", 5) {
		s := Street{KK: row[0], RU: row[1]}
		if row[2] != "" {
			s.Others = strings.Split(row[2], "|")
		}
		if _, err := fmt.Sscanf(row[3], "%d-%d", &s.From, &s.To); err != nil {
			panic("demo: " + row[0] + ": " + err.Error())
		}
		for point := range strings.FieldsSeq(row[4]) {
			s.Line = append(s.Line, parseAnchor(point))
		}
		all = append(all, s)
	}
	return all
})

func parseAnchor(point string) Anchor {
	f := strings.Split(point, ",")
	if len(f) != 3 {
		panic("demo: a point of a street is not lat,lon,district: " + point)
	}
	lat, err1 := strconv.ParseFloat(f[0], 64)
	lon, err2 := strconv.ParseFloat(f[1], 64)
	if err1 != nil || err2 != nil {
		panic("demo: a point of a street has no coordinates: " + point)
	}
	return Anchor{lat, lon, f[2]}
}

// Settlement is a town or village of Almaty region, where the curfew of those days was another.
type Settlement struct {
	KK, RU, EN string
	Lat, Lon   float64
}

// Settlements returns some around the city (OpenStreetMap contributors, ODbL; Boralday by hand).
func Settlements() []Settlement {
	return []Settlement{
		{"Қаскелең", "Каскелен", "Kaskelen", 43.1965, 76.6310},
		{"Талғар", "Талгар", "Talgar", 43.3027, 77.2395},
		{"Өтеген батыр", "Отеген батыр", "Otegen Batyr", 43.4163, 77.0175},
		{"Боралдай", "Боралдай", "Boralday", 43.3570, 76.8570},
		{"Есік", "Есик", "Yesik", 43.3595, 77.4659},
		{"Тұздыбастау", "Туздыбастау", "Tuzdybastau", 43.3155, 77.0612},
	}
}

// Landmark is a place that people name instead of an address.
type Landmark struct {
	Kind     string // station, market, airport: real; hospital, dialysis, post, depot, office: invented
	KK, RU   string
	District string // empty outside the city
	Lat, Lon float64
	Invented bool
}

// Landmarks returns the places of the drill. The real ones are for finding one's way (OpenStreetMap
// contributors, ODbL); hospitals and posts are invented, so that no real one seems to take part.
func Landmarks() []Landmark {
	return []Landmark{
		{"station", "Сайран автовокзалы", "Автовокзал «Сайран»", "auezov", 43.24527, 76.85767, false},
		{"market", "Көк базар", "Зелёный базар", "medeu", 43.26348, 76.95474, false},
		{"airport", "Алматы әуежайы", "Аэропорт Алматы", "turksib", 43.34656, 77.01212, false},
		{"hospital", "№ 90 аурухана", "Больница № 90", "almaly", 43.25410, 76.92980, true},
		{"hospital", "№ 91 аурухана", "Больница № 91", "turksib", 43.32010, 76.96290, true},
		{"hospital", "№ 92 балалар ауруханасы", "Детская больница № 92", "auezov", 43.23250, 76.85580, true},
		{"dialysis", "«Үлгі» диализ орталығы", "Диализный центр «Үлгі»", "bostandyk", 43.22600, 76.90500, true},
		{"post", "1-бекет", "Пост 1", "alatau", 43.25600, 76.80500, true},
		{"post", "2-бекет", "Пост 2", "nauryzbay", 43.19300, 76.80800, true},
		{"post", "4-бекет", "Пост 4", "turksib", 43.36500, 76.99000, true},
		{"depot", "Қойма", "Склад", "zhetysu", 43.27600, 76.93000, true},
		{"office", "Штаб", "Штаб", "almaly", 43.25000, 76.93600, true},
	}
}
