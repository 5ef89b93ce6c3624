package study

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"go.uber.org/zap"

	"crossbatch/trainer/run"
	"crossbatch/trainer/study/claim"
)

// ErrNoPlan is wrapped by the error about a study without a plan.
var ErrNoPlan = errors.New("the study has no plan")

// MakeCell makes one cell of the plan in the runner's folder, in this process, with the
// session s. number is from 1. A cell that another process has begun and left is continued; a
// complete cell is not made again. The error wraps a *[claim.HeldError] if a living process
// works on the cell. It is an error if the program, the study or the data differ from those of
// the plan. With wait, MakeCell waits for the cells that this one depends on; without, it is
// an error if they are not complete.
func (r *Runner) MakeCell(ctx context.Context, number int, wait bool, s *run.Session) error {
	plan, l, err := r.planned()
	if err != nil {
		return err
	}
	at, place, err := l.at(number)
	if err != nil {
		return err
	}
	if err := r.before(ctx, l, at, wait); err != nil {
		return fmt.Errorf("cell %d: %w", number, err)
	}
	runs, err := l.stages[at].settled()
	if err != nil {
		return err
	}
	o, cell := runs[place], plan.Cells[number-1]
	told := func() error {
		text, err := l.stages[at].result(o)
		if err == nil {
			r.log().Info(fmt.Sprintf("cell %d of %d, %s: %s", number, len(plan.Cells), o.title, text))
		}
		return err
	}
	if done, err := r.isDone(o); err != nil || done {
		return errors.Join(err, told())
	}
	asked, err := r.request(o)
	if err != nil {
		return err
	}
	if r.Keep == (run.Keep{}) {
		asked.Keep = run.Keep(plan.Keep)
	}
	asked.Alone, asked.Data, asked.Command = true, plan.Data[cell.Data], plan.Command
	var held *claim.HeldError
	err = asked.serve(ctx, s, func(e event) error {
		if e.Held != nil {
			held = e.Held
		}
		return nil
	})
	if err == nil && held != nil {
		err = held
	}
	if err != nil && ctx.Err() != nil {
		return fmt.Errorf("cell %d, %s: %w: the same command goes on", number, o.name, ctx.Err())
	}
	if err != nil {
		return fmt.Errorf("cell %d, %s: %w", number, o.name, err)
	}
	return told()
}

// planned reads the study and its plan, and refuses a plan that this program would not
// make.
func (r *Runner) planned() (Plan, layout, error) {
	s, err := Begun(r.Dir)
	if err != nil {
		return Plan{}, layout{}, err
	}
	l, err := r.layOut(s)
	if err != nil {
		return Plan{}, l, err
	}
	plan, err := readPlan(r.Dir)
	if errors.Is(err, fs.ErrNotExist) {
		return plan, l, fmt.Errorf("%s: %w: %s --plan --out %s makes one", r.Dir, ErrNoPlan, s.line(), run.Quoted(r.Dir))
	}
	if err != nil {
		return plan, l, err
	}
	return plan, l, l.check(plan, version())
}

// check refuses a plan of another version, or of another study.
func (l layout) check(p Plan, version string) error {
	if p.Version != version {
		return fmt.Errorf("the study was planned with %q, and this is %q: use that, or plan anew", p.Version, version)
	}
	if n := len(l.all()); n != len(p.Cells) {
		return fmt.Errorf("the plan has %d cells and the study %d: plan anew", len(p.Cells), n)
	}
	for i, o := range l.all() {
		c := p.Cells[i]
		if c.Data < 0 || c.Data >= len(p.Data) {
			return fmt.Errorf("the plan is damaged: cell %d is on data %d: plan anew", c.Cell, c.Data)
		}
		hash, err := o.hash(l.study, version, p.Data[c.Data])
		if err != nil {
			return err
		}
		if c.Run != o.name || c.Hash != hash || c.Cell != i+1 {
			return fmt.Errorf("cell %d was planned as %s with the hash %s, and in the study it is %s with %s: the configuration was changed: plan anew", i+1, c.Run, c.Hash, o.name, hash)
		}
	}
	return nil
}

// before returns an error unless the cells of all stages before one are complete, or waits
// for them.
func (r *Runner) before(ctx context.Context, l layout, at int, wait bool) error {
	for told := false; ; told = true {
		l, err := r.known(l)
		if err != nil {
			return err
		}
		var missing []oneRun
		total := 0
		for _, s := range l.stages[:at] {
			m, err := r.missing(s.runs)
			if err != nil {
				return err
			}
			missing, total = append(missing, m...), total+len(s.runs)
		}
		switch {
		case len(missing) == 0:
			return nil
		case !wait:
			return fmt.Errorf("it depends on the %s, of which %d of %d are missing, the first %s: make those before", l.stages[at-1].name, len(missing), total, missing[0].name)
		case !told:
			r.log().Info("waiting for the "+l.stages[at-1].name, zap.Int("missing", len(missing)), zap.Int("of", total))
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(r.claims().Pause()):
		}
	}
}
