package names

// Street returns the folded words of the street, in the order of the alphabet, without what kind of street it is.
func (a Address) Street() string { return a.street }

// House returns the house's number with its letter or fraction; "" where none was read.
func (a Address) House() string { return a.house }

// Flat returns the flat's number; 0 where none was read.
func (a Address) Flat() int { return int(a.flat) }
