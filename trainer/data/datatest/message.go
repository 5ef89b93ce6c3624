package datatest

import (
	"strings"
	"testing"
)

// Message checks that err is one line, begins with the name of the package, and contains the
// parts.
func Message(t *testing.T, what string, err error, parts ...string) {
	t.Helper()
	Line(t, what, err, parts...)
	if err != nil && !strings.HasPrefix(err.Error(), "data: ") {
		t.Errorf("%q: form of message: %s", what, err)
	}
}

// Line is [Message] for an error to which callers add a prefix: the name of the package is not
// checked.
func Line(t *testing.T, what string, err error, parts ...string) {
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
