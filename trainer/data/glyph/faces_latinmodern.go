package glyph

import (
	"codeberg.org/go-fonts/latin-modern/lmmath"
	"codeberg.org/go-fonts/latin-modern/lmmono10italic"
	"codeberg.org/go-fonts/latin-modern/lmmono10regular"
	"codeberg.org/go-fonts/latin-modern/lmmono12regular"
	"codeberg.org/go-fonts/latin-modern/lmmono8regular"
	"codeberg.org/go-fonts/latin-modern/lmmono9regular"
	"codeberg.org/go-fonts/latin-modern/lmmonolt10bold"
	"codeberg.org/go-fonts/latin-modern/lmmonolt10boldoblique"
	"codeberg.org/go-fonts/latin-modern/lmmonolt10oblique"
	"codeberg.org/go-fonts/latin-modern/lmmonolt10regular"
	"codeberg.org/go-fonts/latin-modern/lmmonoltcond10oblique"
	"codeberg.org/go-fonts/latin-modern/lmmonoltcond10regular"
	"codeberg.org/go-fonts/latin-modern/lmmonoprop10oblique"
	"codeberg.org/go-fonts/latin-modern/lmmonoprop10regular"
	"codeberg.org/go-fonts/latin-modern/lmmonoproplt10bold"
	"codeberg.org/go-fonts/latin-modern/lmmonoproplt10boldoblique"
	"codeberg.org/go-fonts/latin-modern/lmmonoproplt10oblique"
	"codeberg.org/go-fonts/latin-modern/lmmonoproplt10regular"
	"codeberg.org/go-fonts/latin-modern/lmmonoslant10regular"
	"codeberg.org/go-fonts/latin-modern/lmroman10bold"
	"codeberg.org/go-fonts/latin-modern/lmroman10bolditalic"
	"codeberg.org/go-fonts/latin-modern/lmroman10italic"
	"codeberg.org/go-fonts/latin-modern/lmroman10regular"
	"codeberg.org/go-fonts/latin-modern/lmroman12bold"
	"codeberg.org/go-fonts/latin-modern/lmroman12italic"
	"codeberg.org/go-fonts/latin-modern/lmroman12regular"
	"codeberg.org/go-fonts/latin-modern/lmroman17regular"
	"codeberg.org/go-fonts/latin-modern/lmroman5bold"
	"codeberg.org/go-fonts/latin-modern/lmroman5regular"
	"codeberg.org/go-fonts/latin-modern/lmroman6bold"
	"codeberg.org/go-fonts/latin-modern/lmroman6regular"
	"codeberg.org/go-fonts/latin-modern/lmroman7bold"
	"codeberg.org/go-fonts/latin-modern/lmroman7italic"
	"codeberg.org/go-fonts/latin-modern/lmroman7regular"
	"codeberg.org/go-fonts/latin-modern/lmroman8bold"
	"codeberg.org/go-fonts/latin-modern/lmroman8italic"
	"codeberg.org/go-fonts/latin-modern/lmroman8regular"
	"codeberg.org/go-fonts/latin-modern/lmroman9bold"
	"codeberg.org/go-fonts/latin-modern/lmroman9italic"
	"codeberg.org/go-fonts/latin-modern/lmroman9regular"
	"codeberg.org/go-fonts/latin-modern/lmromandemi10oblique"
	"codeberg.org/go-fonts/latin-modern/lmromandemi10regular"
	"codeberg.org/go-fonts/latin-modern/lmromanslant10bold"
	"codeberg.org/go-fonts/latin-modern/lmromanslant10regular"
	"codeberg.org/go-fonts/latin-modern/lmromanslant12regular"
	"codeberg.org/go-fonts/latin-modern/lmromanslant17regular"
	"codeberg.org/go-fonts/latin-modern/lmromanslant8regular"
	"codeberg.org/go-fonts/latin-modern/lmromanslant9regular"
	"codeberg.org/go-fonts/latin-modern/lmsans10bold"
	"codeberg.org/go-fonts/latin-modern/lmsans10boldoblique"
	"codeberg.org/go-fonts/latin-modern/lmsans10oblique"
	"codeberg.org/go-fonts/latin-modern/lmsans10regular"
	"codeberg.org/go-fonts/latin-modern/lmsans12oblique"
	"codeberg.org/go-fonts/latin-modern/lmsans12regular"
	"codeberg.org/go-fonts/latin-modern/lmsans17oblique"
	"codeberg.org/go-fonts/latin-modern/lmsans17regular"
	"codeberg.org/go-fonts/latin-modern/lmsans8oblique"
	"codeberg.org/go-fonts/latin-modern/lmsans8regular"
	"codeberg.org/go-fonts/latin-modern/lmsans9oblique"
	"codeberg.org/go-fonts/latin-modern/lmsans9regular"
	"codeberg.org/go-fonts/latin-modern/lmsansdemicond10oblique"
	"codeberg.org/go-fonts/latin-modern/lmsansdemicond10regular"
	"codeberg.org/go-fonts/latin-modern/lmsansquot8bold"
	"codeberg.org/go-fonts/latin-modern/lmsansquot8boldoblique"
	"codeberg.org/go-fonts/latin-modern/lmsansquot8oblique"
	"codeberg.org/go-fonts/latin-modern/lmsansquot8regular"
)

// latinModernFaces lists the Latin Modern faces, without the small capitals (a capital
// under a lower-case code point is a wrong label) and without the dunhill and unslanted
// faces (near copies of the roman).
// The first face of a family is its upright regular one.
func latinModernFaces() []face {
	return []face{
		{family: "Latin Modern Math", name: "lmmath", ttf: lmmath.TTF},
		{family: "Latin Modern Mono", name: "lmmono10regular", ttf: lmmono10regular.TTF},
		{family: "Latin Modern Mono", name: "lmmono10italic", ttf: lmmono10italic.TTF},
		{family: "Latin Modern Mono", name: "lmmono12regular", ttf: lmmono12regular.TTF},
		{family: "Latin Modern Mono", name: "lmmono8regular", ttf: lmmono8regular.TTF},
		{family: "Latin Modern Mono", name: "lmmono9regular", ttf: lmmono9regular.TTF},
		{family: "Latin Modern Mono", name: "lmmonolt10bold", ttf: lmmonolt10bold.TTF},
		{family: "Latin Modern Mono", name: "lmmonolt10boldoblique", ttf: lmmonolt10boldoblique.TTF},
		{family: "Latin Modern Mono", name: "lmmonolt10oblique", ttf: lmmonolt10oblique.TTF},
		{family: "Latin Modern Mono", name: "lmmonolt10regular", ttf: lmmonolt10regular.TTF},
		{family: "Latin Modern Mono", name: "lmmonoltcond10oblique", ttf: lmmonoltcond10oblique.TTF},
		{family: "Latin Modern Mono", name: "lmmonoltcond10regular", ttf: lmmonoltcond10regular.TTF},
		{family: "Latin Modern Mono", name: "lmmonoprop10oblique", ttf: lmmonoprop10oblique.TTF},
		{family: "Latin Modern Mono", name: "lmmonoprop10regular", ttf: lmmonoprop10regular.TTF},
		{family: "Latin Modern Mono", name: "lmmonoproplt10bold", ttf: lmmonoproplt10bold.TTF},
		{family: "Latin Modern Mono", name: "lmmonoproplt10boldoblique", ttf: lmmonoproplt10boldoblique.TTF},
		{family: "Latin Modern Mono", name: "lmmonoproplt10oblique", ttf: lmmonoproplt10oblique.TTF},
		{family: "Latin Modern Mono", name: "lmmonoproplt10regular", ttf: lmmonoproplt10regular.TTF},
		{family: "Latin Modern Mono", name: "lmmonoslant10regular", ttf: lmmonoslant10regular.TTF},
		{family: "Latin Modern Roman", name: "lmroman10regular", ttf: lmroman10regular.TTF},
		{family: "Latin Modern Roman", name: "lmroman10bold", ttf: lmroman10bold.TTF},
		{family: "Latin Modern Roman", name: "lmroman10bolditalic", ttf: lmroman10bolditalic.TTF},
		{family: "Latin Modern Roman", name: "lmroman10italic", ttf: lmroman10italic.TTF},
		{family: "Latin Modern Roman", name: "lmroman12bold", ttf: lmroman12bold.TTF},
		{family: "Latin Modern Roman", name: "lmroman12italic", ttf: lmroman12italic.TTF},
		{family: "Latin Modern Roman", name: "lmroman12regular", ttf: lmroman12regular.TTF},
		{family: "Latin Modern Roman", name: "lmroman17regular", ttf: lmroman17regular.TTF},
		{family: "Latin Modern Roman", name: "lmroman5bold", ttf: lmroman5bold.TTF},
		{family: "Latin Modern Roman", name: "lmroman5regular", ttf: lmroman5regular.TTF},
		{family: "Latin Modern Roman", name: "lmroman6bold", ttf: lmroman6bold.TTF},
		{family: "Latin Modern Roman", name: "lmroman6regular", ttf: lmroman6regular.TTF},
		{family: "Latin Modern Roman", name: "lmroman7bold", ttf: lmroman7bold.TTF},
		{family: "Latin Modern Roman", name: "lmroman7italic", ttf: lmroman7italic.TTF},
		{family: "Latin Modern Roman", name: "lmroman7regular", ttf: lmroman7regular.TTF},
		{family: "Latin Modern Roman", name: "lmroman8bold", ttf: lmroman8bold.TTF},
		{family: "Latin Modern Roman", name: "lmroman8italic", ttf: lmroman8italic.TTF},
		{family: "Latin Modern Roman", name: "lmroman8regular", ttf: lmroman8regular.TTF},
		{family: "Latin Modern Roman", name: "lmroman9bold", ttf: lmroman9bold.TTF},
		{family: "Latin Modern Roman", name: "lmroman9italic", ttf: lmroman9italic.TTF},
		{family: "Latin Modern Roman", name: "lmroman9regular", ttf: lmroman9regular.TTF},
		{family: "Latin Modern Roman", name: "lmromandemi10oblique", ttf: lmromandemi10oblique.TTF},
		{family: "Latin Modern Roman", name: "lmromandemi10regular", ttf: lmromandemi10regular.TTF},
		{family: "Latin Modern Roman", name: "lmromanslant10bold", ttf: lmromanslant10bold.TTF},
		{family: "Latin Modern Roman", name: "lmromanslant10regular", ttf: lmromanslant10regular.TTF},
		{family: "Latin Modern Roman", name: "lmromanslant12regular", ttf: lmromanslant12regular.TTF},
		{family: "Latin Modern Roman", name: "lmromanslant17regular", ttf: lmromanslant17regular.TTF},
		{family: "Latin Modern Roman", name: "lmromanslant8regular", ttf: lmromanslant8regular.TTF},
		{family: "Latin Modern Roman", name: "lmromanslant9regular", ttf: lmromanslant9regular.TTF},
		{family: "Latin Modern Sans", name: "lmsans10regular", ttf: lmsans10regular.TTF},
		{family: "Latin Modern Sans", name: "lmsans10bold", ttf: lmsans10bold.TTF},
		{family: "Latin Modern Sans", name: "lmsans10boldoblique", ttf: lmsans10boldoblique.TTF},
		{family: "Latin Modern Sans", name: "lmsans10oblique", ttf: lmsans10oblique.TTF},
		{family: "Latin Modern Sans", name: "lmsans12oblique", ttf: lmsans12oblique.TTF},
		{family: "Latin Modern Sans", name: "lmsans12regular", ttf: lmsans12regular.TTF},
		{family: "Latin Modern Sans", name: "lmsans17oblique", ttf: lmsans17oblique.TTF},
		{family: "Latin Modern Sans", name: "lmsans17regular", ttf: lmsans17regular.TTF},
		{family: "Latin Modern Sans", name: "lmsans8oblique", ttf: lmsans8oblique.TTF},
		{family: "Latin Modern Sans", name: "lmsans8regular", ttf: lmsans8regular.TTF},
		{family: "Latin Modern Sans", name: "lmsans9oblique", ttf: lmsans9oblique.TTF},
		{family: "Latin Modern Sans", name: "lmsans9regular", ttf: lmsans9regular.TTF},
		{family: "Latin Modern Sans", name: "lmsansdemicond10oblique", ttf: lmsansdemicond10oblique.TTF},
		{family: "Latin Modern Sans", name: "lmsansdemicond10regular", ttf: lmsansdemicond10regular.TTF},
		{family: "Latin Modern Sans", name: "lmsansquot8bold", ttf: lmsansquot8bold.TTF},
		{family: "Latin Modern Sans", name: "lmsansquot8boldoblique", ttf: lmsansquot8boldoblique.TTF},
		{family: "Latin Modern Sans", name: "lmsansquot8oblique", ttf: lmsansquot8oblique.TTF},
		{family: "Latin Modern Sans", name: "lmsansquot8regular", ttf: lmsansquot8regular.TTF},
	}
}
