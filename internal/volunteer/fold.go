package volunteer

import "strings"

// folds are letters that one writer has and another's keyboard lacks: Kazakh ones typed as Russian, and ё.
var folds = strings.NewReplacer("ё", "е", "қ", "к", "ә", "а", "і", "и", "ө", "о", "ұ", "у", "ү", "у",
	"ғ", "г", "ң", "н", "һ", "х")

// Fold returns s as names are compared: lower case, words one space apart, Kazakh letters as the Russian
// ones that stand for them. A name itself is kept as it was given.
func Fold(s string) string {
	return strings.Join(strings.Fields(folds.Replace(strings.ToLower(s))), " ")
}
