package study

import (
	"errors"
	"math"
	"slices"
	"strconv"
	"strings"
	"testing"

	"crossbatch/trainer"
)

func search(t *testing.T, texts ...string) Search {
	t.Helper()
	s, err := ParseSearch(texts)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestDrawsAreLogUniform(t *testing.T) {
	s := search(t, "lr=1e-4..1e-2:8").Space
	below := 0
	const draws = 2000
	for i := range draws {
		settings, err := s.Draw(trainer.Default(), 1, i)
		if err != nil {
			t.Fatal(err)
		}
		lr, err := strconv.ParseFloat(settings[0].Value, 64)
		if err != nil || lr < 1e-4 || lr > 1e-2 {
			t.Fatalf("lr %s", settings[0].Value)
		}
		if lr < 1e-3 {
			below++
		}
	}
	// Half of the logarithm's range is below; six standard deviations are 134.
	if below < draws/2-134 || below > draws/2+134 {
		t.Errorf("%d of %d below the middle", below, draws)
	}
}

func TestDrawsDependOnSeedAndNumberAlone(t *testing.T) {
	c := trainer.Default()
	one, _ := search(t, "lr=1e-4..1e-2:8").Space.Draw(c, 1, 3)
	c.Memory.Size, c.Batch.Size, c.Seed = "0", 64, 99
	two, _ := search(t, "lr=1e-4..1e-2:5", "memory-weight=0.1..10:5").Space.Draw(c, 1, 3)
	if one[0] != two[0] {
		t.Errorf("%v and %v", one, two)
	}
	other, _ := search(t, "lr=1e-4..1e-2:8").Space.Draw(c, 2, 3)
	if one[0] == other[0] {
		t.Error("two seeds draw the same")
	}
}

func TestDrawsOfWholeNumbers(t *testing.T) {
	c := trainer.Default()
	c.Loss.Spec = "fast-ap"
	for i := range 50 {
		settings, err := search(t, "loss.bins=5..100:2", "dim=8..64:2").Space.Draw(c, 1, i)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range settings {
			if _, err := strconv.Atoi(s.Value); err != nil {
				t.Errorf("%s is %s", s.Key, s.Value)
			}
			if err := s.Apply(&c); err != nil {
				t.Error(err)
			}
		}
		c.Loss.Spec = "fast-ap"
	}
}

func TestSearchesThatCannotBeAreRefused(t *testing.T) {
	for _, text := range []string{"lr", "lr=1..2", "lr=2..1:3", "lr=1e-4..:3", "lr=1e-4..1e-2:0", "lr=1e-4..1e-2:x", "lr=0.1:3"} {
		if _, err := ParseSearch([]string{text}); err == nil {
			t.Errorf("%q is a search", text)
		}
	}
	for want, texts := range map[string][]string{
		"searched twice":  {"lr=1..2:3", "lr=1..2:3"},
		"the same number": {"lr=1..2:3", "dim=1..2:4"},
	} {
		if _, err := ParseSearch(texts); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: %v", texts, err)
		}
	}
	for want, text := range map[string]string{
		`there is no setting "lrr"`:   "lrr=1..2:3",
		"range loss.margin=1..2":      "loss.margin=1..2:3", // contrastive has none
		"range optimizer=1..2":        "optimizer=1..2:3",
		"range memory-weight=-1..-.5": "memory-weight=-1..-0.5:3",
	} {
		want = strings.Replace(want, "-.5", "-0.5", 1)
		if err := search(t, text).Validate(trainer.Default()); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", text, err)
		}
	}
}

// The best of the learning rates is near 1e-3 here, and longer training tells it
// better from its neighbours.
func TestSuccessiveHalving(t *testing.T) {
	c := trainer.Default()
	c.Steps, c.Memory.Start = 800, 400
	var rungs [][]Trial
	best, err := search(t, "lr=1e-4..1e-2:8").Run(c, func(trial Trial) (float64, error) {
		if len(rungs) == 0 || rungs[len(rungs)-1][0].Config.Steps != trial.Config.Steps {
			rungs = append(rungs, nil)
		}
		rungs[len(rungs)-1] = append(rungs[len(rungs)-1], trial)
		if trial.Config.Optimizer.LR > 9e-3 {
			return math.NaN(), nil
		}
		return -math.Abs(math.Log(trial.Config.Optimizer.LR / 1e-3)), nil
	})
	if err != nil {
		t.Fatal(err)
	}
	var lengths, steps []int
	var names []string
	nearest := rungs[0][0]
	for _, rung := range rungs {
		lengths, steps = append(lengths, len(rung)), append(steps, int(rung[0].Config.Steps))
		for _, trial := range rung {
			names = append(names, trial.Name)
			if trial.Config.Seed != c.Seed || trial.Config.Memory.Start != trainer.Start(trial.Config.Steps/2) {
				t.Errorf("%+v", trial.Config)
			}
			if math.Abs(math.Log(trial.Config.Optimizer.LR/1e-3)) < math.Abs(math.Log(nearest.Config.Optimizer.LR/1e-3)) {
				nearest = trial
			}
		}
	}
	if !slices.Equal(lengths, []int{8, 4, 2}) || !slices.Equal(steps, []int{100, 200, 400}) {
		t.Errorf("%v trials of %v steps", lengths, steps)
	}
	if len(best) != 1 || best[0] != nearest.Settings[0] {
		t.Errorf("%v is best, want %v", best, nearest.Settings)
	}
	if slices.Sort(names); len(slices.Compact(names)) != 14 {
		t.Errorf("trials of one name: %v", names)
	}
	if images := search(t, "lr=1e-4..1e-2:8").Images(c); images != 3*800*32 {
		t.Errorf("%d images", images)
	}
}

func TestSearchEnds(t *testing.T) {
	c := trainer.Default()
	if settings, err := (Search{}).Run(c, nil); settings != nil || err != nil {
		t.Errorf("no search finds %v, %v", settings, err)
	}
	if settings, err := search(t, "lr=1e-4..1e-2:1").Run(c, nil); len(settings) != 1 || err != nil {
		t.Errorf("a search of one trial finds %v, %v", settings, err)
	}
	_, err := search(t, "lr=1e-4..1e-2:4").Run(c, func(Trial) (float64, error) { return math.NaN(), nil })
	if !errors.Is(err, ErrNoTrial) {
		t.Error(err)
	}
	full := errors.New("the disk is full")
	_, err = search(t, "lr=1e-4..1e-2:4").Run(c, func(Trial) (float64, error) { return 0, full })
	if !errors.Is(err, full) {
		t.Error(err)
	}
	// Alike, the first wins.
	settings, err := search(t, "lr=1e-4..1e-2:5").Run(c, func(Trial) (float64, error) { return 0.5, nil })
	first, _ := search(t, "lr=1e-4..1e-2:5").Space.Draw(c, c.Seed, 0)
	if err != nil || settings[0] != first[0] {
		t.Errorf("%v, want %v", settings, first)
	}
}
