package links

import (
	"errors"
	"io"
	"net/http"

	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/exchange"
	"github.com/jumyla/jumyla/internal/id"
	"github.com/jumyla/jumyla/internal/store"
	"github.com/jumyla/jumyla/internal/web"
)

// words shows the words of another centre's card; nothing is written.
func (l *Links) words(w http.ResponseWriter, r *http.Request) error {
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	return l.compare(w, r, f, "card", "exchange.card")
}

// photo reads another centre's card from a photograph of its code, and shows its words; nothing is written.
func (l *Links) photo(w http.ResponseWriter, r *http.Request) error {
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	if file, _, ok := f.File("photo"); ok {
		defer file.Close()
		text, err := l.photos.Code(r.Context(), file)
		if e, is := errors.AsType[*errs.Error](err); is {
			f.Fail("photo", e.Key)
		} else if err != nil {
			return err
		}
		f.Set("card", text)
	}
	return l.compare(w, r, f, "photo", "photo.not_card")
}

// compare shows the words of the card that a form brought; field is what is at fault where it is none, key says so.
func (l *Links) compare(w http.ResponseWriter, r *http.Request, f *web.Form, field, key string) error {
	raw := f.Value("card")
	var card store.Card
	if f.OK() {
		var err error
		card, err = exchange.ReadCard([]byte(raw))
		if errs.Is(err, errs.Invalid) {
			f.Fail(field, key)
		} else if err != nil {
			return err
		}
	}
	f.Check(id.ID(card.Centre) != l.db.Centre(), field, "exchange.own_card")
	p, err := l.centresPage(r, f)
	if err != nil {
		return err
	}
	if p.sent = field; !f.OK() {
		return web.Invalid(w, r, p.show())
	}
	p.check = &pairing{card: card, raw: raw}
	if p.check.words, err = exchange.Words(f.Lang, card); err != nil {
		return err
	}
	return web.Render(w, r, p.show())
}

// code answers what a camera sees with the text of the code in it, or with nothing where there is none: the page looks again.
func (l *Links) code(w http.ResponseWriter, r *http.Request) error {
	text, err := l.photos.Code(r.Context(), r.Body)
	switch {
	case errs.Is(err, errs.Invalid):
		w.WriteHeader(http.StatusNoContent)
		return nil
	case err != nil:
		return err
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, err = io.WriteString(w, text)
	return err
}
