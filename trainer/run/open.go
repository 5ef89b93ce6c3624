package run

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"go.yaml.in/yaml/v3"

	"crossbatch/backbone"
	"crossbatch/eval"
	"crossbatch/eval/record"
	"crossbatch/trainer"
	"crossbatch/trainer/data"
)

// Read reads the configuration of the run in the folder dir, and validates it. Settings that
// are missing in an older file have their defaults.
func Read(dir string) (trainer.Config, error) {
	c := trainer.Default()
	path := filepath.Join(dir, record.ConfigFile)
	if _, err := os.Stat(path); err != nil {
		if _, err := os.Stat(dir); err != nil {
			return c, fmt.Errorf("%s: no such folder: give that of a run", dir)
		}
		return c, fmt.Errorf("%s: no run: it has no %s", dir, record.ConfigFile)
	}
	text, err := record.ReadText(path)
	if err != nil {
		return c, fmt.Errorf("config: %w", err)
	}
	d := yaml.NewDecoder(bytes.NewReader(text))
	d.KnownFields(true)
	if err := d.Decode(&c); err != nil && !errors.Is(err, io.EOF) {
		return c, fmt.Errorf("config %s: %w", path, err)
	}
	if err := c.Validate(); err != nil {
		return c, fmt.Errorf("config %s: %w", path, err)
	}
	return c, nil
}

// Model is a network with a data set and its split. It works on the data set of its [Session].
type Model struct {
	Net     *backbone.Net
	Config  trainer.Config
	dir     string // of the run; "" for none
	isOwn   bool   // the set is the run's own
	session *Session
	split   data.Split // empty where the set cannot be split
	unsplit error      // why it cannot
}

// Saved returns the network of the run in dir with the weights that were scored, and the set
// of c. c is the configuration of the run, see [Read], or names another data set.
func (s *Session) Saved(dir string, c trainer.Config) (*Model, error) {
	was, err := Read(dir)
	if err != nil {
		return nil, err
	}
	m, err := s.model(c, func() (*backbone.Net, error) { return s.savedNetwork(dir, c) })
	if err != nil {
		return nil, err
	}
	m.dir, m.isOwn = dir, was.Data.Set == c.Data.Set
	return m, nil
}

// Untrained returns the network before the training of c, and its data set.
func (s *Session) Untrained(c trainer.Config) (*Model, error) {
	return s.model(c, func() (*backbone.Net, error) { return s.network(c) })
}

func (s *Session) model(c trainer.Config, network func() (*backbone.Net, error)) (*Model, error) {
	if err := s.load(c); err != nil {
		return nil, err
	}
	net, err := network()
	if err != nil {
		return nil, err
	}
	m := &Model{Net: net, Config: c, session: s}
	m.split, m.unsplit = c.Parts(s.set)
	return m, nil
}

// Part returns the indices of the images of a part of the set: PartTrain, PartValidation,
// PartTest, PartQuery, PartGallery or PartAll. PartAll needs no split.
func (m *Model) Part(part string) (index []int, err error) {
	if m.unsplit != nil && part != PartAll {
		return nil, m.unsplit
	}
	index, _, _, err = m.session.part(m.split, part)
	return index, err
}

// Embed returns the embeddings of images of the set: len(index) × Net.Dim() numbers,
// row-major, by the device of the configuration.
func (m *Model) Embed(ctx context.Context, index []int) ([]float32, error) {
	e, err := m.session.encoder(m.Config, m.Net)
	if err != nil {
		return nil, err
	}
	return m.session.embed(ctx, e, index)
}

// Set returns the data set that the network embeds. It is the session's own.
func (m *Model) Set() *data.Set { return m.session.set }

// Unread names the images of the set that could not be read, with the reason, and counts what
// else was left out.
func (m *Model) Unread() []string {
	lines := slices.Clone(m.session.set.Broken)
	for _, left := range m.session.set.LeftOut {
		lines = append(lines, fmt.Sprintf("%d left out: %s: %s is the first", left.Count, left.Reason, left.First))
	}
	return lines
}

// HasClasses tells whether the classes of the set's images are known.
func (m *Model) HasClasses() bool { return !m.session.set.NoClasses }

// Labels returns the labels of images of the set.
func (m *Model) Labels(index []int) []int32 { return labelsOf(m.session.set, index) }

// Score embeds a part of the set and scores it as how says; the embeddings of how are ignored.
// A part of the evaluation that takes more than about most products of numbers is left out and
// named; 0: no limit.
func (m *Model) Score(ctx context.Context, part string, how eval.Retrieval, most float64) (Scored, error) {
	index, err := m.Part(part)
	if err != nil {
		return Scored{}, err
	}
	emb, err := m.Embed(ctx, index)
	if err != nil {
		return Scored{}, err
	}
	if m.session.set.NoClasses {
		return Scored{}, m.unsplit // all of a set needs no split, but classes
	}
	result, err := m.session.scorePart(ctx, m.split, part, emb, m.Net.Dim(), how, most)
	if err != nil {
		return result, fmt.Errorf("%s, %s: %w", m.Config.Data.Set, part, err)
	}
	return result, nil
}

// savedNetwork is the network of the run in dir, for images of the session's set,
// with the weights that were scored.
func (s *Session) savedNetwork(dir string, c trainer.Config) (*backbone.Net, error) {
	if err := s.fits(c.Network.Kind); err != nil {
		return nil, err
	}
	return Network(dir, c, s.name, s.set.Channels, s.set.Height, s.set.Width)
}

// Network returns the network of the run in dir with the weights that were scored. c is the
// configuration of the run. The images have channels × height × width; errors call them by the
// text images.
func Network(dir string, c trainer.Config, images string, channels, height, width int) (*backbone.Net, error) {
	net, err := backbone.New(networkOf(c, channels, height, width))
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
		return nil, fmt.Errorf("weights %s, for %s: %w", path, images, err)
	}
	return net, nil
}
