package pair

import "testing"

// no, yes and either are the entries of the table of [Rule].
const (
	no = iota
	yes
	either
)

// The table in the comment of [Rule], row by row: each row is tried with all values
// of what it leaves open, and together they are all cases.
func TestRule(t *testing.T) {
	cases := 0
	for _, row := range []struct {
		label, own, id, thisStep, keys, views, sameID int
		want                                          Kind
	}{
		{no, either, either, either, either, either, either, KindNegative},
		{yes, yes, either, either, yes, yes, either, KindPositive},
		{yes, yes, either, either, no, either, either, KindSelf},
		{yes, yes, either, either, yes, no, either, KindSelf},
		{yes, no, no, either, either, either, either, KindPositive},
		{yes, no, yes, yes, either, yes, either, KindPositive},
		{yes, no, yes, yes, either, no, yes, KindCopy},
		{yes, no, yes, yes, either, no, no, KindKeptCopy},
		{yes, no, yes, no, either, either, yes, KindCopy},
		{yes, no, yes, no, either, either, no, KindKeptCopy},
	} {
		facts := [7]int{row.label, row.own, row.id, row.thisStep, row.keys, row.views, row.sameID}
		for bits := range 1 << len(facts) {
			var is [len(facts)]bool
			fits := true
			for k, f := range facts {
				is[k] = bits>>k&1 == 1
				fits = fits && (f == either || is[k] == (f == yes))
			}
			if !fits {
				continue
			}
			cases++
			if got := kindOf(is[0], is[1], is[2], is[3], Rule{Keys: is[4], Views: is[5], SameID: is[6]}); got != row.want {
				t.Errorf("%+v, %v: kind %d", row, is, got)
			}
		}
	}
	if cases != 1<<7 {
		t.Errorf("the rows are %d cases of %d", cases, 1<<7)
	}
}

// kindOf is the kind of the pair of an anchor with the second of two columns.
func kindOf(sameLabel, isOwn, sameSample, thisStep bool, rule Rule) Kind {
	p := &Problem{
		Anchors: Side{Labels: []int32{1}, IDs: []int64{7}}, Step: 4,
		Columns: Side{Labels: []int32{1, 2}, IDs: []int64{7, 8}, Births: []int64{4, 3}},
	}
	rule.Own = []int{-1}
	if sameLabel {
		p.Columns.Labels[1] = 1
	}
	if isOwn {
		rule.Own[0] = 1
	}
	if sameSample {
		p.Columns.IDs[1] = 7
	}
	if thisStep {
		p.Columns.Births[1] = 4
	}
	p.Rule = rule
	return p.Kind(0, 1)
}

// What is not known agrees with nothing, and was stored in this step.
func TestRuleOfTheUnknown(t *testing.T) {
	p := &Problem{Anchors: Side{Labels: []int32{1}}, Columns: Side{Labels: []int32{1}, IDs: []int64{7}}, Rule: Rule{SameID: true}, Step: 4}
	if p.Kind(0, 0) != KindPositive || p.Self(0) != -1 {
		t.Error("an anchor without id")
	}
	p.Anchors.IDs, p.Columns.IDs = []int64{7}, nil
	if p.Kind(0, 0) != KindPositive {
		t.Error("a column without id")
	}
	p.Columns.IDs = []int64{7}
	if p.Kind(0, 0) != KindCopy {
		t.Error("a copy")
	}
	p.Rule.Views = true
	if p.Kind(0, 0) != KindPositive {
		t.Error("a view of no known step")
	}
	p.Rule.Own = []int{0}
	if p.Kind(0, 0) != KindSelf || p.Self(0) != 0 {
		t.Error("the anchor itself")
	}
	p.Rule.Keys = true
	if p.Kind(0, 0) != KindPositive || p.Self(0) != -1 {
		t.Error("the anchor's key, which is a view")
	}
}
