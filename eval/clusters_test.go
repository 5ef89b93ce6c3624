package eval

import (
	"encoding/json"
	"math"
	"os"
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
