package trainer

import (
	"strings"
	"testing"

	"crossbatch/trainer/data"
)

// What can't be scored is named before a step is made, and what can is let through.
func TestPartsThatCannotBeScored(t *testing.T) {
	set := &data.Set{
		Name: "s", Channels: 1, Height: 1, Width: 1, Features: make([]float32, 12),
		Labels:     []int32{0, 0, 1, 1, 2, 2, 3, 3, 4, 5, 6, 6},
		ClassNames: []string{"a", "b", "c", "d", "e", "f", "g"},
	}
	good := []int{4, 5, 6, 7}
	for _, test := range []struct {
		name   string
		split  data.Split
		noTest bool
		want   string // "": it can
	}{
		{"both can", data.Split{Validation: good, Test: []int{8, 9, 10, 11}}, false, ""},
		{"validation of single images", data.Split{Validation: []int{8, 9}, Test: good}, true,
			"s: the validation part can't be scored: each of its 2 classes has one image (e, f)"},
		{"test of single images", data.Split{Validation: good, Test: []int{8, 9}}, false,
			"the test part can't be scored: each of its 2 classes has one image (e, f), so that no query has another to find: give classes of two"},
		{"a trial's test too", data.Split{Validation: good, Test: []int{8, 9}}, true, "the test part can't be scored"},
		{"no test", data.Split{Validation: good}, false, "the test part can't be scored: it has no images"},
		{"no test, and none wanted", data.Split{Validation: good}, true, ""},
		{"no validation", data.Split{Test: good}, false, "the validation part can't be scored: it has no images"},
		{"no common class", data.Split{Validation: good, Test: []int{0, 1, 2, 3}, Query: []int{0, 1}, Gallery: []int{2, 3}}, false,
			"the 2 queries are of a and the gallery of b: give the gallery images of the queries' classes"},
		{"a common class", data.Split{Validation: good, Test: []int{0, 1, 2, 3}, Query: []int{0}, Gallery: []int{1, 2, 3}}, false, ""},
	} {
		err := scorable(set, test.split, test.noTest)
		if test.want == "" && err != nil || test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)) {
			t.Errorf("%s: %v, want %q", test.name, err, test.want)
		}
	}
}

// Where cameras are known, only an image by another is worth finding.
func TestPartsOfOneCamera(t *testing.T) {
	set := &data.Set{Name: "s", Labels: []int32{0, 0, 1, 1, 2, 2}, ClassNames: []string{"a", "b", "c"}, Cameras: []int32{0, 1, 2, 2, 3, 3}}
	for want, split := range map[string]data.Split{
		"none of its 4 images has another of its class by another camera, classes b, c": {Validation: []int{2, 3, 4, 5}, Test: []int{0, 1}},
		"none of the 1 queries has an image of its class by another camera in the gallery, classes b:": {
			Validation: []int{0, 1}, Test: []int{2, 3, 4, 5}, Query: []int{2}, Gallery: []int{3, 4, 5}},
	} {
		if err := scorable(set, split, false); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
	if err := scorable(set, data.Split{Validation: []int{0, 1}, Test: []int{0, 1}}, false); err != nil {
		t.Error(err)
	}
}

func TestSomeNames(t *testing.T) {
	for names, want := range map[string]string{
		"a": "a", "a b c d e": "a, b, c, d, e", "a b c d e f": "a, b, c, d, e and 1 more", "a b c d e f g": "a, b, c, d, e and 2 more",
	} {
		if got := some(strings.Split(names, " ")); got != want {
			t.Errorf("%s: %s, want %s", names, got, want)
		}
	}
}
