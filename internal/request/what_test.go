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
		"су 14.01":                      {What: request.Water, Count: 1}, // a day
		"инсулин до 5.03":               {What: request.Insulin, Count: 1},
		"инсулин до 14.10":              {What: request.Insulin, Count: 1, Before: 14*60 + 10},
		"инсулин 14:01 дейін":           {What: request.Insulin, Count: 1, Before: 14*60 + 1},
		"диализ 14.01 к 9:30":           {What: request.Ride, Count: 1, Before: 9*60 + 30},
		"insulin":                       {What: request.Insulin, Count: 1},
		"bread 2":                       {What: request.Bread, Count: 2},
		"кот потерялся":                 {What: request.Other, Count: 1},
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

func TestAnHourOrADateIsNoQuantity(t *testing.T) {
	const h = 60
	for line, want := range map[string]request.Need{
		"инсулин до 18":              {What: request.Insulin, Count: 1, Before: 18 * h},
		"хлеб к 18":                  {What: request.Bread, Count: 1, Before: 18 * h},
		"хлеб 2 к 6 вечера":          {What: request.Bread, Count: 2, Before: 18 * h},
		"лекарства до 3 дня":         {What: request.Medicine, Count: 1, Before: 15 * h},
		"лекарства на 3 дня":         {What: request.Medicine, Count: 1},
		"инсулин до 18 часов, 2 шт":  {What: request.Insulin, Count: 2, Before: 18 * h},
		"диализ 14 января":           {What: request.Ride, Count: 1},
		"диализ 14 января в 9 утра":  {What: request.Ride, Count: 1, Before: 9 * h},
		"лекарства с 9 до 12":        {What: request.Medicine, Count: 1, After: 9 * h, Before: 12 * h},
		"лекарства 9:00–12:30":       {What: request.Medicine, Count: 1, After: 9 * h, Before: 12*h + 30},
		"лекарства после 14":         {What: request.Medicine, Count: 1, After: 14 * h},
		"памперс 18:00":              {What: request.Diapers, Count: 1, Before: 18 * h},
		"памперс 2 с 18:00":          {What: request.Diapers, Count: 2, After: 18 * h},
		"детское питание 3 до 16":    {What: request.BabyFood, Count: 3, Before: 16 * h},
		"детское питание до 3 лет 2": {What: request.BabyFood, Count: 2},
		"отвезти с 3 детьми":         {What: request.Ride, Count: 1},
		"хлеб до 5 штук":             {What: request.Bread, Count: 5},
		"воды 3":                     {What: request.Water, Count: 3},
		"нужно воды":                 {What: request.Water, Count: 1},
		"вода х2":                    {What: request.Water, Count: 2},
		"нужен водитель":             {What: request.Other, Count: 1},
		"хлеб и вода":                {What: request.Bread, Count: 1},
		"инсулин 18-ге дейін":        {What: request.Insulin, Count: 1, Before: 18 * h},
		"инсулин сағат 18-ге дейін":  {What: request.Insulin, Count: 1, Before: 18 * h},
		"нан 2 кешкі 6-ға дейін":     {What: request.Bread, Count: 2, Before: 18 * h},
		"дәрі 9-дан кейін":           {What: request.Medicine, Count: 1, After: 9 * h},
		"дәрі 9-дан 12-ге дейін":     {What: request.Medicine, Count: 1, After: 9 * h, Before: 12 * h},
		"диализ 14 қаңтар":           {What: request.Ride, Count: 1},
		"су 3":                       {What: request.Water, Count: 3},
		"insulin by 6pm":             {What: request.Insulin, Count: 1, Before: 18 * h},
		"insulin 2 before 6 pm":      {What: request.Insulin, Count: 2, Before: 18 * h},
		"medicine from 9 to 12":      {What: request.Medicine, Count: 1, After: 9 * h, Before: 12 * h},
		"bread after 14":             {What: request.Bread, Count: 1, After: 14 * h},
		"bread january 14":           {What: request.Bread, Count: 1},
		"baby formula 2":             {What: request.BabyFood, Count: 2},
		"water 5l":                   {What: request.Water, Count: 1},
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
		"insulin by 6pm": false, "хлеб к 18": false, "воды 3": false, "инсулин сағат 18-ге дейін": false, "диализ 14 января": true, "хлеб и вода": true, "water 5l": true,
		"инсулин Лантус 2": true, "подгузники 4 размер": true, "2 корзины и инсулин": true, "бала тамағы 6 айдан": true, "diapers XL": true,
	} {
		n := request.ParseNeed(line)
		if got := n.Says(); got != "" != want || want && got != line {
			t.Errorf("%q says %q", line, got)
		}
	}
}

func TestWhoMustCome(t *testing.T) {
	for text, want := range map[string]struct {
		what  request.What
		medic bool
	}{
		"медсестра, укол в 18:00":       {request.Visit, true},
		"мейірбике керек":               {request.Visit, true},
		"дәрігер шақыру":                {request.Visit, true},
		"врач на дом":                   {request.Visit, true},
		"nurse for dressing":            {request.Visit, true},
		"укол нужен":                    {request.Other, true},
		"лекарство по назначению врача": {request.Medicine, false},
		"дәрі, дәрігер жазған":          {request.Medicine, false},
		"инсулин, укол":                 {request.Insulin, false},
		"навестить маму":                {request.Visit, false},
		"азық-түлік себеті":             {request.Basket, false},
	} {
		if n := request.ParseNeed(text); n.What != want.what || n.WantsMedic() != want.medic {
			t.Errorf("%q is %s, medic %t", text, n.What, n.WantsMedic())
		}
	}
}
