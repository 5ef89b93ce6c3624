package claim

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
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

const helperKey = "CLAIM_HELPER"

// TestHelper is not a test but the process of one: it takes every piece that it can,
// and leaves a mark for each; or it takes one and keeps it.
func TestHelper(t *testing.T) {
	task, path, ok := strings.Cut(os.Getenv(helperKey), ":")
	if !ok {
		t.Skip("the process of another test")
	}
	f := Folder{Path: path, Beat: 20 * time.Millisecond, Silence: 400 * time.Millisecond}
	if task == "keep" {
		c := take(t, f, "cell")
		if err := os.WriteFile(path+".taken", nil, 0o600); err != nil {
			t.Fatal(err)
		}
		for c.Check() == nil {
			time.Sleep(time.Millisecond)
		}
		os.Exit(7)
	}
	for i := range 40 {
		c, err := f.Take(strconv.Itoa(i), 0)
		if err != nil {
			continue
		}
		// It would be there if another had done it.
		mark, err := os.OpenFile(path+"."+strconv.Itoa(i), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
		if err != nil {
			t.Fatal(err)
		}
		if s, _ := f.Look(strconv.Itoa(i)); s.Generation == 1 {
			_, err = mark.WriteString("x")
		}
		if err := errors.Join(err, mark.Close(), c.Release(Complete, "")); err != nil {
			t.Fatal(err)
		}
	}
}

func helper(t *testing.T, task string, f Folder) *exec.Cmd {
	t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run", "^TestHelper$")
	cmd.Env = append(os.Environ(), helperKey+"="+task+":"+f.Path)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return cmd
}

func TestOneOfManyProcessesTakesAPiece(t *testing.T) {
	f := quick(t)
	var processes []*exec.Cmd
	for range 6 {
		processes = append(processes, helper(t, "all", f))
	}
	for _, p := range processes {
		if err := p.Wait(); err != nil {
			t.Error(err)
		}
	}
	for i := range 40 {
		if mark, err := os.ReadFile(f.Path + "." + strconv.Itoa(i)); err != nil || string(mark) != "x" {
			t.Errorf("piece %d was first taken by %d, %v", i, len(mark), err)
		}
	}
}

// keeper is a process that keeps a piece of work, and has it.
func keeper(t *testing.T, f Folder) *exec.Cmd {
	t.Helper()
	cmd := helper(t, "keep", f)
	t.Cleanup(func() { _ = cmd.Process.Kill() })
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(time.Millisecond) {
		if _, err := os.Stat(f.Path + ".taken"); err == nil {
			return cmd
		}
		if time.Now().After(deadline) {
			t.Fatal("the process takes nothing")
		}
	}
}

func TestAKilledOwnerIsFollowedAtOnce(t *testing.T) {
	f := quick(t)
	cmd := keeper(t, f)
	var held *HeldError
	if _, err := f.Take("cell", 0); !errors.As(err, &held) || held.State.Owner.PID != cmd.Process.Pid {
		t.Fatalf("%v", err)
	}
	if _, err := f.Await(t.Context(), "cell"); !errors.As(err, &held) {
		t.Fatalf("a living owner's work: %v", err)
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(time.Millisecond) { // a zombie until it is waited for
		c, err := f.Take("cell", 0)
		if err == nil {
			if c.Generation() != 2 {
				t.Errorf("generation %d", c.Generation())
			}
			if err := c.Release(Complete, ""); err != nil {
				t.Error(err)
			}
			break
		}
		if time.Now().After(deadline) {
			t.Fatal(err)
		}
	}
	_ = cmd.Wait()
}

// An owner that sleeps for too long is followed, and finds that out before it does
// anything else.
func TestAnOwnerThatSleptHasLost(t *testing.T) {
	f := quick(t)
	cmd := keeper(t, f)
	if err := cmd.Process.Signal(syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	c, err := f.Await(t.Context(), "cell")
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Process.Signal(syscall.SIGCONT); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()
	if code := cmd.ProcessState.ExitCode(); code != 7 {
		t.Errorf("the sleeper ends with %d", code)
	}
	if err := errors.Join(c.Check(), c.Release(Complete, "")); err != nil {
		t.Error(err)
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

// An owner that could not write for long claims anew before it goes on; it is not lost
// where nobody else did.
func TestAfterASilenceAnOwnerClaimsAnew(t *testing.T) {
	f := quick(t)
	f.Beat = time.Hour
	c := take(t, f, "cell")
	time.Sleep(f.Silence)
	if err := c.Check(); err != nil || c.Generation() != 2 {
		t.Errorf("generation %d, %v", c.Generation(), err)
	}
	time.Sleep(f.Silence)
	foreign(t, f, "cell", State{Generation: 3, Word: Held})
	if err := c.Check(); !errors.Is(err, ErrLost) {
		t.Errorf("%v", err)
	}
	select {
	case <-c.Lost():
	default:
		t.Error("nobody hears that it is lost")
	}
	if err := c.Release(Complete, ""); !errors.Is(err, ErrLost) {
		t.Errorf("%v", err)
	}
	if s, _ := f.Look("cell"); s.Generation != 3 || s.Word != Held {
		t.Errorf("it is %+v", s)
	}
}

// Whoever removes the folder takes the claims away.
func TestAClaimWithoutItsFileIsLost(t *testing.T) {
	f := quick(t)
	c := take(t, f, "cell")
	if err := os.RemoveAll(f.Path); err != nil {
		t.Fatal(err)
	}
	select {
	case <-c.Lost():
	case <-time.After(time.Minute):
		t.Error("it is not noticed")
	}
}

func TestTheLastWordIsRead(t *testing.T) {
	f := quick(t)
	c := take(t, f, "cell")
	c.Amount(5)
	if err := c.Release(Failed, "no room\non the disk"); err != nil {
		t.Fatal(err)
	}
	s, err := f.Look("cell")
	if err != nil || s.Word != Failed || s.Reason != "no room\non the disk" || s.Amount != 5 || s.Owner.PID != os.Getpid() {
		t.Errorf("%+v, %v", s, err)
	}
	if c = take(t, f, "cell"); c.Generation() != 2 {
		t.Errorf("generation %d", c.Generation())
	}
	if err := c.Release(Complete, ""); err != nil {
		t.Error(err)
	}
}

// A file that is not whole is somebody's.
func TestATornFileIsHeld(t *testing.T) {
	f := quick(t)
	whole, _ := State{Word: Free, Owner: Here()}.text()
	for n := range whole[:len(whole)-1] {
		s := State{}
		s.parse(string(whole[:n]))
		if s.Word != Held {
			t.Fatalf("%d bytes are %q", n, s.Word)
		}
	}
	if s, err := f.Look("nobody's"); err != nil || s.Word != Free || s.Generation != 0 {
		t.Errorf("%+v, %v", s, err)
	}
}

// A process of another boot, or container, may have the number of a living one, or of none.
func TestOnlyAProcessOfThisSystemIsKnownToBeGone(t *testing.T) {
	here := Here()
	if here.Boot == "" || here.Namespace == "" {
		t.Skip("this system does not say which boot it is")
	}
	gone := here
	gone.Began = "0"
	if here.gone(here) || !gone.gone(here) {
		t.Error("this process is there, and one of another beginning is not")
	}
	for _, change := range []func(*Owner){
		func(o *Owner) { o.Host = "another" }, func(o *Owner) { o.Boot = "another" },
		func(o *Owner) { o.Namespace = "another" }, func(o *Owner) { o.Boot = "" },
	} {
		o := gone
		if change(&o); o.gone(here) {
			t.Errorf("%+v is said to be gone", o)
		}
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

func TestJobsHaveTheirSchedulersNames(t *testing.T) {
	for want, env := range map[string]map[string]string{
		"":               {},
		"Slurm 7_3":      {"SLURM_ARRAY_JOB_ID": "7", "SLURM_ARRAY_TASK_ID": "3", "SLURM_JOB_ID": "10"},
		"Slurm 10":       {"SLURM_JOB_ID": "10"},
		"PBS 8[2].host":  {"PBS_JOBID": "8[2].host"},
		"SGE 9.4":        {"JOB_ID": "9", "SGE_TASK_ID": "4", "SGE_ROOT": "/opt/sge"},
		"AWS Batch 1a:2": {"AWS_BATCH_JOB_ID": "1a:2"},
	} {
		if got := job(func(key string) string { return env[key] }); got != want {
			t.Errorf("%q, not %q", got, want)
		}
	}
}
