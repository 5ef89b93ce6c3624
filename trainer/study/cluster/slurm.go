package cluster

import (
	"fmt"
	"path/filepath"
	"strings"
)

// SlurmFolder is where the scripts lie, in the study's folder, and SubmitScript the one
// of them that submits the others.
const (
	SlurmFolder  = "slurm"
	SubmitScript = "submit.sh"
)

// File is a file to be written: its name in the folder, and its content.
type File struct{ Name, Text string }

// arrayMost is how many tasks an array has at most: Slurm's MaxArraySize is 1001 unless
// it is configured.
const arrayMost = 1000

// warning is how many seconds before its time is up a task is told.
const warning = 60

// Slurm returns the scripts of the study, to be written to SlurmFolder in its folder. options
// are further options of sbatch, such as --partition=long.
func (j Jobs) Slurm(options []string) []File {
	var files []File
	var submit strings.Builder
	submit.WriteString("#!/bin/sh\n# Submits the cells of the study, stage after stage, and then the page, and prints the jobs' numbers.\nset -e\nafter=\n")
	of := filepath.Join(j.Dir, SlurmFolder)
	for i, s := range j.Stages {
		if len(s.Cells) == 0 {
			continue
		}
		name := fmt.Sprintf("%d-%s.sh", i+1, s.Name)
		submit.WriteString("next=\n")
		for n, chunk := 0, range1000(s.Cells); n < len(chunk); n++ {
			array, add := chunk[n].array(j.AtOnce), chunk[n].add
			if n == 0 {
				text := words(j.line("--cell")) + ` "$((SLURM_ARRAY_TASK_ID + ${1:-0}))"`
				files = append(files, File{name, j.script(s, "--array="+array, options, "%A_%a", text)})
			}
			fmt.Fprintf(&submit, "job=$(sbatch --parsable $after --array=%s %s %d)\necho \"${job%%%%;*}\"\nnext=\"$next:${job%%%%;*}\"\n", array, words([]string{filepath.Join(of, name)}), add)
		}
		submit.WriteString("after=\"--dependency=afterany$next\"\n")
	}
	files = append(files, File{"page.sh", j.script(j.page(), "", options, "%A", words(j.line("--jobs", "1")))})
	fmt.Fprintf(&submit, "job=$(sbatch --parsable $after %s)\necho \"${job%%%%;*}\"\n", words([]string{filepath.Join(of, "page.sh")}))
	return append(files, File{SubmitScript, submit.String()})
}

// chunk is a part of the cells that fits an array: its tasks' numbers, and what is added
// to them to be the cells'.
type chunk struct {
	tasks []int
	add   int
}

// array is the value of --array, with so many tasks at once; 0: any.
func (c chunk) array(atOnce int) string {
	text := ranges(c.tasks)
	if atOnce > 0 {
		text += fmt.Sprintf("%%%d", atOnce)
	}
	return text
}

// range1000 parts rising cells into arrays whose tasks count to 1,000 at most.
func range1000(cells []int) (list []chunk) {
	for _, cell := range cells {
		add := (cell - 1) / arrayMost * arrayMost
		if n := len(list); n == 0 || list[n-1].add != add {
			list = append(list, chunk{add: add})
		}
		last := &list[len(list)-1]
		last.tasks = append(last.tasks, cell-add)
	}
	return list
}

// script is a batch script that runs a command line. When its time is up, it is told in
// time to keep its state, and goes on in another turn.
func (j Jobs) script(s Stage, array string, options []string, log, line string) string {
	limit := s.time()
	minutes := int(limit.Minutes())
	header := []string{
		"--job-name=" + filepath.Base(j.Dir) + "-" + s.Name,
		"--chdir=" + j.From,
		"--output=" + filepath.Join(j.Dir, SlurmFolder, "logs", s.Name+"-"+log+".log"),
		"--open-mode=append",
		fmt.Sprintf("--time=%d:%02d:00", minutes/60, minutes%60),
		fmt.Sprintf("--mem=%dM", s.mebibytes()),
		fmt.Sprintf("--cpus-per-task=%d", j.Threads),
		"--requeue",
		fmt.Sprintf("--signal=B:TERM@%d", warning),
	}
	if array != "" {
		header = append(header, array)
	}
	var b strings.Builder
	b.WriteString("#!/bin/bash\n")
	for _, option := range append(header, options...) {
		// As a value with spaces must be, and may always be.
		if key, value, ok := strings.Cut(option, "="); ok && strings.ContainsAny(value, " \t\"'") {
			option = key + "=\"" + strings.ReplaceAll(value, `"`, `\"`) + "\""
		}
		b.WriteString("#SBATCH " + option + "\n")
	}
	fmt.Fprintf(&b, `
# SIGTERM has the command keep its state and end with 143.
%s &
cell=$!
trap 'kill -TERM "$cell"' TERM
wait "$cell"
code=$?
while kill -0 "$cell" 2>/dev/null; do
	wait "$cell"
	code=$?
done
# Where that was because the time is up, another turn goes on from there: Slurm has not
# ended or requeued the task itself. Its number alone may be that of the whole array.
task=$SLURM_JOB_ID
if [ -n "$SLURM_ARRAY_TASK_ID" ]; then
	task=${SLURM_ARRAY_JOB_ID}_$SLURM_ARRAY_TASK_ID
fi
if [ "$code" = 143 ] && [ "$(squeue --noheader --format=%%T --jobs="$task")" = RUNNING ]; then
	scontrol requeue "$task"
fi
exit "$code"
`, line)
	return b.String()
}
