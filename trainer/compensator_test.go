package trainer

import "testing"

// The rows are moved every so many steps from the start of the memory on, and the probe
// keeps its last look alone.
func TestCompensatorCountsFromTheStart(t *testing.T) {
	r, net := barsRun(t)
	r.Config.Memory.Cure, r.Config.Memory.Start = "sdc:every=5", 7
	training, err := Prepare(r)
	if err != nil {
		t.Fatal(err)
	}
	c, err := newCompensator(r.Config, training.terms.memory, r.Split)
	if err != nil {
		t.Fatal(err)
	}
	for step := range int64(20) {
		if err := c.before(step, net, r.Set); err != nil {
			t.Fatal(err)
		}
		want := int64(-1) // no look yet
		if step >= 7 {
			want = step - (step-7)%5
		}
		if past := c.probe.past; want < 0 && len(past) != 0 || want >= 0 && (len(past) != 1 || past[0].step != want) {
			t.Errorf("after step %d: %d looks, want one at %d", step, len(past), want)
		}
	}
}
