package claim

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// quick is a folder whose owners are given up soon.
func quick(t *testing.T) Folder {
	t.Helper()
	t.Parallel()
	return Folder{Path: filepath.Join(t.TempDir(), "claims"), Beat: 20 * time.Millisecond, Silence: 400 * time.Millisecond}
}

func take(t *testing.T, f Folder, name string) *Claim {
	t.Helper()
	c, err := f.Take(name, 0)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// Of many goroutines that want the same pieces of work each gets done by one, also
// where they let go and take up again.
func TestOneOfManyTakesAPiece(t *testing.T) {
	f := quick(t)
	const pieces, workers = 20, 16
	var done, now [pieces]atomic.Int32
	var all sync.WaitGroup
	for range workers {
		all.Go(func() {
			for i := range pieces {
				c, err := f.Take("cell/"+strconv.Itoa(i), 0)
				var held *HeldError
				if errors.As(err, &held) {
					continue
				}
				if err != nil {
					t.Error(err)
					return
				}
				if now[i].Add(1) != 1 {
					t.Errorf("piece %d has two owners", i)
				}
				word := Complete
				if s, _ := f.Look("cell/" + strconv.Itoa(i)); done[i].Load() == 0 && s.Generation > 2 {
					done[i].Add(1)
				} else if done[i].Load() == 0 {
					word = Free
				}
				now[i].Add(-1)
				if err := c.Release(word, ""); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	for i := range pieces {
		if s, err := f.Look("cell/" + strconv.Itoa(i)); err != nil || s.Word == Held {
			t.Errorf("piece %d: %+v, %v", i, s, err)
		}
	}
}

// foreign is a claim of a machine that is not there.
func foreign(t *testing.T, f Folder, name string, s State) {
	t.Helper()
	s.Owner = Owner{Host: "elsewhere", PID: 1, Job: "Slurm 7_3"}
	text, err := s.text()
	if err == nil {
		err = os.MkdirAll(f.of(name), 0o755)
	}
	if err == nil {
		err = os.WriteFile(filepath.Join(f.of(name), strconv.Itoa(s.Generation)), text, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// Of several that see an owner stand still one follows it.
func TestOneFollowsASilentOwner(t *testing.T) {
	f := quick(t)
	foreign(t, f, "cell", State{Generation: 3, Word: Held, Amount: 77})
	var won atomic.Int32
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			c, err := f.Await(t.Context(), "cell")
			var held *HeldError
			switch {
			case err == nil:
				won.Add(1)
				if s, _ := f.Look("cell"); s.Generation != 4 || s.Amount != 77 {
					t.Errorf("it is %+v", s)
				}
				time.Sleep(2 * f.Silence)
				if err := errors.Join(c.Check(), c.Release(Complete, "")); err != nil {
					t.Error(err)
				}
			case !errors.As(err, &held):
				t.Error(err)
			}
		})
	}
	all.Wait()
	if won.Load() != 1 {
		t.Errorf("%d follow it", won.Load())
	}
}

func TestAHeartbeatThatChangesIsASignOfLife(t *testing.T) {
	f := quick(t)
	f.Silence = 10 * time.Second
	foreign(t, f, "cell", State{Generation: 1, Word: Held, Beat: 1})
	go func() {
		time.Sleep(5 * f.Beat)
		foreign(t, f, "cell", State{Generation: 1, Word: Held, Beat: 2})
	}()
	_, err := f.Await(t.Context(), "cell")
	if err == nil || err.Error() != "process 1 on elsewhere (job Slurm 7_3) is at work on it" {
		t.Errorf("%v", err)
	}
}

func TestAwaitEndsWithItsContext(t *testing.T) {
	f := quick(t)
	f.Silence = time.Hour
	foreign(t, f, "cell", State{Generation: 1, Word: Held})
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Millisecond)
	defer cancel()
	if _, err := f.Await(ctx, "cell"); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("%v", err)
	}
}
