package cluster

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func jobs(t *testing.T) Jobs {
	t.Helper()
	var many []int
	for cell := 4; cell <= 2003; cell++ {
		many = append(many, cell)
	}
	return Jobs{
		Dir: filepath.Join(t.TempDir(), "my study"), From: t.TempDir(), Command: []string{"/opt/x b/xbm", "protocol"}, Threads: 2, AtOnce: 50,
		Stages: []Stage{
			{Name: "trials", Cells: []int{1, 3}, Seconds: 90, Memory: 100 << 20},
			{Name: "reproductions", Cells: many, Seconds: 4000, Memory: 300 << 20},
		},
	}
}

func TestRanges(t *testing.T) {
	t.Parallel()
	for want, numbers := range map[string][]int{"": nil, "5": {5}, "1-3": {1, 2, 3}, "1,3-4,9": {1, 3, 4, 9}} {
		if got := ranges(numbers); got != want {
			t.Errorf("%v are %q, not %q", numbers, got, want)
		}
	}
	list := range1000([]int{7, 1000, 1001, 2001})
	if len(list) != 3 || !slices.Equal(list[0].tasks, []int{7, 1000}) || !slices.Equal(list[1].tasks, []int{1}) || list[2].add != 2000 {
		t.Errorf("%+v", list)
	}
}

func TestMoreIsAskedForThanEstimated(t *testing.T) {
	t.Parallel()
	s := Stage{Seconds: 61, Memory: 1 << 30}
	if s.time().String() != "13m0s" || s.mebibytes() != 2048 {
		t.Errorf("%v, %d MiB", s.time(), s.mebibytes())
	}
}

// The scripts are shell, and the one that submits them has each stage depend on the one
// before.
func TestScriptsOfSlurm(t *testing.T) {
	t.Parallel()
	j := jobs(t)
	dir := filepath.Join(j.Dir, SlurmFolder)
	files := j.Slurm([]string{"--partition=long", "--comment=two words"})
	if err := Write(dir, files); err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, f := range files {
		names = append(names, f.Name)
		if out, err := exec.Command("bash", "-n", filepath.Join(dir, f.Name)).CombinedOutput(); err != nil {
			t.Errorf("%s: %v: %s", f.Name, err, out)
		}
	}
	if !slices.Equal(names, []string{"1-trials.sh", "2-reproductions.sh", "page.sh", SubmitScript}) {
		t.Errorf("%q", names)
	}
	for _, line := range []string{
		"#SBATCH --array=1,3%50", "#SBATCH --time=0:13:00", "#SBATCH --mem=662M", "#SBATCH --cpus-per-task=2", "#SBATCH --requeue", "#SBATCH --signal=B:TERM@60",
		"#SBATCH --partition=long", `#SBATCH --comment="two words"`, `'/opt/x b/xbm' protocol --out '` + j.Dir + `' --threads 2 --cell "$((SLURM_ARRAY_TASK_ID + ${1:-0}))" &`,
	} {
		if !strings.Contains(files[0].Text, "\n"+line+"\n") {
			t.Errorf("there is no %q in %s", line, files[0].Text)
		}
	}
	// A stand-in for sbatch says what it is given: numbers from 101 on.
	bin := t.TempDir()
	sbatch := "#!/bin/sh\necho \"$*\" >>\"" + bin + "/asked\"\necho \"$((100 + $(wc -l <\"" + bin + "/asked\")));cluster\"\n"
	if err := os.WriteFile(filepath.Join(bin, "sbatch"), []byte(sbatch), 0o700); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("sh", filepath.Join(dir, SubmitScript))
	cmd.Env = append(os.Environ(), "PATH="+bin+":"+os.Getenv("PATH"))
	out, err := cmd.CombinedOutput()
	if err != nil || string(out) != "101\n102\n103\n104\n105\n" {
		t.Fatalf("%v: %s", err, out)
	}
	asked, err := os.ReadFile(filepath.Join(bin, "asked"))
	if err != nil {
		t.Fatal(err)
	}
	want := strings.ReplaceAll(`--parsable --array=1,3%50 DIR/1-trials.sh 0
--parsable --dependency=afterany:101 --array=4-1000%50 DIR/2-reproductions.sh 0
--parsable --dependency=afterany:101 --array=1-1000%50 DIR/2-reproductions.sh 1000
--parsable --dependency=afterany:101 --array=1-3%50 DIR/2-reproductions.sh 2000
--parsable --dependency=afterany:102:103:104 DIR/page.sh
`, "DIR", dir)
	if string(asked) != want {
		t.Errorf("it asked for\n%s, not\n%s", asked, want)
	}
}

func TestManifestOfKubernetes(t *testing.T) {
	t.Parallel()
	j := jobs(t)
	j.Command[0] = "xbm"
	text, err := j.Kubernetes(Kubernetes{Image: "registry.example/xbm:1", Volume: "studies", Mount: "/studies/"})
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{
		"name: my-study-1-trials\n", "name: my-study-2-reproductions\n", "name: my-study-3-page\n", "completions: 3\n", "completions: 2000\n", "parallelism: 50\n",
		"completionMode: Indexed\n", "suspend: true\n", "- /studies/my study\n", "- \"4\"\n", "memory: 662Mi\n", "claimName: studies\n", "mountPath: /studies\n",
		"#   kubectl wait --timeout=-1s --for=condition=complete job/my-study-1-trials && kubectl patch job/my-study-2-reproductions -p",
	} {
		if !strings.Contains(text, part) {
			t.Errorf("there is no %q in\n%s", part, text)
		}
	}
	if strings.Count(text, "suspend: true") != 1 {
		t.Error("the page waits for nobody")
	}
	for text, want := range map[string]string{"Study_7": "study-7", "--": "study", "ablation-20261125-101500": "ablation-20261125-101500"} {
		if got := label(text); got != want {
			t.Errorf("%q is %q", text, got)
		}
	}
}

func TestWithoutSlurm(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	if jobs, err := Submitted(t.Context(), t.TempDir()); err != nil || len(jobs) > 0 {
		t.Errorf("%q, %v", jobs, err)
	}
	if _, err := Alive(t.Context(), []string{"1"}); err == nil || err.Error() != "there is no squeue here: submit from a machine of the Slurm cluster, or run the scripts there" {
		t.Errorf("%v", err)
	}
}
