package main

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

// cellProcesses runs cells, each in a process of its own: one that crashes takes
// no other with it.
type cellProcesses struct {
	threads int    // of each
	logs    string // folder for what they tell
}

// processEnd is how long a process has to end by itself when the study is stopped.
const processEnd = 10 * time.Second

// run has a process do what is requested and returns the last event. While it
// runs, tell hears of every event. What the process tells people is in a log
// file, which stays if the process fails.
func (p cellProcesses) run(ctx context.Context, name string, request cellRequest, tell func(cellEvent)) (last cellEvent, err error) {
	self, err := os.Executable()
	if err != nil {
		return last, err
	}
	if err := os.MkdirAll(p.logs, 0o755); err != nil {
		return last, err
	}
	path := filepath.Join(p.logs, strings.ReplaceAll(name, "/", "_")+".log")
	log, err := os.Create(path)
	if err != nil {
		return last, err
	}
	defer func() {
		if closeErr := log.Close(); err == nil {
			err = errors.Join(closeErr, os.Remove(path))
		}
	}()
	cmd := exec.CommandContext(ctx, self, "cell")
	cmd.Env = append(os.Environ(), fmt.Sprintf("GOMAXPROCS=%d", p.threads))
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
	err = json.NewEncoder(stdin).Encode(request)
	for lines := bufio.NewScanner(stdout); err == nil && lines.Scan(); {
		last = cellEvent{}
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
		if message, ok := strings.CutPrefix(line, "xbm: "); ok {
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
		return "the process was killed: if memory ran out, give fewer --jobs"
	}
	return fmt.Sprintf("the process ended with %v, see %s", failed, log)
}
