package run

import (
	"slices"

	"crossbatch/trainer"
	"crossbatch/trainer/data"
)

// Info describes a data set and its split.
type Info struct {
	Data         string               `json:"data"`
	Channels     int                  `json:"channels"`
	Height       int                  `json:"height"`
	Width        int                  `json:"width"` // of features: their dimensions
	Classes      int                  `json:"classes"`
	Images       int                  `json:"images"`
	ImagesAClass Spread               `json:"images_per_class"`
	Official     bool                 `json:"official"` // the test part is the one that the set comes with
	Ranks        []int                `json:"ranks"`    // the k of recall@k
	Augment      string               `json:"augment"`
	Parts        map[string]PartCount `json:"parts,omitempty"`
	SplitError   string               `json:"split_error,omitempty"` // why it cannot be split
	Cameras      int                  `json:"cameras,omitempty"`
	Junk         int                  `json:"junk,omitempty"`        // images that are left out of every ranking
	Distractors  int                  `json:"distractors,omitempty"` // images that match nothing
	LeftOut      []data.LeftOut       `json:"left_out,omitempty"`    // files that were not taken for images of the set
	Notes        []string             `json:"notes,omitempty"`       // on how the set was read
	Broken       int                  `json:"broken"`                // images left out
	FirstBroken  string               `json:"first_broken,omitempty"`
	Sheet        string               `json:"sheet,omitempty"` // the file of the contact sheet, where one was made
	Bytes        int                  `json:"bytes"`           // of pixels or features
}

// Spread is the distribution of the number of images a class.
type Spread struct {
	Min    int     `json:"min"`
	Median float64 `json:"median"`
	Max    int     `json:"max"`
}

// Info loads the data set of c and describes it.
func (s *Session) Info(c trainer.Config) (Info, error) {
	if err := s.load(c); err != nil {
		return Info{}, err
	}
	set := s.set
	augment, err := set.Augmentation(c.Data.Augment)
	if err != nil {
		return Info{}, err
	}
	i := Info{
		Data: set.Name, Channels: set.Channels, Height: set.Height, Width: set.Width,
		Classes: set.Classes(), Images: set.Len(), Official: set.Official != nil, Ranks: trainer.Ranks(set),
		Augment: augment, Broken: len(set.Broken), Bytes: len(set.Pixels) + 4*len(set.Features),
	}
	if i.Broken > 0 {
		i.FirstBroken = set.Broken[0]
	}
	i.Cameras, i.LeftOut, i.Notes = len(set.CameraNames), set.LeftOut, set.Notes
	for k := range set.Len() {
		if set.IsJunk(k) {
			i.Junk++
		}
		if set.IsDistractor(k) {
			i.Distractors++
		}
	}
	sizes := make([]int, i.Classes)
	for _, label := range set.Labels {
		sizes[label]++
	}
	slices.Sort(sizes)
	if n := len(sizes); n > 0 {
		i.ImagesAClass = Spread{sizes[0], float64(sizes[(n-1)/2]+sizes[n/2]) / 2, sizes[n-1]}
	}
	if split, err := c.Parts(set); err != nil {
		i.SplitError = err.Error()
	} else {
		i.Parts = countParts(set, split)
	}
	return i, nil
}
