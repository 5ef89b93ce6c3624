package bench

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"time"

	"crossbatch/trainer/setting"
	"crossbatch/xbm"
	"crossbatch/xbm/kernel"
)

// Policy is what a step takes with a policy or cure of the memory.
type Policy struct {
	Loss       string  `json:"-"`
	Name       string  `json:"name"`
	Shape      string  `json:"shape"`
	MS         float64 `json:"ms"`      // a step, median of the turns
	RingMS     float64 `json:"ring_ms"` // of a plain ring, measured in turns with it
	OfRing     float64 `json:"of_ring"` // median of the turns' ratios
	ExtraBytes uint64  `json:"extra_bytes"`
	Turns      int     `json:"turns"`
}

// policyCase is a memory term to be measured.
type policyCase struct {
	name   string
	config xbm.MemoryConfig
	tau    float64
	drift  *xbm.DriftCompensation
}

// policyCases are all policies and cures for a memory of so many rows.
func policyCases(rows, batch, classes int) ([]policyCase, error) {
	lifetime := max(1, rows/batch)
	cases := []policyCase{
		{name: "keyed", config: xbm.MemoryConfig{Policy: xbm.Keyed{}}},
		{config: xbm.MemoryConfig{Policy: xbm.ClassBalanced{PerClass: max(1, rows/classes)}}},
		{config: xbm.MemoryConfig{Policy: xbm.Reservoir{Seed: 1}}},
		{name: fmt.Sprintf("ring, max-age %d", lifetime), config: xbm.MemoryConfig{MaxAge: int64(lifetime)}},
		{name: fmt.Sprintf("ring, age-tau %d", lifetime), tau: float64(lifetime)},
	}
	for i := range cases {
		if cases[i].name == "" {
			cases[i].name = cases[i].config.Policy.String()
		}
	}
	for _, name := range xbm.CureNames()[1:] {
		cure, err := xbm.ParseCure(name)
		if err != nil {
			return nil, err
		}
		cases = append(cases, policyCase{name: "ring, " + name, config: xbm.MemoryConfig{Norm: cure.Norm}, drift: cure.Drift})
	}
	return append(cases, policyCase{name: "keyed, " + xbm.CureNames()[1], config: xbm.MemoryConfig{Policy: xbm.Keyed{}, Norm: &xbm.CrossBatchNorm{}}}), nil
}

// Policies measures each policy and cure of the memory in turns with a plain ring, for
// about the given time each, and hands each to told as it comes. Bytes are what the
// memory takes beside a ring's. The time of sdc has its share of moving the rows, not of
// embedding the probes. The loss is contrastive unless one is given.
func (m Memory) Policies(about time.Duration, told func(Policy) error) error {
	if m.Loss == "" {
		m.Loss = "contrastive"
	}
	if err := setting.Validate(m.Settings()); err != nil {
		return err
	}
	cases, err := policyCases(m.Rows, m.Batch, m.Classes)
	if err != nil {
		return err
	}
	ring, err := m.newPolicyTerm(policyCase{name: "ring"})
	if err != nil {
		return err
	}
	for _, one := range cases {
		term, err := m.newPolicyTerm(one)
		if err != nil {
			return err
		}
		b, err := term.measure(ring, about)
		if err != nil {
			return err
		}
		b.Loss = m.Loss
		if err := told(b); err != nil {
			return err
		}
	}
	return nil
}

// policyTerm is a memory term that is being measured.
type policyTerm struct {
	policyCase
	term   xbm.CrossBatch
	random drawing
	images int64
	dEmb   []float32
	bytes  uint64 // of the memory itself
	step   int64
	probes [2][]float32 // before and after
}

// newPolicyTerm returns one with a full memory, of which each row is of another
// step and image.
func (m Memory) newPolicyTerm(of policyCase) (*policyTerm, error) {
	n, dim := m.Batch, m.Dim
	l, err := xbm.ParseLoss(m.Loss, m.Miner, rand.NewPCG(1, 1))
	if err != nil {
		return nil, err
	}
	t := &policyTerm{
		policyCase: of, images: int64(m.Rows), dEmb: make([]float32, n*dim),
		random: drawing{rng: rand.New(rand.NewPCG(2, 2)), dim: dim, classes: m.Classes, perClass: m.PerClass},
	}
	of.config.Capacity, of.config.Dim, of.config.Half = m.Rows, dim, m.Half
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	memory, err := of.config.New()
	if err != nil {
		return nil, err
	}
	runtime.ReadMemStats(&after)
	t.bytes = after.TotalAlloc - before.TotalAlloc
	t.term = xbm.CrossBatch{Memory: memory, Loss: l, AgeTau: of.tau}
	for range (m.Rows + n - 1) / n {
		if err := t.term.Fill(t.batch(n)); err != nil {
			return nil, err
		}
		t.step++
	}
	if of.drift != nil {
		for k := range t.probes {
			t.probes[k] = t.random.batch(of.drift.Probes).Embeddings
			kernel.NormalizeRows(t.probes[k], make([]float32, of.drift.Probes), t.probes[k], dim)
		}
	}
	return t, nil
}

// batch is one of random images that take turns: each comes again after a whole
// memory.
func (t *policyTerm) batch(n int) xbm.Batch {
	b := t.random.batch(n)
	for i := range b.IDs {
		b.IDs[i] %= t.images
	}
	b.Step = t.step
	return b
}

func (t *policyTerm) shape() string {
	dim := t.term.Memory.Dim()
	return fmt.Sprintf("%d×%d×%d", len(t.dEmb)/dim, t.term.Memory.Cap(), dim)
}

// policySteps are the steps of one turn, as many as one drift compensation is for.
func (t *policyTerm) policySteps() int {
	if t.drift != nil {
		return t.drift.Every
	}
	return 20
}

// turn is the mean time of so many steps.
func (t *policyTerm) turn(steps int) (float64, error) {
	var took time.Duration
	for range steps {
		b := t.batch(len(t.dEmb) / t.term.Memory.Dim())
		at := time.Now()
		if _, err := t.term.Add(t.dEmb, b); err != nil {
			return 0, err
		}
		took += time.Since(at)
		t.step++
	}
	if t.drift != nil {
		at := time.Now()
		if err := t.drift.Apply(t.term.Memory, t.probes[0], t.probes[1], t.step-int64(steps), t.step); err != nil {
			return 0, err
		}
		took += time.Since(at)
	}
	return took.Seconds() / float64(steps), nil
}

// measure takes turns with the ring for about the given time, at least three.
func (t *policyTerm) measure(ring *policyTerm, about time.Duration) (Policy, error) {
	var own, rings, quotients []float64
	steps := t.policySteps()
	for start := time.Now(); len(own) < 3 || time.Since(start) < about; {
		plain, err := ring.turn(steps)
		if err != nil {
			return Policy{}, err
		}
		took, err := t.turn(steps)
		if err != nil {
			return Policy{}, err
		}
		own, rings, quotients = append(own, took), append(rings, plain), append(quotients, took/plain)
	}
	median := func(x []float64) float64 {
		slices.Sort(x)
		return x[len(x)/2]
	}
	extra := uint64(0)
	if t.bytes > ring.bytes {
		extra = t.bytes - ring.bytes
	}
	return Policy{
		Name: t.name, Shape: t.shape(), MS: 1e3 * median(own), RingMS: 1e3 * median(rings), OfRing: median(quotients),
		ExtraBytes: extra, Turns: len(own),
	}, nil
}
