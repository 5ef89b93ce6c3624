package trainer

import (
	"math"
	"strings"
	"testing"
)

func TestDefaultIsValid(t *testing.T) {
	if err := Default().Validate(); err != nil {
		t.Error(err)
	}
}

func TestBadConfigurationsAreRefused(t *testing.T) {
	for want, change := range map[string]func(*Config){
		"dim is 0: give 1 or more":    func(c *Config) { c.Network.Dim = 0 },
		"width is -1: give 0 or more": func(c *Config) { c.Network.Width = -1 },
		"start is -1":                 func(c *Config) { c.Memory.Start = -1 },
		"there is no such cure":       func(c *Config) { c.Memory.Cure, c.Memory.Size = "x", "0" },
		"age-tau is -1":               func(c *Config) { c.Memory.AgeTau = -1 },
		"max-age is -1":               func(c *Config) { c.Memory.MaxAge = -1 },
		"there is no such policy":     func(c *Config) { c.Memory.Policy = "x" },
		"class-balanced:16":           func(c *Config) { c.Memory.Policy = "class-balanced:" },
		"give it no age limit":        func(c *Config) { c.Memory.Policy, c.Memory.MaxAge = "reservoir", 5 },
		"start-drift is -1":           func(c *Config) { c.Memory.StartDrift = -1 },
		"drift-every is -1":           func(c *Config) { c.Watch.DriftEvery = -1 },
		"steps is 0":                  func(c *Config) { c.Steps = 0 },
		"per-class is -1":             func(c *Config) { c.Batch.PerClass = -1 },
		"validate-every is 0":         func(c *Config) { c.Watch.ValidateEvery = 0 },
		"batch is 63 and per-class 4": func(c *Config) { c.Batch.Size = 63 },
		"memory-weight is 0":          func(c *Config) { c.Memory.Weight = 0 },
		"memory-weight is NaN":        func(c *Config) { c.Memory.Weight = math.NaN() },
		`memory is "-5"`:              func(c *Config) { c.Memory.Size = "-5" },
		"ramp is -1: give 0 or more":  func(c *Config) { c.Memory.Ramp = -1 },
		"loss-lr is -1":               func(c *Config) { c.Loss.LR = -1 },
		"loss-lr is +Inf":             func(c *Config) { c.Loss.LR = math.Inf(1) },
		"inspect-every is -1":         func(c *Config) { c.Watch.InspectEvery = -1 },
		`combine is "x": give one of`: func(c *Config) { c.Memory.Combine = "x" },
		"there is no such miner":      func(c *Config) { c.Loss.Miner = "x" },
		"give memory 0":               func(c *Config) { c.Loss.Spec = "arcface" },
		"within a batch only":         func(c *Config) { c.Loss.Spec = "triplet:swap=true" },
		"there is no such loss":       func(c *Config) { c.Loss.Spec = "x" },
		`there is no optimizer "x"`:   func(c *Config) { c.Optimizer.Name = "x" },
		`there is no schedule "x"`:    func(c *Config) { c.Optimizer.Schedule = "x" },
		"the learning rate is 0":      func(c *Config) { c.Optimizer.LR = 0 },
		"the weight decay is -1":      func(c *Config) { c.Optimizer.WeightDecay = -1 },
		"the momentum is 1":           func(c *Config) { c.Optimizer.Momentum = 1 },
	} {
		c := Default()
		change(&c)
		if err := c.Validate(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: want %q", err, want)
		}
	}
}
