// Package names finds the same person however the name is spelled: in Kazakh or Russian Cyrillic, in the Kazakh Latin
// of four reforms, as a passport, a German or a Dutch register writes it, in the Arabic script of Kazakhs in China,
// with the faults of hearing and typing. It is arithmetic on strings: it knows no database, no clock and no
// language to speak to people in.
//
// # How it works
//
// A name is folded (Fold) into parts; each part into its sounds, one letter for one sound, the same from every script.
// Patronymics lose their ending and say that they are patronymics. An Index keeps each distinct part once, with its
// bearers, and finds the parts that a heard part may mean by their consonants with one left out.
//
// What a part says is counted in bits: how rare everything is that the heard part may mean, less the surprise of
// having it written so (a noisy channel: log2 P(heard | meant) - log2 P(heard)). Hearing Ахметов says little, because
// many bear it; hearing Ахмедов where Ахмедов is a name of its own says less for Ахметов than a slip of the
// finger would, because it has a better explanation. Two names are laid on each other so that the sum is greatest.
//
// Phones, birth, place, address, children and numbers add their bits (Fellegi and Sunter, 1969); Weights holds them.
// Three bands follow. A name alone never joins two people, and a shared phone proves a household, not a person:
// without agreement of all the names that both records give, nothing is Same.
package names
