package run

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"crossbatch/eval/record"
	"crossbatch/eval/report"
	"crossbatch/trainer"
	"crossbatch/trainer/data"
)

// The contact sheet's size.
const (
	sheetClasses = 14
	sheetImages  = 11
)

// Sheet is a contact sheet: a line of pictures for each of some classes.
type Sheet struct {
	Title, Subtitle string
	Lines           []report.Line
}

// PNG writes the sheet as a PNG file.
func (s Sheet) PNG(w io.Writer) error { return report.Grid(w, s.Title, s.Subtitle, s.Lines) }

// WriteSheet writes a contact sheet, see [Session.Sheet], to a PNG file. The folder must
// exist.
func (s *Session) WriteSheet(c trainer.Config, augmented bool, path string) error {
	dir := filepath.Dir(path)
	if _, err := os.Stat(dir); errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("contact sheet %s: there is no folder %s: make it, or name another file", path, dir)
	}
	sheet, err := s.Sheet(c, augmented)
	if err != nil {
		return err
	}
	if err := record.WriteFile(path, sheet.PNG); err != nil {
		return fmt.Errorf("contact sheet %s: %w", path, err)
	}
	return nil
}

// Sheet returns a contact sheet of the data set of c: some of the classes, evenly spaced, with
// some images of each; or, if augmented, with one image of each and its augmented views.
func (s *Session) Sheet(c trainer.Config, augmented bool) (Sheet, error) {
	if err := s.load(c); err != nil {
		return Sheet{}, err
	}
	set := s.set
	sheet := Sheet{
		Title:    fmt.Sprintf("%s: %d classes, %d images", set.Name, set.Classes(), set.Len()),
		Subtitle: fmt.Sprintf("%d×%d×%d; some classes, some images of each", set.Channels, set.Height, set.Width),
	}
	if augmented {
		augment, err := set.Augmentation(c.Data.Augment)
		if err != nil {
			return Sheet{}, err
		}
		sheet.Subtitle = fmt.Sprintf("%d×%d×%d; an image of some classes, then views of it with augmentation %s", set.Channels, set.Height, set.Width, augment)
	}
	var err error
	sheet.Lines, err = s.sheetLines(c, augmented)
	return sheet, err
}

func (s *Session) sheetLines(c trainer.Config, augmented bool) ([]report.Line, error) {
	set := s.set
	first := make([]int, 0, set.Classes()+1) // image of each class
	for i, label := range set.Labels {
		if i == 0 || label != set.Labels[i-1] {
			first = append(first, i)
		}
	}
	first = append(first, set.Len())
	var lines []report.Line
	var shown []int
	rows := min(sheetClasses, set.Classes())
	for row := range rows {
		class := row * set.Classes() / rows
		begin, size := first[class], first[class+1]-first[class]
		line := report.Line{Name: shortName(set.ClassNames[class])}
		for k := range min(sheetImages, size) {
			image := begin + k*size/min(sheetImages, size)
			line.Pictures = append(line.Pictures, set.Image(image))
			if augmented {
				shown = append(shown, image)
				break
			}
		}
		lines = append(lines, line)
	}
	if !augmented {
		return lines, nil
	}
	sampler, err := data.NewShuffle(shown, len(shown), c.Seed)
	if err != nil {
		return nil, err
	}
	loader, err := data.NewLoader(set, sampler, data.LoaderConfig{Augment: c.Data.Augment, Views: sheetImages - 1, Seed: c.Seed})
	if err != nil {
		return nil, err
	}
	defer loader.Close()
	batch, err := loader.Next()
	if err != nil {
		return nil, err
	}
	size := set.Channels * set.Height * set.Width
	row := map[int]int{}
	for k, i := range shown {
		row[i] = k
	}
	for n := range len(batch.Images) / size {
		line := &lines[row[batch.Index[n%len(batch.Index)]]]
		line.Pictures = append(line.Pictures, set.Picture(batch.Images[n*size:(n+1)*size]))
	}
	return lines, nil
}

// shortName leaves out of a glyph's name the characters, which the sheet's typeface may not
// have.
func shortName(class string) string {
	if strings.HasPrefix(class, "U+") {
		class, _, _ = strings.Cut(class, " ")
	}
	return class
}
