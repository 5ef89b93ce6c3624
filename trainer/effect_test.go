package trainer

import (
	"math"
	"slices"
	"testing"

	"crossbatch/trainer/setting"
)

// effects change each setting that training depends on, in a run where it has an
// effect: base makes that run of the plain one.
var effects = map[string]struct {
	to   string
	base func(*Config)
}{
	"label-noise":            {"0.5", nil},
	"head-lr":                {"0.5", nil},
	"labels":                 {"none", func(c *Config) { c.Memory.Combine, c.Batch.Views, c.Data.Augment = PML, 2, "glyph" }},
	"views":                  {"2", func(c *Config) { c.Data.Augment = "glyph" }},
	"encoder":                {EncoderMomentum, nil},
	"key-momentum":           {"0.5", func(c *Config) { c.Keys.Encoder = EncoderMomentum }},
	"key-momentum-schedule":  {KeyCosine, func(c *Config) { c.Keys.Encoder = EncoderMomentum }},
	"loss":                   {"multi-similarity", nil},
	"miner":                  {"multi-similarity", nil},
	"loss-lr":                {"0.5", func(c *Config) { c.Loss.Spec = "margin:learn_beta=true" }},
	"memory":                 {"20", nil},
	"combine":                {PML, nil},
	"enqueue":                {EnqueueFirst, nil},
	"memory-loss":            {"contrastive:reduction=sum", nil},
	"memory-positive-weight": {"0", nil},
	"memory-negative-weight": {"0.5", nil},
	"memory-weight":          {"0.5", nil},
	"start":                  {"20", nil},
	"start-drift":            {"0.001", func(c *Config) { c.Memory.Start, c.Memory.StartDrift, c.Memory.Size = StartAuto, 3.9, "30" }},
	"prefill":                {"true", nil},
	"ramp":                   {"20", nil},
	"half-memory":            {"true", nil},
	"keep-copies":            {"true", nil},
	"policy":                 {"keyed", nil},
	"max-age":                {"3", nil},
	"age-tau":                {"3", nil},
	"cure":                   {"xbn", nil},
	"batch":                  {"8", nil},
	"per-class":              {"2", nil},
	"steps":                  {"59", nil},
	"optimizer":              {"sgd", nil},
	"lr":                     {"0.01", nil},
	"schedule":               {"constant", nil},
	"warmup":                 {"7", nil},
	"weight-decay":           {"0.1", nil},
	"momentum":               {"0.9", func(c *Config) { c.Optimizer.Name = "sgd" }},
	"validate-every":         {"7", nil},
	"patience":               {"1", func(c *Config) { c.Optimizer.LR, c.Watch.ValidateEvery = 1e-9, 5 }},

	// Without one, as the encoder here has nothing of the kind, or no batch is bad, or it is
	// alone, or on a machine without a card.
	"device": {}, "precision": {}, "decay": {}, "dropout": {}, "freeze": {}, "chunk": {}, "key-norm": {}, "skip-bad-batches": {}, "sync-bn": {}, "share-memory": {},
}

// roundingOfLooks bounds what looks at the weights of pairs change the network's: a
// step that is looked at is taken in the plain sweep over the columns, which adds up
// in another order than the fast one.
const roundingOfLooks = 1e-4

// A setting makes the difference that its scope says: one of training, to the weights
// or to what is written of it; one of watching, to what is written and no weight, but
// for rounding.
func TestEverySettingMakesItsDifference(t *testing.T) {
	train := func(change ...func(*Config)) (written string, weights []float32) {
		r, net := barsRun(t)
		for _, change := range change {
			if change != nil {
				change(&r.Config)
			}
		}
		if r.Config.hasKeys() {
			r.MomentumEncoder = newLinear(36, 8)
		}
		written = trace(t, r)
		return written, net.weight
	}
	plain, plainWeights := train()
	for _, s := range new(Config).Settings() {
		set := func(to string) func(*Config) {
			return func(c *Config) {
				row, _ := setting.Find(c.Settings(), s.Key)
				if err := row.Set(to); err != nil {
					t.Fatal(err)
				}
			}
		}
		switch s.Scope {
		case setting.Training:
			e, listed := effects[s.Key]
			switch {
			case !listed:
				t.Errorf("%s: say in effects how it makes a difference", s.Key)
			case e.to == "":
			default:
				before, beforeWeights := plain, plainWeights
				if e.base != nil {
					before, beforeWeights = train(e.base)
				}
				if after, weights := train(e.base, set(e.to)); after == before && slices.Equal(weights, beforeWeights) {
					t.Errorf("%s %s makes no difference", s.Key, e.to)
				}
			}
		case setting.Watching:
			after, weights := train(set("3"))
			if after == plain {
				t.Errorf("%s shows nothing", s.Key)
			}
			if d := furthest(weights, plainWeights); d > roundingOfLooks || d > 0 && s.Key != "inspect-every" {
				t.Errorf("%s changes the weights by %g", s.Key, d)
			}
		}
	}
}

func furthest(a, b []float32) (most float64) {
	for i := range a {
		most = max(most, math.Abs(float64(a[i]-b[i])))
	}
	return most
}
