package encoder

import (
	"slices"

	"crossbatch/backbone/network"
)

// compile finds how a node is run, there and back.
func (t *training) compile(s *pass) error {
	x, y := t.values[s.in[0]], t.values[s.out]
	in, out := t.network.Shape(s.in[0]), t.network.Shape(s.out)
	switch op := s.node.Op.(type) {
	case network.Convolution:
		o := &product{gather: sliding(in, out, op.Size, op.Stride, op.Pad), layout: filtersOf(op, in[0]), step: y.step}
		t.product(s, o, op.Bias)
	case network.Linear:
		g, l, err := linearOf(op, x)
		if err != nil {
			return err
		}
		t.product(s, &product{gather: g, layout: l, step: y.step}, true)
	case network.BatchNorm:
		t.batchNorm(s, op)
	case network.ReLU:
		t.activation(s, rectify)
	case network.HardSwish:
		t.activation(s, hardSwish)
	case network.HardSigmoid:
		t.activation(s, hardSigmoid)
	case network.GELU:
		t.activation(s, gelu)
	case network.MaxPool:
		t.pool(s, sliding(in, out, op.Size, op.Stride, op.Pad), 0)
	case network.AveragePool:
		t.pool(s, sliding(in, out, op.Size, op.Stride, op.Pad), 1)
	case network.GlobalAverage:
		t.poolAll(s, x, 0, 1)
	case network.GlobalMax:
		t.poolAll(s, x, 0, 0)
	case network.MeanToken:
		t.poolAll(s, x, 1, 1)
	case network.FirstToken:
		t.firstToken(s, x)
	case network.Concat:
		return t.concat(s, op)
	case network.Rescale:
		forward := s.step()
		t.rescale(forward, op)
		s.forward, s.backward = forward.run, func(*run) error { return nil }
		if t.moves[s.in[0]] {
			return untrained(op)
		}
	case network.Depthwise:
		t.depthwise(s, op)
	case network.Gate:
		t.gate(s, x)
	case network.Tokens:
		t.tokens(s, x)
	case network.Positions:
		t.positions(s, op)
	case network.Attention:
		return t.attention(s, op)
	case network.Scale:
		if x.places > 1 && x.turned {
			return untrained(op)
		}
		t.scale(s)
	case network.Add:
		t.sum(s)
	case network.LayerNorm:
		if x.places > 1 && x.turned {
			return untrained(op)
		}
		t.layerNorm(s, op)
	case network.Normalize:
		t.normalize(s, x)
	case network.Dropout:
		t.dropout(s, op)
	default:
		return untrained(op)
	}
	return nil
}

func (t *training) activation(s *pass, kind int) {
	y := t.values[s.out]
	s.forward = func(r *run) error {
		return r.each("activate", r.batch*y.size(), func(n int) []any {
			return []any{r.at(s.out), r.at(s.in[0]), n, y.channels, y.step, kind}
		})
	}
	s.backward = func(r *run) error {
		return t.gradient(r, s.in[0], false, func(dst, _ *buffer) error {
			return r.each("activate_back", r.batch*y.size(), func(n int) []any {
				return []any{dst, &t.back[s.out], r.at(s.in[0]), n, kind}
			})
		})
	}
}

func (t *training) sum(s *pass) {
	y := t.values[s.out]
	s.forward = func(r *run) error {
		return r.each("add", r.batch*y.size(), func(n int) []any {
			return []any{r.at(s.out), r.at(s.in[0]), r.at(s.in[1]), n, 0}
		})
	}
	s.backward = func(r *run) error {
		for _, v := range s.in {
			if err := t.passOn(r, v, &t.back[s.out], y); err != nil {
				return err
			}
		}
		return nil
	}
}

func (t *training) pool(s *pass, g gather, average int) {
	x, y := t.values[s.in[0]], t.values[s.out]
	winners := t.room("winners")
	back := gather{g.down, g.across, g.step, g.height, g.width, g.size, g.stride, g.pad, 1}
	s.forward = func(r *run) error {
		if err := r.Room(winners, "winners", 4*r.batch*y.size()); err != nil {
			return err
		}
		return r.each("pool", r.batch*y.size(), func(n int) []any {
			return slices.Concat([]any{r.at(s.out), r.at(s.in[0]), winners, n}, g.arguments(), []any{average})
		})
	}
	s.backward = func(r *run) error {
		return t.gradient(r, s.in[0], false, func(dst, _ *buffer) error {
			return r.each("pool_back", r.batch*x.size(), func(n int) []any {
				return slices.Concat([]any{dst, &t.back[s.out], winners, n}, back.arguments(), []any{average})
			})
		})
	}
}

// poolAll is of an image's places from the first on.
func (t *training) poolAll(s *pass, x value, first, average int) {
	winners := t.room("winners")
	s.forward = func(r *run) error {
		if err := r.Room(winners, "winners", 4*r.batch*x.step); err != nil {
			return err
		}
		return r.each("pool_all", r.batch*x.step, func(n int) []any {
			return []any{r.at(s.out), r.at(s.in[0]), winners, n, x.places, x.step, first, average}
		})
	}
	s.backward = func(r *run) error {
		return t.gradient(r, s.in[0], false, func(dst, _ *buffer) error {
			return r.each("pool_all_back", r.batch*x.size(), func(n int) []any {
				return []any{dst, &t.back[s.out], winners, n, x.places, x.step, first, average}
			})
		})
	}
}

func (t *training) normalize(s *pass, x value) {
	inverses := t.room("lengths")
	s.forward = func(r *run) error {
		if err := r.Room(inverses, "lengths", 4*r.batch); err != nil {
			return err
		}
		return r.Launch("normalize", [3]int{r.batch, 1, 1}, reduceBytes, r.at(s.out), r.at(s.in[0]), inverses, x.size())
	}
	s.backward = func(r *run) error {
		return t.gradient(r, s.in[0], false, func(dst, _ *buffer) error {
			return r.Launch("normalize_back", [3]int{r.batch, 1, 1}, reduceBytes, dst, &t.back[s.out], r.at(s.out), inverses, x.size())
		})
	}
}

// dropout leaves out what the processor draws, which is what it would leave out itself.
func (t *training) dropout(s *pass, op network.Dropout) {
	y, steps, factors := t.values[s.out], t.arrays[s.node.Parameters[0]], t.room("dropout")
	multiply := func(r *run, to, from *buffer) error {
		return r.each("gate", r.batch*y.size(), func(n int) []any { return []any{to, from, factors, n, y.step, y.step} })
	}
	s.forward = func(r *run) error {
		steps[0]++ // outside: nothing on the device reads it
		drawn, row := make([]float32, r.batch*y.places*y.channels), make([]float32, r.batch*y.size())
		for i := range r.batch {
			op.Draw(drawn[i*y.places*y.channels:(i+1)*y.places*y.channels], steps[0], i)
		}
		y.outside(r.batch).put(row, drawn, nil, nil)
		if err := r.Room(factors, "dropout", 4*len(row)); err != nil {
			return err
		}
		if err := r.Upload(factors, row); err != nil {
			return err
		}
		return multiply(r, r.at(s.out), r.at(s.in[0]))
	}
	s.backward = func(r *run) error {
		return t.gradient(r, s.in[0], false, func(dst, _ *buffer) error { return multiply(r, dst, &t.back[s.out]) })
	}
}
