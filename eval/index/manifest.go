package index

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"

	"crossbatch/eval/record"
)

// ManifestFile is the file that makes a folder an index.
const ManifestFile = "index.json"

// Encoder is what makes embeddings of pictures: a network, its weights, and how
// pictures are read for it.
type Encoder struct {
	// Hash is the same for encoders that make the same embeddings of the same
	// pictures, and no others.
	Hash string `json:"hash"`
	// Name is for people: the run's name, not its place.
	Name string `json:"name,omitempty"`
	// Dim is the number of numbers in an embedding.
	Dim int `json:"dim"`
}

// ErrEncoder says that embeddings are of another encoder than the index's.
var ErrEncoder = errors.New("another encoder than the index's")

// Accepts returns an error that wraps ErrEncoder where other is another encoder:
// distances between embeddings of two encoders mean nothing.
func (e Encoder) Accepts(other Encoder) error {
	if e.Hash == other.Hash && e.Dim == other.Dim {
		return nil
	}
	return fmt.Errorf("%w: its rows were made by %s, and this is %s: distances between them mean nothing; make an index anew for this encoder",
		ErrEncoder, e, other)
}

// String is the encoder for people: its name and its hash.
func (e Encoder) String() string {
	name := e.Name
	if name == "" {
		name = "an encoder without a name"
	}
	return fmt.Sprintf("%s (%.12s…, %d numbers)", name, e.Hash, e.Dim)
}

// format is the version of what is on the disk.
const format = 1

type manifest struct {
	Format     int     `json:"format"`
	Encoder    Encoder `json:"encoder"`
	Half       bool    `json:"half"`
	Generation int     `json:"generation"`
	Sum        uint32  `json:"sum"` // of all others, as they stand here
}

func (m manifest) sum() (uint32, error) {
	m.Sum = 0
	b, err := json.Marshal(m)
	return castagnoli(b), err
}

func (m manifest) rowBytes() int {
	if m.Half {
		return 2 * m.Encoder.Dim
	}
	return 4 * m.Encoder.Dim
}

func (m manifest) path(dir, file string) string {
	return filepath.Join(dir, file+"-"+strconv.Itoa(m.Generation))
}

func (m manifest) write(f record.Folder) (err error) {
	if m.Sum, err = m.sum(); err != nil {
		return err
	}
	return f.Write(ManifestFile, func(w io.Writer) error {
		e := json.NewEncoder(w)
		e.SetIndent("", "  ")
		return e.Encode(m)
	})
}

// ErrNone says that a folder holds no index.
var ErrNone = errors.New("there is no index")

func readManifest(dir string) (m manifest, err error) {
	b, err := os.ReadFile(filepath.Join(dir, ManifestFile))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return m, fmt.Errorf("index: %s: %w: it has no %s", dir, ErrNone, ManifestFile)
	case err != nil:
		return m, fmt.Errorf("index: %w", err)
	}
	if err := json.Unmarshal(b, &m); err != nil {
		return m, fmt.Errorf("index: %s: %w: %s: %w", dir, ErrCorrupt, ManifestFile, err)
	}
	if m.Format != format {
		return m, fmt.Errorf("index: %s is of format %d, and this program reads format %d: use the program that made it", dir, m.Format, format)
	}
	switch sum, err := m.sum(); {
	case err != nil:
		return m, fmt.Errorf("index: %w", err)
	case sum != m.Sum || m.Encoder.Dim < 1:
		return m, fmt.Errorf("index: %s: %w: %s does not fit its checksum", dir, ErrCorrupt, ManifestFile)
	}
	return m, nil
}
