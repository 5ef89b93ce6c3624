package run_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"crossbatch/trainer"
	"crossbatch/trainer/run"
	"crossbatch/xbm/pair"
)

// hinge is a loss of this program: the mean of 1-s over the positive pairs, plus that
// of s-0.5 over the negative pairs above 0.5.
type hinge struct {
	anchors []terms
	all     terms
}

type terms struct {
	pos, neg   float64
	nPos, nNeg int
}

func (h *hinge) Begin(p *pair.Problem) { h.anchors = make([]terms, len(p.Anchors.Labels)) }
func (h *hinge) Passes() int           { return 1 }

func (h *hinge) Fold(_ int, r *pair.Row) {
	a := &h.anchors[r.Anchor]
	for _, p := range r.Pos {
		a.pos, a.nPos = a.pos+1-float64(p.Sim), a.nPos+1
	}
	for _, s := range r.Neg {
		if s > 0.5 { // a place without a pair is below any similarity
			a.neg, a.nNeg = a.neg+float64(s)-0.5, a.nNeg+1
		}
	}
}

func (h *hinge) EndPass(int) {
	h.all = terms{}
	for _, a := range h.anchors {
		h.all = terms{h.all.pos + a.pos, h.all.neg + a.neg, h.all.nPos + a.nPos, h.all.nNeg + a.nNeg}
	}
}

func (h *hinge) Summary() pair.Summary {
	value := h.all.pos/float64(max(1, h.all.nPos)) + h.all.neg/float64(max(1, h.all.nNeg))
	return pair.Summary{Value: value, ActivePositives: h.all.nPos, ActiveNegatives: h.all.nNeg}
}

func (h *hinge) Weigh(w []float32, r *pair.Row) {
	for _, p := range r.Pos {
		w[p.Col] = -1 / float32(h.all.nPos)
	}
	for c, s := range r.Neg {
		if s > 0.5 {
			w[c] = 1 / float32(h.all.nNeg)
		}
	}
}

// A loss from outside trains as any other, within the batch and against the memory.
// The run's files know it by its name.
func ExampleJob_own() {
	dir, err := os.MkdirTemp("", "run-")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = os.RemoveAll(dir) }()
	c := trainer.Default()
	c.Data.Set, c.Network.Width, c.Network.Dim, c.Batch.Size = "glyphs-small", 8, 32, 16
	c.Loss.Spec, c.Steps, c.Watch.ValidateEvery, c.Memory.Start = trainer.OwnPrefix+"hinge", 200, 50, 30

	var s run.Session
	own := trainer.Own{Loss: func() pair.Loss { return &hinge{} }}
	o, err := s.Train(context.Background(), run.Job{Config: c, Own: own, Dir: filepath.Join(dir, "hinge"), Baselines: true})
	if err != nil {
		fmt.Println(err)
		return
	}
	untrained := o.Baselines[len(o.Baselines)-1]
	fmt.Println("MAP@R, half as good again as untrained:", o.Test.MAPAtR > 1.5*untrained.Test.MAPAtR)
	_, err = s.Train(context.Background(), run.Job{Config: c, Dir: filepath.Join(dir, "nameless")})
	fmt.Println(err)
	// Output:
	// MAP@R, half as good again as untrained: true
	// trainer: loss is "own:hinge", which only the Go program that has it can train with: give it to Own.Loss, or choose another loss
}
