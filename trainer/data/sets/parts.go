package sets

import (
	"fmt"
	"slices"
	"strings"
)

// partOf is the part of a split that a folder, or a word of a list, names, in any case of letters.
func partOf(name string) (part, bool) {
	p, ok := map[string]part{
		"train": inTraining, "training": inTraining,
		"val": inValidation, "valid": inValidation, "validation": inValidation, "dev": inValidation,
		"test": inTest, "testing": inTest,
		"query": query, "queries": query, "probe": query,
		"gallery": gallery,
	}[strings.ToLower(strings.TrimSpace(name))]
	return p, ok
}

// areParts tells that all folders at the top are parts of a split, some with classes of their own.
func areParts(names []string) bool {
	deep := false
	for _, name := range names {
		top, rest, _ := strings.Cut(name, "/")
		if _, is := partOf(top); !is {
			return false
		}
		deep = deep || strings.Contains(rest, "/")
	}
	return deep
}

// listParts lists folders train, val, test, or query and gallery in place of or within test, each
// with a folder per class. Where most classes are in several parts, as sets for classification
// have it, the parts are one and the classes are split by seed.
func (l *listing) listParts(names []string) error {
	for _, name := range names {
		top, rest, _ := strings.Cut(name, "/")
		e := entry{file: name}
		e.part, _ = partOf(top)
		if within, below, _ := strings.Cut(rest, "/"); e.part == inTest && strings.Contains(below, "/") {
			if p, is := partOf(within); is && p.side() == inTest {
				e.part, rest = p, below
			}
		}
		var inClass bool
		if e.class, _, inClass = strings.Cut(rest, "/"); !inClass {
			l.leave(leftOutside, name)
			continue
		}
		e.class = className(e.class)
		l.entries = append(l.entries, e)
	}
	l.validationAsTest()
	l.joinParts()
	l.onlyTraining()
	return nil
}

// onlyTraining drops a split that has no test, as where the images of a test have no classes.
func (l *listing) onlyTraining() {
	if slices.ContainsFunc(l.entries, func(e entry) bool { return e.part != inTraining }) {
		return
	}
	for i := range l.entries {
		l.entries[i].part = undecided
	}
	l.notes = append(l.notes, "no classes are for the test: those for training are split by seed")
}

// validationAsTest makes validation classes the test where there is none.
func (l *listing) validationAsTest() {
	for _, e := range l.entries {
		if e.part.side() == inTest {
			return
		}
	}
	moved := false
	for i := range l.entries {
		if l.entries[i].part == inValidation {
			l.entries[i].part, moved = inTest, true
		}
	}
	if moved {
		l.notes = append(l.notes, "it has no test part: its validation part is the test")
	}
}

// joinParts makes one of two parts that have most of their classes in common, as those of sets
// for classification have: validation goes to training, and the test makes all undecided. A few
// common classes are left, for they are an error.
func (l *listing) joinParts() {
	if l.shared(inTraining, inValidation) {
		for i := range l.entries {
			if l.entries[i].part == inValidation {
				l.entries[i].part = inTraining
			}
		}
		l.notes = append(l.notes, "its training and validation parts have classes in common, as for classification: both train, and the classes are split by seed")
	}
	if !l.shared(inTraining, inTest) {
		return
	}
	for i := range l.entries {
		l.entries[i].part = undecided
	}
	l.notes = append(l.notes, "its training and test parts have classes in common, as for classification: they are one, and the classes are split by seed")
}

// shared tells that half of the classes of one of two parts, or more, are in both.
func (l *listing) shared(a, b part) bool {
	classes := map[part]map[string]bool{a: {}, b: {}}
	for _, e := range l.entries {
		if of := classes[e.part.side()]; of != nil {
			of[e.class] = true
		}
	}
	both := 0
	for class := range classes[a] {
		if classes[b][class] {
			both++
		}
	}
	return both > 0 && 2*both >= min(len(classes[a]), len(classes[b]))
}

// needsBoth returns an error where there are queries and no gallery, or the other way round.
func (l *listing) needsBoth() error {
	have := map[part]int{}
	for _, e := range l.entries {
		have[e.part]++
	}
	if (have[query] > 0) != (have[gallery] > 0) {
		return fmt.Errorf("%s: %d queries and a gallery of %d images: give both or neither", l.source.Where, have[query], have[gallery])
	}
	return nil
}
