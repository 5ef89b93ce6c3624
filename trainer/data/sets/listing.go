package sets

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"golang.org/x/text/unicode/norm"

	"crossbatch/trainer/data"
	"crossbatch/trainer/data/files"
)

// part is what an official split does with an image.
type part int

const (
	undecided part = iota // no official split: by seed
	inTraining
	inValidation
	inTest // query and gallery in one
	query
	gallery
)

// side is the part of a split that query and gallery are of.
func (p part) side() part { return min(p, inTest) }

// String is the part for messages.
func (p part) String() string {
	return [...]string{"part that is split by seed", "training part", "validation part", "test"}[p.side()]
}

// entry is an image of a listing.
type entry struct {
	file  string // within the source
	class string
	part  part
	where string // where it is listed, for messages; "" for the file itself
	at    int    // place in the listing before it is sorted

	camera, group    string // "": none
	junk, distractor bool   // as in data.Set
}

// listing is a data set before its images are read.
type listing struct {
	source  *files.Source
	entries []entry
	ranks   []int // that recall is reported at; nil for the usual

	// found is true where the images are those that were found, not those of a list: then one
	// of a kind that is not read is left out and counted.
	found bool
	// asListed keeps the order of the list, and an image that is there twice.
	asListed bool
	left     []data.LeftOut
	notes    []string
	unread   []string // images that were found and are of a kind that is not read
}

// leave counts a file or row that is not of the set.
func (l *listing) leave(reason, name string) {
	for i := range l.left {
		if l.left[i].Reason == reason {
			l.left[i].Count++
			return
		}
	}
	l.left = append(l.left, data.LeftOut{Reason: reason, Count: 1, First: name})
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
		l.entries[i].class = className(l.entries[i].class)
	}
	if !l.asListed {
		slices.SortStableFunc(l.entries, func(a, b entry) int {
			return cmp.Or(compareNames(a.class, b.class), cmp.Compare(a.file, b.file))
		})
	}
	set := &data.Set{Ranks: l.ranks, LeftOut: l.left, Notes: l.notes}
	official := data.Official{}
	var of part
	for i, e := range l.entries {
		if i == 0 || e.class != l.entries[i-1].class {
			set.ClassNames = append(set.ClassNames, e.class)
			of = e.part
		} else if e.file == l.entries[i-1].file && !l.asListed {
			return nil, fmt.Errorf("%s: image %s is listed twice", l.place(i), e.file)
		}
		if of.side() != e.part.side() {
			first, second := min(of.side(), e.part.side()), max(of.side(), e.part.side())
			return nil, fmt.Errorf("%s: class %s is in the %s and in the %s: they must have no class in common", l.place(i), e.class, first, second)
		}
		set.Labels = append(set.Labels, int32(len(set.ClassNames)-1))
		set.Files = append(set.Files, e.file)
		switch e.part {
		case inTraining:
			official.Train = append(official.Train, i)
		case inValidation:
			official.Validation = append(official.Validation, i)
		case query:
			official.Query = append(official.Query, i)
		case gallery:
			official.Gallery = append(official.Gallery, i)
		}
		if e.part.side() == inTest {
			official.Test = append(official.Test, i)
		}
	}
	l.describe(set)
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

// className is a class without blanks around it, and with letters like é in one piece, as which
// macOS takes them apart.
func className(name string) string { return norm.NFC.String(strings.TrimSpace(name)) }

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

// describe sets what re-identification asks of the images.
func (l *listing) describe(set *data.Set) {
	set.Cameras, set.CameraNames = l.numbered(func(e entry) string { return e.camera })
	set.Groups, _ = l.numbered(func(e entry) string { return e.group })
	for i, e := range l.entries {
		if e.junk && set.Junk == nil {
			set.Junk = make([]bool, len(l.entries))
		}
		if e.distractor && set.Distractors == nil {
			set.Distractors = make([]bool, len(l.entries))
		}
		if e.junk {
			set.Junk[i] = true
		}
		if e.distractor {
			set.Distractors[i] = true
		}
	}
}

// numbered numbers the names of something of the entries, in their order; nil where there are
// none. An entry without has -1.
func (l *listing) numbered(of func(entry) string) ([]int32, []string) {
	var names []string
	place := map[string]int32{}
	for _, e := range l.entries {
		if name := of(e); name != "" {
			if _, known := place[name]; !known {
				place[name] = 0
				names = append(names, name)
			}
		}
	}
	if names == nil {
		return nil, nil
	}
	slices.SortFunc(names, compareNames)
	for n, name := range names {
		place[name] = int32(n)
	}
	numbers := make([]int32, len(l.entries))
	for i, e := range l.entries {
		numbers[i] = -1
		if name := of(e); name != "" {
			numbers[i] = place[name]
		}
	}
	return numbers, names
}
