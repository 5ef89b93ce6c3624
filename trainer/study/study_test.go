package study

import (
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"crossbatch/trainer"
)

func study() Study {
	return Study{Kind: "ablation", Fixed: []Setting{{"equal", "steps"}}, Base: trainer.Default(),
		Axes: []Axis{{"memory", []string{"0", "1%"}}, {"batch", []string{"16"}}}, Count: Count{"seeds", 3}}
}

func TestStudiesComeBack(t *testing.T) {
	s := study()
	s.Base.Optimizer.LR, s.Base.Memory.Start = 1.0/3, trainer.StartAuto
	text, err := yaml.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	again, err := ReadStudy(text)
	if err != nil {
		t.Fatal(err)
	}
	if err := again.Continues(s); err != nil || again.Base != s.Base {
		t.Errorf("%v, from %s", err, text)
	}
	for _, bad := range []string{"", "a: 1", "study: [", "base: {lrr: 1}"} {
		if _, err := ReadStudy([]byte(bad)); err == nil {
			t.Errorf("%q is a study", bad)
		}
	}
}

func TestStudiesGoOnWhereTheyGrow(t *testing.T) {
	grown := study()
	grown.Axes[0].Values = []string{"0", "0.5%", "1%"}
	grown.Axes[1].Values = []string{"32", "16"}
	grown.Count.Number = 5
	if err := grown.Continues(study()); err != nil {
		t.Error(err)
	}
	for want, change := range map[string]func(*Study){
		"axis memory is 1% and was 0,1%":               func(s *Study) { s.Axes[0].Values = []string{"1%"} },
		"axis batch is 32 and was 16":                  func(s *Study) { s.Axes[1].Values = []string{"32"} },
		"axis batch is not there and was 16":           func(s *Study) { s.Axes = s.Axes[:1] },
		"axis dim is 8 and was not there":              func(s *Study) { s.Axes = append(s.Axes, Axis{"dim", []string{"8"}}) },
		"seeds is 2 and was 3":                         func(s *Study) { s.Count.Number = 2 },
		"equal is images and was steps":                func(s *Study) { s.Fixed[0].Value = "images" },
		"lr is 0.1 and was 0.003, seed is 2 and was 1": func(s *Study) { s.Base.Optimizer.LR, s.Base.Seed = 0.1, 2 },
		"max-age is 5 and was not there":               func(s *Study) { s.Base.Memory.MaxAge = 5 },
		"the study is protocol and was ablation":       func(s *Study) { s.Kind = "protocol" },
	} {
		s := study()
		change(&s)
		if err := s.Continues(study()); err == nil || err.Error() != want {
			t.Errorf("%v: want %q", err, want)
		}
	}
	was := study()
	was.Base.Memory.MaxAge = 5
	if err := study().Continues(was); err == nil || !strings.Contains(err.Error(), "max-age is not there and was 5") {
		t.Error(err)
	}
}

// An axis over combine that an older version began holds runs of another meaning.
func TestTheMeaningOfPaperIsNotMixed(t *testing.T) {
	axes := []Axis{{"combine", []string{trainer.Paper, trainer.PML}}}
	older := Study{Kind: gridKind, Axes: axes, Base: trainer.Default()}
	now := older
	now.Version = now.version()
	if err := now.Continues(older); err == nil || !strings.Contains(err.Error(), "what combine paper means is the paper's way and was both") {
		t.Errorf("%v", err)
	}
	if err := now.Continues(now); err != nil {
		t.Error(err)
	}
	older.Axes = []Axis{{"combine", []string{trainer.PML}}}
	other := older
	other.Version = other.version()
	if err := other.Continues(older); err != nil || other.Version != 0 {
		t.Errorf("%v, version %d", err, other.Version)
	}
}
