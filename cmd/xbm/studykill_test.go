package main

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"crossbatch/eval/record"
	"crossbatch/trainer/progress"
	"crossbatch/trainer/study"
)

const killedGrid = `data: glyphs-small
width: 4
dim: 8
start: 1
steps: 6
validate-every: 3
`

// killedStudy is a grid of 8 small runs, in a process group of its own.
func killedStudy(t *testing.T, dir, config string, flags ...string) (*exec.Cmd, *bytes.Buffer) {
	t.Helper()
	args := append([]string{"ablate", "--config", config, "--memory", "0,50%", "--batch", "8,16", "--seeds", "2", "--out", dir}, flags...)
	cmd := exec.Command("xbm", args...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	return cmd, &stderr
}

// filesOf counts the files of that name in the study's runs.
func filesOf(t *testing.T, dir, name string) int {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(dir, "loss-*", name))
	if err != nil {
		t.Fatal(err)
	}
	return len(found)
}

// alive lists the processes of a group that have not ended.
func alive(group int) (ids []string) {
	stats, _ := filepath.Glob("/proc/[0-9]*/stat")
	for _, path := range stats {
		text, err := os.ReadFile(path)
		if err != nil {
			continue // it has ended
		}
		after := text[bytes.LastIndexByte(text, ')')+1:] // the name may hold anything
		fields := strings.Fields(string(after))
		if fields[0] != "Z" && fields[2] == fmt.Sprint(group) {
			ids = append(ids, path)
		}
	}
	return ids
}

// The study is stopped at random up to six times, by killing it, killing it with its
// cells, or Ctrl-C, and then it ends with the bytes of one that nobody stopped, of
// other threads and with one run at a time.
func TestAStudyThatIsKilledEndsTheSame(t *testing.T) {
	if testing.Short() {
		t.Skip("short: two studies of 8 runs, which the script of ablate makes too")
	}
	t.Parallel()
	const kills = 6
	work := t.TempDir()
	config := filepath.Join(work, "small.yaml")
	if err := os.WriteFile(config, []byte(killedGrid), 0o600); err != nil {
		t.Fatal(err)
	}
	quiet := filepath.Join(work, "quiet")
	cmd, stderr := killedStudy(t, quiet, config, "--jobs", "1", "--threads", "1")
	cmd.Env = append(os.Environ(), "GOMAXPROCS=1")
	if err := cmd.Run(); err != nil {
		t.Fatalf("%v: %s", err, stderr)
	}

	random := rand.New(rand.NewPCG(uint64(time.Now().UnixNano()), 0))
	dir := filepath.Join(work, "killed")
	const cells = 8
	done := 0
	for kill := 0; kill < kills && done < cells-3; kill++ {
		cmd, stderr := killedStudy(t, dir, config, "--jobs", "2", "--threads", "2")
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		// Some runs more, and then anywhere in the next ones.
		begun, complete := filesOf(t, dir, record.ConfigFile), done+random.IntN(2)
		for deadline := time.Now().Add(time.Minute); filesOf(t, dir, record.ScoresFile) < complete || begun == 0 && filesOf(t, dir, record.ConfigFile) == 0; time.Sleep(time.Millisecond) {
			if time.Now().After(deadline) {
				t.Fatalf("kill %d: nothing happens: %s", kill, stderr)
			}
		}
		time.Sleep(time.Duration(random.IntN(200)) * time.Millisecond)
		stopStudy(t, cmd, stderr, kill)
		done = filesOf(t, dir, record.ScoresFile)
	}
	t.Logf("%d of %d runs were complete after the last kill", done, cells)
	cmd, stderr = killedStudy(t, dir, config, "--jobs", "2", "--threads", "2")
	if err := cmd.Run(); err != nil {
		t.Fatalf("%v: %s", err, stderr)
	}
	for _, name := range []string{study.TableFile, study.CSVFile, "loss-*/" + record.MetricsFile, "loss-*/" + record.WeightsFile} {
		paths, _ := filepath.Glob(filepath.Join(quiet, name))
		if len(paths) == 0 {
			t.Errorf("there is no %s", name)
		}
		for _, path := range paths {
			relative, _ := filepath.Rel(quiet, path)
			want, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if got, err := os.ReadFile(filepath.Join(dir, relative)); err != nil || !bytes.Equal(got, want) {
				t.Errorf("%s differs: %v", relative, err)
			}
		}
	}
}

// stopStudy stops a study in one of three ways, and waits for its end and its cells'.
func stopStudy(t *testing.T, cmd *exec.Cmd, stderr *bytes.Buffer, way int) {
	t.Helper()
	group := cmd.Process.Pid
	var err error
	switch way % 3 {
	case 0:
		err = syscall.Kill(group, syscall.SIGKILL) // its cells notice
	case 1:
		err = syscall.Kill(-group, syscall.SIGKILL)
	default:
		err = syscall.Kill(-group, syscall.SIGINT)
	}
	if err != nil {
		t.Fatal(err)
	}
	failed := cmd.Wait()
	if way%3 == 2 && (cmd.ProcessState.ExitCode() != (progress.Stopped{Signal: syscall.SIGINT}).ExitCode() || !strings.Contains(stderr.String(), "goes on")) {
		t.Errorf("after Ctrl-C it ends with %v: %s", failed, stderr)
	}
	for deadline := time.Now().Add(time.Minute); len(alive(group)) > 0; time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%v live on", alive(group))
		}
	}
}

func TestTwoStudiesInOneFolder(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "study")
	lock, err := record.Lock(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = lock.Close() }()
	var stdout, stderr bytes.Buffer
	code := execute(context.Background(), []string{"xbm", "ablate", "--data", "glyphs-small", "--width", "4", "--dim", "8", "--memory", "0", "--batch", "8", "--seeds", "1", "--out", dir}, &stdout, &stderr)
	if code != 1 || !strings.Contains(stderr.String(), "another process is at work in this folder: wait until it has ended, or choose another folder") {
		t.Errorf("exit code %d: %s", code, &stderr)
	}
	if _, err := os.Stat(filepath.Join(dir, study.File)); err == nil {
		t.Error("it has begun")
	}
}
