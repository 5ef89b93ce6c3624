package sets

import (
	"io"
	"path"
	"slices"
	"strings"

	"crossbatch/trainer/data/files"
	"crossbatch/trainer/data/parallel"
	"crossbatch/trainer/data/photo"
)

// imageExtensions are the endings of files that are taken for images without a look into them.
var imageExtensions = []string{".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".gif", ".bmp", ".webp", ".tif", ".tiff"}

func isImage(name string) bool {
	return slices.Contains(imageExtensions, strings.ToLower(path.Ext(name))) && !files.IsHousekeeping(name)
}

// Reasons why files of a folder are not images of a set.
const (
	leftHidden  = "hidden, or made by a file manager"
	leftNoImage = "no image"
	leftOutside = "not in the folder of a class"
	leftUnused  = "not used by the set's protocol"
)

// pictures lists the images of a source, by their ending or else by their content, in the order
// of their names. What else is there is left out and counted.
func (l *listing) pictures() ([]string, error) {
	all, err := l.source.WalkAll()
	if err != nil {
		return nil, err
	}
	reasons := make([]string, len(all))
	_ = parallel.Each(len(all), func(i int) error { // it has no errors: what cannot be opened is an image that fails later
		switch {
		case files.IsHousekeeping(all[i]):
			reasons[i] = leftHidden
		case !isImage(all[i]):
			reasons[i] = l.noImage(all[i])
		}
		return nil
	})
	var names []string
	for i, name := range all {
		if reasons[i] == "" {
			names = append(names, name)
		} else if name != splitFile {
			l.leave(reasons[i], name)
			if reasons[i] != leftHidden && reasons[i] != leftNoImage {
				l.unread = append(l.unread, name)
			}
		}
	}
	return names, nil
}

// noImage is why a file is no image that is read, by its content; "" where it is one.
func (l *listing) noImage(name string) string {
	file, err := l.source.File(name)
	if err != nil {
		return "a link that leads nowhere, or not to be opened"
	}
	r, err := file.Open()
	if err != nil {
		return "a link that leads nowhere, or not to be opened"
	}
	defer func() { _ = r.Close() }() // it was only read
	head := make([]byte, photo.HeadSize)
	n, _ := io.ReadFull(r, head) // a short file is none
	switch kind := photo.KindOf(head[:n]); {
	case !kind.IsImage():
		return leftNoImage
	case !kind.IsRead():
		return photo.NotRead{Kind: kind.Name}.Error()
	}
	return ""
}
