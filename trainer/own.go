package trainer

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"

	"crossbatch/xbm"
	"crossbatch/xbm/loss"
	"crossbatch/xbm/miner"
	"crossbatch/xbm/pair"
)

// OwnPrefix begins the texts of a [Config] that stand for values of [Own], as in
// "own:angular-margin". The rest of the text is a name. It identifies the value in the files
// of a run.
const OwnPrefix = "own:"

// Own holds values of a Go program that replace texts of a [Config]: a loss, a miner, a
// policy. A field must be set if its text begins with [OwnPrefix], and must be nil if not. The
// zero value replaces nothing.
//
// The name in the text is part of the Config. A checkpoint is refused by a training with
// another name, with a value of another type, or with other exported fields. A command of this
// module can score such a run, but cannot continue it: the configuration file does not hold
// the value.
type Own struct {
	// Loss returns a new loss, for Config.Loss.Spec. The term within the batch, the term
	// against the memory and the drift measurements have one each, with parameters of its own.
	// A loss must keep no state between steps except its Params.
	Loss func() pair.Loss
	// Miner returns a new miner, for Config.Loss.Miner. A random miner must draw from random
	// and implement pair.Seeded.
	Miner func(random *rand.PCG) pair.Miner
	// Policy chooses the rows that the memory keeps, for Config.Memory.Policy.
	Policy xbm.Policy
}

// Check returns an error where c and the values do not go together: a value without
// its name, or a name without its value.
func (o Own) Check(c Config) error {
	for _, v := range []struct {
		key, field, text string
		isGiven          bool
	}{
		{"loss", "Loss", c.Loss.Spec, o.Loss != nil},
		{"miner", "Miner", c.Loss.Miner, o.Miner != nil},
		{"policy", "Policy", c.Memory.Policy, o.Policy != nil},
	} {
		switch isOwn := isOwn(v.text); {
		case v.isGiven && !isOwn:
			return fmt.Errorf("trainer: %s is %q, and Own.%s is given: give %s %sNAME, by which the run's files are to know it", v.key, v.text, v.field, v.key, OwnPrefix)
		case isOwn && v.text == OwnPrefix:
			return fmt.Errorf("trainer: %s is %q: give it a name, %sNAME", v.key, v.text, OwnPrefix)
		case isOwn && !v.isGiven:
			return fmt.Errorf("trainer: %s is %q, which only the Go program that has it can train with: give it to Own.%s, or choose another %s", v.key, v.text, v.field, v.key)
		}
	}
	return nil
}

func isOwn(text string) bool { return strings.HasPrefix(text, OwnPrefix) }

// loss is a fresh one for a term, with a miner and a random generator of its own. It
// is nil where c names a value that is not here.
func (o Own) loss(c Config, term int) (pair.Loss, error) {
	random := rand.NewPCG(c.Seed, minerStream+uint64(term))
	l, err := o.bare(c, term)
	if err != nil || l == nil {
		return nil, err
	}
	if !isOwn(c.Loss.Miner) {
		return miner.Mine(l, c.Loss.Miner, random)
	}
	if o.Miner == nil {
		return nil, nil
	}
	if _, ok := l.(pair.ClassLoss); ok {
		return nil, fmt.Errorf("trainer: miner is %q: a loss with weights for classes takes no miner: give miner none", c.Loss.Miner)
	}
	m := o.Miner(random)
	if m == nil {
		return nil, errors.New("trainer: Own.Miner returns nil: return a miner")
	}
	return &pair.Mined{Miner: m, Loss: l}, nil
}

// bare is a fresh loss without a miner.
func (o Own) bare(c Config, term int) (pair.Loss, error) {
	if text := c.lossText(term); !isOwn(text) {
		l, err := loss.Parse(text)
		if err == nil && c.Memory.Combine == Paper {
			loss.Reduce(l, loss.OverAnchors)
		}
		return l, err
	}
	if o.Loss == nil {
		return nil, nil
	}
	l := o.Loss()
	if l == nil {
		return nil, errors.New("trainer: Own.Loss returns nil: return a loss")
	}
	return l, nil
}

// policy is which rows the memory keeps; the default where c names a value that is
// not here.
func (o Own) policy(c Config) (xbm.Policy, error) {
	switch {
	case !isOwn(c.Memory.Policy):
		return xbm.ParsePolicy(c.Memory.Policy, c.Seed)
	case o.Policy == nil:
		return xbm.Ring{}, nil
	}
	return o.Policy, nil
}

// description is what a checkpoint keeps of the values, to know them again: a line
// each with the type and, where they can be written as JSON, the exported fields. It
// is "" without any.
func (o Own) description() string {
	var b strings.Builder
	line := func(key string, value any) {
		fields, err := json.Marshal(value)
		if err != nil {
			fields = nil // the type alone
		}
		fmt.Fprintf(&b, "%s %T %s\n", key, value, fields)
	}
	if o.Loss != nil {
		line("loss", o.Loss())
	}
	if o.Miner != nil {
		line("miner", o.Miner(rand.NewPCG(0, 0)))
	}
	if o.Policy != nil {
		line("policy", o.Policy)
	}
	return b.String()
}

// savedOwn restores nothing: it refuses other values.
type savedOwn struct{ own *Own }

func (s savedOwn) AppendBinary(b []byte) ([]byte, error) {
	return append(b, s.own.description()...), nil
}

func (s savedOwn) UnmarshalBinary(data []byte) error {
	if now := s.own.description(); now != string(data) {
		return fmt.Errorf("trainer: the values that the program gives are not the checkpoint's: they are %.300q and were %.300q", now, data)
	}
	return nil
}
