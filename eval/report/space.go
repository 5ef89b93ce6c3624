package report

import (
	"fmt"
	"html/template"
	"image"

	"crossbatch/eval/report/space"
)

// Space is a look at embeddings: where they lie, what they are of, and what is near
// them.
type Space struct {
	Of       string // what the embeddings are of, for the text
	Map      space.Map
	Pictures []image.Image // one for each of the map's rows
}

// section is the part of the page that shows it.
func (s *Space) section() (section, error) {
	drawn, err := s.Map.Inline(s.Pictures)
	if err != nil {
		return section{}, fmt.Errorf("report: %w", err)
	}
	return section{ID: "space-of", Title: "The space", Drawn: drawn,
		Text: fmt.Sprintf("The embeddings of %s, %d pictures, a colour a class. Over a picture: its nearest in truth, in an orange frame where they are of another class. "+
			"Distances within a cluster of the layout by neighbours say something, those between clusters little.", s.Of, len(s.Pictures))}, nil
}

// spaceStyle is that of what is drawn, on the page's colours.
func spaceStyle() template.CSS {
	return template.CSS("\n#space-of{--quiet:var(--muted);--line:var(--rule)}\n#space-of>p{overflow-wrap:anywhere}\n#space-of .space{background:var(--paper);--ground:var(--paper)}\n#space-of .space-bar{color:var(--ink)}\n" + space.Style)
}
