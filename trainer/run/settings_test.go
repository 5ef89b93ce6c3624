package run

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"crossbatch/backbone"
	"crossbatch/trainer"
	"crossbatch/trainer/setting"
)

func TestSettingsAreComplete(t *testing.T) {
	s := DefaultSettings()
	for _, err := range setting.Incomplete(s.List()) {
		t.Error(err)
	}
	for _, row := range s.List()[len(s.Config.Settings()):] {
		if row.Scope != setting.Machine {
			t.Errorf("%s stands among what makes no difference to the numbers", row.Key)
		}
	}
}

func TestChooseWhatIsLeftOpen(t *testing.T) {
	d := trainer.Default()
	for name, one := range map[string]struct {
		set    func(*Settings)
		memory string
		kind   string
		width  int
	}{
		"nothing is set":        {func(*Settings) {}, d.Memory.Size, d.Network.Kind, d.Network.Width},
		"a loss with classes":   {func(s *Settings) { s.Loss.Spec = "arcface" }, "0", d.Network.Kind, d.Network.Width},
		"and a memory":          {func(s *Settings) { s.Loss.Spec, s.Memory.Size = "arcface", "8" }, "8", d.Network.Kind, d.Network.Width},
		"features":              {func(s *Settings) { s.Data.Set = "features:a.npy" }, d.Memory.Size, backbone.Linear, d.Network.Width},
		"features, and a kind":  {func(s *Settings) { s.Data.Set, s.Network.Kind = "features:a.npy", backbone.MLP }, d.Memory.Size, backbone.MLP, d.Network.Width},
		"a published network":   {func(s *Settings) { s.Network.Kind = backbone.BNInception }, d.Memory.Size, backbone.BNInception, 0},
		"and a width":           {func(s *Settings) { s.Network.Kind, s.Network.Width = backbone.BNInception, 4 }, d.Memory.Size, backbone.BNInception, 4},
		"no labels":             {func(s *Settings) { s.Data.Labels = trainer.LabelsNone }, "0", d.Network.Kind, d.Network.Width},
		"no labels, other keys": {func(s *Settings) { s.Data.Labels, s.Keys.Encoder = trainer.LabelsNone, "momentum" }, "2048", d.Network.Kind, d.Network.Width},
	} {
		s, err := Choose(d, func(s *Settings) error { one.set(s); return nil })
		if err != nil || s.Memory.Size != one.memory || s.Network.Kind != one.kind || s.Network.Width != one.width {
			t.Errorf("%s: memory %s, network %s of width %d (%v), want %s, %s, %d", name, s.Memory.Size, s.Network.Kind, s.Network.Width, err, one.memory, one.kind, one.width)
		}
	}
	wrong := errors.New("wrong")
	if _, err := Choose(d, func(*Settings) error { return wrong }); !errors.Is(err, wrong) {
		t.Errorf("an error of set: %v", err)
	}
}

func TestReadFileSetsWhatItHas(t *testing.T) {
	path := filepath.Join(t.TempDir(), "c.yaml")
	if err := os.WriteFile(path, []byte("steps: 7\nworkers: 2\nthreads: 3\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	s := DefaultSettings()
	s.Seed = 5
	if err := s.ReadFile(path); err != nil || s.Steps != 7 || s.Workers != 2 || s.Threads != 3 || s.Seed != 5 {
		t.Errorf("%d steps, %d workers, %d threads, seed %d (%v)", s.Steps, s.Workers, s.Threads, s.Seed, err)
	}
	if err := s.ValidateMachine(); err != nil {
		t.Error(err)
	}
	s.Workers = -1
	if err := s.ValidateMachine(); err == nil || !strings.Contains(err.Error(), "workers is -1") {
		t.Errorf("-1 workers: %v", err)
	}
}
