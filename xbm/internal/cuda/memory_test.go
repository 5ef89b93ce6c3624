//go:build nvidia

package cuda

import (
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"

	"crossbatch/xbm/internal/cuda/cudatest"
	"crossbatch/xbm/internal/engine"
	"crossbatch/xbm/internal/twin"
	"crossbatch/xbm/loss"
	"crossbatch/xbm/miner"
	"crossbatch/xbm/pair"
)

// What a step on the device may differ by from the processor's, in parts of the largest
// number of the gradient, and of the value. Float32 is held to what the reference cases
// ask for. A product of TF32 numbers has factors rounded to 11 bits, one of BF16 to 8, so
// that a similarity is off by up to 2^-10 or 2^-7, usually a tenth of that; a loss that is
// sharp multiplies it by its sharpness in the exponent.
func bound(p Precision, sharpness float64) float64 {
	off := map[Precision]float64{TF32: 1.0 / (1 << 10), BF16: 1.0 / (1 << 7), FP32: 1e-6}[p]
	return max(twin.Tolerance, min(0.5, 2*off*max(2, sharpness)))
}

// taken is a loss and a miner that the device takes; sharpness is that of the bounds.
type taken struct {
	loss, miner string
	sharpness   float64
}

func allTaken() []taken {
	return []taken{
		{"contrastive", "none", 8}, {"multi-similarity:reduction=sum", "none", 50}, {"contrastive:distance=euclidean", "none", 8},
		{"multi-similarity", "none", 50}, {"multi-similarity:beta=10", "none", 10}, {"multi-similarity:beta=10", "multi-similarity", 20},
		{"nt-xent:temperature=0.2", "none", 5}, {"supcon", "none", 10}, {"circle:gamma=10", "none", 20}, {"nca", "none", 2}, {"tuplet-margin:scale=8", "none", 8},
		{"triplet", "none", 8}, {"triplet:distance=cosine", "none", 8}, {"triplet", "batch-hard", 8}, {"contrastive", "batch-hard", 8},
		{"triplet:distance=cosine,margin=0.5", "easy-hard", 8}, {"triplet:smooth=true", "batch-hard", 8},
	}
}

// amongFew tells whether a case is one of the few that are run with planted faults: one
// of each kind of sweep.
func (c taken) amongFew() bool {
	return slices.Contains([]string{"contrastive:distance=euclidean", "nt-xent:temperature=0.2", "triplet:distance=cosine"}, c.loss) ||
		c.loss == "contrastive" && c.miner == "batch-hard"
}

func (c taken) parse(t *testing.T) pair.Loss {
	t.Helper()
	l, err := loss.Parse(c.loss)
	if err == nil {
		l, err = miner.Mine(l, c.miner, nil)
	}
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// problem is a random problem, in which some negatives are duplicates of anchors, or
// nearly. Without them, no two pairs are equally similar but for rounding.
func problem(rng *rand.Rand, n, m, dim int, duplicates bool) *pair.Problem {
	s := twin.Random(rng, n, m, dim, 1+n/3)
	for i := 0; duplicates && i < min(n, m/4); i += 5 {
		j := (3*i + 1) % m
		s.ColumnLabels[j] = s.Labels[i] + 1
		for k := range dim {
			s.Columns[j*dim+k] = s.Anchors[i*dim+k] * (1 + float32(i%2)*0.01*float32(rng.NormFloat64()))
		}
	}
	p, _ := s.Problem()
	return p
}

func TestMemoryIsTheProcessors(t *testing.T) {
	c := open(t)
	few := os.Getenv("XBM_CUDA_FEW") != "" // enough for faults that are planted
	shapes := [][3]int{{5, 3, 7}, {32, 500, 40}}
	if !testing.Short() && !few {
		shapes = append(shapes, [3]int{70, 130, 150}, [3]int{1, 64, 128}, [3]int{64, 65, 33})
	}
	for _, precision := range []Precision{FP32, TF32, BF16} {
		m := c.NewMemory(precision)
		for _, of := range allTaken() {
			if few && (precision == BF16 || !of.amongFew()) {
				continue
			}
			worst, most := 0.0, bound(precision, of.sharpness)
			for _, shape := range shapes {
				rng := rand.New(rand.NewPCG(uint64(shape[0]), 8))
				p := problem(rng, shape[0], shape[1], shape[2], of.miner != "easy-hard")
				if shape[0] == 32 {
					p.Columns.Factors = twin.Gauss(rng, shape[1])
					p.Halves = &pair.Halves{Positive: 0.5, Negative: 2}
				}
				var on, off engine.Engine
				got, want := make([]float32, len(p.Anchors.Rows)), make([]float32, len(p.Anchors.Rows))
				summary, taken, err := on.RunOn(m, got, p, of.parse(t))
				if err != nil || !taken {
					t.Fatalf("%v of %v: taken %v, %v", of, shape, taken, err)
				}
				expected := off.Run(want, p, of.parse(t))
				differs := cudatest.Farthest(got, want)
				value := math.Abs(summary.Value-expected.Value) / max(1e-3, math.Abs(expected.Value))
				worst = max(worst, differs, value)
				if precision == BF16 && strings.HasSuffix(of.miner, "-hard") {
					differs = 0 // another negative, nearly as similar, may be the one that is chosen
				}
				if !(differs <= most && value <= most) {
					t.Errorf("%v, %v, %v: gradient off by %.2g, value %g for %g; most %.2g", precision, of, shape, differs, summary.Value, expected.Value, most)
				}
				if precision == FP32 && summary.Positives+summary.Negatives+summary.Copies != expected.Positives+expected.Negatives+expected.Copies {
					t.Errorf("%v, %v, %v: counts %+v, want %+v", precision, of, shape, summary, expected)
				}
				if summary.WithPositives != expected.WithPositives {
					t.Errorf("%v, %v, %v: %d anchors with positives, want %d", precision, of, shape, summary.WithPositives, expected.WithPositives)
				}
				if again := make([]float32, len(got)); precision == TF32 {
					if _, _, err := on.RunOn(m, again, p, of.parse(t)); err != nil || !slices.Equal(again, got) {
						t.Errorf("%v, %v: a second run differs, %v", of, shape, err)
					}
				}
			}
			t.Logf("%v %v: off by %.2g", precision, of, worst)
		}
	}
}

// What the device does not take, it leaves to the processor.
func TestMemoryRefuses(t *testing.T) {
	c := open(t)
	rng := rand.New(rand.NewPCG(1, 2))
	p := problem(rng, 8, 40, 8, true)
	for _, of := range []taken{{loss: "lifted", miner: "none"}, {loss: "triplet:smooth=true", miner: "none"}, {loss: "contrastive", miner: "triplet-all"}, {loss: "smooth-ap", miner: "none"}, {loss: "contrastive:reduction=pairs", miner: "none"}, {loss: "triplet", miner: "easy-hard:neg=easy"}} {
		got := make([]float32, len(p.Anchors.Rows))
		if _, taken, err := new(engine.Engine).RunOn(c.NewMemory(FP32), got, p, of.parse(t)); taken || err != nil || slices.Max(got) != 0 {
			t.Errorf("%v: taken %v, %v", of, taken, err)
		}
	}
	scaled := *p
	scaled.Columns.Scale, scaled.Columns.Shift = twin.Gauss(rng, 8), twin.Gauss(rng, 8)
	if _, taken, err := new(engine.Engine).RunOn(c.NewMemory(FP32), make([]float32, len(p.Anchors.Rows)), &scaled, loss.NewContrastive(false)); taken || err != nil {
		t.Errorf("rows that follow moments: taken %v, %v", taken, err)
	}
}

// The order of threads makes no difference: it would, where one reads what another has
// still to write.
func TestInnerDigest(t *testing.T) {
	cudatest.Inner(t)
	c := open(t)
	m := c.NewMemory(TF32)
	for _, of := range []taken{{loss: "multi-similarity", miner: "none"}, {loss: "triplet", miner: "none"}} {
		p := problem(rand.New(rand.NewPCG(3, 4)), 20, 200, 70, true)
		got := make([]float32, len(p.Anchors.Rows))
		summary, _, err := new(engine.Engine).RunOn(m, got, p, of.parse(t))
		if err != nil {
			t.Fatal(err)
		}
		var digest uint64
		for _, x := range got {
			digest = digest*31 + uint64(math.Float32bits(x))
		}
		fmt.Printf("digest %x %v\n", digest, summary)
	}
}

func TestOrderOfThreadsMakesNoDifference(t *testing.T) {
	digests := func(order string) string {
		passed, said := cudatest.Under(t, "TestInnerDigest", "XBM_FAKE_ORDER="+order)
		if !passed {
			t.Fatal(said)
		}
		return strings.Join(slices.DeleteFunc(strings.Split(said, "\n"), func(line string) bool { return !strings.HasPrefix(line, "digest") }), "\n")
	}
	want := digests("0")
	for _, order := range []string{"1", "77"} {
		if got := digests(order); got != want || !strings.Contains(got, "digest") {
			t.Errorf("order %s: %s, want %s", order, got, want)
		}
	}
}

// faults are planted in kernels: each must be caught by the tests above, in one order of
// the threads or another.
func faults() []cudatest.Fault {
	return []cudatest.Fault{
		{"a missing wait", "sweep.cu", "copy_wait<stages - 2>();", "copy_wait<stages - 1>();"},
		{"a missing barrier", "sweep.cu", "		barrier();\n", ""},
		{"a copy into what is still read", "sweep.cu", "		barrier();\n		ahead();\n", "		ahead();\n		barrier();\n"},
		{"a part too few", "sweep.cu", "part < parts; part++", "part < parts - 1; part++"},
		{"a wrong index of a fragment", "tile.h", "put(left, 1, word<P, T, STEP>(a + 8 * k * STEP + 8 * ROW));", "put(left, 1, word<P, T, STEP>(a + 8 * k * STEP + 4 * ROW));"},
		{"a column too many", "sweep.cu", "j < s.m && ", ""},
		{"sums that are not scaled", "sweep.cu", "row[half].sum *= keep[half];", ""},
		{"a race for a count", "device.h", "__atomic_fetch_add(to, n, __ATOMIC_RELAXED);", "*to = *to;"},
		{"shared memory too small", "tile.h", "constexpr int pitch_words = 36;", "constexpr int pitch_words = 44;"},
	}
}

func TestPlantedFaultsAreCaught(t *testing.T) {
	fake().Caught(t, "kernel", faults(), "TestMemoryIsTheProcessors", "XBM_CUDA_FEW=1")
}
