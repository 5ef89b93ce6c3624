package main

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/urfave/cli/v2"
	"go.uber.org/zap"

	"crossbatch/eval/record"
	"crossbatch/trainer"
	"crossbatch/trainer/ablation"
	"crossbatch/xbm/loss"
)

// protocolDefault is the configuration that the protocol's runs share. The rate is
// constant, as the paper has it: it does not know when patience will end a run.
func protocolDefault() trainer.Config {
	c := trainer.Default()
	c.Steps, c.Memory.Start, c.Optimizer.Schedule = 1500, 200, "constant"
	c.Watch.ValidateEvery, c.Watch.Patience, c.Watch.InspectEvery = 100, 9, 0
	c.Data.ClassOrder = trainer.SortedClasses
	return c
}

// searchDefault is where every method looks for its learning rate.
const searchDefault = "lr=3e-4..3e-2"

func protocolCommand() *cli.Command {
	flags := []cli.Flag{
		&cli.StringFlag{Category: "Protocol", Name: lossAxis, Value: protocolDefault().Loss.Spec, Usage: "`LOSSES` to compare, listed above with their parameters, separated by commas; parameters that are given are not searched"},
		&cli.StringFlag{Category: "Protocol", Name: memoryAxis, Value: "0,100%", Usage: "memory `SIZES` to compare them with, separated by commas"},
		&cli.IntFlag{Category: "Protocol", Name: "folds", Value: 4, Usage: "`FOLDS` of the cross-validation over classes"},
		&cli.IntFlag{Category: "Protocol", Name: "trials", Value: 50, Usage: "`TRIALS` of each method, each a run of every fold"},
		&cli.IntFlag{Category: "Protocol", Name: "reproductions", Value: 10, Usage: "`RUNS` of every fold with the best settings, with the seeds --seed+1, --seed+2, …"},
		&cli.GenericFlag{Category: "Protocol", Name: "search", Value: &repeated{}, Usage: "`NAME=LOW..HIGH`: a setting to search besides the parameters of the losses (default: " + searchDefault + "); may be given again"},
	}
	flags = append(flags, studyFlags("protocol")...)
	for _, f := range settingsFlagsFrom(protocolDefault()) {
		if name := f.Names()[0]; !slices.Contains(protocolOwn(), name) {
			flags = append(flags, f)
		}
	}
	return &cli.Command{
		Name:  "protocol",
		Usage: "compare losses as A Metric Learning Reality Check does, with and without memory",
		Description: "The protocol of Musgrave, Belongie and Lim (ECCV 2020, https://arxiv.org/abs/2003.08505): half of the\n" +
			"classes are the test. The other half is cut into folds; every trial of a method's settings trains\n" +
			"once for each, until its validation classes get no better, and the settings with the best mean\n" +
			"MAP@R on them are taken. These are trained anew some times, and only then the test classes are\n" +
			"looked at: by each fold's network (separated), and by all of them together, their unit embeddings\n" +
			"end to end (concatenated). Intervals are those of the reproductions, at 95 % by Student's t.\n\n" +
			"Unlike the paper, trials are drawn at random, not by Bayesian optimisation, and the learning rate is\n" +
			"among what is searched.\n\n" +
			"Whatever stops it, the same command with --out goes on. Losses, memory sizes and reproductions may\n" +
			"be added; with any other change --out is refused. Examples:\n" +
			"  xbm protocol --dry-run                                  what would be run, and how long it takes\n" +
			"  xbm protocol --loss contrastive,multi-similarity,triplet --trials 20 --out runs/protocol\n" +
			"  xbm protocol --data omniglot:PATH --class-order shuffled" + choices() + spaces(),
		Flags:  flags,
		Action: protocol,
	}
}

// protocolOwn are the settings that the protocol has other flags for.
func protocolOwn() []string { return []string{lossAxis, memoryAxis, "threads", "folds", "fold"} }

// spaces lists what is searched for each loss.
func spaces() string {
	var b strings.Builder
	b.WriteString("\n\nWhat is searched of each loss (log: evenly over the logarithm):\n")
	seen := map[string]bool{}
	for _, spec := range slices.Concat(loss.Names(), loss.ClassNames()) {
		name, parameters, _ := strings.Cut(spec, ":")
		if first, _, _ := strings.Cut(parameters, ","); seen[name] && strings.HasPrefix(first, "distance=") {
			name += ":" + first
		}
		seen[name] = true
		var ranges []string
		for _, r := range ablation.LossSpace(name) {
			ranges = append(ranges, strings.TrimPrefix(r.String(), ablation.LossParameter))
		}
		if len(ranges) > 0 {
			fmt.Fprintf(&b, "  %s: %s\n", name, strings.Join(ranges, ", "))
		}
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// protocolStudy is a study by the protocol: what is run, and how.
type protocolStudy struct {
	ablation.Protocol
	methods []ablation.Method
	runs    *studyRuns
	study   ablation.Study
}

func protocol(c *cli.Context) error {
	if err := noArguments(c); err != nil {
		return err
	}
	processors := cores()
	p, s, err := readProtocol(c)
	if err != nil {
		return err
	}
	if p.runs, err = newStudyRuns(c, p.study.Kind, s, processors); err != nil {
		return err
	}
	dir := p.runs.dir
	if err := checkStudy(dir, p.study, c.Bool("force")); err != nil {
		return err
	}
	trials, err := p.TrialUnits(p.methods)
	if err != nil {
		return err
	}
	if c.Bool("dry-run") {
		return p.estimate(c, trials)
	}
	if err := p.runs.check(p.trialRuns(trials[:len(p.methods)*p.Folds])); err != nil {
		return err
	}
	lock, err := openStudy(dir, p.study, c.Bool("force"), protocolFolders)
	if err != nil {
		return err
	}
	return errors.Join(p.make(c, trials), lock.Close())
}

// make makes the trials, chooses, makes the reproductions and finishes.
func (p *protocolStudy) make(c *cli.Context, trials []ablation.Unit) error {
	runs := p.trialRuns(trials)
	if err := p.runs.make(c.Context, runs, func(r studyRun) (string, error) {
		t, err := p.trial(r)
		return fmt.Sprintf("validation MAP@R %.1f %%, %d steps", 100*t.Score(), t.Steps), err
	}); err != nil {
		return err
	}
	scores := make([]float64, len(runs))
	for i, r := range runs {
		t, err := p.trial(r)
		if err != nil {
			return err
		}
		scores[i] = t.Score()
	}
	choices, err := p.Choose(p.methods, trials, scores)
	if err != nil {
		return err
	}
	for i, m := range p.methods {
		p.runs.console.log.Info("chosen for "+m.Name, zap.String("settings", settingsText(choices[i].Settings)),
			zap.Int("trial", choices[i].Trial+1), zap.String("validation_map@r", fmt.Sprintf("%.1f %%", 100*choices[i].Mean)))
	}
	units, err := p.ReproductionUnits(p.methods, choices)
	if err != nil {
		return err
	}
	again := p.reproductionRuns(units)
	if err := p.runs.make(c.Context, again, func(r studyRun) (string, error) { return resultLine(p.runs.folder(r)) }); err != nil {
		return err
	}
	results, err := p.results(c.Context, units, choices)
	if err != nil {
		return err
	}
	return p.finish(c, results)
}

// trial is what a trial came to.
func (p *protocolStudy) trial(r studyRun) (record.Trial, error) {
	t, err := record.ReadTrial(p.runs.folder(r))
	if err != nil {
		return record.Trial{}, err
	}
	if t == nil {
		return record.Trial{}, fmt.Errorf("%s: the trial ended without a score", p.runs.folder(r))
	}
	return *t, nil
}

func (p *protocolStudy) trialRuns(units []ablation.Unit) (runs []studyRun) {
	for _, u := range units {
		runs = append(runs, studyRun{name: u.Name, title: p.title(u, "trial"), config: u.Config, trial: true})
	}
	return runs
}

func (p *protocolStudy) reproductionRuns(units []ablation.Unit) (runs []studyRun) {
	for _, u := range units {
		runs = append(runs, studyRun{name: u.Name, title: p.title(u, "reproduction"), config: u.Config})
	}
	return runs
}

func (p *protocolStudy) title(u ablation.Unit, what string) string {
	m := p.methods[u.Method].Config
	return fmt.Sprintf("%s, memory %s, %s %d, fold %d", m.Loss.Spec, m.Memory.Size, what, u.Number+1, u.Fold+1)
}

// estimate lists the runs and says how long they would take. The reproductions'
// settings are not known yet, and make no difference to that.
func (p *protocolStudy) estimate(c *cli.Context, trials []ablation.Unit) error {
	choices := make([]ablation.Choice, len(p.methods))
	units, err := p.ReproductionUnits(p.methods, choices)
	if err != nil {
		return err
	}
	all := slices.Concat(trials, units)
	runs := slices.Concat(p.trialRuns(trials), p.reproductionRuns(units))
	return p.runs.estimate(c, runs, func(i int) string { return strconv.Itoa(all[i].Method) })
}

// readProtocol reads the protocol, and the settings of its runs.
func readProtocol(c *cli.Context) (p protocolStudy, s settings, err error) {
	if s, err = readSettingsFrom(c, protocolDefault(), protocolOwn()...); err != nil {
		return p, s, err
	}
	losses := []string{s.Loss.Spec}
	if c.IsSet(lossAxis) {
		losses = ablation.ParseList(c.String(lossAxis))
	}
	// What the protocol gives does not count.
	s.Loss.Spec, s.Memory.Size, s.Data.Folds, s.Data.Fold = protocolDefault().Loss.Spec, "0", 0, 0
	p.Protocol = ablation.Protocol{Base: s.Config, Losses: losses, Memory: ablation.ParseList(c.String(memoryAxis)),
		Folds: c.Int("folds"), Trials: c.Int("trials"), Reproductions: c.Int("reproductions")}
	search := *c.Generic("search").(*repeated)
	if len(search) == 0 {
		search = repeated{searchDefault}
	}
	for _, text := range search {
		r, err := ablation.ParseRange(text)
		if err != nil {
			return p, s, err
		}
		if slices.ContainsFunc(p.Space, func(other ablation.Range) bool { return other.Key == r.Key }) {
			return p, s, fmt.Errorf("%s is searched twice: give one range", r.Key)
		}
		p.Space = append(p.Space, r)
	}
	var void []string
	if p.methods, void, err = p.Methods(); err != nil {
		return p, s, err
	}
	if len(void) > 0 {
		newConsole(c.App.ErrWriter).log.Info("left out, for a loss that has no use for a memory", zap.Strings("methods", void))
	}
	p.study = ablation.Study{Kind: "protocol", Base: p.Base, Count: ablation.Count{Of: "reproductions", Number: p.Reproductions},
		Axes: []ablation.Axis{{Key: lossAxis, Values: p.Losses}, {Key: memoryAxis, Values: p.Memory}},
		Fixed: []ablation.Setting{{Key: "folds", Value: strconv.Itoa(p.Folds)}, {Key: "trials", Value: strconv.Itoa(p.Trials)},
			{Key: "search", Value: search.String()}}}
	return p, s, nil
}

// protocolFolders are the folders of a study's methods.
func protocolFolders(s ablation.Study) ([]string, error) {
	if s.Kind != "protocol" || len(s.Axes) != 2 {
		return nil, fmt.Errorf("it is of another kind: %s", s.Kind)
	}
	p := ablation.Protocol{Base: s.Base, Losses: s.Axes[0].Values, Memory: s.Axes[1].Values, Folds: 2, Trials: 1, Reproductions: 1}
	methods, _, err := p.Methods()
	var names []string
	for _, m := range methods {
		names = append(names, m.Name)
	}
	return names, err
}

// settingsText is settings as flags have them.
func settingsText(settings []ablation.Setting) string {
	var parts []string
	for _, s := range settings {
		parts = append(parts, strings.TrimPrefix(s.Key, ablation.LossParameter)+"="+s.Value)
	}
	return strings.Join(parts, " ")
}
