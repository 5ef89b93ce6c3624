package data

import (
	"strings"
	"testing"
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
		checkMessage(t, test.spec, err, test.message)
	}
}

// checkMessage checks that err is of one line, of our form, and contains the parts.
func checkMessage(t *testing.T, what string, err error, parts ...string) {
	t.Helper()
	checkLine(t, what, err, parts...)
	if err != nil && !strings.HasPrefix(err.Error(), "data: ") {
		t.Errorf("%q: form of message: %s", what, err)
	}
}

// checkLine is checkMessage for errors that Load puts its own words before.
func checkLine(t *testing.T, what string, err error, parts ...string) {
	t.Helper()
	if err == nil {
		t.Errorf("%q: no error", what)
		return
	}
	message := err.Error()
	if strings.Contains(message, "\n") {
		t.Errorf("%q: form of message: %s", what, message)
	}
	for _, part := range parts {
		if !strings.Contains(message, part) {
			t.Errorf("%q: message %q lacks %q", what, message, part)
		}
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
	if set := load(t, "glyphs-small-plain"); set.Name != "glyphs-small-plain" {
		t.Errorf("the set is named %q", set.Name)
	}
}
