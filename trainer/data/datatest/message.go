package datatest

import (
	"strings"
	"testing"
)

// Message checks that err is of one line, that it begins with the package's name, and that
// it contains the parts.
func Message(t *testing.T, what string, err error, parts ...string) {
	t.Helper()
	Line(t, what, err, parts...)
	if err != nil && !strings.HasPrefix(err.Error(), "data: ") {
		t.Errorf("%q: form of message: %s", what, err)
	}
}

// Line is Message for errors that others put their words before.
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
