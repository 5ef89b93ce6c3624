package run

import (
	"encoding/json"
	"fmt"
	"io"

	"crossbatch/eval/record"
	"crossbatch/trainer"
	"crossbatch/trainer/data"
)

// splitHead is what split.json begins with. The key "classes" follows: a classLine a line.
type splitHead struct {
	Data        string               `json:"data"`
	SplitSeed   uint64               `json:"split_seed"`
	Official    bool                 `json:"official"`              // the test part is the one that the set comes with
	Ranks       []int                `json:"ranks,omitempty"`       // of recall, where the set has its own
	Augment     string               `json:"augment"`               // kind in force
	LabelNoise  float64              `json:"label_noise,omitempty"` // share of wrong training labels that was asked for
	WrongLabels int                  `json:"wrong_labels,omitempty"`
	Broken      []string             `json:"broken,omitempty"` // images left out, and why
	LeftOut     []data.LeftOut       `json:"left_out,omitempty"`
	Notes       []string             `json:"notes,omitempty"` // on how the set was read
	Parts       map[string]PartCount `json:"parts"`
}

// PartCount is the size of a part of a set.
type PartCount struct {
	Classes int `json:"classes"`
	Images  int `json:"images"`
}

type classLine struct {
	Class  int32  `json:"class"`
	Part   string `json:"part"`
	Images int    `json:"images"`
	Name   string `json:"name"`
}

// The names of the parts of a split. PartUnused names the classes that are in none.
const (
	PartTrain      = "train"
	PartValidation = "validation"
	PartTest       = "test"
	PartUnused     = "unused" // training classes beyond train-classes
	PartQuery      = "query"  // of the test part
	PartGallery    = "gallery"
)

// classParts says in which part each class of the set is.
func classParts(set *data.Set, split data.Split) []string {
	parts := make([]string, set.Classes())
	for c := range parts {
		parts[c] = PartUnused
	}
	train, validation, test := split.Classes(set)
	for name, classes := range map[string][]int32{PartTrain: train, PartValidation: validation, PartTest: test} {
		for _, c := range classes {
			parts[c] = name
		}
	}
	return parts
}

// countParts counts classes and images of the parts.
func countParts(set *data.Set, split data.Split) map[string]PartCount {
	counts := map[string]PartCount{}
	of := classParts(set, split)
	for i, label := range set.Labels {
		n := counts[of[label]]
		n.Images++
		if i == 0 || label != set.Labels[i-1] { // the images of a class stand together
			n.Classes++
		}
		counts[of[label]] = n
	}
	for name, index := range map[string][]int{PartQuery: split.Query, PartGallery: split.Gallery} {
		if len(index) > 0 {
			classes, _, _ := data.Split{Train: index}.Classes(set)
			counts[name] = PartCount{len(classes), len(index)}
		}
	}
	return counts
}

// writeSplit leaves in the run's folder which classes were where.
func writeSplit(run record.Folder, t *trainer.Training) error {
	head, err := json.Marshal(splitHead{
		Data: t.Set.Name, SplitSeed: t.Config.Data.SplitSeed, Official: t.Set.Official != nil, Ranks: t.Set.Ranks,
		Augment: t.Augment(), LabelNoise: t.Config.Data.LabelNoise, WrongLabels: t.WrongLabels(),
		Broken: t.Set.Broken, LeftOut: t.Set.LeftOut, Notes: t.Set.Notes, Parts: countParts(t.Set, t.Split),
	})
	if err != nil {
		return err
	}
	images := make([]int, t.Set.Classes())
	for _, label := range t.Set.Labels {
		images[label]++
	}
	return run.Write(record.SplitFile, func(w io.Writer) error {
		if _, err := fmt.Fprintf(w, "%s,\n\"classes\":[", head[:len(head)-1]); err != nil {
			return err
		}
		between := "\n"
		for c, part := range classParts(t.Set, t.Split) {
			line, err := json.Marshal(classLine{int32(c), part, images[c], t.Set.ClassNames[c]})
			if err != nil {
				return err
			}
			if _, err := fmt.Fprintf(w, "%s%s", between, line); err != nil {
				return err
			}
			between = ",\n"
		}
		_, err := fmt.Fprintln(w, "\n]}")
		return err
	})
}
