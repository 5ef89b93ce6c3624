package trainer

import (
	"fmt"
	"slices"
	"strings"

	"crossbatch/trainer/data"
)

// scorable returns an error that says why a part of the set can't be scored: after the
// training it would be too late. The test may be left out.
func scorable(set *data.Set, split data.Split, noTest bool) error {
	if err := partScorable(set, "validation", split.Validation, nil, nil); err != nil {
		return err
	}
	if noTest && len(split.Test) == 0 {
		return nil
	}
	return partScorable(set, "test", split.Test, split.Query, split.Gallery)
}

func partScorable(set *data.Set, part string, index, query, gallery []int) error {
	refuse := func(why, remedy string, classes ...any) error {
		return fmt.Errorf("trainer: %s: the %s part can't be scored: %s: %s", set.Name, part, fmt.Sprintf(why, classes...), remedy)
	}
	if len(index) == 0 {
		return refuse("it has no images", "give it some classes of two images or more")
	}
	matches, err := Retrieval(set, index, query, gallery, nil, 0).Relevant()
	if err != nil {
		return err
	}
	if slices.Max(matches) > 0 {
		return nil
	}
	if len(query) > 0 {
		asked, held := classesOf(set, query), classesOf(set, gallery)
		if !slices.ContainsFunc(asked, func(c string) bool { return slices.Contains(held, c) }) {
			return refuse("the %d queries are of %s and the gallery of %s", "give the gallery images of the queries' classes",
				len(query), some(asked), some(held))
		}
		return refuse("none of the %d queries has an image of its class by another camera in the gallery, classes %s",
			"give the gallery such images, or leave the cameras out", len(query), some(asked))
	}
	classes := classesOf(set, index)
	if len(classes) == len(index) {
		return refuse("each of its %d classes has one image (%s), so that no query has another to find",
			"give classes of two images or more, in the labels or by another split or split-seed", len(classes), some(classes))
	}
	return refuse("none of its %d images has another of its class by another camera, classes %s",
		"give classes that several cameras took, or leave the cameras out", len(index), some(classes))
}

// classesOf names the classes of some images, in the order of the set.
func classesOf(set *data.Set, index []int) []string {
	classes, _, _ := data.Split{Train: index}.Classes(set)
	names := make([]string, len(classes))
	for k, c := range classes {
		names[k] = set.ClassNames[c]
	}
	return names
}

// some names a few of many.
func some(names []string) string {
	const most = 5
	if len(names) <= most {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(names[:most], ", "), len(names)-most)
}
