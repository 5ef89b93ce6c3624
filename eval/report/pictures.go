package report

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"crossbatch/eval/record"
)

// picture is an image of a run.
type picture struct {
	Caption string
	PNG     []byte
}

// retrievals are pictures of what the setting that validation prefers finds, and
// the same without memory.
func (c *Collection) retrievals() (pictures []picture, err error) {
	cells := c.preferred()
	best := c.bestCell(cells)
	shown := []*Cell{best}
	if axis := c.axis(memoryKey); axis >= 0 && best.rows() > 0 {
		if base, ok := c.base(axis); ok {
			if other := c.find(best, axis, base); other != nil && other.rows() == 0 {
				shown = append(shown, other)
			}
		}
	}
	for _, cell := range shown {
		r := cell.Runs[0]
		for _, name := range []string{record.ExtremesFile, record.NeighborsFile} {
			content, err := os.ReadFile(filepath.Join(r.Dir, name))
			if errors.Is(err, fs.ErrNotExist) {
				continue
			}
			if err != nil {
				return nil, fmt.Errorf("report: %w", err)
			}
			what := "Test queries, evenly spaced, with their nearest neighbours"
			if name == record.ExtremesFile {
				what = "Best and worst retrievals of the test classes"
			}
			pictures = append(pictures, picture{PNG: content,
				Caption: fmt.Sprintf("%s: memory %s, batch %s, seed %s.", what, cell.config(memoryKey), cell.config(batchKey), r.config[seedKey])})
			break
		}
	}
	return pictures, nil
}
