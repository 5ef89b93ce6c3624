package trainer

import (
	"slices"
	"testing"
)

// Each policy and cure makes a difference to the training, and each policy keeps
// what it is to keep; a look at drift changes nothing.
func TestPoliciesAndCures(t *testing.T) {
	seen := map[float32]any{}
	for _, c := range []struct {
		policy string
		maxAge int64
		tau    float64
		cure   string
	}{
		{}, {policy: "keyed"}, {policy: "class-balanced:3"}, {policy: "reservoir"}, {maxAge: 2}, {policy: "keyed", maxAge: 2},
		{tau: 1}, {cure: "xbn"}, {cure: "axbn"}, {cure: "sdc:every=3"}, {policy: "keyed", maxAge: 3, tau: 2, cure: "axbn"},
	} {
		var weights [2][]float32
		for k, every := range []int64{0, 7} {
			r, net := barsRun(t)
			r.Config.Memory.Policy, r.Config.Memory.MaxAge, r.Config.Watch.DriftEvery, r.Config.Memory.Combine = c.policy, c.maxAge, every, PML
			r.Config.Memory.AgeTau, r.Config.Memory.Cure = c.tau, c.cure
			training, err := Prepare(r)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := training.Train(t.Context()); err != nil {
				t.Fatal(err)
			}
			weights[k] = net.weight
			m := training.terms.memory.Memory
			images, classes := map[int64]int{}, map[int32]int{}
			for i, id := range m.IDs() {
				images[id]++
				classes[m.Labels()[i]]++
				if age := r.Config.Steps - 1 - m.Births()[i]; c.maxAge > 0 && age > c.maxAge {
					t.Errorf("%v: a row of age %d", c, age)
				}
			}
			for id, n := range images {
				if c.policy == "keyed" && n > 1 {
					t.Errorf("%v: %d rows of image %d", c, n, id)
				}
			}
			for class, n := range classes {
				if c.policy == "class-balanced:3" && n > 3 {
					t.Errorf("%v: %d rows of class %d", c, n, class)
				}
			}
		}
		if !slices.Equal(weights[0], weights[1]) {
			t.Errorf("%v: looking at drift changes the weights", c)
		}
		if other, twice := seen[weights[0][0]]; twice {
			t.Errorf("%+v trains as %+v does", c, other)
		}
		seen[weights[0][0]] = c
	}
}
