package trainer

import (
	"bytes"
	"context"
	"math"
	"testing"

	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"

	"crossbatch/eval/event"
	"crossbatch/trainer/checkpoint"
)

// Embeddings that are all alike are told of once, in log and record, also where
// the training was resumed after that.
func TestCollapseIsToldOfOnce(t *testing.T) {
	core, logs := observer.New(zap.WarnLevel)
	var file []byte
	for part := range 2 {
		r, net := barsRun(t)
		for i := range net.weight {
			net.weight[i] = float32(1 + i/net.in) // all outputs look at the sum of the pixels
		}
		r.Config.Optimizer.LR, r.Config.Optimizer.Name, r.Config.Steps = 1e-9, "sgd", 5
		r.Log = zap.New(core)
		var told []event.Collapse
		r.Metric = func(v event.Event) error {
			if c, ok := v.(event.Collapse); ok {
				told = append(told, c)
			}
			return nil
		}
		training, err := Prepare(r)
		if err != nil {
			t.Fatal(err)
		}
		training.CheckpointEvery = 1
		training.Checkpoint = func(step int64, _ bool) error {
			if step != 3 {
				return nil
			}
			var b bytes.Buffer
			err := checkpoint.Write(&b, training.Sections())
			file = b.Bytes()
			return err
		}
		if part == 1 {
			restore(t, training, file)
		}
		if _, err := training.Train(context.Background()); err != nil {
			t.Fatal(err)
		}
		if part == 0 && (len(told) != 1 || told[0].Step != 0 || !(told[0].Spread < collapsed)) || part == 1 && told != nil {
			t.Errorf("part %d: %v", part, told)
		}
	}
	if n := logs.FilterMessageSnippet("collapsed").Len(); n != 1 {
		t.Errorf("%d lines in the log, want 1", n)
	}
	r, _ := barsRun(t)
	r.Metric = func(v event.Event) error {
		if c, ok := v.(event.Collapse); ok {
			t.Errorf("%+v: of a network that is well", c)
		}
		return nil
	}
	train(t, r)
}

// Of one embedding nothing can be told; of two it can.
func TestCollapseOfFew(t *testing.T) {
	for _, c := range []struct {
		emb  []float32
		want bool
	}{{[]float32{1, 2}, false}, {[]float32{1, 2, 2, 4}, true}, {[]float32{1, 2, 2, -1}, false}} {
		told := false
		training := &Training{Run: Run{Metric: func(event.Event) error { told = true; return nil }}}
		training.Config.Network.Dim = 2
		if err := training.watch(3, c.emb); err != nil || told != c.want {
			t.Errorf("%v: %v, %v", c.emb, told, err)
		}
	}
}

func TestSpread(t *testing.T) {
	for _, c := range []struct {
		emb  []float32
		want float64
	}{
		{[]float32{1, 0, 0, 1}, 0.5}, {[]float32{3, 0, 7, 0}, 0}, {[]float32{1, 0, -1, 0}, 1}, {[]float32{0, 0, 0, 0}, 0}, {[]float32{0, 0, 2, 0, 0, 5}, 0.5},
	} {
		if got := spread(c.emb, 2); math.Abs(got-c.want) > 1e-9 {
			t.Errorf("%v: %g, want %g", c.emb, got, c.want)
		}
	}
}
