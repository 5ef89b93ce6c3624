package xbm

import (
	"strings"
	"testing"
)

func TestParseCure(t *testing.T) {
	for text, want := range map[string]string{
		"": "", "none": "", "xbn": "xbn", "axbn": "axbn:process=0.1,measurement=1", "axbn:process=0.5": "axbn:process=0.5,measurement=1",
		"sdc": "sdc:probes=256,every=50,sigma=0.3", "sdc:every=7,sigma=1,probes=3": "sdc:probes=3,every=7,sigma=1",
		"axbn:measurement=0": "xbn",
	} {
		c, err := ParseCure(text)
		got := ""
		if c.Norm != nil {
			got = c.Norm.String()
		}
		if c.Drift != nil {
			got += c.Drift.String()
		}
		if err != nil || got != want {
			t.Errorf("%q is %q (%v), want %q", text, got, err, want)
		}
	}
	for text, want := range map[string]string{
		"aspirin": "known are none, xbn, axbn, sdc", "xbn:process=1": "there is no parameter process: it has none", "none:x=1": "there is no parameter",
		"axbn:process=x": `process is "x": give a number`, "axbn:process=NaN": "process is NaN", "axbn:process=-1": "process is -1",
		"axbn:process=0": "would stand still", "sdc:probes=1.5": "give a whole number", "sdc:probes=0": "probes is 0: give a value of 1 or more", "sdc:sigma=0": "sigma is 0: give a value of 0.01 or more",
		"sdc:every": "write name=value",
	} {
		if _, err := ParseCure(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
	for _, name := range CureNames() {
		if _, err := ParseCure(name); err != nil {
			t.Errorf("%q: %v", name, err)
		}
	}
}
