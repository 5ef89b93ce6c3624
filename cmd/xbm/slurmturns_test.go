package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// submit starts xbm ablate --submit, and returns it with what it shows and the number of its
// first job.
func (s *slurm) submit(args ...string) (cmd *exec.Cmd, out *bytes.Buffer, job string) {
	s.t.Helper()
	cmd, out = exec.Command(s.xbm, args...), new(bytes.Buffer)
	cmd.Stdout, cmd.Stderr = out, out
	if err := cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { _ = cmd.Process.Kill() })
	dir := args[len(args)-1]
	s.until("jobs are submitted", func() bool {
		text, err := os.ReadFile(filepath.Join(dir, "slurm", "jobs"))
		job, _, _ = strings.Cut(string(text), "\n")
		return err == nil && job != ""
	})
	return cmd, out, job
}

// state is what Slurm says of a job, "" if it has forgotten it.
func (s *slurm) state(job string) string {
	out, _ := exec.Command("squeue", "--noheader", "--states=all", "--format=%T", "--jobs="+job).Output()
	return strings.TrimSpace(string(out))
}

// A task whose time is up keeps its state, has itself requeued, alone, and goes on from
// there; one that is cancelled does not come back.
func TestSlurmTaskWhoseTimeIsUpGoesOn(t *testing.T) {
	s := startSlurm(t)
	s.up()
	dir := filepath.Join(s.root, "study")
	// As many steps as never end. One of the tasks has the array's number as its own.
	grid := append(s.grid(), "--memory", "50%", "--batch", "8", "--seeds", "2", "--steps", "1000000000", "--validate-every", "500000000", "--checkpoint-every", "500")
	t.Cleanup(func() { // steps without end do not outlive the test
		_ = exec.Command("scancel", "--user=root").Run()
		s.until("all jobs have ended", s.idle)
	})
	began := time.Now()
	_, out, job := s.submit(append(grid, "--sbatch=--time=1:00:00", "--submit", "--out", dir)...)
	for _, cell := range []int{1, 2} {
		s.until("both cells are at work", func() bool { return s.process(dir, cell) != 0 })
	}
	for _, task := range []string{"_1", "_2"} {
		// Slurm tells it a minute before its time is up.
		s.must(exec.Command("scontrol", "update", "JobId="+job+task, fmt.Sprintf("TimeLimit=%d", int(time.Since(began).Minutes())+2)))
		s.until("the task waits for its next turn", func() bool { return s.state(job+task) == "PENDING" })
		other := map[string]string{"_1": "_2", "_2": "_1"}[task]
		if state := s.state(job + other); state != "RUNNING" {
			t.Fatalf("task %s is %s after task %s was requeued", other, state, task)
		}
		s.until("it runs again", func() bool { return s.state(job+task) == "RUNNING" })
		s.must(exec.Command("scontrol", "update", "JobId="+job+task, "TimeLimit=60"))
		log := filepath.Join(dir, "slurm", "logs", "runs-"+job+task+".log")
		s.until("it goes on from its state", func() bool {
			text, err := os.ReadFile(log)
			return err == nil && strings.Contains(string(text), "terminated: the same command goes on") && strings.Contains(string(text), "resumed")
		})
	}
	s.must(exec.Command("scancel", job, "--full"))
	s.must(exec.Command("scancel", "--user=root"))
	s.until("all jobs have ended", s.idle)
	time.Sleep(3 * time.Second)
	if !s.idle() {
		t.Errorf("cancelled tasks have come back: %s", out)
	}
}

// Ctrl-C of --submit leaves the jobs running and says how to come back and how to cancel; the
// same command then follows them to the end.
func TestSlurmSubmitIsInterrupted(t *testing.T) {
	s := startSlurm(t)
	s.up()
	dir := filepath.Join(s.root, "study")
	grid := append(s.grid(), "--memory", "50%", "--batch", "8", "--seeds", "2", "--steps", "20000", "--validate-every", "10000", "--checkpoint-every", "500")
	cmd, out, job := s.submit(append(grid, "--submit", "--out", dir)...)
	s.until("cell 1 is at work", func() bool { return s.process(dir, 1) != 0 })
	if err := cmd.Process.Signal(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()
	if cmd.ProcessState.ExitCode() != 130 {
		t.Errorf("it ended with %d", cmd.ProcessState.ExitCode())
	}
	for _, want := range []string{"of 2 runs are complete: interrupted: the jobs go on: ", "ablate --out " + dir + " --submit shows them again", "--status " + dir + " once", "scancel " + job} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("it does not say %q: %s", want, out)
		}
	}
	if s.idle() {
		t.Fatal("the jobs have ended with it")
	}
	again, err := exec.Command(s.xbm, "ablate", "--submit", "--out", dir).CombinedOutput()
	if err != nil || !strings.Contains(string(again), "jobs are at work on it: "+job) || !strings.Contains(string(again), "2 runs of 20000 steps") {
		t.Errorf("the same command: %v: %s", err, again)
	}
	s.until("all jobs have ended", s.idle)
	if st := s.status(dir); st.Complete != 2 {
		t.Errorf("%+v", st)
	}
}
