package request_test

import (
	"testing"
	"time"

	"github.com/jumyla/jumyla/internal/household"
	"github.com/jumyla/jumyla/internal/request"
)

func TestNeedsAsTheyAreTyped(t *testing.T) {
	for line, want := range map[string]request.Need{
		"бала тамағы 2":                 {What: request.BabyFood, Count: 2},
		"инсулин 20:00 дейін":           {What: request.Insulin, Count: 1, Before: 20 * 60},
		"инсулин до 20:00":              {What: request.Insulin, Count: 1, Before: 20 * 60},
		"лекарства после 9:30 до 18:00": {What: request.Medicine, Count: 1, After: 9*60 + 30, Before: 18 * 60},
		"азық-түлік себеті":             {What: request.Basket, Count: 1},
		"продуктовый набор 3":           {What: request.Basket, Count: 3},
		"хлеб 2":                        {What: request.Bread, Count: 2},
		"нан":                           {What: request.Bread, Count: 1},
		"памперсы 4":                    {What: request.Diapers, Count: 4},
		"ыстық тамақ 5":                 {What: request.HotMeal, Count: 5},
		"отвезти на диализ до 08:00":    {What: request.Ride, Count: 1, Before: 8 * 60},
		"insulin":       {What: request.Insulin, Count: 1},
		"bread 2":       {What: request.Bread, Count: 2},
		"кот потерялся": {What: request.Other, Count: 1},
	} {
		n := request.ParseNeed(line)
		if n.What != want.What || n.Count != want.Count || n.After != want.After || n.Before != want.Before || n.Detail != line {
			t.Errorf("%q: %s × %d, %d–%d; want %s × %d, %d–%d", line, n.What, n.Count, n.After, n.Before, want.What, want.Count, want.After, want.Before)
		}
		if err := n.Validate(); err != nil {
			t.Errorf("%q: %v", line, err)
		}
	}
}

func TestUrgencyIsTheSumOfWhatItSays(t *testing.T) {
	needs := []request.Need{{What: request.Insulin, Status: request.Open}, {What: request.Bread, Status: request.Open}}
	h := &household.Household{Children: []int{1, 6}, Cares: []household.Care{household.Diabetic}}
	total, why := request.Urgency(needs, h, 20*time.Hour, 2)
	sum := 0
	for _, p := range why {
		sum += p.Points
	}
	if total != sum || total != 40+14+10+12+8 {
		t.Fatalf("%d, reasons %v", total, why)
	}
	longer, _ := request.Urgency(needs, h, 30*time.Hour, 3)
	if longer <= total {
		t.Error("waiting and calling again must raise it")
	}
	if none, why := request.Urgency([]request.Need{{What: request.Insulin, Status: request.Done}}, nil, 0, 1); none != 0 || len(why) != 0 {
		t.Error("what is done is not urgent", none, why)
	}
}

func TestWhatTheCrewMustRead(t *testing.T) {
	for line, want := range map[string]bool{
		"нан 2": false, "хлеб 3 шт": false, "2 корзины": false, "бала тамағы 2": false, "детское питание 1": false, "инсулин 20:00 дейін": false,
		"су керек": false, "hot meal 2": false, "с 10:00 до 12:00 инсулин": false,
		"инсулин Лантус 2": true, "подгузники 4 размер": true, "2 корзины и инсулин": true, "бала тамағы 6 айдан": true, "diapers XL": true,
	} {
		n := request.ParseNeed(line)
		if got := n.Says(); got != "" != want || want && got != line {
			t.Errorf("%q says %q", line, got)
		}
	}
}
