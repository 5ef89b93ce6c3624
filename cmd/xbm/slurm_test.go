package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"crossbatch/eval/record"
	"crossbatch/trainer/data/datatest"
	"crossbatch/trainer/study"
)

// slurmKey is the variable that asks for the tests on a real Slurm.
const slurmKey = "XBM_SLURM"

// slurm is a cluster of two nodes on this machine.
type slurm struct {
	t    *testing.T
	root string
	xbm  string // the command
}

const slurmConf = `ClusterName=test
SlurmctldHost=localhost
SlurmctldPort=%[2]d
SlurmUser=root
AuthType=auth/munge
AuthInfo=cred_expire=5
StateSaveLocation=%[1]s/state
SlurmdSpoolDir=%[1]s/spool-%%n
SlurmctldPidFile=%[1]s/ctld.pid
SlurmdPidFile=%[1]s/%%n.pid
SlurmctldLogFile=%[1]s/ctld.log
SlurmdLogFile=%[1]s/%%n.log
SlurmdParameters=config_overrides
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
SchedulerParameters=sched_interval=1,batch_sched_delay=0
MpiDefault=none
KillWait=20
NodeName=n1 NodeHostname=localhost NodeAddr=localhost Port=%[3]d CPUs=4 RealMemory=4000
NodeName=n2 NodeHostname=localhost NodeAddr=localhost Port=%[4]d CPUs=4 RealMemory=4000
PartitionName=all Nodes=ALL Default=YES MaxTime=INFINITE State=UP
`

// startSlurm starts the daemons, and ends them with the test.
func startSlurm(t *testing.T) *slurm {
	t.Helper()
	if os.Getenv(slurmKey) == "" || os.Getuid() != 0 {
		t.Skip("a real Slurm is asked for by " + slurmKey + "=1, as root, where slurm-wlm and munge are installed")
	}
	s := &slurm{t: t, root: t.TempDir()}
	s.xbm = filepath.Join(s.root, "xbm")
	s.must(exec.Command("go", "build", "-o", s.xbm, "."))
	ports := []any{s.root}
	for range 3 {
		l, err := net.Listen("tcp", "localhost:0")
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = l.Close() }()
		ports = append(ports, l.Addr().(*net.TCPAddr).Port)
	}
	conf := filepath.Join(s.root, "slurm.conf")
	s.write(conf, fmt.Sprintf(slurmConf, ports...))
	t.Setenv("SLURM_CONF", conf)
	if exec.Command("munge", "--no-input").Run() != nil {
		s.must(exec.Command("sh", "-c", "mkdir -p /run/munge && chown munge:munge /run/munge && setpriv --reuid munge --regid munge --clear-groups munged"))
		t.Cleanup(func() { s.end("/run/munge/munged.pid") })
	}
	for _, dir := range []string{"state", "spool-n1", "spool-n2"} {
		if err := os.Mkdir(filepath.Join(s.root, dir), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

// up starts the controller and the nodes, once their ports are free.
func (s *slurm) up() {
	s.t.Helper()
	for _, d := range [][]string{{"slurmctld"}, {"slurmd", "-N", "n1"}, {"slurmd", "-N", "n2"}} {
		s.must(exec.Command(d[0], d[1:]...))
	}
	for _, name := range []string{"n1", "n2", "ctld"} {
		s.t.Cleanup(func() { s.end(filepath.Join(s.root, name+".pid")) })
	}
	s.until("the nodes are idle", func() bool {
		out, err := exec.Command("sinfo", "--noheader", "--format=%T").Output()
		return err == nil && strings.TrimSpace(string(out)) == "idle"
	})
}

// end ends the process whose number a file has.
func (s *slurm) end(file string) {
	text, err := os.ReadFile(file)
	if err != nil {
		return
	}
	if pid, err := strconv.Atoi(strings.TrimSpace(string(text))); err == nil && pid > 1 {
		_ = syscall.Kill(pid, syscall.SIGTERM)
		for range 100 { // its files lie in the test's folder
			if syscall.Kill(pid, 0) != nil {
				return
			}
			time.Sleep(50 * time.Millisecond)
		}
	}
}

func (s *slurm) write(path, text string) {
	s.t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		s.t.Fatal(err)
	}
}

func (s *slurm) must(cmd *exec.Cmd) string {
	s.t.Helper()
	out, err := cmd.CombinedOutput()
	if err != nil {
		s.t.Fatalf("%v: %v: %s", cmd.Args, err, out)
	}
	return string(out)
}

func (s *slurm) until(what string, so func() bool) {
	s.t.Helper()
	for deadline := time.Now().Add(3 * time.Minute); !so(); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(deadline) {
			log, _ := exec.Command("sh", "-c", "squeue; tail -n 20 "+s.root+"/*.log").CombinedOutput()
			s.t.Fatalf("it does not come to that %s: %s", what, log)
		}
	}
}

// status is that of a study.
func (s *slurm) status(dir string) (st study.Status) {
	s.t.Helper()
	out, err := exec.Command(s.xbm, "ablate", "--status", dir, "--json").Output()
	if err == nil {
		err = json.Unmarshal(out, &st)
	}
	if err != nil {
		s.t.Fatal(err)
	}
	return st
}

// process is the number of the process that is at work on a cell and has kept a state of
// it; 0: none.
func (s *slurm) process(dir string, cell int) int {
	s.t.Helper()
	c := s.status(dir).Cells[cell-1]
	m := regexp.MustCompile(`^process (\d+) on`).FindStringSubmatch(c.Owner)
	kept, _ := filepath.Glob(filepath.Join(dir, c.Run, record.CheckpointFolder, "*"))
	if c.State != "at work" || len(kept) == 0 || m == nil {
		return 0
	}
	pid, _ := strconv.Atoi(m[1])
	return pid
}

// grid is the command of a study of memory by batch on a set of 24 classes of eight rows
// of numbers.
func (s *slurm) grid() []string {
	s.t.Helper()
	const classes, each, dim = 24, 8, 6
	x, labels := make([]float32, classes*each*dim), make([]int64, classes*each)
	for i := range labels {
		labels[i] = int64(i % classes)
		for k := range dim {
			x[i*dim+k] = float32((i%classes*(k+1)+i/classes)%7) / 7
		}
	}
	rows, names := filepath.Join(s.root, "x.npy"), filepath.Join(s.root, "y.npy")
	s.write(rows, string(datatest.NPY(s.t, "<f4", "False", x, classes*each, dim)))
	s.write(names, string(datatest.NPY(s.t, "<i8", "False", labels, classes*each)))
	return []string{"ablate", "--data", "features:" + rows + "," + names, "--dim", "4", "--start", "1", "--per-class", "4", "--memory", "0,50%", "--batch", "8,16"}
}

// idle tells whether no job is left.
func (s *slurm) idle() bool {
	out, err := exec.Command("squeue", "--noheader").Output()
	return err == nil && len(bytes.TrimSpace(out)) == 0
}

func sameBytes(t *testing.T, a, b string) {
	t.Helper()
	for _, name := range []string{study.TableFile, study.CSVFile} {
		want, err := os.ReadFile(filepath.Join(a, name))
		if err != nil {
			t.Fatal(err)
		}
		if got, err := os.ReadFile(filepath.Join(b, name)); err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s differs: %v\n%s\nand\n%s", name, err, want, got)
		}
	}
}

// A study is made by an array of a real Slurm. One task is requeued and goes on from its
// checkpoint, another is killed with its step and made by the page's job, and the node is
// taken down in the middle; the tables are those of a study made here, byte for byte.
func TestSlurmMakesAStudy(t *testing.T) {
	s := startSlurm(t)
	s.up()
	dir, local := filepath.Join(s.root, "study"), filepath.Join(s.root, "local")
	grid := append(s.grid(), "--seeds", "2", "--steps", "20000", "--validate-every", "10000", "--checkpoint-every", "500")
	s.must(exec.Command(s.xbm, append(slices.Clip(grid), "--out", dir, "--slurm", "--jobs", "4")...))
	submit := exec.Command(s.xbm, "ablate", "--out", dir, "--submit", "--jobs", "4")
	var out bytes.Buffer
	submit.Stdout, submit.Stderr = &out, &out
	if err := submit.Start(); err != nil {
		t.Fatal(err)
	}
	job := ""
	s.until("jobs are submitted", func() bool {
		text, err := os.ReadFile(filepath.Join(dir, "slurm", "jobs"))
		job, _, _ = strings.Cut(string(text), "\n")
		return err == nil && job != ""
	})
	s.until("cell 2 is at work", func() bool { return s.process(dir, 2) != 0 })
	s.must(exec.Command("scontrol", "requeue", job+"_2"))
	killed := 0
	s.until("cell 3 is at work", func() bool { killed = s.process(dir, 3); return killed != 0 })
	script, err := strconv.Atoi(strings.TrimSpace(s.must(exec.Command("ps", "-o", "ppid=", "-p", strconv.Itoa(killed)))))
	if err != nil || script < 2 {
		t.Fatalf("the step's script is %d: %v", script, err)
	}
	for _, pid := range []int{script, killed} {
		if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
			t.Error(err)
		}
	}
	s.until("cell 5 is at work", func() bool { return s.process(dir, 5) != 0 })
	s.must(exec.Command("scontrol", "update", "NodeName=n1", "State=DOWN", "Reason=test"))
	time.AfterFunc(3*time.Second, func() { _ = exec.Command("scontrol", "update", "NodeName=n1", "State=RESUME").Run() })
	if err := submit.Wait(); err != nil {
		t.Fatalf("%v: %s", err, &out)
	}
	s.until("all jobs have ended", s.idle)
	if st := s.status(dir); st.Complete != 8 {
		t.Errorf("%+v", st)
	}
	if !strings.Contains(out.String(), "run 8 of 8") || !strings.Contains(out.String(), "8 runs of 20000 steps") {
		t.Errorf("it was shown so: %s", &out)
	}
	log, err := os.ReadFile(filepath.Join(dir, "slurm", "logs", "runs-"+job+"_2.log"))
	if err != nil || !strings.Contains(string(log), "terminated: the same command goes on") || !strings.Contains(string(log), "resumed") {
		t.Errorf("the requeued task says %s, %v", log, err)
	}
	s.must(exec.Command(s.xbm, append(slices.Clip(grid), "--out", local)...))
	sameBytes(t, local, dir)
}

// On two nodes as many tasks want the same four cells at once, twenty times: each cell
// is made once.
func TestSlurmNodesShareOutCells(t *testing.T) {
	s := startSlurm(t)
	s.up()
	const times = 20
	grid := append(s.grid(), "--seeds", "1", "--steps", "6", "--validate-every", "3")
	began := regexp.MustCompile(`(?m)^[0-9:]+ +(memory .*) +\{"steps": 6,`)
	first := filepath.Join(s.root, "study-0")
	for i := range times {
		dir := filepath.Join(s.root, fmt.Sprintf("study-%d", i))
		s.must(exec.Command(s.xbm, append(slices.Clip(grid), "--out", dir, "--plan")...))
		// Those that come too late end with an error.
		out, _ := exec.Command("srun", "--nodes=2", "--ntasks-per-node=4", "--mem-per-cpu=300M", "sh", "-c",
			s.xbm+" ablate --out "+dir+" --threads 1 --cell $((SLURM_LOCALID + 1))").CombinedOutput()
		made := map[string]int{}
		for _, m := range began.FindAllStringSubmatch(string(out), -1) {
			made[m[1]]++
		}
		if len(made) != 4 {
			t.Fatalf("study %d: %v: %s", i, made, out)
		}
		for cell, n := range made {
			if n != 1 {
				t.Errorf("study %d: %s was made %d times: %s", i, cell, n, out)
			}
		}
		if i == 0 || i == times-1 {
			s.must(exec.Command(s.xbm, "ablate", "--out", dir))
			sameBytes(t, first, dir)
		}
	}
}
