package trainer

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.uber.org/zap"

	"crossbatch/eval"
	"crossbatch/eval/event"
	"crossbatch/trainer/data"
	"crossbatch/trainer/optim"
	"crossbatch/xbm"
)

// Run describes a training. Config, Set, Split and Encoder are needed, the rest is optional.
type Run struct {
	Config  Config
	Set     *data.Set
	Split   data.Split
	Encoder Encoder
	// MomentumEncoder is a second encoder of the same architecture, needed if
	// Config.Keys.Encoder is EncoderMomentum. Its state is overwritten.
	MomentumEncoder Encoder
	// Own has the values for the texts of Config that begin with [OwnPrefix].
	Own Own
	// Comm joins the ranks that train together; nil: one process alone. Each rank has a Run of
	// its own, with the same Config, Set and Split and an Encoder of the same architecture.
	Comm Comm
	// Device computes the loss against the memory, where it can; otherwise, and if it is nil,
	// the processor does.
	Device xbm.Device

	// Workers is how many goroutines make batches ahead of training, 0 meaning as many as
	// there are processors. It makes no difference to the numbers.
	Workers int

	// NoTest does not score the test classes, for a search of settings: the result has no test
	// scores.
	NoTest bool

	// Metric, if not nil, is called with the metrics of each step and each validation. They
	// hold no times: one Config always gives the same values. An error ends the training.
	Metric func(event.Event) error
	// Progress, if not nil, is called after every step.
	Progress func(Progress)
	// Checkpoint, if not nil, is called between two steps to save the state, see
	// Training.Sections: every CheckpointEvery steps and at the best validations (neither if
	// CheckpointEvery is 0), when ctx ends, and after the last step. An error ends the
	// training.
	Checkpoint      func(step int64, best bool) error
	CheckpointEvery int64
	// Trained, if not nil, is called when all steps are done and the encoder has the best
	// weights, before the test classes are scored, to save the weights. An error ends the
	// training.
	Trained func() error
	// Log, if not nil, gets a line at each validation and one when the memory starts.
	Log *zap.Logger
}

// Training is a training that [Prepare] has made ready. Train may be called once. It is not
// safe for concurrent use.
type Training struct {
	Run

	// What a step goes through, see step.
	starter   *starter     // nil: the start is given
	cure      *compensator // nil: none
	monitor   *monitor     // nil: no looks at drift
	compass   *compass     // nil: no looks at directions
	loader    *data.Loader
	momentum  *momentumEncoder // nil: none
	undo      undo
	terms     *terms
	optimizer optim.Optimizer

	trained *data.Set // Set with the labels that are trained on
	labels  []int32   // of the batch
	ids     []int64

	team      *team // nil: one process alone
	done      int64 // steps
	saved     int64 // steps done at the last checkpoint; -1: none
	due       bool  // a validation after those steps, which was stopped
	counts    counts
	clock     clock
	best      best
	collapsed bool // was told of

	fingerprint string // of the set; "": not taken yet
	share       *share // of a memory that is shared out; nil: none is
}

// clock is where the time of a training went.
type clock struct {
	spent   time.Duration // on steps
	waited  time.Duration // of it for batches
	before  time.Duration // by earlier processes, on all
	started time.Time     // when this process began
}

// elapsed is the time since the training first began, without the times between
// processes.
func (c *clock) elapsed() time.Duration {
	if c.started.IsZero() {
		return c.before
	}
	return c.before + time.Since(c.started)
}

// best is the network of the best validation so far.
type best struct {
	state  snapshot // nil: none yet
	step   int64    // steps done
	scores eval.Scores
}

// Prepare returns the training that r describes, or an error that names what is invalid. The
// training uses the Set, Split and Encoder of r; it does not copy them.
func Prepare(r Run) (*Training, error) {
	c := r.Config
	if err := r.Own.Check(c); err != nil {
		return nil, err
	}
	if err := c.validate(r.Own); err != nil {
		return nil, err
	}
	if r.Encoder.Dim() != c.Network.Dim {
		return nil, fmt.Errorf("trainer: the encoder's embeddings have %d numbers and dim is %d", r.Encoder.Dim(), c.Network.Dim)
	}
	if err := r.Split.Check(r.Set); err != nil {
		return nil, err
	}
	if err := scorable(r.Set, r.Split, r.NoTest); err != nil {
		return nil, err
	}
	t := &Training{Run: r, saved: -1}
	var err error
	if t.team, err = newTeam(r); err != nil {
		return nil, err
	}
	if t.loader, t.trained, err = c.newLoader(r); err != nil {
		return nil, err
	}
	o := c.optimizer()
	if c.Optimizer.Decay == DecayWeights {
		flat := flat(r.Encoder)
		o.Undecayed = func(i int) bool { return flat[i] }
	}
	if t.optimizer, err = newOptimizer(r.Encoder, o); err != nil {
		return nil, err
	}
	if t.terms, err = newTerms(r, t.trained); err != nil {
		return nil, err
	}
	if t.monitor, err = newMonitor(r); err != nil {
		return nil, err
	}
	if t.compass, err = newCompass(r); err != nil {
		return nil, err
	}
	t.starter = newStarter(c, t.terms.memory, r.Split)
	if t.cure, err = newCompensator(c, t.terms.memory, r.Split); err != nil {
		return nil, err
	}
	if t.momentum, err = newMomentumEncoder(c, r); err != nil {
		return nil, err
	}
	t.labels, t.ids = make([]int32, c.Batch.Size*c.views()), make([]int64, c.Batch.Size*c.views())
	return t, nil
}

// flat tells of the arrays of an encoder's state, by number, which have one dimension at
// most: biases, and the scales and shifts of normalisation.
func flat(e Encoder) (list []bool) {
	e.State(func(_ string, shape []int, _, _ []float32) { list = append(list, len(shape) < 2) })
	return list
}

// Done returns the number of steps done.
func (t *Training) Done() int64 { return t.done }

// Train trains from the current step to the end, and scores the test classes. If ctx ends,
// Train finishes the current step, has the state saved by Checkpoint and returns ctx's error;
// a validation or a test that was due is made when the training continues. An error that wraps
// a *[Diverged] is about a number that is NaN or infinite.
func (t *Training) Train(ctx context.Context) (Result, error) {
	defer t.loader.Close()
	defer t.team.end()
	if err := t.team.begin(t); err != nil {
		return Result{}, err
	}
	t.clock.started = time.Now()
	for !t.ended() || t.due {
		if err := t.team.stop(ctx); err != nil {
			return Result{}, t.stopped(err)
		}
		if !t.due {
			if err := t.next(ctx); err != nil {
				return Result{}, err
			}
		}
		best := false
		if t.due {
			var err error
			if best, err = t.validate(ctx, t.done); t.team.isStop(ctx, err) {
				return Result{}, t.stopped(err)
			} else if err != nil {
				return Result{}, err
			}
			t.due = false
		}
		if every := t.CheckpointEvery; t.ended() || every > 0 && (best || t.done%every == 0) {
			if err := t.checkpoint(best); err != nil {
				return Result{}, err
			}
		}
	}
	return t.finish(ctx)
}

// next takes the next step and tells of it.
func (t *Training) next(ctx context.Context) error {
	before := time.Now()
	metric, err := t.step(ctx, t.done)
	if err == nil && t.done == 0 {
		err = t.team.same(t)
	}
	if err != nil {
		return t.team.shared(fmt.Errorf("trainer: step %d: %w", t.done, err))
	}
	t.done++
	t.due = t.done%t.Config.Watch.ValidateEvery == 0 || t.done == t.Config.Steps
	t.clock.spent += time.Since(before)
	if err := t.report(metric); err != nil {
		return err
	}
	if t.Progress != nil {
		t.Progress(Progress{Last: metric, Steps: t.Config.Steps,
			Images: t.done * int64(t.Config.Batch.Size), Elapsed: t.clock.elapsed()})
	}
	return nil
}

// stopped has the state kept of a training that is told to stop.
func (t *Training) stopped(err error) error {
	return t.team.alike(errors.Join(fmt.Errorf("trainer: stopped after %d of %d steps: %w", t.done, t.Config.Steps, err), t.checkpoint(false)))
}

// checkpoint has the state kept, unless it already is.
func (t *Training) checkpoint(best bool) error {
	if t.Checkpoint == nil || t.saved == t.done {
		return nil
	}
	if err := t.finiteWeights(t.done); err != nil {
		return fmt.Errorf("trainer: after %d steps: %w", t.done, err)
	}
	if err := t.shares().follow(t.terms.memory, func() error { return t.Checkpoint(t.done, best) }); err != nil {
		return fmt.Errorf("trainer: checkpoint after %d steps: %w", t.done, err)
	}
	t.saved = t.done
	return nil
}

// validate scores the validation classes and keeps the weights if they are the
// best so far, by MAP@R.
func (t *Training) validate(ctx context.Context, done int64) (best bool, err error) {
	if err := t.finiteWeights(done); err != nil {
		return false, fmt.Errorf("trainer: after %d steps: %w", done, err)
	}
	if err := t.team.same(t); err != nil {
		return false, fmt.Errorf("trainer: after %d steps: %w", done, err)
	}
	scores, emb, err := t.score(ctx, t.Split.Validation, nil, nil)
	if bad := finiteEmbeddings(done, "the validation classes", emb, t.Config.Network.Dim); bad != nil {
		err = bad
	}
	if err != nil {
		return false, fmt.Errorf("trainer: validation after %d steps: %w", done, err)
	}
	best = t.best.state == nil || scores.MAPAtR > t.best.scores.MAPAtR
	if best {
		t.best.state.take(t.Encoder)
		t.best.step, t.best.scores = done, scores
	}
	if t.Log != nil {
		recall, _ := scores.Recall.At(1)
		t.Log.Info("validation", zap.Int64("steps", done),
			zap.String("recall@1", percent(recall)), zap.String("map@r", percent(scores.MAPAtR)), zap.Bool("best", best))
	}
	return best, t.report(event.Validation{Step: done, Validation: scores, Best: best})
}

func percent(share float64) string { return fmt.Sprintf("%.1f %%", 100*share) }

func (t *Training) finish(ctx context.Context) (Result, error) {
	t.neverStarted()
	t.best.state.restore(t.Encoder)
	r := Result{
		Steps: t.done, Images: t.done * int64(t.Config.Batch.Size), Training: t.clock.spent, Waited: t.clock.waited, Before: t.clock.before, Skipped: t.counts.skipped,
		BestStep: t.best.step, Validation: t.best.scores,
	}
	if t.Trained != nil {
		if err := t.Trained(); err != nil {
			return Result{}, err
		}
	}
	if !t.NoTest {
		var err error
		if r.Test, r.TestEmb, err = t.score(ctx, t.Split.Test, t.Split.Query, t.Split.Gallery); err != nil {
			return Result{}, fmt.Errorf("trainer: test: %w", err)
		}
		r.TestIndex = t.Split.Test
	}
	if t.terms.memory != nil {
		r.MemoryRows = t.terms.memory.Memory.Cap()
	}
	if t.Config.unlabelled() && t.counts.anchors > 0 {
		r.FalseNegatives = t.counts.copies / t.counts.anchors
	} else if t.counts.positives > 0 {
		r.FalsePairs = t.counts.copies / t.counts.positives
	}
	return r, nil
}

func (t *Training) report(metric event.Event) error {
	if t.Metric == nil {
		return nil
	}
	return t.Metric(metric)
}
