package optim

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"
)

// adamTwin is algorithm 1 of the paper, line by line in float64.
func adamTwin(values []float64, grads [][]float64, rate, decay float64) {
	m, v := make([]float64, len(values)), make([]float64, len(values))
	for t, grad := range grads {
		for k, g := range grad {
			g += decay * values[k]
			m[k] = 0.9*m[k] + 0.1*g
			v[k] = 0.999*v[k] + 0.001*g*g
			mHat := m[k] / (1 - math.Pow(0.9, float64(t+1)))
			vHat := v[k] / (1 - math.Pow(0.999, float64(t+1)))
			values[k] -= rate * mHat / (math.Sqrt(vHat) + 1e-8)
		}
	}
}

func sgdTwin(values []float64, grads [][]float64, rate, decay, momentum float64) {
	u := make([]float64, len(values))
	for _, grad := range grads {
		for k, g := range grad {
			u[k] = momentum*u[k] + g + decay*values[k]
			values[k] -= rate * u[k]
		}
	}
}

func rmspropTwin(values []float64, grads [][]float64, rate, decay, momentum float64) {
	v, u := make([]float64, len(values)), make([]float64, len(values))
	for _, grad := range grads {
		for k, g := range grad {
			g += decay * values[k]
			v[k] = 0.99*v[k] + 0.01*g*g
			u[k] = momentum*u[k] + g/(math.Sqrt(v[k])+1e-8)
			values[k] -= rate * u[k]
		}
	}
}

// adamWTwin is adamTwin with the values shrunk before each step.
func adamWTwin(values []float64, grads [][]float64, rate, decay float64) {
	moved := make([]float64, len(values)) // by Adam, whose steps do not depend on the values
	for t, grad := range grads {
		before := append([]float64{}, moved...)
		clear(moved)
		adamTwin(moved, grads[:t+1], rate, 0)
		for k := range grad {
			values[k] = values[k]*(1-rate*decay) + moved[k] - before[k]
		}
	}
}

// What does not decay moves as if there were no decay.
func TestUndecayed(t *testing.T) {
	for _, name := range Names() {
		update := func(c Config) [2]float32 {
			o, err := New(c)
			if err != nil {
				t.Fatal(err)
			}
			values := [2]float32{1, 1}
			for range 3 {
				o.Begin(0.1)
				for i := range values {
					o.Update(i, 1, values[i:i+1], []float32{0.5})
				}
			}
			return values
		}
		without := update(Config{Name: name})
		got := update(Config{Name: name, WeightDecay: 0.5, Undecayed: func(i int) bool { return i == 1 }})
		if got[1] != without[1] || got[0] == without[0] {
			t.Errorf("%s: %v, without decay %v", name, got, without)
		}
	}
}

func TestOptimizersEqualTheirTwins(t *testing.T) {
	const n, steps, rate = 50, 200, 0.01
	for _, c := range []Config{
		{}, {Name: "adam", WeightDecay: 0.1},
		{Name: "adamw", WeightDecay: 0.1}, {Name: "rmsprop", WeightDecay: 0.1}, {Name: "rmsprop", Momentum: 0.9},
		{Name: "sgd"}, {Name: "sgd", WeightDecay: 0.1}, {Name: "sgd", Momentum: 0.9}, {Name: "sgd", Momentum: 0.5, WeightDecay: 0.1},
	} {
		rng := rand.New(rand.NewPCG(1, 1))
		o, err := New(c)
		if err != nil {
			t.Fatal(err)
		}
		a, b := make([]float32, n), make([]float32, n)
		want := make([]float64, 2*n)
		for k := range n {
			a[k], b[k] = rng.Float32(), rng.Float32()
			want[k], want[n+k] = float64(a[k]), float64(b[k])
		}
		grads := make([][]float64, steps)
		for s := range grads {
			grad := make([]float32, 2*n)
			for k := range grad {
				grad[k] = float32(rng.NormFloat64() + 0.3)
				grads[s] = append(grads[s], float64(grad[k]))
			}
			o.Begin(2 * rate)
			o.Update(0, 0.5, a, grad[:n]) // half of twice the rate
			o.Update(1, 0.5, b, grad[n:])
		}
		switch c.Name {
		case "sgd":
			sgdTwin(want, grads, rate, c.WeightDecay, c.Momentum)
		case "rmsprop":
			rmspropTwin(want, grads, rate, c.WeightDecay, c.Momentum)
		case "adamw":
			adamWTwin(want, grads, rate, c.WeightDecay)
		default:
			adamTwin(want, grads, rate, c.WeightDecay)
		}
		for k, got := range append(a, b...) {
			if math.Abs(float64(got)-want[k]) > 1e-4 {
				t.Fatalf("%+v: value %d is %g after %d steps, the twin's %g", c, k, got, steps, want[k])
			}
		}
	}
}

func TestSchedules(t *testing.T) {
	for _, c := range []struct {
		s    Schedule
		step int64
		want float64
	}{
		{Schedule{Rate: 2, Steps: 10}, 9, 2},
		{Schedule{Name: "cosine", Rate: 2, Steps: 10}, 0, 2},
		{Schedule{Name: "cosine", Rate: 2, Steps: 10}, 5, 1},
		{Schedule{Name: "cosine", Rate: 2, Steps: 10}, 10, 0},
		{Schedule{Name: "cosine", Rate: 2, Steps: 10}, 99, 0},
		{Schedule{Name: "step", Rate: 2, Steps: 10}, 6, 2},
		{Schedule{Name: "step", Rate: 2, Steps: 10}, 7, 0.2},
		{Schedule{Rate: 2, Steps: 10, Warmup: 3}, 0, 0.5},
		{Schedule{Rate: 2, Steps: 10, Warmup: 3}, 3, 2},
	} {
		if err := c.s.Validate(); err != nil {
			t.Error(err)
		}
		if got := c.s.At(c.step); math.Abs(got-c.want) > 1e-12 {
			t.Errorf("%+v at %d: %g, want %g", c.s, c.step, got, c.want)
		}
	}
}

func TestBadSettingsAreRefused(t *testing.T) {
	for _, c := range []Config{{Name: "adagrad"}, {WeightDecay: -1}, {Momentum: 1}, {Momentum: math.NaN()}} {
		if _, err := New(c); err == nil || !strings.HasPrefix(err.Error(), "optim: ") {
			t.Errorf("%+v: %v", c, err)
		}
	}
	for _, s := range []Schedule{{Name: "linear", Rate: 1}, {Rate: 0}, {Rate: math.Inf(1)}, {Rate: math.NaN()}, {Rate: 1, Warmup: -1}} {
		if err := s.Validate(); err == nil {
			t.Errorf("%+v is not refused", s)
		}
	}
}

// A step that is told is the one that is taken.
func TestStepsAreTold(t *testing.T) {
	for _, c := range []Config{
		{WeightDecay: 0.1}, {Name: "adamw", WeightDecay: 0.1}, {Name: "rmsprop", WeightDecay: 0.1}, {Name: "rmsprop", Momentum: 0.9}, {Name: "sgd", WeightDecay: 0.1}, {Name: "sgd", Momentum: 0.5},
	} {
		o, err := New(c)
		if err != nil {
			t.Fatal(err)
		}
		value, first, second, velocity := []float32{0.7}, 0.0, 0.0, 0.0
		want := float64(value[0])
		for k := range 20 {
			o.Begin(0.02)
			grad := float32(math.Sin(float64(k)))
			s := o.(Told).Step(3, 0.5)
			want *= s.Shrink
			g := float64(grad) + s.Decay*want
			first, second = s.Beta1*first+(1-s.Beta1)*g, s.Beta2*second+(1-s.Beta2)*g*g
			move := map[string]float64{"adam": first / (s.Scale*math.Sqrt(second) + s.Epsilon), "rmsprop": g / (math.Sqrt(second) + s.Epsilon), "sgd": g}[s.Kind]
			velocity = s.Momentum*velocity + move
			want -= s.Rate * velocity
			o.Update(3, 0.5, value, []float32{grad})
			if math.Abs(float64(value[0])-want) > 1e-5 {
				t.Fatalf("%+v, step %d: %g, told %g", c, k, value[0], want)
			}
		}
	}
}
