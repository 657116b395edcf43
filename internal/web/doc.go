// Package web is the kit of the server-rendered pages: routes that say who may use them, handlers that return
// errors, the frame, forms, assets, live updates. It has no page of its own but the error page, and
// knows no noun but account.Roles. Package testkit/gallery shows every part of it on one page.
//
// # A page
//
// A folder of web/ holds the pages of one audience. It has one list of routes, one typed struct per page and
// a templ component for it:
//
//	func (d *Desk) Routes() []web.Route {
//		return []web.Route{
//			{Pattern: "GET /stock", Allow: web.Roles(account.Coordinator | account.Dispatcher), Handle: d.stock},
//			{Pattern: "POST /stock/{id}", Allow: web.Roles(account.Coordinator), Handle: d.count},
//		}
//	}
//
//	func (d *Desk) stock(w http.ResponseWriter, r *http.Request) error {
//		items, err := supply.All(r.Context(), d.db.Reader())
//		if err != nil {
//			return err // an errs.Kind becomes the status, the words and the page
//		}
//		p := stockPage{Lang: web.Lang(r), Items: items}
//		return web.Render(w, r, web.Page{Title: p.Lang.T("nav.stock"), Nav: "stock", Body: p.view()})
//	}
//
// A route without Allow refuses everybody. The rail shows the entries of nav.go whose "GET path" is
// registered and open to the viewer; the search box appears with "GET /search", sign-out with "POST /sign-out",
// the account link with "GET /account". Page.Keys and Page.Help fill the panel behind "?".
//
// # A form
//
// The page opens with web.NewForm(r); in templ, web.FormHead(f) comes first, then fields, then Acts with Submit:
//
//	<form class="form" method="post" action="/stock/7">
//		@web.FormHead(f)
//		@web.Input(f, web.Field{Name: "count", Label: p.Lang.T("stock.count"), Attrs: templ.Attributes{"inputmode": "numeric"}})
//		@web.Acts() { @web.Submit(p.Lang.T("stock.save"), "Ctrl+Enter") }
//	</form>
//
// and comes back to a handler that reads, checks, writes once, and shows the form again when something is wrong:
//
//	f, err := web.ReadForm(r)
//	if err != nil {
//		return err
//	}
//	count := f.Int("count", 0, 1_000_000)
//	f.Check(count%2 == 0, "count", "stock.even")
//	return f.Submit(w, r, func() (string, error) {
//		err := d.db.Write(ctx, actor, func(tx *store.Tx) error { … keep f.Token with the write … })
//		return "/stock", err
//	}, func() web.Page { return d.stockPage(f) })
//
// Invalid and Conflict errors of a noun land on their fields. A token sent twice writes once and leads to the same
// place. After acts without a form, web.Redirect(w, r, to, web.Toast{Key: "web.saved", Undo: "/undo/7"}) says what was
// done for ten seconds; inside Submit use web.SetToast before returning the place.
// Fields whose name holds pass, secret, otp or key are never sent back; read them with Form.Secret.
//
// # Words, colours, sizes
//
// Every word is lang.T("area.key") with kk, ru and en in i18n/catalog/area.json. A key built from parts
// needs the comment // i18n: area.prefix.* in the same file; a test looks for both. Colours are Tones and always
// come with a word: web.Badge, web.Notice, class "tone-wait" on a row. A page's own styles go to
// assets/css/5-NAME.css inside @layer pages. The content policy forbids style="…", <style>, inline
// scripts and hx-on: draw with SVG attributes, measure with <progress>. A table in <div class="deck"> shows each row whole on a
// phone; cells of class "whole" take a line there, and a <span class="term"> before a figure stands in for the heading.
//
// # Paper
//
// Every page prints. What is pressed is left out: buttons, forms that hold no table, cells of class "act" under a Head with Act. A
// section of class "unprinted" goes with them; what has class "printed" stands on paper alone.
//
// # Keys and live parts
//
// Any link, button or field takes a key by data-key: "n", "g b", "F8", "Ctrl+Enter", "7". Letters and digits mean
// places on the keyboard, so layouts do not matter; while somebody types only F-keys, Ctrl+Enter, Ctrl+s and Alt
// combinations count. web.Table with <a data-open> in each row gives J, K and Enter. <a data-back> is where Esc leads. A form with
// { f.DraftAttrs(url)... } and web.DraftState is saved a second after each change. web.Live around a part with Events.Serve
// behind its stream asks for the part anew when a topic changes; give its rows ids, and they stay put under
// the reader's eyes. htmx is there for fragments: web.IsFragment tells, web.Fragment answers.
package web
