package study

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"crossbatch/trainer/setting"
)

func TestGridOfText(t *testing.T) {
	text := DefaultGridText()
	if err := errors.Join(append(setting.Incomplete(text.Settings()), setting.Validate(text.Settings()))...); err != nil {
		t.Error(err)
	}
	text.Loss, text.Axes, text.Tune = "contrastive,triplet:margin=0.1,smooth=true", []string{"dim=32,128"}, []string{"lr=1e-4..1e-2:8"}
	base := GridDefault()
	base.Loss.Spec, base.Memory.Size = "lifted", "7"
	g, err := text.Grid(base)
	if err != nil {
		t.Fatal(err)
	}
	var keys []string
	for _, a := range g.Axes {
		keys = append(keys, a.Key)
	}
	if got := strings.Join(keys, " "); got != "loss dim memory batch" {
		t.Error(got)
	}
	if cells, _, err := g.Cells(); err != nil || len(cells) != 2*2*4*3*5 || g.Search.Trials != 8 || g.Base.Memory.Size != "0" || g.Base.Loss.Spec != GridDefault().Loss.Spec {
		t.Errorf("%d cells of %+v: %v", len(cells), g, err)
	}
	for want, change := range map[string]func(*GridText){
		"axis batch: give its values to --batch": func(t *GridText) { t.Axes = []string{"batch=3,4"} },
		`axis "dim": write it NAME=VALUE`:        func(t *GridText) { t.Axes = []string{"dim"} },
		`search "lr": write it`:                  func(t *GridText) { t.Tune = []string{"lr"} },
	} {
		bad := text
		change(&bad)
		if _, err := bad.Grid(base); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
}

func TestProtocolOfText(t *testing.T) {
	text := DefaultProtocolText()
	if err := errors.Join(append(setting.Incomplete(text.Settings()), setting.Validate(text.Settings()))...); err != nil {
		t.Error(err)
	}
	base := ProtocolDefault()
	base.Data.Folds, base.Data.Fold = 3, 2
	p, err := text.Protocol(base)
	if err != nil || p.Base.Data.Folds != 0 || p.Folds != 4 || p.Trials != 50 || !slices.Equal(p.Memory, []string{"0", "100%"}) || len(p.Space) != 1 || p.Space[0].Key != "lr" {
		t.Errorf("%+v: %v", p, err)
	}
	text.Search = []string{"weight-decay=0..1", "dim=8..16"}
	if p, err = text.Protocol(base); err != nil || len(p.Space) != 2 {
		t.Errorf("%+v: %v", p.Space, err)
	}
	text.Search = []string{"lr"}
	if _, err := text.Protocol(base); err == nil {
		t.Error("a search of no range")
	}
}
