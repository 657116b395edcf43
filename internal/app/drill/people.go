package drill

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jumyla/jumyla/internal/account"
	"github.com/jumyla/jumyla/internal/contact"
	"github.com/jumyla/jumyla/internal/crew"
	"github.com/jumyla/jumyla/internal/demo"
	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/i18n"
	"github.com/jumyla/jumyla/internal/store"
	"github.com/jumyla/jumyla/internal/volunteer"
)

// Passphrase opens every account of the drill. It protects nothing: whoever runs the drill is told it.
const Passphrase = "drill drill drill" //nolint:gosec // no secret

// Login is somebody who may sign in to the drill.
type Login struct {
	Name contact.Name
	Role account.Role
	Lang i18n.Lang
}

// Logins returns the drill's accounts, one for each role in the order of roles. Their surname means "sample".
func Logins() []Login {
	return []Login{
		{"Айгүл Үлгі", account.Operator, i18n.KK},
		{"Болат Үлгі", account.Coordinator, i18n.KK},
		{"Вера Пример", account.Dispatcher, i18n.RU},
		{"Гүлнар Үлгі", account.Volunteer, i18n.KK},
		{"Дмитрий Пример", account.Auditor, i18n.RU},
		{"Ержан Үлгі", account.Admin, i18n.KK},
	}
}

// accounts writes the logins. All have the hash of the first: the passphrase is everybody's and known, and five
// more hashes would only keep the first page waiting.
func (l *loader) accounts(ctx context.Context, tx *store.Tx) error {
	var hash string
	for _, who := range Logins() {
		a := &account.Account{Name: who.Name, Roles: who.Role, Lang: who.Lang, Hash: hash}
		if hash == "" {
			if err := account.Create(ctx, tx, a, Passphrase, l.cost); err != nil {
				return err
			}
			hash = a.Hash
			continue
		}
		a.ID = account.ID{ID: tx.NewID()}
		if err := tx.Put(ctx, a); err != nil {
			return err
		}
	}
	return nil
}

// findStaff looks up on whose behalf the rest is written: by role, for a name may have been changed since.
func (l *loader) findStaff(ctx context.Context) error {
	all, err := account.List(ctx, l.db)
	if err != nil {
		return err
	}
	for _, role := range []account.Role{account.Operator, account.Coordinator, account.Dispatcher} {
		i := slices.IndexFunc(all, func(a *account.Account) bool { return a.Roles.Any(role) })
		if i < 0 {
			return errs.Missing("account")
		}
		l.staff[role] = all[i].ID.ID
	}
	return nil
}

// signedUp is when the volunteers put their names down.
func signedUp() time.Time { return time.Date(2022, time.January, 7, 9, 0, 0, 0, demo.Zone()) }

func signedUpAt(i int) time.Time { return signedUp().Add(time.Duration(i) * time.Minute) }

func (l *loader) volunteerID(i int) volunteer.ID {
	return volunteer.ID{ID: l.id("volunteer", i, signedUpAt(i))}
}

// volunteers writes them as they came, and of those whose document was seen that the coordinator saw it.
func (l *loader) volunteers(ctx context.Context) error {
	return l.inPieces(ctx, account.Coordinator, len(l.world.Volunteers), piece/2, signedUpAt,
		func(tx *store.Tx, i int) (bool, error) { return has(ctx, tx, volunteer.Kind, l.volunteerID(i).ID) },
		func(tx *store.Tx, i int) error {
			v := newVolunteer(l.world.Volunteers[i])
			v.ID = l.volunteerID(i)
			if err := v.Validate(); err != nil {
				return err
			}
			if err := tx.Put(ctx, v); err != nil {
				return err
			}
			if l.world.Volunteers[i].Age == demo.AgeSeen {
				return volunteer.See(ctx, tx, v.ID)
			}
			return nil
		})
}

func newVolunteer(d demo.Volunteer) *volunteer.Volunteer {
	v := &volunteer.Volunteer{Name: contact.Name(d.Contact), Phone: contact.Phone(d.Phone), Skills: d.Skills,
		When: slots(d.Slots), Emergency: emergency(d.Emergency), Pass: d.Pass}
	if d.Age != demo.AgeUnknown { // those who were seen had said so first
		v.Adult = volunteer.Said
	}
	for _, lang := range d.Languages {
		v.Langs = append(v.Langs, string(lang))
	}
	if d.Vehicle != nil {
		v.Vehicle, v.Plate, v.Baskets = d.Vehicle.Model, d.Vehicle.Plate, d.Vehicle.Baskets
	}
	return v
}

func slots(all []demo.Slot) string {
	words := make([]string, len(all))
	for i, s := range all {
		words[i] = s.From.Format("02.01 15:04") + "–" + s.To.Format("15:04")
	}
	return strings.Join(words, ", ")
}

func emergency(c demo.Contact) string {
	return c.Name.RU + ", " + contact.Phone(c.Phone).String()
}

func (l *loader) earlyCrews(ctx context.Context) error { return l.crews(ctx, true) }

func (l *loader) otherCrews(ctx context.Context) error { return l.crews(ctx, false) }

// crews forms those that were there at noon, or the others, at the door that holds the law on minors.
func (l *loader) crews(ctx context.Context, atNoon bool) error {
	var all []int
	for i, c := range l.world.Crews {
		if early(c.Number) == atNoon {
			all = append(all, i)
		}
	}
	return l.inPieces(ctx, account.Coordinator, len(all), piece, func(i int) time.Time { return l.formedAt(all[i]) },
		func(tx *store.Tx, i int) (bool, error) { return has(ctx, tx, crew.Kind, l.crewID(all[i]).ID) },
		func(tx *store.Tx, i int) error { return crew.Form(ctx, tx, l.newCrew(all[i])) })
}

func (l *loader) crewID(i int) crew.ID {
	return crew.ID{ID: l.id("crew", i, l.formedAt(i))}
}

// formedAt is when a crew was put together: an hour before it begins.
func (l *loader) formedAt(i int) time.Time { return l.world.Crews[i].From.Add(-time.Hour) }

func (l *loader) newCrew(i int) *crew.Crew {
	d := l.world.Crews[i]
	c := &crew.Crew{ID: l.crewID(i), Number: d.Number, Vehicle: d.Vehicle.Model, Plate: d.Vehicle.Plate, Baskets: d.Vehicle.Baskets,
		Kilos: d.Vehicle.Kg, From: minuteOf(d.From), To: minuteOf(d.To), Pass: d.Pass, Lang: i18n.RU,
		Emergency: emergency(l.world.Volunteers[d.Driver].Emergency),
		Members: []crew.Member{
			{Volunteer: l.volunteerID(d.Driver).ID, Role: crew.Driver},
			{Volunteer: l.volunteerID(d.Navigator).ID, Role: crew.Navigator},
		}}
	if len(d.Languages) > 0 {
		c.Lang = spoken(d.Languages[0])
	}
	return c
}

// spoken is the language of the product that suits somebody: those who speak neither get Russian, the drill's
// second language.
func spoken(l demo.Lang) i18n.Lang {
	if known, ok := i18n.Parse(string(l)); ok {
		return known
	}
	return i18n.RU
}

func orEmpty(n int) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprint(n)
}
