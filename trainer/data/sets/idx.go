package sets

import (
	"bufio"
	"compress/gzip"
	"encoding/binary"
	"fmt"
	"io"
	"path"
	"strings"

	"crossbatch/trainer/data"
	"crossbatch/trainer/data/files"
)

// maxIDX bounds what an IDX file unpacks to.
const maxIDX = 1 << 30

// loadIDX reads the image and label files of MNIST and of sets made like it
// (train-images-idx3-ubyte and so on, gzipped or not) in a folder. Their split is for
// classification, with all classes in each part; here both parts are one, and the
// classes are split.
//
//	Yann LeCun, Corinna Cortes, Christopher J. C. Burges. The MNIST Database of
//	Handwritten Digits. http://yann.lecun.com/exdb/mnist/
func loadIDX(s *files.Source) (*data.Set, error) {
	names, err := idxImages(s)
	if err != nil {
		return nil, err
	}
	l := &listing{source: s}
	var images []byte
	var height, width int
	for _, name := range names {
		labelName := path.Join(path.Dir(name), strings.NewReplacer("images", "labels", "idx3", "idx1").Replace(path.Base(name)))
		if plain, zipped := strings.CutSuffix(labelName, ".gz"); !s.Has(labelName) && zipped {
			labelName = plain
		} else if !s.Has(labelName) {
			labelName += ".gz"
		}
		pixels, shape, err := readIDX(s, name, 3)
		if err != nil {
			return nil, err
		}
		labels, count, err := readIDX(s, labelName, 1)
		if err != nil {
			return nil, err
		}
		switch {
		case count[0] != shape[0]:
			return nil, fmt.Errorf("%s has %d images and %s %d labels", s.Name(name), shape[0], labelName, count[0])
		case height > 0 && (height != shape[1] || width != shape[2]):
			return nil, fmt.Errorf("%s: images of %d×%d after some of %d×%d", s.Name(name), shape[1], shape[2], height, width)
		}
		height, width = shape[1], shape[2]
		for i, label := range labels {
			l.entries = append(l.entries, entry{file: fmt.Sprintf("%s %06d", name, i), class: fmt.Sprint(label)})
		}
		images = append(images, pixels...)
	}
	set, err := l.set() // puts the entries in the set's order
	if err != nil {
		return nil, err
	}
	set.Channels, set.Height, set.Width = 1, height, width
	area := height * width
	set.Pixels = make([]uint8, len(l.entries)*area)
	for i, e := range l.entries {
		copy(set.Pixels[i*area:(i+1)*area], images[e.at*area:])
	}
	return set, nil
}

// idxImages are the files of images of one set: a file that is there gzipped and not counts
// once, and several sets, as EMNIST has them, are not one.
func idxImages(s *files.Source) ([]string, error) {
	names, err := s.Walk()
	if err != nil {
		return nil, err
	}
	var images []string
	sets := map[string]bool{}
	for _, name := range names {
		plain := strings.TrimSuffix(name, ".gz")
		before, isImages := strings.CutSuffix(strings.ReplaceAll(plain, ".idx", "-idx"), "images-idx3-ubyte")
		if !isImages || plain != name && s.Has(plain) {
			continue
		}
		set := before
		for _, part := range []string{"train-", "t10k-", "test-"} {
			set = strings.TrimSuffix(set, part)
		}
		sets[set] = true
		images = append(images, name)
	}
	switch {
	case len(images) == 0:
		return nil, fmt.Errorf("%s: no images: want files like train-images-idx3-ubyte.gz and train-labels-idx1-ubyte.gz", s.Where)
	case len(sets) > 1:
		return nil, fmt.Errorf("%s: several sets, %s: move the files of one into a folder of its own", s.Where,
			strings.Join(images, ", "))
	}
	return images, nil
}

// readIDX reads a file of bytes of so many dimensions.
func readIDX(s *files.Source, name string, dimensions int) (content []byte, shape []int, err error) {
	fail := func(format string, args ...any) ([]byte, []int, error) {
		return nil, nil, fmt.Errorf("%s: %s", s.Name(name), fmt.Sprintf(format, args...))
	}
	file, err := s.File(name)
	if err != nil {
		return nil, nil, err
	}
	opened, err := file.Open()
	if err != nil {
		return fail("%v", files.Bare(err))
	}
	defer func() { _ = opened.Close() }() // it was only read
	buffered := bufio.NewReader(opened)
	var r io.Reader = buffered
	if strings.HasSuffix(name, ".gz") {
		if r, err = gzip.NewReader(buffered); err != nil {
			return fail("%v: no gzip file, or damaged", err)
		}
	}
	if content, err = io.ReadAll(io.LimitReader(r, maxIDX+1)); err != nil {
		return fail("%v: cut short or damaged", err)
	}
	head := 4 + 4*dimensions
	if len(content) > maxIDX || len(content) < head || binary.BigEndian.Uint32(content) != uint32(0x800+dimensions) {
		return fail("no IDX file of bytes in %d dimensions, or too large", dimensions)
	}
	size := 1
	for d := range dimensions {
		n := int(binary.BigEndian.Uint32(content[4+4*d:]))
		if n < 1 || n > maxIDX || size > maxIDX/n {
			return fail("dimension %d is %d", d, n)
		}
		shape = append(shape, n)
		size *= n
	}
	if size != len(content)-head {
		return fail("%d bytes for a shape of %v: cut short or damaged", len(content)-head, shape)
	}
	return content[head:], shape, nil
}
