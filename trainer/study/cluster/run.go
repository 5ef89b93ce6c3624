package cluster

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// Write writes the files, as executable scripts, into the folder dir, and makes its folder for
// logs.
func Write(dir string, files []File) error {
	if err := os.MkdirAll(filepath.Join(dir, "logs"), 0o755); err != nil {
		return err
	}
	for _, f := range files {
		if err := os.WriteFile(filepath.Join(dir, f.Name), []byte(f.Text), 0o755); err != nil {
			return err
		}
	}
	return nil
}

// jobsFile has the numbers of the jobs that were submitted last.
const jobsFile = "jobs"

// Submit runs the submit script in dir and returns the numbers of the jobs, also of those
// submitted before an error. It records them in dir for Submitted.
func Submit(ctx context.Context, dir string) (jobs []string, err error) {
	out, err := output(ctx, "sh", filepath.Join(dir, SubmitScript))
	jobs = strings.Fields(out)
	if len(jobs) > 0 { // also of one that broke off: they are there
		err = errors.Join(err, os.WriteFile(filepath.Join(dir, jobsFile), []byte(out), 0o644))
	}
	return jobs, err
}

// Submitted returns those of the jobs last submitted from dir that Slurm has not ended yet;
// none if nothing was submitted.
func Submitted(ctx context.Context, dir string) (jobs []string, err error) {
	text, err := os.ReadFile(filepath.Join(dir, jobsFile))
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return Alive(ctx, strings.Fields(string(text)))
}

// Alive returns those of the jobs that Slurm has not ended yet. It asks squeue.
func Alive(ctx context.Context, jobs []string) (alive []string, err error) {
	// Of the user, since asking for one that is forgotten is an error.
	out, err := output(ctx, "squeue", "--noheader", "--array", "--me", "--format=%F")
	if err != nil {
		return nil, err
	}
	there := map[string]bool{}
	for _, job := range strings.Fields(out) {
		there[job] = true
	}
	for _, job := range jobs {
		if there[job] {
			alive = append(alive, job)
		}
	}
	return alive, nil
}

// output runs a command and returns what it printed.
func output(ctx context.Context, name string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, name, args...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if errors.Is(err, exec.ErrNotFound) {
		return "", fmt.Errorf("there is no %s here: submit from a machine of the Slurm cluster, or run the scripts there", name)
	}
	if err != nil {
		err = fmt.Errorf("%s: %w: %s", name, err, strings.TrimSpace(stderr.String()))
	}
	return string(out), err
}
