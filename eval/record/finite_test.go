package record

import (
	"bytes"
	"encoding/json"
	"math"
	"strings"
	"testing"

	"crossbatch/eval"
	"crossbatch/eval/fewshot"
)

// Numbers that are not finite are written and come back, whatever holds them.
func TestNumbersThatAreNotFiniteAreNamed(t *testing.T) {
	nan := math.NaN()
	o := Outcome{Run: "a", Steps: 3, ImagesPerSecond: math.Inf(1), Classifiers: &fewshot.Scores{Linear: nan, Queries: 5}}
	o.Test.Recall = eval.Recall{{K: 1, Share: 0.5}, {K: 2, Share: nan}}
	o.Test.MAPAtR, o.Test.NMI = nan, &nan
	o.Baseline = &Outcome{FalsePairs: math.Inf(-1)}
	o.Baselines = []Baseline{{Name: "raw", Dim: 2}, {Name: "other", Test: eval.Scores{Skipped: 1}}}
	o.Baselines[1].Test.RPrecision = nan
	var b bytes.Buffer
	if err := EncodeJSON(&b, o, "  "); err != nil {
		t.Fatal(err)
	}
	var named struct {
		Found map[string]string `json:"not_finite"`
		Test  struct {
			MAPAtR *float64 `json:"map_at_r"`
		}
	}
	if err := json.Unmarshal(b.Bytes(), &named); err != nil {
		t.Fatalf("%v: %s", err, b.String())
	}
	for path, want := range map[string]string{
		"images_per_second": "+Inf", "classifiers.linear": "NaN", "test.recall.1.Share": "NaN", "test.map_at_r": "NaN", "test.nmi": "NaN",
		"baseline.false_pairs": "-Inf", "baselines.1.test.r_precision": "NaN",
	} {
		if named.Found[path] != want {
			t.Errorf("%s is %q, want %q", path, named.Found[path], want)
		}
	}
	if len(named.Found) != 7 || named.Test.MAPAtR != nil {
		t.Errorf("%v", named.Found)
	}
	var back Outcome
	if err := parse(b.Bytes(), &back); err != nil {
		t.Fatal(err)
	}
	share, _ := back.Test.Recall.At(2)
	if !math.IsNaN(share) || !math.IsNaN(back.Test.MAPAtR) || back.Test.NMI == nil || !math.IsNaN(*back.Test.NMI) || !math.IsInf(back.ImagesPerSecond, 1) ||
		!math.IsNaN(back.Classifiers.Linear) || !math.IsInf(back.Baseline.FalsePairs, -1) || !math.IsNaN(back.Baselines[1].Test.RPrecision) {
		t.Errorf("%+v", back)
	}
	if first, _ := back.Test.Recall.At(1); first != 0.5 || back.Classifiers.Queries != 5 || back.Baselines[1].Test.Skipped != 1 || back.Baselines[0].Dim != 2 {
		t.Errorf("what was finite is another: %+v", back)
	}
	if !math.IsNaN(o.Test.MAPAtR) || !math.IsNaN(nan) {
		t.Error("what was written was changed")
	}
}

// What is finite is written as before.
func TestFiniteNumbersAreWrittenAsEver(t *testing.T) {
	v := map[string]any{"a": 1.5, "b": []float32{1, 2}, "c": "<&>"}
	for _, indent := range []string{"", "  "} {
		var got, want bytes.Buffer
		e := json.NewEncoder(&want)
		e.SetIndent("", indent)
		if err := e.Encode(v); err != nil {
			t.Fatal(err)
		}
		if err := EncodeJSON(&got, v, indent); err != nil || got.String() != want.String() {
			t.Errorf("%q (%v), want %q", got.String(), err, want.String())
		}
	}
	var b bytes.Buffer
	if err := EncodeJSON(&b, map[string]float64{"x": math.Inf(1)}, ""); err != nil || b.String() != "{\"x\":null,\"not_finite\":{\"x\":\"+Inf\"}}\n" {
		t.Errorf("%s (%v)", b.String(), err)
	}
	if err := EncodeJSON(&b, func() {}, ""); err == nil || !strings.Contains(err.Error(), "unsupported type") {
		t.Errorf("a function: %v", err)
	}
}
