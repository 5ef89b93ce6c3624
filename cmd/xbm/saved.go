package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"crossbatch/backbone"
	"crossbatch/eval/record"
	"crossbatch/trainer"
)

// readRun reads the configuration of the run in the folder dir: the defaults, for
// keys that there were not when it was made, then its file.
func readRun(dir string) (settings, error) {
	s := defaults()
	path := filepath.Join(dir, record.ConfigFile)
	if _, err := os.Stat(path); err != nil {
		if _, err := os.Stat(dir); err != nil {
			return s, fmt.Errorf("%s: no such folder: give that of a run, as xbm train names it", dir)
		}
		return s, fmt.Errorf("%s: no run: it has no %s", dir, record.ConfigFile)
	}
	if err := s.readFile(path); err != nil {
		return s, err
	}
	if err := s.Validate(); err != nil {
		return s, fmt.Errorf("config %s: %w", path, err)
	}
	return s, nil
}

// savedNetwork is the network of the run in dir, for images of the session's set,
// with the weights that were scored.
func (s *session) savedNetwork(dir string, c trainer.Config) (*backbone.Net, error) {
	c.Network.Weights = "" // what it started from may be gone
	net, err := s.network(c)
	if err != nil {
		return nil, err
	}
	path := filepath.Join(dir, record.WeightsFile)
	file, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s: no %s: the run has not come to its end", dir, record.WeightsFile)
	}
	if err != nil {
		return nil, fmt.Errorf("weights: %w", err)
	}
	defer func() { _ = file.Close() }() // it was only read
	if err := net.ReadSafetensors(file); err != nil {
		return nil, fmt.Errorf("weights %s, for %s: %w", path, s.name, err)
	}
	return net, nil
}
