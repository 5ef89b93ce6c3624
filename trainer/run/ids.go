package run

import (
	"encoding/csv"
	"io"
	"strconv"
)

// WriteIDs writes a description of the images at index as CSV: row, index in the set, class,
// part of the split, camera if the set knows it, and file if there is one.
func (m *Model) WriteIDs(w io.Writer, index []int) error {
	set, split := m.session.set, m.split
	parts := classParts(set, split)
	of := map[int]string{}
	for name, some := range map[string][]int{PartQuery: split.Query, PartGallery: split.Gallery} {
		for _, i := range some {
			of[i] = name
		}
	}
	table := csv.NewWriter(w)
	title := []string{"row", "image", "class", "part", "file"}
	if set.Cameras != nil {
		title = []string{"row", "image", "class", "part", "camera", "file"}
	}
	if err := table.Write(title); err != nil {
		return err
	}
	for row, i := range index {
		part, file := parts[set.Labels[i]], ""
		switch name, is := of[i]; {
		case len(split.Train) == 0:
			part = "" // there is no split
		case is:
			part = name
		}
		if set.Files != nil {
			file = set.Files[i]
		}
		line := []string{strconv.Itoa(row), strconv.Itoa(i), set.ClassNames[set.Labels[i]], part}
		if camera := set.Camera(i); camera >= 0 {
			line = append(line, set.CameraNames[camera])
		} else if set.Cameras != nil {
			line = append(line, "-1")
		}
		if err := table.Write(append(line, file)); err != nil {
			return err
		}
	}
	table.Flush()
	return table.Error()
}
