package glyph

import (
	"codeberg.org/go-fonts/dejavu/dejavumathtexgyre"
	"codeberg.org/go-fonts/dejavu/dejavusans"
	"codeberg.org/go-fonts/dejavu/dejavusansbold"
	"codeberg.org/go-fonts/dejavu/dejavusansboldoblique"
	"codeberg.org/go-fonts/dejavu/dejavusanscondensed"
	"codeberg.org/go-fonts/dejavu/dejavusanscondensedbold"
	"codeberg.org/go-fonts/dejavu/dejavusanscondensedboldoblique"
	"codeberg.org/go-fonts/dejavu/dejavusanscondensedoblique"
	"codeberg.org/go-fonts/dejavu/dejavusansextralight"
	"codeberg.org/go-fonts/dejavu/dejavusansmono"
	"codeberg.org/go-fonts/dejavu/dejavusansmonobold"
	"codeberg.org/go-fonts/dejavu/dejavusansmonoboldoblique"
	"codeberg.org/go-fonts/dejavu/dejavusansmonooblique"
	"codeberg.org/go-fonts/dejavu/dejavusansoblique"
	"codeberg.org/go-fonts/dejavu/dejavuserif"
	"codeberg.org/go-fonts/dejavu/dejavuserifbold"
	"codeberg.org/go-fonts/dejavu/dejavuserifbolditalic"
	"codeberg.org/go-fonts/dejavu/dejavuserifcondensed"
	"codeberg.org/go-fonts/dejavu/dejavuserifcondensedbold"
	"codeberg.org/go-fonts/dejavu/dejavuserifcondensedbolditalic"
	"codeberg.org/go-fonts/dejavu/dejavuserifcondenseditalic"
	"codeberg.org/go-fonts/dejavu/dejavuserifitalic"
)

// dejavuFaces lists the DejaVu faces.
// The first face of a family is its upright regular one.
func dejavuFaces() []face {
	return []face{
		{family: "DejaVu Math", name: "dejavumathtexgyre", ttf: dejavumathtexgyre.TTF},
		{family: "DejaVu Sans", name: "dejavusans", ttf: dejavusans.TTF},
		{family: "DejaVu Sans", name: "dejavusansbold", ttf: dejavusansbold.TTF},
		{family: "DejaVu Sans", name: "dejavusansboldoblique", ttf: dejavusansboldoblique.TTF},
		{family: "DejaVu Sans", name: "dejavusanscondensed", ttf: dejavusanscondensed.TTF},
		{family: "DejaVu Sans", name: "dejavusanscondensedbold", ttf: dejavusanscondensedbold.TTF},
		{family: "DejaVu Sans", name: "dejavusanscondensedboldoblique", ttf: dejavusanscondensedboldoblique.TTF},
		{family: "DejaVu Sans", name: "dejavusanscondensedoblique", ttf: dejavusanscondensedoblique.TTF},
		{family: "DejaVu Sans", name: "dejavusansextralight", ttf: dejavusansextralight.TTF},
		{family: "DejaVu Sans", name: "dejavusansoblique", ttf: dejavusansoblique.TTF},
		{family: "DejaVu Sans Mono", name: "dejavusansmono", ttf: dejavusansmono.TTF},
		{family: "DejaVu Sans Mono", name: "dejavusansmonobold", ttf: dejavusansmonobold.TTF},
		{family: "DejaVu Sans Mono", name: "dejavusansmonoboldoblique", ttf: dejavusansmonoboldoblique.TTF},
		{family: "DejaVu Sans Mono", name: "dejavusansmonooblique", ttf: dejavusansmonooblique.TTF},
		{family: "DejaVu Serif", name: "dejavuserif", ttf: dejavuserif.TTF},
		{family: "DejaVu Serif", name: "dejavuserifbold", ttf: dejavuserifbold.TTF},
		{family: "DejaVu Serif", name: "dejavuserifbolditalic", ttf: dejavuserifbolditalic.TTF},
		{family: "DejaVu Serif", name: "dejavuserifcondensed", ttf: dejavuserifcondensed.TTF},
		{family: "DejaVu Serif", name: "dejavuserifcondensedbold", ttf: dejavuserifcondensedbold.TTF},
		{family: "DejaVu Serif", name: "dejavuserifcondensedbolditalic", ttf: dejavuserifcondensedbolditalic.TTF},
		{family: "DejaVu Serif", name: "dejavuserifcondenseditalic", ttf: dejavuserifcondenseditalic.TTF},
		{family: "DejaVu Serif", name: "dejavuserifitalic", ttf: dejavuserifitalic.TTF},
	}
}
