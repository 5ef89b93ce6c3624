package study

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// ErrorPrefix begins the line with the error of a cell's process, on its standard error.
const ErrorPrefix = "xbm: "

// processEnd is how long a process has to end by itself when the study is stopped.
const processEnd = 10 * time.Second

// process has a process do what is requested and returns the last event: one that
// crashes takes no other with it. While it runs, tell hears of every event. What the
// process tells people is in a log file, which stays if the process fails.
func (r *Runner) process(ctx context.Context, name string, asked request, tell func(event)) (last event, err error) {
	if err := os.MkdirAll(r.logs(), 0o755); err != nil {
		return last, err
	}
	path := filepath.Join(r.logs(), strings.ReplaceAll(name, "/", "_")+".log")
	log, err := os.Create(path)
	if err != nil {
		return last, err
	}
	defer func() {
		if closeErr := log.Close(); err == nil {
			err = errors.Join(closeErr, os.Remove(path))
		}
	}()
	cmd := exec.CommandContext(ctx, r.Cell[0], r.Cell[1:]...)
	cmd.Env = append(os.Environ(), fmt.Sprintf("GOMAXPROCS=%d", r.threads()))
	cmd.Stderr = log
	// Told to stop it leaves its work in order, as after Ctrl-C.
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = processEnd
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return last, err
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return last, err
	}
	if err := cmd.Start(); err != nil {
		return last, err
	}
	err = json.NewEncoder(stdin).Encode(asked)
	for lines := bufio.NewScanner(stdout); err == nil && lines.Scan(); {
		last = event{}
		if err = json.Unmarshal(lines.Bytes(), &last); err == nil && tell != nil {
			tell(last)
		}
	}
	_, _ = io.Copy(io.Discard, stdout)
	// Only now: it would take an end of its input for the end of the study.
	failed := cmd.Wait()
	switch {
	case failed != nil && ctx.Err() != nil:
		return last, ctx.Err()
	case failed != nil:
		return last, errors.New(reason(path, failed))
	}
	return last, err
}

// reason is why a process failed: what the log says last, or what became of the
// process.
func reason(log string, failed error) string {
	text, _ := os.ReadFile(log) // the error says something too
	reason := ""
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSpace(line)
		if message, ok := strings.CutPrefix(line, ErrorPrefix); ok {
			reason = message
		}
		if strings.HasPrefix(line, "panic: ") || strings.HasPrefix(line, "fatal error: ") {
			reason = line
			break // what follows is where
		}
	}
	if reason != "" {
		return reason
	}
	if strings.Contains(failed.Error(), "killed") {
		return "the process was killed: if memory ran out, make fewer runs at a time (jobs)"
	}
	return fmt.Sprintf("the process ended with %v, see %s", failed, log)
}
