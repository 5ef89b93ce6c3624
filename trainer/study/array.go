package study

import (
	"errors"
	"fmt"
	"strconv"
)

// arrays are the variables in which schedulers give a task its place in an array, and
// what is to be added to have it count from 1, as cells do.
func arrays() []struct {
	variable string
	add      int
} {
	return []struct {
		variable string
		add      int
	}{
		{"SLURM_ARRAY_TASK_ID", 0}, // sbatch --array=1-N
		{"PBS_ARRAY_INDEX", 0},     // qsub -J 1-N
		{"SGE_TASK_ID", 0},         // qsub -t 1-N
		{"JOB_COMPLETION_INDEX", 1},
		{"AWS_BATCH_JOB_ARRAY_INDEX", 1},
	}
}

// ArrayCell returns the number of the cell, from 1, for this task of a scheduler's array. It
// reads the environment variables of Slurm, PBS, SGE, Kubernetes and AWS Batch. The arrays of
// Slurm, PBS and SGE must begin at 1. Kubernetes and AWS Batch count from 0; ArrayCell adds 1.
// Without an array it is an error.
func ArrayCell(getenv func(string) string) (int, error) {
	names := ""
	for _, a := range arrays() {
		text := getenv(a.variable)
		if text != "" && text != "undefined" { // as SGE says where there is no array
			n, err := strconv.Atoi(text)
			if err != nil {
				return 0, fmt.Errorf("%s is %q: it is no number", a.variable, text)
			}
			return n + a.add, nil
		}
		names += ", " + a.variable
	}
	return 0, errors.New("no scheduler's array is at work here: none of these is set: " + names[2:])
}

// ParseCell reads the number of a cell, from 1. For [ArrayTask] it returns that of [ArrayCell].
func ParseCell(text string, getenv func(string) string) (int, error) {
	if text == ArrayTask {
		return ArrayCell(getenv)
	}
	number, err := strconv.Atoi(text)
	if err != nil {
		return 0, fmt.Errorf("--cell is %q: give a number, or array", text)
	}
	return number, nil
}
