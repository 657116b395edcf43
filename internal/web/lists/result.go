package lists

import (
	"iter"
	"net/http"
	"strconv"

	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/i18n"
	"github.com/jumyla/jumyla/internal/intake"
	"github.com/jumyla/jumyla/internal/list"
	"github.com/jumyla/jumyla/internal/tabular"
	"github.com/jumyla/jumyla/internal/web"
)

// result answers with a table of what became of each row: the sender's own columns for as long as the file is kept,
// and beside them status, reason and ref.
func (l *Lists) result(w http.ResponseWriter, r *http.Request) error {
	lid, err := listID(r)
	if err != nil {
		return err
	}
	d, err := list.Open(r.Context(), l.db, lid)
	if err != nil {
		return err
	}
	rows, err := list.Rows(r.Context(), l.db, lid, list.Choice{})
	if err != nil {
		return err
	}
	lang := web.Lang(r)
	header := []string{lang.T("lists.row")}
	cells := map[int][]string{}
	width := 0
	b, err := list.Content(r.Context(), l.db, lid)
	switch {
	case err == nil:
		t, _, err := intake.Table(r.Context(), b, &d.Plan)
		if err != nil {
			return err
		}
		for _, c := range t.Columns {
			header = append(header, c.Heading)
		}
		width = len(t.Columns)
		for _, row := range t.Rows {
			cells[row.Number] = row.Cells
		}
	case errs.Is(err, errs.Conflict): // destroyed: what became of the rows is still told, and why their cells are not
		header, width = append(header, lang.T("lists.forgotten")), 1
	case !errs.Is(err, errs.NotFound):
		return err
	}
	header = append(header, lang.T("lists.status"), lang.T("lists.reason"), lang.T("lists.ref"))
	format := r.PathValue("format")
	h := w.Header()
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Disposition", `attachment; filename="result.`+format+`"`)
	switch format {
	case "xlsx":
		h.Set("Content-Type", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
		return tabular.WriteXLSX(w, lang.T("nav.lists"), header, resultRows(lang, rows, cells, width))
	case "csv":
		h.Set("Content-Type", "text/csv; charset=utf-8")
		return tabular.WriteCSV(w, header, resultRows(lang, rows, cells, width))
	}
	h.Del("Content-Disposition")
	return errs.New(errs.NotFound, "web.no_page")
}

func resultRows(lang i18n.Lang, rows []list.Row, cells map[int][]string, width int) iter.Seq[[]string] {
	return func(yield func([]string) bool) {
		for _, row := range rows {
			out := make([]string, 1, width+4)
			out[0] = strconv.Itoa(row.Row)
			for i := range width {
				cell := ""
				if own := cells[row.Row]; i < len(own) {
					cell = own[i]
				}
				out = append(out, cell)
			}
			if !yield(append(out, statusWord(lang, row.Status), reason(lang, row), string(row.Ref))) {
				return
			}
		}
	}
}

func statusWord(lang i18n.Lang, s list.Status) string { return lang.T("lists.status_" + string(s)) } // i18n: lists.status_*

func reason(lang i18n.Lang, row list.Row) string {
	if row.Reason == "" {
		return ""
	}
	return lang.T(row.Reason, row.Args...)
}
