package trainer

import (
	"bytes"
	"errors"
	"slices"
	"testing"
)

func TestProbeState(t *testing.T) {
	r, net := barsRun(t)
	p := newProbe(r.Config, r.Split.Train, probeImages)
	if len(p.index) != len(r.Split.Train) {
		t.Fatalf("%d images of %d", len(p.index), len(r.Split.Train))
	}
	for _, step := range []int64{3, 8} {
		net.weight[step]++
		if err := p.embed(net, r.Set, step); err != nil {
			t.Fatal(err)
		}
	}
	state, err := p.AppendBinary(nil)
	if err != nil {
		t.Fatal(err)
	}
	other := newProbe(r.Config, r.Split.Train, probeImages)
	if err := other.UnmarshalBinary(state); err != nil || !slices.Equal(other.at(3), p.at(3)) || !slices.Equal(other.at(8), p.at(8)) || other.at(4) != nil {
		t.Errorf("what was restored is not what was saved: %v", err)
	}
	again, err := other.AppendBinary(nil)
	if err != nil || !bytes.Equal(again, state) {
		t.Errorf("the state of what was restored is another: %v", err)
	}
	for name, bad := range map[string][]byte{
		"empty": nil, "cut": state[:len(state)-1], "longer": append(bytes.Clone(state), 0),
		"count": append(bytes.Clone(state[:15]), append([]byte{1}, state[16:]...)...),
		"size":  append([]byte{state[0] + 1}, state[1:]...),
	} {
		if err := other.UnmarshalBinary(bad); !errors.Is(err, errProbe) {
			t.Errorf("%s: %v", name, err)
		}
	}
	p.keep(func(step int64) bool { return step == 8 })
	if p.at(3) != nil || p.at(8) == nil {
		t.Error("kept the wrong one")
	}
}
