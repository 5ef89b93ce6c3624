package run

import (
	"fmt"
	"math/rand/v2"

	"go.uber.org/zap"

	"crossbatch/trainer"
	"crossbatch/xbm/device"
	"crossbatch/xbm/loss"
	"crossbatch/xbm/miner"
)

// device opens the device of a configuration, once: nil for the processor.
func (s *Session) device(c trainer.Config) (*device.Device, error) {
	by := device.Config{Name: c.Device, Precision: c.Precision}
	if s.opened == by {
		return s.card, nil
	}
	card, err := by.Open()
	if err != nil {
		return nil, err
	}
	if err := s.card.Close(); err != nil {
		return nil, err
	}
	s.card, s.rows, s.encoding, s.embeds, s.opened = card, nil, nil, nil, by
	if card == nil {
		return nil, nil
	}
	s.log().Info("device", zap.String("is", card.String()))
	return card, nil
}

// deviceMemory is the memory of a training on its device.
func (s *Session) deviceMemory(c trainer.Config, card *device.Device) (*device.Memory, error) {
	if err := s.rows.Close(); err != nil {
		return nil, err
	}
	if why := staysOnProcessor(c); why != "" {
		s.log().Warn("the memory's loss is taken by the processor", zap.String("because", why))
	}
	s.rows = card.NewMemory()
	return s.rows, nil
}

// staysOnProcessor is why a device leaves the loss of a memory alone, "" if it does not.
func staysOnProcessor(c trainer.Config) string {
	spec := c.Loss.Spec
	if c.Loss.Memory != "" {
		spec = c.Loss.Memory
	}
	l, err := loss.Parse(spec)
	if err == nil {
		l, err = miner.Mine(l, c.Loss.Miner, rand.NewPCG(0, 0))
	}
	switch {
	case err != nil: // a loss of the program's own
		return ""
	case !device.Takes(l):
		return fmt.Sprintf("no kernel is for loss %s with miner %s", spec, c.Loss.Miner)
	case c.Memory.Cure == "xbn" || c.Memory.Cure == "axbn":
		return "rows follow moments by cure " + c.Memory.Cure
	}
	return ""
}
