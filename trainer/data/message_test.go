package data

import (
	"strings"
	"testing"
)

// checkMessage checks that err is of one line, of our form, and contains the parts.
func checkMessage(t *testing.T, what string, err error, parts ...string) {
	t.Helper()
	if err == nil {
		t.Errorf("%q: no error", what)
		return
	}
	message := err.Error()
	if strings.Contains(message, "\n") || !strings.HasPrefix(message, "data: ") {
		t.Errorf("%q: form of message: %s", what, message)
	}
	for _, part := range parts {
		if !strings.Contains(message, part) {
			t.Errorf("%q: message %q lacks %q", what, message, part)
		}
	}
}
