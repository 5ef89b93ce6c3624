package eval

import (
	"slices"
	"testing"
)

func TestParseRanks(t *testing.T) {
	for text, want := range map[string][]int{"": nil, "1": {1}, "1, 10,100": {1, 10, 100}} {
		if got, err := ParseRanks(text); err != nil || !slices.Equal(got, want) {
			t.Errorf("%q: %v, want %v: %v", text, got, want, err)
		}
	}
	for _, text := range []string{"0", "1.5", "a", "1,,2", "NaN", "-1"} {
		if got, err := ParseRanks(text); err == nil {
			t.Errorf("%q: %v", text, got)
		}
	}
}
