package demo

// Item is something in the store. Its name is the message demo.item.CODE, what it holds demo.item.CODE.holds.
type Item struct {
	Code   string
	Kind   Kind    // the need that it serves
	Kg     float64 // one piece
	Litres float64 // the room that one piece takes in a car
}

// Items returns what the drill's store keeps.
func Items() []Item {
	return []Item{
		{"basket", Basket, 15, 40},
		{"bread", Bread, 0.6, 3},
		{"baby_food", BabyFood, 0.4, 1.5},
		{"diapers", Diapers, 1.8, 12},
		{"insulin", Insulin, 0.5, 2},
		{"hot_meal", HotMeal, 0.6, 1.5},
		{"water", Water, 5.1, 6},
		{"hygiene", Hygiene, 2.5, 8},
	}
}

// StockLine is a count of an item.
type StockLine struct {
	Item  string // Item.Code
	Count int
}

// MorningStock returns what was counted on the morning of 12 January: enough baskets, too little baby food, and only
// a few insulin kits, so that a plan has something to leave out and say why.
func MorningStock() []StockLine {
	return []StockLine{
		{"basket", 180}, {"bread", 240}, {"baby_food", 24}, {"diapers", 40}, {"insulin", 9}, {"hot_meal", 120}, {"water", 150}, {"hygiene", 60},
	}
}
