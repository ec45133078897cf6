package web

import (
	"crypto/sha256"
	"embed"
	"fmt"
	"net/http"

	"maildiag/checks/refusal/explain"
)

//go:embed static
var static embed.FS

// asset is a file that pages refer to. Its address changes with its content, so
// browsers may keep it.
type asset struct{ path, form, body string }

// assets are the addresses of the files.
type assets struct{ Style, Script, Icon string }

func loadAssets() (assets, []asset) {
	files := []asset{
		newAsset("style.css", "text/css; charset=utf-8", explain.Style()+staticFile("page.css")),
		newAsset("page.js", "text/javascript; charset=utf-8", staticFile("page.js")),
		newAsset("icon.svg", "image/svg+xml", staticFile("icon.svg")),
	}
	return assets{files[0].path, files[1].path, files[2].path}, files
}

func newAsset(name, form, body string) asset {
	return asset{fmt.Sprintf("/static/%x/%s", sha256.Sum256([]byte(body)), name), form, body}
}

func staticFile(name string) string {
	text, err := static.ReadFile("static/" + name)
	if err != nil { // it is part of the program
		panic("web: " + err.Error())
	}
	return string(text)
}

func (a asset) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", a.form)
	w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	_, _ = w.Write([]byte(a.body)) // the client may be gone
}
