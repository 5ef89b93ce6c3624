package loss

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"crossbatch/xbm/internal/engine"
	"crossbatch/xbm/internal/twin"
	"crossbatch/xbm/kernel"
	"crossbatch/xbm/miner"
	"crossbatch/xbm/pair"
)

// watched is a fast loss that notes whether the fast way was taken.
type watched struct {
	pair.Fast
	wasFast bool
}

func (l *watched) EndParts() {
	l.wasFast = true
	l.Fast.EndParts()
}

func (l *watched) Traits() pair.Traits { return pair.TraitsOf(l.Fast) }

func (l *watched) Finish(f *pair.Finish) {
	if inner, ok := l.Fast.(pair.Finisher); ok {
		inner.Finish(f)
	}
}

// The fast way, over tiles and parts, comes to the same as the plain one, but for
// the rounding of similarities, which the sharpest losses take a hundredfold.
func TestFastEqualsPlain(t *testing.T) {
	shapes := []struct{ n, m, dim, classes int }{
		{5, 1, 3, 2}, {70, 1500, 16, 60}, {130, 900, 33, 5}, {40, 7000, 8, 30}, {3, 385, 4, 2},
	}
	for _, text := range append(minerTexts(), "none") {
		t.Run(text, func(t *testing.T) {
			t.Parallel()
			// Miners that have no fast way leave both to the plain one.
			most := len(shapes)
			if text != "none" {
				if _, ok := fresh(t, text)().(pair.FastMiner); !ok {
					most = 1
				}
			}
			if few := text != "none" && text != miner.Names()[1] && text != "batch-hard"; testing.Short() || few && !exhaustive() {
				most = min(most, 2)
			}
			for name, c := range lossCases() {
				for seed, shape := range shapes[:most] {
					// With one negative an anchor any loss is fast.
					if _, ok := c.loss().(pair.Fast); !ok && (seed > 1 || seed > 0 && text != "batch-hard") {
						continue
					}
					mined := func(l pair.Loss) pair.Loss {
						if text != "none" {
							return &pair.Mined{Miner: fresh(t, text)(), Loss: l}
						}
						return l
					}
					s := twin.Random(rand.New(rand.NewPCG(uint64(seed), 77)), shape.n, shape.m, shape.dim, shape.classes)
					sameFastAndPlain(t, fmt.Sprintf("%s, %+v", name, shape), s, mined(c.loss()), mined(c.loss()), text == "none")
				}
			}
		})
	}
}

func sameFastAndPlain(t *testing.T, at string, s twin.Sample, a, b pair.Loss, countsToo bool) {
	p, _ := s.Problem()
	got, want := make([]float32, len(s.Anchors)), make([]float32, len(s.Anchors))
	summary := (&engine.Engine{}).Run(got, p, a)
	plain := (&engine.Engine{Plain: true}).Run(want, p, b)
	if math.Abs(summary.Value-plain.Value) > 5e-5*math.Max(math.Abs(plain.Value), 1e-4) {
		t.Errorf("%s: value %g, plainly %g", at, summary.Value, plain.Value)
	}
	summary.Value, plain.Value = 0, 0
	if summary != plain && countsToo {
		t.Errorf("%s: %+v, plainly %+v", at, summary, plain)
	}
	if err := twin.Relative(got, twin.Wide(want)); err > 2e-4 {
		t.Errorf("%s: gradient is off the plain one by %g", at, err)
	}
}

// foldedWatch is watched for a loss that folds its negatives first.
type foldedWatch struct {
	pair.FoldedFast
	watch *watched
}

func (l *foldedWatch) EndParts() { l.watch.EndParts() }

// Losses that can be fast are, alone and with miners that can be.
func TestFastIsTaken(t *testing.T) {
	s := twin.Random(rand.New(rand.NewPCG(1, 77)), 20, 700, 8, 30)
	p, _ := s.Problem()
	for _, text := range []string{
		"contrastive", "contrastive:distance=euclidean", "multi-similarity", "nt-xent", "supcon", "triplet", "triplet:distance=cosine",
		"lifted", "generalized-lifted", "margin", "nca", "tuplet-margin", "circle", "n-pairs", "angular",
		"fast-ap", "histogram", "smooth-ap", "intra-pair-variance", "snr-contrastive",
	} {
		for _, mining := range []string{"none", "multi-similarity", "pair-margin", "triplet-semihard"} {
			if isTriplet := strings.HasPrefix(text, "triplet"); mining == "triplet-semihard" && !isTriplet {
				continue
			}
			l, err := Parse(text)
			if err != nil {
				t.Fatal(err)
			}
			w := &watched{Fast: l.(pair.Fast)}
			l = w
			if folded, ok := w.Fast.(pair.FoldedFast); ok {
				l = &foldedWatch{folded, w}
			}
			if mining != "none" {
				l = &pair.Mined{Miner: fresh(t, mining)(), Loss: l}
			}
			(&engine.Engine{}).Run(make([]float32, len(s.Anchors)), p, l)
			if !w.wasFast {
				t.Errorf("%s with %s takes no fast way", text, mining)
			}
		}
	}
}

// Columns in 16 bits are the columns that these stand for.
func TestHalvesAreTheirRows(t *testing.T) {
	for _, isPlain := range []bool{false, true} {
		for name, c := range lossCases() {
			if pair.TraitsOf(c.loss()).BatchOnly != nil {
				continue
			}
			s := twin.Random(rand.New(rand.NewPCG(4, 78)), 20, 900, 12, 40)
			p, _ := s.Problem()
			halves := make([]uint16, len(p.Columns.Rows))
			kernel.ToHalf(halves, p.Columns.Rows)
			kernel.FromHalf(p.Columns.Rows, halves)
			want, got := make([]float32, len(s.Anchors)), make([]float32, len(s.Anchors))
			value := (&engine.Engine{Plain: isPlain}).Run(want, p, c.loss())
			p.Columns.Rows, p.Columns.Halves = nil, halves
			if half := (&engine.Engine{Plain: isPlain}).Run(got, p, c.loss()); half != value || !slices.Equal(got, want) {
				t.Errorf("%s, plain %t: %+v, by rows %+v", name, isPlain, half, value)
			}
		}
	}
}

// Products in bfloat16 that choose the pairs change no bit of a result.
func TestSieveChangesNothing(t *testing.T) {
	for _, text := range append(minerTexts(), "none") {
		for name, c := range lossCases() {
			if text != "none" {
				if _, ok := fresh(t, text)().(pair.FastMiner); !ok {
					continue
				}
			}
			for seed, shape := range []struct{ n, m, dim, classes int }{{10, 900, 48, 60}, {100, 800, 33, 300}} {
				if seed > 0 && testing.Short() {
					continue
				}
				run := func(s engine.Sieving) (pair.Summary, []float32) {
					l := c.loss()
					if text != "none" {
						l = &pair.Mined{Miner: fresh(t, text)(), Loss: l}
					}
					sample := twin.Random(rand.New(rand.NewPCG(uint64(seed), 79)), shape.n, shape.m, shape.dim, shape.classes)
					p, _ := sample.Problem()
					d := make([]float32, len(sample.Anchors))
					return (&engine.Engine{Sieve: s}).Run(d, p, l), d
				}
				want, dWant := run(engine.NoSieve)
				if got, d := run(engine.AlwaysSieve); got != want || !slices.Equal(d, dWant) {
					t.Errorf("%s with %s, %+v: %+v, without a sieve %+v", name, text, shape, got, want)
				}
			}
		}
	}
}
