package study

import (
	"context"
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"

	"crossbatch/trainer/run"
	"crossbatch/trainer/study/claim"
)

// shown is what a study's progress was told.
type shown struct {
	unseen
	runs, begun int
	images      []int64
	ended       []int
}

func (s *shown) Begin(runs int, images []int64) { s.runs, s.images = runs, images }
func (s *shown) RunBegins()                     { s.begun++ }
func (s *shown) RunEnds(i int, images int64, _, result string, err error) {
	if err == nil && images == s.images[i] && strings.HasPrefix(result, "recall@1 ") {
		s.ended = append(s.ended, i)
	}
}

// Who follows a study that others make sees each run that was missing begin and end once, what
// fails, and that the others have ended too early.
func TestFollowingAStudy(t *testing.T) {
	t.Parallel()
	r := Runner{Dir: filepath.Join(t.TempDir(), "study"), Beat: 20 * time.Millisecond}
	grid := gridOfNumbers(t)
	if _, err := r.PlanGrid(t.Context(), grid); err != nil {
		t.Fatal(err)
	}
	g, err := r.newGridStudy(grid)
	if err != nil {
		t.Fatal(err)
	}
	makeCell := func(number int) {
		if err := r.MakeCell(t.Context(), number, false, &run.Session{}); err != nil {
			t.Error(err)
		}
	}
	makeCell(2)
	failing, err := r.claims().Take(g.cells[2].Name, 0)
	if err == nil {
		err = failing.Release(claim.Failed, "no room")
	}
	if err != nil {
		t.Fatal(err)
	}
	var progress shown
	core, logs := observer.New(zap.ErrorLevel)
	follower := Runner{Dir: r.Dir, Beat: r.Beat, Progress: &progress, Log: zap.New(core)}
	var asked int
	err = follower.follow(t.Context(), g.layout, func(context.Context) (bool, error) { asked++; return asked < 3, nil })
	if err == nil || err.Error() != "the jobs have ended, and 3 of 4 runs are missing" || progress.runs != 4 || len(progress.images) != 3 || progress.begun != 0 {
		t.Errorf("%v: %+v", err, progress)
	}
	if logs.Len() != 1 || !strings.HasSuffix(logs.All()[0].Message, "failed: no room") {
		t.Errorf("%+v", logs.All())
	}
	stopped, stop := context.WithCancel(t.Context())
	err = follower.follow(stopped, g.layout, func(context.Context) (bool, error) { stop(); return true, nil })
	if !errors.Is(err, context.Canceled) || !strings.HasPrefix(err.Error(), "1 of 4 runs are complete") {
		t.Error(err)
	}
	progress = shown{}
	var others sync.WaitGroup
	others.Go(func() {
		for _, number := range []int{4, 1, 3} {
			makeCell(number)
		}
	})
	if err := follower.follow(t.Context(), g.layout, func(context.Context) (bool, error) { return true, nil }); err != nil {
		t.Error(err)
	}
	others.Wait()
	if slices.Sort(progress.ended); !slices.Equal(progress.ended, []int{0, 1, 2}) || progress.begun != 3 {
		t.Errorf("%+v", progress)
	}
	if err := follower.follow(t.Context(), g.layout, nil); err != nil {
		t.Errorf("of a study that is complete: %v", err)
	}
}
