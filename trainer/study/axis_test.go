package study

import (
	"slices"
	"strings"
	"testing"
)

func TestParseList(t *testing.T) {
	for text, want := range map[string][]string{
		"0,1%,100%":                            {"0", "1%", "100%"},
		"contrastive":                          {"contrastive"},
		"triplet:margin=0.1,swap=true,n-pairs": {"triplet:margin=0.1,swap=true", "n-pairs"},
		"contrastive:distance=euclidean, triplet:margin=1": {"contrastive:distance=euclidean", "triplet:margin=1"},
		"a,":  {"a", ""},
		"":    {""},
		"b=2": {"b=2"},
	} {
		if got := ParseList(text); !slices.Equal(got, want) {
			t.Errorf("%q: %q", text, got)
		}
	}
}

func TestParseAxis(t *testing.T) {
	a, err := ParseAxis("loss=triplet:margin=0.1,swap=true,n-pairs")
	if err != nil || a.Key != "loss" || len(a.Values) != 2 {
		t.Errorf("%+v, %v", a, err)
	}
	for _, text := range []string{"dim", "=3", ""} {
		if _, err := ParseAxis(text); err == nil {
			t.Errorf("%q is an axis", text)
		}
	}
}

func TestNamesFitFolders(t *testing.T) {
	for s, want := range map[Setting]string{
		{"memory", "1%"}:                         "memory-1pct",
		{"loss", "triplet:margin=0.1,swap=true"}: "loss-triplet-margin=0.1-swap=true",
		{"weights", "/a b/ü.safetensors"}:        "weights--a-b--.safetensors",
	} {
		if got := s.name(); got != want {
			t.Errorf("%v: %s", s, got)
		}
	}
	long := Setting{"loss", strings.Repeat("x", 300)}.name()
	other := Setting{"loss", strings.Repeat("x", 301)}.name()
	if len(long) > 60 || long == other {
		t.Errorf("%s and %s", long, other)
	}
}
