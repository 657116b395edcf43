package web

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/i18n"
)

// statusError is an error whose status differs from that of its kind.
type statusError struct {
	status int
	err    error
}

func (e *statusError) Error() string { return e.err.Error() }
func (e *statusError) Unwrap() error { return e.err }

// signInError means: nobody has signed in, and the page needs somebody who has.
type signInError struct{ next string }

func (e *signInError) Error() string { return "not signed in" }
func (e *signInError) Unwrap() error { return errs.New(errs.Denied, "web.sign_in_first") }

func statusOf(err error) int {
	if se, ok := errors.AsType[*statusError](err); ok {
		return se.status
	}
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return http.StatusRequestEntityTooLarge
	}
	if _, ok := errors.AsType[*signInError](err); ok {
		return http.StatusUnauthorized
	}
	switch errs.KindOf(err) {
	case errs.Invalid:
		return http.StatusUnprocessableEntity
	case errs.NotFound:
		return http.StatusNotFound
	case errs.Conflict:
		return http.StatusConflict
	case errs.Denied:
		return http.StatusForbidden
	case errs.Unavailable:
		return http.StatusServiceUnavailable
	case errs.Internal:
	}
	return http.StatusInternalServerError
}

// Say puts err in words: what happened and what to do. code is the request's, for faults of ours.
func Say(lang i18n.Lang, err error, code string) string {
	if tooLarge, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return lang.T("web.too_large", "mb", max(1, tooLarge.Limit>>20))
	}
	if e, ok := errors.AsType[*errs.Error](err); ok && e.Key != "" {
		return lang.T(e.Key, append(slices.Clone(e.Args), "code", code)...)
	}
	return lang.T("error."+strings.ReplaceAll(errs.KindOf(err).String(), " ", "_"), "code", code) // i18n: error.*
}

// problem is what the error page shows.
type problem struct {
	Status int
	Title  string
	What   string
	Code   string
	Kind   errs.Kind
	Again  string     // where to send the same form again; "" when there is no form
	Kept   url.Values // what was typed, without secrets
	Back   string     // the page from which the request came, or /
}

// respond turns an error into an answer: problem JSON for programs, a fragment for htmx, else a page.
func respond(w http.ResponseWriter, r *http.Request, err error) {
	if rec, ok := w.(*recorder); ok && rec.wrote {
		return // too late: the line in the log says what happened
	}
	v := visitOf(r)
	p := problem{
		Status: statusOf(err), Kind: errs.KindOf(err), Code: v.id,
		What: Say(v.viewer.Lang, err, v.id), Back: back(r),
	}
	p.Title = v.viewer.Lang.T("web.problem." + strings.ReplaceAll(p.Kind.String(), " ", "_")) // i18n: web.problem.*
	if p.Kind == errs.Unavailable {
		w.Header().Set("Retry-After", "5")
	}
	out, stranger := errors.AsType[*signInError](err)
	stranger = stranger && v.m.cfg.SignIn != ""
	switch {
	case wantsJSON(r):
		writeProblem(w, p, err)
	case IsFragment(r) && stranger:
		w.Header().Set("HX-Redirect", v.m.cfg.SignIn+"?next="+url.QueryEscape(p.Back))
		w.WriteHeader(p.Status)
	case IsFragment(r):
		w.Header().Set("HX-Retarget", "#notices")
		w.Header().Set("HX-Reswap", "innerHTML")
		write(w, r, p.Status, problemFragment(v.viewer.Lang, p))
	case stranger:
		http.Redirect(w, r, v.m.cfg.SignIn+"?next="+url.QueryEscape(nextFor(r, out.next)), http.StatusSeeOther)
	default:
		if r.Method == http.MethodPost {
			p.Again, p.Kept = r.URL.RequestURI(), kept(r)
		}
		write(w, r, p.Status, problemPage(frameOf(r, Page{Title: p.Title}), p))
	}
}

// nextFor returns the page to come back to after signing in: an act is not repeated, its page is.
func nextFor(r *http.Request, uri string) string {
	if r.Method == http.MethodGet {
		return uri
	}
	return back(r)
}

// back returns the page of ours from which the request came, or "/".
func back(r *http.Request) string {
	u, err := url.Parse(r.Referer())
	if err != nil || u.Host != r.Host || !strings.HasPrefix(u.Path, "/") {
		return "/"
	}
	return u.RequestURI()
}

// kept returns what a form brought, if it was parsed, without secrets.
func kept(r *http.Request) url.Values {
	out := url.Values{}
	for name, vs := range r.PostForm {
		if !secret(name) {
			out[name] = vs
		}
	}
	return out
}

// secret reports whether a field must never be sent back: passphrases, passwords, one-time codes, keys.
func secret(name string) bool {
	for _, s := range []string{"pass", "secret", "otp", "key"} {
		if strings.Contains(name, s) {
			return true
		}
	}
	return false
}

// wantsJSON reports whether the caller is a program that asked for JSON.
func wantsJSON(r *http.Request) bool {
	a := r.Header.Get("Accept")
	return strings.Contains(a, "json") && !strings.Contains(a, "text/html")
}

// IsFragment reports whether htmx asks for a part of a page and not for a whole one.
func IsFragment(r *http.Request) bool {
	return r.Header.Get("Hx-Request") == "true" && r.Header.Get("Hx-Boosted") != "true"
}

// writeProblem answers in the form of RFC 9457.
func writeProblem(w http.ResponseWriter, p problem, err error) {
	body := map[string]any{"type": "about:blank", "title": p.Title, "status": p.Status, "detail": p.What, "instance": p.Code}
	if e, ok := errors.AsType[*errs.Error](err); ok && len(e.Fields) > 0 {
		body["fields"] = e.Fields
	}
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(p.Status)
	_ = json.NewEncoder(w).Encode(body) // the client has gone; nothing is left to tell it
}
