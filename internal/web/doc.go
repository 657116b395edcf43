// Package web is the kit of the server-rendered pages: routes that say who may use them, handlers that return errors, the frame,
// forms, assets and live updates. It has no page of its own but the error page, and it knows no noun.
package web
