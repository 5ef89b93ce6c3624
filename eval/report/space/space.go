// Package space draws embeddings on a plane for people to look at: where each lies,
// which are near it in truth, and what it is a picture of.
package space

import (
	_ "embed"
	"encoding/json"
	"math"

	"crossbatch/eval"
	"crossbatch/eval/projection"
)

// Script is the program of the page: it defines drawSpace(element, map, options).
//
//go:embed space.js
var Script string

// Style is the style of what drawSpace makes, on variables of the page: --ground,
// --ink, --quiet, --line, --accent.
//
//go:embed space.css
var Style string

// Map is rows laid out on a plane.
type Map struct {
	Rows   []int32  `json:"rows"`   // numbers of the rows, wherever they come from
	Names  []string `json:"names"`  // of the rows
	Groups []int32  `json:"groups"` // of the rows, numbers in Kinds
	Kinds  []string `json:"kinds"`  // names of the groups
	Layout []Layout `json:"layouts"`
	// Near holds, for each row, the Each others that are nearest in truth, by their
	// place in Rows.
	Near []int32 `json:"near"`
	Each int     `json:"each"`
}

// Layout is a way to lay rows out.
type Layout struct {
	Name   string `json:"name"`
	Places Places `json:"places"`
}

// Places are x and y of each row in turn.
type Places []float32

// MarshalJSON writes them to four digits, which are more than a screen has.
func (p Places) MarshalJSON() ([]byte, error) {
	short := make([]float64, len(p))
	for i, v := range p {
		short[i] = math.Round(float64(v)*1e4) / 1e4
	}
	return json.Marshal(short)
}

// nearShown is how many of a row's nearest are shown.
const nearShown = 6

// Add adds a row, of a name and a group. The rows are laid out by LayOut.
func (m *Map) Add(row int, name, group string, kinds map[string]int32) {
	kind, known := kinds[group]
	if !known {
		kind = int32(len(m.Kinds))
		kinds[group] = kind
		m.Kinds = append(m.Kinds, group)
	}
	m.Rows, m.Names, m.Groups = append(m.Rows, int32(row)), append(m.Names, name), append(m.Groups, kind)
}

// LayOut lays out the rows that were added, whose embeddings (n×dim) are given: by
// UMAP, and by their two principal components.
func (m *Map) LayOut(embeddings []float32, dim int, seed uint64) (err error) {
	n := len(m.Rows)
	m.Each = max(0, min(nearShown, n-1))
	if m.Near, err = eval.Neighbors(embeddings, dim, m.Each); err != nil {
		return err
	}
	places, err := projection.UMAP{Seed: seed}.Layout(embeddings, dim)
	if err != nil {
		return err
	}
	m.Layout = []Layout{{"neighbours (UMAP)", places}}
	if min(n, dim) < 2 {
		return nil
	}
	p, err := projection.NewPCA(embeddings, dim, 2, seed)
	if err != nil {
		return err
	}
	// Values scale to a length that shows: a layout has no unit.
	scaled := scale(p.Project(embeddings))
	m.Layout = append(m.Layout, Layout{"principal components", scaled})
	return nil
}

// scale makes 10 of the largest number.
func scale(x []float32) []float32 {
	var most float32
	for _, v := range x {
		most = max(most, v, -v)
	}
	for i := range x {
		if most > 0 {
			x[i] *= 10 / most
		}
	}
	return x
}
