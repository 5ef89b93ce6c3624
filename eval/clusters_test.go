package eval

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"testing"
)

func TestReferenceClusters(t *testing.T) {
	var c struct {
		Labels, Clusters []int32
		Want             struct{ NMI, AMI float64 }
	}
	if err := json.Unmarshal(must(os.ReadFile("../testdata/reference/cases/metrics-clusters.json")), &c); err != nil {
		t.Fatal(err)
	}
	nmi, ami, err := Agreement(c.Labels, c.Clusters)
	if err != nil || math.Abs(nmi-c.Want.NMI) > 1e-9 || math.Abs(ami-c.Want.AMI) > 1e-9 {
		t.Errorf("NMI %g, AMI %g (%v), want %+v", nmi, ami, err, c.Want)
	}
}

func TestAgreementAtItsEnds(t *testing.T) {
	for _, c := range []struct {
		labels, clusters []int32
		nmi, ami         float64
	}{
		{[]int32{0, 0, 1, 1}, []int32{7, 7, 3, 3}, 1, 1},
		{[]int32{0, 0, 1, 1}, []int32{5, 5, 5, 5}, 0, 0},
		{[]int32{2, 2, 2}, []int32{1, 1, 1}, 1, 1},
		{[]int32{0, 1, 2}, []int32{2, 0, 1}, 1, 1},
		{[]int32{4}, []int32{9}, 1, 1},
	} {
		nmi, ami, err := Agreement(c.labels, c.clusters)
		if err != nil || math.Abs(nmi-c.nmi) > 1e-12 || math.Abs(ami-c.ami) > 1e-12 {
			t.Errorf("%v and %v: NMI %g, AMI %g (%v), want %g and %g", c.labels, c.clusters, nmi, ami, err, c.nmi, c.ami)
		}
	}
	for _, n := range []int{0, 3} {
		if _, _, err := Agreement(make([]int32, 2), make([]int32, n)); err == nil {
			t.Errorf("2 labels and %d clusters are not refused", n)
		}
	}
}

// mutualTwin is the mutual information by its definition, over all pairs of names.
func mutualTwin(a, b []int32) (mutual float64) {
	n := float64(len(a))
	share := func(is func(i int) bool) (p float64) {
		for i := range a {
			if is(i) {
				p += 1 / n
			}
		}
		return p
	}
	names := func(x []int32) []int32 { return slices.Compact(slices.Sorted(slices.Values(x))) }
	for _, u := range names(a) {
		for _, v := range names(b) {
			both := share(func(i int) bool { return a[i] == u && b[i] == v })
			if both > 0 {
				mutual += both * math.Log(both/share(func(i int) bool { return a[i] == u })/share(func(i int) bool { return b[i] == v }))
			}
		}
	}
	return mutual
}

// permutations calls f with every order of x.
func permutations(x []int32, f func([]int32)) {
	if len(x) == 0 {
		f(nil)
		return
	}
	var swap func(k int)
	swap = func(k int) {
		if k == len(x) {
			f(x)
			return
		}
		for i := k; i < len(x); i++ {
			x[k], x[i] = x[i], x[k]
			swap(k + 1)
			x[k], x[i] = x[i], x[k]
		}
	}
	swap(0)
}

// What chance is expected to give is the mean over all ways to deal the labels.
func TestAgreementEqualsItsTwin(t *testing.T) {
	rng := rand.New(rand.NewPCG(42, 1))
	for range 12 {
		n := 4 + rng.IntN(3)
		labels, clusters := make([]int32, n), make([]int32, n)
		for i := range labels {
			labels[i], clusters[i] = int32(rng.IntN(3)), int32(rng.IntN(3))
		}
		labels[0], labels[1], clusters[0], clusters[1], clusters[2] = 0, 1, 5, 6, 5 // no end of the scale
		mutual := mutualTwin(labels, clusters)
		norm := (mutualTwin(labels, labels) + mutualTwin(clusters, clusters)) / 2
		var expected, ways float64
		permutations(slices.Clone(labels), func(dealt []int32) {
			expected += mutualTwin(dealt, clusters)
			ways++
		})
		expected /= ways
		nmi, ami, err := Agreement(labels, clusters)
		if err != nil || math.Abs(nmi-mutual/norm) > 1e-9 || math.Abs(ami-(mutual-expected)/(norm-expected)) > 1e-9 {
			t.Errorf("%v and %v: NMI %g, AMI %g, want %g and %g (%v)", labels, clusters, nmi, ami, mutual/norm, (mutual-expected)/(norm-expected), err)
		}
	}
}
