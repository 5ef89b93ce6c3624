package backbone

import (
	"errors"
	"runtime"
	"strings"
	"testing"
)

// whole is the gradient of Σ emb, which every test here can do without.
func whole(dEmb, _ []float32) error {
	fill(dEmb, 1)
	return nil
}

func TestTrainCallsBackOnce(t *testing.T) {
	n, images := randomNet(t, Config{Kind: MLP, Channels: 1, Height: 2, Width: 2, Dim: 3}, 5)
	for range 2 {
		calls := 0
		err := n.Train(images, func(dEmb, emb []float32) error {
			calls++
			if len(dEmb) != 15 || len(emb) != 15 {
				t.Errorf("%d and %d numbers, want 15 and 15", len(dEmb), len(emb))
			}
			for _, v := range dEmb {
				if v != 0 {
					t.Fatal("dEmb does not come zeroed")
				}
			}
			return whole(dEmb, emb)
		})
		if err != nil || calls != 1 {
			t.Errorf("%d calls, error %v", calls, err)
		}
	}
}

func TestTrainReturnsTheCallersError(t *testing.T) {
	n, images := randomNet(t, tiny, 3)
	mine := errors.New("mine")
	if err := n.Train(images, func(_, _ []float32) error { return mine }); err != mine {
		t.Errorf("error %v, want it as it is", err)
	}
	if err := n.Train(images, whole); err != nil {
		t.Errorf("the step after: %v", err)
	}
}

// A panic in the caller's function is the caller's, on its own goroutine; the
// network works on if it is recovered.
func TestTrainSurvivesAPanic(t *testing.T) {
	n, images := randomNet(t, tiny, 3)
	func() {
		defer func() {
			if r := recover(); r != "mine" {
				t.Errorf("recovered %v", r)
			}
		}()
		_ = n.Train(images, func(_, _ []float32) error { panic("mine") })
	}()
	if err := n.Train(images, whole); err != nil {
		t.Errorf("the step after: %v", err)
	}
}

// So is the end of its goroutine, which is what t.FailNow does.
func TestTrainSurvivesGoexit(t *testing.T) {
	n, images := randomNet(t, tiny, 3)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = n.Train(images, func(_, _ []float32) error { runtime.Goexit(); return nil })
	}()
	<-ended
	if err := n.Train(images, whole); err != nil {
		t.Errorf("the step after: %v", err)
	}
}

func TestTrainRefuses(t *testing.T) {
	n, images := randomNet(t, tiny, 3)
	for name, err := range map[string]error{
		"no images":     n.Train(nil, whole),
		"half an image": n.Train(images[:3], whole),
		"no function":   n.Train(images, nil),
	} {
		if err == nil || !strings.HasPrefix(err.Error(), "backbone: ") {
			t.Errorf("%s: error %v", name, err)
		}
	}
}
