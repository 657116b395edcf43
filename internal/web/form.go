package web

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/a-h/templ"
	"golang.org/x/text/unicode/norm"

	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/i18n"
)

// TokenField is the hidden field that makes a form safe to send twice.
const TokenField = "form_token"

// Form is a form on its way out or back: the values as typed, and what is wrong with each field.
type Form struct {
	Lang   i18n.Lang
	Token  string // unique to one rendering of the form; the write keeps it beside what it wrote
	values url.Values
	files  map[string][]*multipart.FileHeader
	errors errs.Fields
	args   []any // of the message about the whole form
}

// NewForm returns an empty form with a fresh token, in the viewer's language.
func NewForm(r *http.Request) *Form {
	return &Form{Lang: Lang(r), Token: rand.Text(), values: url.Values{}, errors: errs.Fields{}}
}

const (
	formMemory = 32 << 20 // all of an upload: a temporary file would hold people's data in the clear
	maxFields  = 5000
)

// ReadForm reads what a form brought, once, within the route's limit of size.
func ReadForm(r *http.Request) (*Form, error) {
	var err error
	if strings.HasPrefix(r.Header.Get("Content-Type"), "multipart/form-data") {
		err = r.ParseMultipartForm(formMemory) //nolint:gosec // Mux.serve has bounded the body
	} else {
		err = r.ParseForm()
	}
	_, tooLarge := errors.AsType[*http.MaxBytesError](err)
	switch {
	case tooLarge:
		return nil, err
	case err != nil:
		return nil, errs.Wrap(errs.Invalid, err, "web.bad_form")
	case len(r.PostForm) > maxFields:
		return nil, errs.New(errs.Invalid, "web.bad_form")
	}
	f := &Form{Lang: Lang(r), values: url.Values{}, errors: errs.Fields{}}
	for name, vs := range r.PostForm {
		for _, v := range vs {
			f.values.Add(name, clean(v))
		}
	}
	if r.MultipartForm != nil {
		f.files = r.MultipartForm.File
	}
	if f.Token = f.values.Get(TokenField); f.Token == "" || len(f.Token) > 64 {
		f.Token = rand.Text()
	}
	return f, nil
}

// clean makes text storable: NFC, "\n" for line ends, no control characters or broken UTF-8.
func clean(s string) string {
	s = strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\r\n", "\n")
	s = strings.Map(func(r rune) rune {
		if r < ' ' && r != '\n' && r != '\t' || r == 0x7f {
			return -1
		}
		return r
	}, s)
	return norm.NFC.String(s)
}

// Set gives a field its value, for a form that opens on something known.
func (f *Form) Set(field string, values ...string) *Form {
	f.values[field] = values
	return f
}

// Value returns what was typed or set, for rendering it again.
func (f *Form) Value(field string) string { return f.values.Get(field) }

// Has reports whether value is among the field's values, for boxes and choices.
func (f *Form) Has(field, value string) bool { return slices.Contains(f.values[field], value) }

// Text returns the trimmed text; more than limit characters is an error of the field.
func (f *Form) Text(field string, limit int) string {
	s := strings.TrimSpace(f.values.Get(field))
	f.errors.Check(utf8.RuneCountInString(s) <= limit, field, "error.too_long")
	return s
}

// Required is Text that must not be empty.
func (f *Form) Required(field string, limit int) string {
	s := f.Text(field, limit)
	f.errors.Check(s != "", field, "error.required")
	return s
}

// Secret returns a passphrase or code exactly as typed, not normalised and never shown again.
func (f *Form) Secret(r *http.Request, field string, limit int) string {
	s := r.PostFormValue(field)
	f.errors.Check(s != "", field, "error.required")
	f.errors.Check(len(s) <= limit, field, "error.too_long")
	f.values.Del(field)
	return s
}

// Int returns a whole number between low and high; an empty field is low without an error.
func (f *Form) Int(field string, low, high int) int {
	s := strings.ReplaceAll(strings.TrimSpace(f.values.Get(field)), "\u00a0", "")
	if s == "" {
		return low
	}
	n, err := strconv.Atoi(s)
	f.errors.Check(err == nil, field, "web.not_number")
	f.errors.Check(err != nil || n >= low && n <= high, field, "web.out_of_range")
	return n
}

// Bool reports whether a box is ticked.
func (f *Form) Bool(field string) bool { return f.values.Get(field) != "" }

// All returns every value of a field that may come more than once.
func (f *Form) All(field string) []string { return f.values[field] }

// OneOf returns the chosen value, which must be among the options.
func (f *Form) OneOf(field string, options ...string) string {
	s := f.values.Get(field)
	f.errors.Check(slices.Contains(options, s), field, "web.choose")
	return s
}

// Date returns a day as a date field sends it (2022-01-12), at midnight in zone; an empty one is the zero time.
func (f *Form) Date(field string, zone *time.Location) time.Time {
	return f.when(field, time.DateOnly, "web.not_date", zone)
}

// Clock returns the time of day typed as 20:00 (also 2000, 20.00, 8:00) since midnight; ok is false when empty or wrong.
func (f *Form) Clock(field string) (sinceMidnight time.Duration, ok bool) {
	s := strings.NewReplacer(".", ":", " ", "").Replace(f.values.Get(field))
	if s == "" {
		return 0, false
	}
	if len(s) > 2 && !strings.Contains(s, ":") {
		s = s[:len(s)-2] + ":" + s[len(s)-2:]
	}
	h, m, _ := strings.Cut(s, ":")
	hours, err := strconv.Atoi(h)
	minutes := 0
	if err == nil && m != "" {
		minutes, err = strconv.Atoi(m)
	}
	ok = err == nil && hours >= 0 && hours < 24 && minutes >= 0 && minutes < 60
	f.errors.Check(ok, field, "web.not_clock")
	return time.Duration(hours)*time.Hour + time.Duration(minutes)*time.Minute, ok
}

func (f *Form) when(field, layout, key string, zone *time.Location) time.Time {
	s := strings.TrimSpace(f.values.Get(field))
	if s == "" {
		return time.Time{}
	}
	t, err := time.ParseInLocation(layout, s, zone)
	f.errors.Check(err == nil, field, key)
	return t
}

// Parse reads a field by parse, for types with a reader of their own; an empty field gives the zero value.
func Parse[T any](f *Form, field, key string, parse func(string) (T, error)) T {
	var zero T
	s := strings.TrimSpace(f.values.Get(field))
	if s == "" {
		return zero
	}
	v, err := parse(s)
	if err != nil {
		f.errors.Check(false, field, key)
		return zero
	}
	return v
}

// File opens an uploaded file; a missing one is an error of the field, and ok is false.
func (f *Form) File(field string) (file multipart.File, name string, ok bool) {
	hs := f.files[field]
	if len(hs) == 0 {
		f.errors.Check(false, field, "web.choose_file")
		return nil, "", false
	}
	file, err := hs[0].Open()
	if err != nil {
		f.errors.Check(false, field, "web.choose_file")
		return nil, "", false
	}
	return file, clean(hs[0].Filename), true
}

// Fail notes what is wrong with a field; the first note stays. The field "" stands for the whole form.
func (f *Form) Fail(field, key string) { f.errors.Check(false, field, key) }

// Check notes key against the field when ok is false.
func (f *Form) Check(ok bool, field, key string) { f.errors.Check(ok, field, key) }

// Error returns in words what is wrong with the field, or "".
func (f *Form) Error(field string) string {
	if key := f.errors[field]; key != "" && field == "" {
		return f.Lang.T(key, f.args...)
	} else if key != "" {
		return f.Lang.T(key)
	}
	return ""
}

// Errors returns the fields at fault, sorted.
func (f *Form) Errors() []string {
	var out []string
	for field := range f.errors {
		out = append(out, field)
	}
	slices.Sort(out)
	return out
}

// OK reports whether nothing is wrong so far.
func (f *Form) OK() bool { return len(f.errors) == 0 }

// Err returns nil, or an Invalid error that names the fields.
func (f *Form) Err() error { return f.errors.Err() }

// Take notes the fields of an Invalid or Conflict error on the form and reports whether it was one.
func (f *Form) Take(err error) bool {
	e, ok := errors.AsType[*errs.Error](err)
	if !ok || e.Kind != errs.Invalid && e.Kind != errs.Conflict {
		return false
	}
	for field, key := range e.Fields {
		f.errors.Check(false, field, key)
	}
	if len(e.Fields) == 0 {
		key := e.Key
		if key == "" {
			key = "error." + e.Kind.String()
		}
		f.args = e.Args
		f.errors.Check(false, "", key)
	}
	return true
}

// DraftAttrs are the attributes of a form that is saved to url a second after each change. The handler of
// url answers with DraftSaved.
func (f *Form) DraftAttrs(url string) templ.Attributes {
	return templ.Attributes{"data-draft": url, "data-draft-failed": f.Lang.T("web.not_saved")}
}

// DraftSaved answers the post of a draft with the words "saved 14:32:41"; at is in the centre's zone.
func DraftSaved(w http.ResponseWriter, r *http.Request, at time.Time) error {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	if _, err := io.WriteString(w, Lang(r).T("web.saved_at", "time", at.Format(time.TimeOnly))); err != nil { //nolint:gosec // plain text of the catalogue
		return fmt.Errorf("answer draft: %w", err)
	}
	return nil
}

// Submit is how a form ends. When nothing is wrong it runs do once for the form's token and sends the
// browser where do says; a second submission of the same token runs nothing and is sent to the same
// place. When the form or do says Invalid or Conflict, again's page is answered with 422. Other errors come
// back, and the token stays unused, so that the form may be sent again.
//
// A do that must hold through a crash keeps f.Token in its own transaction, where Config.Receipt finds it.
func (f *Form) Submit(w http.ResponseWriter, r *http.Request, do func() (to string, err error), again func() Page) error {
	if f.OK() {
		to, err := f.once(r, do)
		if err == nil {
			return See(w, r, to)
		}
		if !f.Take(err) {
			return err
		}
	}
	return Invalid(w, r, again())
}

func (f *Form) once(r *http.Request, do func() (string, error)) (string, error) {
	v := visitOf(r)
	e := v.m.done.of(v.viewer.AccountID + " " + r.URL.Path + " " + f.Token)
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.location != "" {
		return e.location, nil
	}
	if v.m.cfg.Receipt != nil {
		to, err := v.m.cfg.Receipt(r.Context(), v.viewer.AccountID, f.Token)
		if err == nil {
			e.location = to
			return to, nil
		}
		if !errs.Is(err, errs.NotFound) {
			return "", fmt.Errorf("look up receipt: %w", err)
		}
	}
	to, err := do()
	if err == nil {
		e.location = to
	}
	return to, err
}
