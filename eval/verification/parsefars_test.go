package verification

import (
	"slices"
	"testing"
)

func TestParseFARs(t *testing.T) {
	for text, want := range map[string][]float64{"": nil, "1": {1}, "0.1, 1e-3": {0.1, 1e-3}} {
		if got, err := ParseFARs(text); err != nil || !slices.Equal(got, want) {
			t.Errorf("%q: %v, want %v: %v", text, got, want, err)
		}
	}
	for _, text := range []string{"0", "1.5", "a", "0.1,", "NaN"} {
		if got, err := ParseFARs(text); err == nil {
			t.Errorf("%q: %v", text, got)
		}
	}
}
