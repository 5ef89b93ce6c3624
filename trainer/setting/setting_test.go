package setting

import (
	"fmt"
	"math"
	"strings"
	"testing"
)

func TestValidate(t *testing.T) {
	for _, test := range []struct {
		r     Range
		value any
		unit  string
		want  string // "": no error
	}{
		{AtLeast(1), 1, "numbers", ""},
		{AtLeast(1), 0, "numbers", "key is 0: give 1 or more"},
		{AtLeast(0).Note("all"), -1, "threads", "key is -1: give 0 (all) or more"},
		{AtLeast(0), math.NaN(), "factor", "key is NaN: give 0 or more"},
		{AtLeast(0), math.Inf(1), "factor", "key is +Inf: give 0 or more"},
		{Above(0), 1e-300, "factor", ""},
		{Above(0), 0.0, "factor", "key is 0: give a value above 0"},
		{Between(0, 1), 1.0, "share", ""},
		{Between(0, 1), 1.5, "share", "key is 1.5: give a share from 0 to 1"},
		{Under(0, 1), 1.0, "share", "key is 1: give a share from 0 up to, not including, 1"},
		{Under(0, 1), 0.0, "share", ""},
		{OneOf("a", "b"), "b", "", ""},
		{OneOf("a", "b"), "", "", ""},
		{OneOf("a", "b"), "c", "", `key is "c": give one of a, b`},
		{Form("anything"), "c", "", ""},
		{Any(), uint64(1 << 63), "seed", ""},
		{AtLeast(0), int64(math.MinInt64), "steps", "key is -9223372036854775808: give 0 or more"},
	} {
		s := Setting{Key: "key", Unit: test.unit, Range: test.r}
		switch v := test.value.(type) {
		case int:
			s.Value = &v
		case int64:
			s.Value = &v
		case uint64:
			s.Value = &v
		case float64:
			s.Value = &v
		case string:
			s.Value = &v
		}
		if err := s.Validate(); fmt.Sprint(err) != test.want && (err != nil || test.want != "") {
			t.Errorf("%v of %s: %v, want %q", test.value, test.r, err, test.want)
		}
	}
	empty := ""
	if err := (Setting{Key: "key", Value: &empty, Range: OneOf("a"), Always: true}).Validate(); err == nil {
		t.Error("a text that is always written may be empty")
	}
}

func TestSet(t *testing.T) {
	number, text, yes := 0, "", false
	for _, s := range []struct {
		Setting
		to string
	}{
		{Setting{Value: &number}, "12"}, {Setting{Value: &text}, "100%"}, {Setting{Value: &yes}, "true"},
	} {
		if err := s.Set(s.to); err != nil || fmt.Sprint(s.Get()) != s.to {
			t.Errorf("%s: %v, %v", s.to, s.Get(), err)
		}
	}
	if err := (Setting{Value: &number}).Set("x"); err == nil || !strings.Contains(err.Error(), "cannot unmarshal") {
		t.Errorf("%v", err)
	}
}

func TestIncomplete(t *testing.T) {
	number, text := 0, ""
	whole := Setting{Key: "a", Value: &number, Group: "g", Help: "h", Unit: "steps", Range: AtLeast(0)}
	if errs := Incomplete([]Setting{whole}); len(errs) > 0 {
		t.Error(errs)
	}
	for what, change := range map[string]func(*Setting){
		"help":              func(s *Setting) { s.Help = "" },
		"group":             func(s *Setting) { s.Group = "" },
		"unit":              func(s *Setting) { s.Unit = "" },
		`"a" has no range`:  func(s *Setting) { s.Range = Range{} },
		"key of its own":    func(s *Setting) { s.Key = "" },
		"range of its type": func(s *Setting) { s.Value = &text },
		"of its type":       func(s *Setting) { s.Range = OneOf("x") },
	} {
		s := whole
		change(&s)
		if errs := Incomplete([]Setting{s}); len(errs) != 1 || !strings.Contains(errs[0].Error(), what) {
			t.Errorf("%s: %v", what, errs)
		}
	}
	if errs := Incomplete([]Setting{whole, whole}); len(errs) != 1 {
		t.Errorf("a key twice: %v", errs)
	}
}
