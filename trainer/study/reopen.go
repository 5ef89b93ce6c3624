package study

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Begun reads the study in the folder dir. Where there is none, the error says what is there.
func Begun(dir string) (Study, error) {
	s, err := studyBegun(dir)
	if err == nil && s == nil {
		err = fmt.Errorf("there is no study in %s", dir)
	}
	if err != nil {
		return Study{}, err
	}
	return *s, nil
}

// command is the command of xbm that makes studies of this kind.
func (s Study) command() string {
	if s.Kind == protocolKind {
		return "protocol"
	}
	return "ablate"
}

// line is how that is called.
func (s Study) line() string { return "xbm " + s.command() }

// fixed is one of the settings that the cells depend on besides.
func (s Study) fixed(key string) string {
	if i := slices.IndexFunc(s.Fixed, func(f Setting) bool { return f.Key == key }); i >= 0 {
		return s.Fixed[i].Value
	}
	return ""
}

// Grid returns the grid of the study. It is an error for a protocol.
func (s Study) Grid() (g Grid, err error) {
	if s.Kind != gridKind {
		return g, fmt.Errorf("the study is of another kind: %s", s.Kind)
	}
	g = Grid{Base: s.Base, Axes: s.Axes, Seeds: s.Count.Number, Splits: s.Splits, Equal: Equal(s.fixed("equal"))}
	g.Search, err = ParseSearch(strings.Fields(s.fixed("tune")))
	return g, err
}

// Protocol returns the protocol of the study. It is an error for a grid.
func (s Study) Protocol() (p Protocol, err error) {
	if s.Kind != protocolKind || len(s.Axes) != 2 {
		return p, fmt.Errorf("the study is of another kind: %s", s.Kind)
	}
	p = Protocol{Base: s.Base, Losses: s.Axes[0].Values, Memory: s.Axes[1].Values, Reproductions: s.Count.Number, Sampler: s.fixed(samplerKey)}
	for key, number := range map[string]*int{"folds": &p.Folds, "trials": &p.Trials} {
		if *number, err = strconv.Atoi(s.fixed(key)); err != nil {
			return p, fmt.Errorf("the study's %s: %w", key, err)
		}
	}
	for text := range strings.FieldsSeq(s.fixed("search")) {
		r, err := ParseRange(text)
		if err != nil {
			return p, err
		}
		p.Space = append(p.Space, r)
	}
	return p, nil
}

// folders are those of the study's runs, or of its methods.
func (s Study) folders() (names []string, err error) {
	if s.Kind == protocolKind {
		p, err := s.Protocol()
		if err != nil {
			return nil, err
		}
		methods, _, err := p.Methods()
		for _, m := range methods {
			names = append(names, m.Name)
		}
		return names, err
	}
	g, err := s.Grid()
	if err != nil {
		return nil, err
	}
	cells, _, err := g.Cells()
	for _, cell := range cells {
		names = append(names, cell.Name)
	}
	return names, err
}

// layOut lays out the study as its runs.
func (r *Runner) layOut(s Study) (layout, error) {
	if s.Kind == protocolKind {
		protocol, err := s.Protocol()
		if err != nil {
			return layout{}, err
		}
		p, err := r.newProtocolStudy(protocol)
		return p.layout, err
	}
	grid, err := s.Grid()
	if err != nil {
		return layout{}, err
	}
	g, err := r.newGridStudy(grid)
	if err != nil {
		return layout{}, err
	}
	return g.planned(r)
}
