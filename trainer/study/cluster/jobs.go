package cluster

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"
)

// Jobs describes the cells of a study for a scheduler.
type Jobs struct {
	Dir     string   // the study's folder; absolute, and the same on all machines
	From    string   // folder that the command's other paths are relative to; absolute
	Command []string // the command that makes the study: the absolute path of xbm, and ablate or protocol
	Stages  []Stage
	Threads int // processors of each task
	AtOnce  int // tasks at a time; 0: as many as the scheduler has room for
}

// Stage is a part of the study. Its cells depend on all cells of the stages before.
type Stage struct {
	Name    string
	Cells   []int   // the cells to be made, ascending
	Seconds float64 // estimated time of one cell, at most
	Memory  uint64  // measured bytes of one cell, at most
}

// What is asked for beyond an estimate: other machines are slower and busier, and a
// measurement of a few steps has not seen the evaluation.
const (
	timeFactor, timeMore     = 2, 10 * time.Minute
	memoryFactor, memoryMore = 1.5, 512 << 20
)

// time is the limit that is asked for: whole minutes.
func (s Stage) time() time.Duration {
	t := time.Duration(timeFactor*s.Seconds*float64(time.Second)) + timeMore
	return (t + time.Minute - 1).Truncate(time.Minute)
}

// mebibytes is the memory that is asked for.
func (s Stage) mebibytes() int {
	return int(math.Ceil((memoryFactor*float64(s.Memory) + memoryMore) / (1 << 20)))
}

// line is the command line of a task that makes cells of the study, with flags that say which.
func (j Jobs) line(which ...string) []string {
	return slices.Concat(j.Command, []string{"--out", j.Dir, "--threads", fmt.Sprint(j.Threads)}, which)
}

// page is the job that makes what is missing, and the page.
func (j Jobs) page() Stage {
	p := Stage{Name: "page"}
	for _, s := range j.Stages {
		p.Seconds, p.Memory = max(p.Seconds, s.Seconds), max(p.Memory, s.Memory)
	}
	return p
}

// ranges writes rising numbers as Slurm does: 1-3,7.
func ranges(numbers []int) string {
	var parts []string
	for i := 0; i < len(numbers); {
		last := i
		for last+1 < len(numbers) && numbers[last+1] == numbers[last]+1 {
			last++
		}
		if part := fmt.Sprint(numbers[i]); last == i {
			parts = append(parts, part)
		} else {
			parts = append(parts, fmt.Sprintf("%s-%d", part, numbers[last]))
		}
		i = last + 1
	}
	return strings.Join(parts, ",")
}

// words is a command line as a shell takes it.
func words(line []string) string {
	quoted := slices.Clone(line)
	for i, word := range quoted {
		const plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./:=,%@+"
		if word == "" || strings.Trim(word, plain) != "" {
			quoted[i] = "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
		}
	}
	return strings.Join(quoted, " ")
}
