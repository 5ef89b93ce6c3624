package finder

import (
	"fmt"
	"io"
	"strconv"

	"crossbatch/eval/index"
	"crossbatch/eval/report"
)

// Found is what was found for pictures.
type Found struct {
	Encoder string   `json:"encoder"` // hash of the network
	Index   string   `json:"index"`   // its folder
	Queries []Answer `json:"queries"`
}

// Answer is what was found for one picture.
type Answer struct {
	Query     string `json:"query"` // name of the picture
	Neighbors []Hit  `json:"neighbors"`
	Picture   []byte `json:"-"` // the query, small
}

// Hit is a neighbour with what the index keeps of it. The picture lies in the index: it must not
// be changed, nor looked at after the index was closed.
type Hit struct {
	index.Neighbor
	Name    string `json:"name"`
	Group   string `json:"group"`
	Picture []byte `json:"-"` // small; empty where none is kept
}

// Search finds the k rows of x that are nearest to each picture of s, of those that the filter
// lets, and leaves out what has less than the least similarity, from -1 to 1. The network of x
// must be e. Each picture must be readable.
func (e *Encoder) Search(x *index.Index, s *Source, k int, f index.Filter, least float64) (Found, error) {
	result := Found{Encoder: x.Encoder().Hash, Index: x.Dir()}
	if err := x.Encoder().Accepts(e.identity); err != nil {
		return result, err
	}
	rows, pictures, err := e.Pictures(s)
	if err != nil {
		return result, err
	}
	found, err := x.Search(rows, k, f)
	if err != nil {
		return result, err
	}
	for q, list := range found {
		a := Answer{Query: s.Items[q].Name, Neighbors: []Hit{}, Picture: pictures[q]}
		for _, n := range list {
			if n.Similarity < least {
				continue
			}
			item, err := x.Item(n.Row)
			if err != nil {
				return result, err
			}
			a.Neighbors = append(a.Neighbors, Hit{n, item.Name, item.Group, item.Picture})
		}
		result.Queries = append(result.Queries, a)
	}
	return result, nil
}

// Text is a table for each picture.
func (f Found) Text() string {
	text := ""
	for i, a := range f.Queries {
		if i > 0 {
			text += "\n"
		}
		lines := [][]string{{a.Query, "similarity", "distance", "row", "group"}}
		for _, n := range a.Neighbors {
			lines = append(lines, []string{n.Name, fmt.Sprintf("%.4f", n.Similarity), fmt.Sprintf("%.4f", n.Distance), strconv.Itoa(n.Row), n.Group})
		}
		text += report.Align(lines)
		if len(a.Neighbors) == 0 {
			text += "  nothing is as near as that\n"
		}
	}
	return text
}

// sheetColumns bounds the neighbours on a sheet.
const sheetColumns = 12

// Sheet writes a PNG of the pictures and, of the neighbours of each, as many as fit.
func (f Found) Sheet(w io.Writer) error {
	rows := make([]report.FoundRow, len(f.Queries))
	for q, a := range f.Queries {
		rows[q].Query = a.Picture
		for _, n := range a.Neighbors[:min(sheetColumns, len(a.Neighbors))] {
			rows[q].Found = append(rows[q].Found, report.Found{Picture: n.Picture, Text: fmt.Sprintf("%.3f", n.Similarity)})
		}
	}
	return report.FoundSheet(w, "query, and the nearest with their similarity", rows)
}
