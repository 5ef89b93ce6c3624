package serve

import (
	"embed"
	"io/fs"
	"net/http"

	"crossbatch/eval/report/space"
)

//go:embed page
var pageFiles embed.FS

// pages has the page and what it is made of.
func pages(mux *http.ServeMux) {
	files, err := fs.Sub(pageFiles, "page")
	if err != nil {
		panic("serve: " + err.Error()) // a name that does not depend on anything
	}
	page := func(name, kind string, content []byte) {
		mux.HandleFunc("GET "+name, func(w http.ResponseWriter, _ *http.Request) {
			h := w.Header()
			h.Set("Content-Type", kind+"; charset=utf-8")
			h.Set("Cache-Control", "no-cache")
			h.Set("X-Content-Type-Options", "nosniff")
			h.Set("Referrer-Policy", "no-referrer")
			h.Set("Content-Security-Policy", "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' blob: data:; form-action 'none'; base-uri 'none'; frame-ancestors 'none'")
			_, _ = w.Write(content) // who does not listen misses it
		})
	}
	for path, file := range map[string][2]string{
		"/{$}":       {"index.html", "text/html"},
		"/style.css": {"style.css", "text/css"},
		"/app.js":    {"app.js", "text/javascript"},
	} {
		content, err := fs.ReadFile(files, file[0])
		if err != nil {
			panic("serve: " + err.Error()) // embedded
		}
		if path == "/style.css" {
			content = append(content, space.Style...)
		}
		page(path, file[1], content)
	}
	page("/space.js", "text/javascript", []byte(space.Script))
}
