package sets

import (
	"cmp"
	"fmt"
	"slices"

	"crossbatch/trainer/data"
	"crossbatch/trainer/data/files"
)

// part is what an official split does with an image.
type part int

const (
	undecided part = iota // no official split: by seed
	inTraining
	inTest // query and gallery in one
	query
	gallery
)

// entry is an image of a listing.
type entry struct {
	file  string // within the source
	class string
	part  part
	where string // where it is listed, for messages; "" for the file itself
	at    int    // place in the listing before it is sorted
}

// listing is a data set before its images are read.
type listing struct {
	source  *files.Source
	entries []entry
	ranks   []int // that recall is reported at; nil for the usual
}

// maxClasses bounds a set's classes, as labels are 32 bits.
const maxClasses = 1 << 30

// set returns the set of the listing, without pixels. Entries get sorted by class
// and file, classes in the order of their names, numbers by value.
func (l *listing) set() (*data.Set, error) {
	if len(l.entries) == 0 {
		return nil, fmt.Errorf("%s: no images", l.source.Where)
	}
	for i := range l.entries {
		l.entries[i].at = i
	}
	slices.SortStableFunc(l.entries, func(a, b entry) int {
		return cmp.Or(compareNames(a.class, b.class), cmp.Compare(a.file, b.file))
	})
	set := &data.Set{Ranks: l.ranks}
	official := data.Official{}
	var of part
	for i, e := range l.entries {
		if i == 0 || e.class != l.entries[i-1].class {
			set.ClassNames = append(set.ClassNames, e.class)
			of = e.part
		} else if e.file == l.entries[i-1].file {
			return nil, fmt.Errorf("%s: image %s is listed twice", l.place(i), e.file)
		}
		if (of == inTraining) != (e.part == inTraining) || (of == undecided) != (e.part == undecided) {
			return nil, fmt.Errorf("%s: class %s is in the training part and in the test: they must have no class in common", l.place(i), e.class)
		}
		set.Labels = append(set.Labels, int32(len(set.ClassNames)-1))
		set.Files = append(set.Files, e.file)
		switch e.part {
		case inTraining:
			official.Train = append(official.Train, i)
		case query:
			official.Query = append(official.Query, i)
		case gallery:
			official.Gallery = append(official.Gallery, i)
		}
		if e.part > inTraining {
			official.Test = append(official.Test, i)
		}
	}
	if len(set.ClassNames) > maxClasses {
		return nil, fmt.Errorf("%s: more than %d classes", l.source.Where, maxClasses)
	}
	switch {
	case of == undecided: // and so all
	case len(official.Test) == 0:
		return nil, fmt.Errorf("%s: all classes are for training: name some that are for the test", l.source.Where)
	case len(official.Query)+len(official.Gallery) > 0 && len(official.Query)+len(official.Gallery) < len(official.Test):
		return nil, fmt.Errorf("%s: some test images are queries or of the gallery, and %d are neither: divide all or none", l.source.Where,
			len(official.Test)-len(official.Query)-len(official.Gallery))
	default:
		set.Official = &official
	}
	return set, nil
}

// place is where an entry is listed.
func (l *listing) place(i int) string {
	if e := l.entries[i]; e.where != "" {
		return e.where
	}
	return l.source.Name(l.entries[i].file)
}

// compareNames orders numbers by value and other names by their bytes.
func compareNames(a, b string) int {
	if isNumber(a) && isNumber(b) {
		return cmp.Or(cmp.Compare(len(a), len(b)), cmp.Compare(a, b))
	}
	return cmp.Compare(a, b)
}

func isNumber(s string) bool {
	for _, r := range s {
		if r < '0' || r > '9' {
			return false
		}
	}
	return s != "" && (s[0] != '0' || len(s) == 1)
}
