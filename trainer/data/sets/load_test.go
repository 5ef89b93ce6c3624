package sets

import (
	"strings"
	"testing"

	"crossbatch/trainer/data/datatest"
)

func TestLoadErrors(t *testing.T) {
	for _, test := range []struct{ spec, message string }{
		{"", "unknown"},
		{"mnist", "choose one of glyphs, glyphs-plain, glyphs-small, glyphs-small-plain, omniglot:PATH"},
		{"glyphs-", "unknown"},
		{"glyphs:/tmp", "takes no path"},
		{"omniglot", "no path"},
		{"omniglot:", "no path"},
		{"omniglot:testdata/nowhere", "testdata/nowhere: no such folder or zip"},
	} {
		_, err := Load(test.spec, Options{})
		datatest.Message(t, test.spec, err, test.message)
	}
}

func TestSpecs(t *testing.T) {
	for _, spec := range Specs() {
		if spec.Description == "" || strings.Contains(spec.Description, "\n") {
			t.Errorf("%s: description %q", spec.Name, spec.Description)
		}
		// A path that none of them can use tells a known name from an unknown one cheaply.
		name, _, _ := strings.Cut(spec.Name, ":")
		if _, err := Load(name+":nowhere", Options{}); err == nil || strings.Contains(err.Error(), "unknown") {
			t.Errorf("%s is listed, but: %v", spec.Name, err)
		}
	}
	if set, err := Load("glyphs-small-plain", Options{}); err != nil || set.Name != "glyphs-small-plain" {
		t.Errorf("the set is named %q (%v)", set.Name, err)
	}
}
