package finder

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"crossbatch/backbone"
	"crossbatch/eval/index"
	"crossbatch/eval/record"
	"crossbatch/trainer"
	"crossbatch/trainer/data"
	"crossbatch/trainer/data/augment"
	"crossbatch/trainer/data/photo"
	"crossbatch/trainer/data/sets"
	"crossbatch/trainer/run"
)

// View is how pictures come to a network.
type View struct {
	Channels int `json:"channels"` // 3: photographs; 1: characters, ink on paper
	Height   int `json:"height"`
	Width    int `json:"width"`
	Margin   int `json:"margin,omitempty"` // that is stored around and not seen
	// Resize is how photographs of another shape are brought to that, one of data.Resizes.
	Resize string `json:"resize,omitempty"`
}

// Encoder is a run's network, ready for pictures. Read may be called concurrently, Embed by
// one goroutine at a time.
type Encoder struct {
	View
	MostPixels int // of a picture that Read takes; 0: 2^26

	net      *backbone.Net
	identity index.Encoder
}

// ViewFile is in the folder of an index's network.
const ViewFile = "view.json"

// Open opens the network of the run in dir, or of the index in dir, which has its own.
func Open(dir string) (*Encoder, error) {
	name := filepath.Base(dir)
	if _, err := os.Stat(filepath.Join(dir, index.ManifestFile)); err == nil {
		x, err := index.Open(dir)
		if err != nil {
			return nil, err
		}
		name, dir = x.Encoder().Name, Folder(dir)
		if err := x.Close(); err != nil {
			return nil, err
		}
	}
	c, err := run.Read(dir)
	if err != nil {
		return nil, err
	}
	e := &Encoder{}
	switch b, err := os.ReadFile(filepath.Join(dir, ViewFile)); {
	case err == nil:
		if err := json.Unmarshal(b, &e.View); err != nil {
			return nil, fmt.Errorf("finder: %s is damaged: %w", filepath.Join(dir, ViewFile), err)
		}
	case !errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("finder: %w", err)
	default:
		if e.View, err = viewOf(c); err != nil {
			return nil, err
		}
	}
	if e.net, err = run.Network(dir, c, c.Data.Set, e.Channels, e.Height, e.Width); err != nil {
		return nil, err
	}
	e.net.Hold() // for good: it is not trained
	e.identity = index.Encoder{Name: name, Dim: e.net.Dim()}
	e.identity.Hash, err = e.hash(c)
	return e, err
}

// viewOf is how the pictures of a run's own data come to its network.
func viewOf(c trainer.Config) (View, error) {
	o := sets.Options{Size: c.Data.ImageSize, Resize: c.Data.Resize, Margin: c.Data.Augment != augment.None, SkipBroken: true}
	if f, ok := sets.PhotoForm(c.Data.Set, o); ok {
		return View{3, f.Height, f.Width, f.Margin, f.Resize}, nil
	}
	set, err := sets.Load(c.Data.Set, o)
	if err != nil {
		return View{}, fmt.Errorf("%w: how the run sees pictures is known from its data alone", err)
	}
	if set.IsFeatures() {
		return View{}, fmt.Errorf("the run's network takes the numbers of another model, not pictures: give a run on images")
	}
	return View{Channels: set.Channels, Height: set.Height, Width: set.Width, Margin: set.Margin}, set.Close()
}

// hash is that of all that an embedding depends on.
func (e *Encoder) hash(c trainer.Config) (string, error) {
	n := c.Network
	n.Weights, n.Freeze, n.Dropout = "", "", 0 // of training
	head, err := json.Marshal(map[string]any{"view": e.View, "network": n})
	if err != nil {
		return "", fmt.Errorf("finder: %w", err)
	}
	sum := sha256.New()
	_, _ = sum.Write(head) // it has no errors
	e.net.State(func(name string, shape []int, value, _ []float32) {
		_, _ = fmt.Fprintf(sum, "\n%s %v\n", name, shape)
		_ = binary.Write(sum, binary.LittleEndian, value)
	})
	return hex.EncodeToString(sum.Sum(nil)), nil
}

// Identity is what an index knows the encoder by.
func (e *Encoder) Identity() index.Encoder { return e.identity }

// Numbers is how many numbers a picture is to the network.
func (e *Encoder) Numbers() int { return e.Channels * e.Height * e.Width }

// Embed stores the embeddings of images (n×Numbers) in dst.
func (e *Encoder) Embed(dst, images []float32) error { return e.net.Embed(dst, images) }

// Read stores a picture, given as a file, in dst, of length Numbers.
func (e *Encoder) Read(dst []float32, content []byte) error {
	_, err := e.see(dst, content, 0)
	return err
}

// see is Read, and returns the picture with no side longer than most; 0: none.
func (e *Encoder) see(dst []float32, content []byte, most int) (image.Image, error) {
	p, err := photo.Decode(content, e.MostPixels)
	if err != nil {
		return nil, err
	}
	s := data.Set{Channels: e.Channels, Height: e.Height, Width: e.Width, Margin: e.Margin, Labels: []int32{0}}
	s.Pixels = make([]uint8, e.Channels*(e.Height+2*e.Margin)*(e.Width+2*e.Margin))
	if e.Channels == 1 {
		err = p.StoreInk(s.Pixels, e.Height, e.Width)
	} else {
		_, err = p.Store(s.Pixels, photo.Form{Height: e.Height, Width: e.Width, Margin: e.Margin, Resize: e.Resize})
	}
	if err != nil {
		return nil, err
	}
	s.Batch(dst, []int{0})
	if most == 0 {
		return nil, nil
	}
	return p.Thumbnail(most)
}

// folder is where an index keeps its network.
const folder = "encoder"

// Folder is where the index in dir keeps its network: a run's folder, but for its results.
func Folder(dir string) string { return filepath.Join(dir, folder) }

// Keep copies the network of the run in dir into the index at to, so that this is all that a
// search takes.
func (e *Encoder) Keep(dir, to string) error {
	out := record.Folder{Path: Folder(to)}
	for _, name := range []string{record.ConfigFile, record.WeightsFile} {
		err := out.Write(name, func(w io.Writer) error {
			from, err := os.Open(filepath.Join(dir, name))
			if err != nil {
				return err
			}
			_, err = io.Copy(w, from)
			return errors.Join(err, from.Close())
		})
		if err != nil {
			return err
		}
	}
	return out.Write(ViewFile, func(w io.Writer) error { return json.NewEncoder(w).Encode(e.View) })
}
