package report

import (
	"fmt"
	"image/png"
	"io"
)

// besideRow is the room for a row's note.
const besideRow = 160

// Extremes writes a PNG with the best queries on the left and the worst on the
// right, each with its neighbours as in [Sheet] and its note beside them.
func Extremes(w io.Writer, title string, best, worst []Retrieval) error {
	_, ink, plain, _, _ := colors()
	columns := 1
	for _, rows := range [][]Retrieval{best, worst} {
		n, err := widest(rows)
		if err != nil {
			return fmt.Errorf("report: best and worst: %w", err)
		}
		columns = max(columns, n)
	}
	const top = margin + 2*line
	half := step + apart + columns*step + besideRow
	height := top + max(len(best), len(worst))*step + line + margin
	p, err := newPaper(2*margin+2*half+apart, height)
	if err != nil {
		return fmt.Errorf("report: best and worst: %w", err)
	}
	p.write(margin, margin+line/2, ink, title)
	for side, rows := range [][]Retrieval{best, worst} {
		x := margin + side*(half+apart)
		p.write(x, top-gap, plain, []string{"best queries", "worst queries"}[side])
		p.write(x+step+apart+step, top-gap, plain, "and their nearest neighbours")
		for i, r := range rows {
			end := p.row(x, top+i*step, r)
			p.write(end+gap, top+i*step+step/2, ink, r.Note)
		}
	}
	p.legend(margin, height-margin)
	return png.Encode(w, p)
}
