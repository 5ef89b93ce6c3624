package study

import (
	"errors"
	"fmt"
	"slices"
)

// splitSeedKey is the setting that several splits vary.
const splitSeedKey = "split-seed"

// seedsApart is how far the seeds of one split are from those of the next.
const seedsApart = 1000

// validateSplits refuses splits and seeds that would get into each other's way.
func (g Grid) validateSplits() error {
	switch {
	case g.Splits < 0:
		return fmt.Errorf("study: splits is %d: give 0 (one) or more", g.Splits)
	case g.Splits > 1 && g.Seeds > seedsApart:
		return fmt.Errorf("study: %d seeds of each split: give at most %d", g.Seeds, seedsApart)
	case g.Splits > 1 && slices.ContainsFunc(g.Axes, func(a Axis) bool { return a.Key == splitSeedKey }):
		return fmt.Errorf("study: %s is an axis and varies with splits: give one of them", splitSeedKey)
	}
	return nil
}

// checkSplits refuses several splits of a set whose test classes are the same in all.
func (g *gridStudy) checkSplits(r *Runner) error {
	if g.Splits < 2 {
		return nil
	}
	s := r.session()
	err := func() error {
		seen := map[string]bool{}
		for _, cell := range g.cells {
			set := cell.Config.Data.Set
			if seen[set] {
				continue
			}
			seen[set] = true
			if info, err := s.Info(cell.Config); err != nil {
				return err
			} else if info.Official {
				return fmt.Errorf("study: %s comes with its test classes, which would be the same in all splits: leave splits out", set)
			}
		}
		return nil
	}()
	return errors.Join(err, s.Close())
}
