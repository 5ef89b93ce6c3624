package run

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/edsrzf/mmap-go"

	"crossbatch/eval/record"
)

// mapped is a folder whose files are read in place: a checkpoint with the memory of all
// ranks may be larger than one machine's. What is read stays mapped until the process ends.
type mapped struct{ record.Folder }

// Read returns what is in a file.
func (m mapped) Read(name string) ([]byte, error) {
	file, err := os.Open(filepath.Join(m.Path, name))
	if err != nil {
		return nil, fmt.Errorf("checkpoint: %w", err)
	}
	defer func() { _ = file.Close() }()
	b, err := mmap.Map(file, mmap.RDONLY, 0)
	if err != nil {
		return nil, fmt.Errorf("checkpoint: %s: %w", file.Name(), err)
	}
	return b, nil
}
