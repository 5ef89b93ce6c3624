package study

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"go.uber.org/zap"
)

// protocolKind is the kind of a study by the protocol.
const protocolKind = "protocol"

// samplerKey is the key of Protocol.Sampler in a study's file.
const samplerKey = "sampler"

// protocolStudy is a study by the protocol: what is run, and how.
type protocolStudy struct {
	Protocol
	methods []Method
	trials  []Unit
	runs    *Runner
	layout

	// What the trials chose, and its runs.
	choices []Choice
	units   []Unit
}

// newProtocolStudy lays out a protocol. What could not run is refused.
func (r *Runner) newProtocolStudy(protocol Protocol) (p *protocolStudy, err error) {
	p = &protocolStudy{Protocol: protocol, runs: r}
	if err := r.validate(); err != nil {
		return p, err
	}
	for i, s := range p.Space {
		if slices.ContainsFunc(p.Space[:i], func(other Range) bool { return other.Key == s.Key }) {
			return p, fmt.Errorf("%s is searched twice: give one range", s.Key)
		}
	}
	var void []string
	if p.methods, void, err = p.Methods(); err != nil {
		return p, err
	}
	if len(void) > 0 {
		r.log().Info("left out, for a loss that has no use for a memory", zap.Strings("methods", void))
	}
	p.study = Study{Kind: protocolKind, Base: p.Base, Count: Count{Of: "reproductions", Number: p.Reproductions},
		Axes: []Axis{{Key: "loss", Values: p.Losses}, {Key: memoryAxis, Values: p.Memory}},
		Fixed: []Setting{{Key: "folds", Value: strconv.Itoa(p.Folds)}, {Key: "trials", Value: strconv.Itoa(p.Trials)},
			{Key: "search", Value: p.Space.text()}}}
	if p.byTPE() {
		p.study.Fixed = append(p.study.Fixed, Setting{samplerKey, p.Sampler})
	}
	if p.trials, err = p.TrialUnits(p.methods); err != nil {
		return p, err
	}
	// The settings of the reproductions are not known yet.
	units, err := p.ReproductionUnits(p.methods, make([]Choice, len(p.methods)))
	if err != nil {
		return p, err
	}
	trials := p.trialRuns(p.trials)
	// Every method's units lie side by side, fold by fold, in trials and reproductions.
	p.kind = func(i int) string { return strconv.Itoa(i / p.Folds % len(p.methods)) }
	p.sample = trials[:len(p.methods)*p.Folds]
	p.stages = append(p.trialStages(trials), stage{name: "reproductions", runs: p.reproductionRuns(units), settle: p.chosen,
		result: func(o oneRun) (string, error) { return resultLine(r.folder(o)) }})
	return p, nil
}

// Protocol makes the runs of a protocol: first the trials, then the reproductions with the
// best settings. It scores the networks of a reproduction's folds together, writes the tables
// and returns the results. If ctx ends, unfinished runs keep their state, and the error is a
// *[Stopped].
func (r *Runner) Protocol(ctx context.Context, protocol Protocol) (*ProtocolResult, error) {
	p, err := r.newProtocolStudy(protocol)
	if err != nil {
		return nil, err
	}
	if err := checkStudy(r.Dir, p.study, r.Force); err != nil {
		return nil, err
	}
	if err := r.check(p.sample); err != nil {
		return nil, err
	}
	if err := r.openStudy(p.layout); err != nil {
		return nil, err
	}
	if err := r.makeAll(ctx, p.layout); err != nil {
		return nil, err
	}
	results, err := p.results(ctx, p.units, p.choices)
	if err != nil {
		return nil, err
	}
	return p.finish(results)
}

// EstimateProtocol estimates what [Runner.Protocol] would make and how long it would take. It
// measures some steps of each method. The settings of the reproductions are not known yet;
// they do not affect the estimate. It makes no run.
func (r *Runner) EstimateProtocol(ctx context.Context, protocol Protocol) (Estimate, error) {
	p, err := r.newProtocolStudy(protocol)
	if err != nil {
		return Estimate{}, err
	}
	if err := checkStudy(r.Dir, p.study, r.Force); err != nil {
		return Estimate{}, err
	}
	return r.estimate(ctx, p.layout)
}

// chosen are the runs of the reproductions, with what the trials chose.
func (p *protocolStudy) chosen() ([]oneRun, error) {
	scores, err := p.scores(p.trials)
	if err != nil {
		return nil, err
	}
	if p.choices, err = p.Choose(p.methods, p.trials, scores); err != nil {
		return nil, err
	}
	for i, m := range p.methods {
		p.runs.log().Info("chosen for "+m.Name, zap.String("settings", settingsText(p.choices[i].Settings)),
			zap.Int("trial", p.choices[i].Trial+1), zap.String("validation_map@r", fmt.Sprintf("%.1f %%", 100*p.choices[i].Mean)))
	}
	if p.units, err = p.ReproductionUnits(p.methods, p.choices); err != nil {
		return nil, err
	}
	return p.reproductionRuns(p.units), nil
}

// trialStages are the stages of the trials: those at random, and then each that depends on
// the ones before it.
func (p *protocolStudy) trialStages(runs []oneRun) []stage {
	each := len(p.methods) * p.Folds
	stages := []stage{{name: "trials", runs: runs[:each*p.random()], result: p.runs.trialLine}}
	for trial := p.random(); trial < p.Trials; trial++ {
		stages = append(stages, stage{name: fmt.Sprintf("trial %d", trial+1), runs: runs[each*trial : each*(trial+1)], result: p.runs.trialLine,
			settle: func() ([]oneRun, error) {
				before := p.trials[:each*trial]
				scores, err := p.scores(before)
				if err != nil {
					return nil, err
				}
				units, err := p.trialUnits(p.methods, p.means(p.methods, before, scores))
				return p.trialRuns(units), err
			}})
	}
	return stages
}

// scores are what trials came to.
func (p *protocolStudy) scores(units []Unit) ([]float64, error) {
	scores := make([]float64, len(units))
	for i, o := range p.trialRuns(units) {
		t, err := p.runs.trial(o)
		if err != nil {
			return nil, err
		}
		scores[i] = t.Score()
	}
	return scores, nil
}

func (p *protocolStudy) trialRuns(units []Unit) (runs []oneRun) {
	for _, u := range units {
		runs = append(runs, oneRun{name: u.Name, title: p.title(u, "trial"), config: u.Config, trial: true})
	}
	return runs
}

func (p *protocolStudy) reproductionRuns(units []Unit) (runs []oneRun) {
	for _, u := range units {
		runs = append(runs, oneRun{name: u.Name, title: p.title(u, "reproduction"), config: u.Config})
	}
	return runs
}

func (p *protocolStudy) title(u Unit, what string) string {
	m := p.methods[u.Method].Config
	return fmt.Sprintf("%s, memory %s, %s %d, fold %d", m.Loss.Spec, m.Memory.Size, what, u.Number+1, u.Fold+1)
}

// settingsText is settings as flags have them.
func settingsText(settings []Setting) string {
	var parts []string
	for _, s := range settings {
		parts = append(parts, strings.TrimPrefix(s.Key, LossParameter)+"="+s.Value)
	}
	return strings.Join(parts, " ")
}
