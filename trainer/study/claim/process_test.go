package claim

import (
	"errors"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

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
