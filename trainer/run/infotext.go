package run

import (
	"fmt"
	"strings"
)

// Text returns the information as lines of text.
func (i Info) Text() string {
	shape := fmt.Sprintf("%d × %d × %d", i.Channels, i.Height, i.Width)
	if i.Height == 1 {
		shape = fmt.Sprintf("features of %d numbers", i.Width)
	}
	split := "by seed"
	if i.Official {
		split = "test as the set comes, validation by seed"
	}
	classes := fmt.Sprintf("%d of %d to %d images, median %g", i.Classes, i.ImagesAClass.Min, i.ImagesAClass.Max, i.ImagesAClass.Median)
	if i.ImagesAClass.Min == i.ImagesAClass.Max {
		classes = fmt.Sprintf("%d, %d images each", i.Classes, i.ImagesAClass.Min)
	}
	lines := [][2]string{
		{"data", i.Data},
		{"images", fmt.Sprintf("%d, %s, %.0f MiB", i.Images, shape, float64(i.Bytes)/(1<<20))},
		{"classes", classes},
		{"split", split},
	}
	add := func(name, text string) { lines = append(lines, [2]string{name, text}) }
	for _, name := range []string{PartTrain, PartUnused, PartValidation, PartTest, PartQuery, PartGallery} {
		if n, ok := i.Parts[name]; ok {
			add("  "+name, fmt.Sprintf("%d classes, %d images", n.Classes, n.Images))
		}
	}
	if i.SplitError != "" {
		add("  none", i.SplitError)
	}
	add("recall at", strings.Trim(strings.ReplaceAll(fmt.Sprint(i.Ranks), " ", ", "), "[]"))
	add("augment", i.Augment)
	if i.Cameras > 0 {
		add("cameras", fmt.Sprint(i.Cameras))
	}
	if i.Junk+i.Distractors > 0 {
		add("gallery has", fmt.Sprintf("%d images that count as junk, %d distractors", i.Junk, i.Distractors))
	}
	for _, left := range i.LeftOut {
		add("left out", fmt.Sprintf("%d: %s; the first: %s", left.Count, left.Reason, left.First))
	}
	for _, note := range i.Notes {
		add("note", note)
	}
	if i.Broken > 0 {
		add("broken", fmt.Sprintf("%d left out, the first: %s", i.Broken, i.FirstBroken))
	}
	if i.Sheet != "" {
		add("sheet", i.Sheet)
	}
	width := 0
	for _, l := range lines {
		width = max(width, len(l[0]))
	}
	var b strings.Builder
	for _, l := range lines {
		fmt.Fprintf(&b, "%-*s  %s\n", width, l[0], l[1])
	}
	return b.String()
}
