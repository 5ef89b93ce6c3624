package run

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"crossbatch/eval/record"
	"crossbatch/trainer"
	"crossbatch/trainer/data"
	"crossbatch/trainer/data/augment"
)

// The files of an exported training, beside [record.ConfigFile] and [record.SplitFile].
const (
	ArraysFile  = "data.npz"            // images, labels, the parts of the split, batches
	InitialFile = "initial.safetensors" // the network before the first step
)

// Export describes what [Session.Export] wrote.
type Export struct {
	Folder      string   `json:"folder"`
	Images      int      `json:"images"`
	Steps       int64    `json:"steps"`
	Batch       int      `json:"batch"` // images a step, each view counted
	Augment     string   `json:"augment"`
	BatchImages bool     `json:"batch_images"` // the images of each step as they are trained on
	Arrays      []string `json:"arrays"`
}

// ExportOptions are the options of [Session.Export].
type ExportOptions struct {
	Steps       int64 // number of steps, from the first; 0: all
	BatchImages bool  // write the images of each step, also without augmentation
}

// Text describes the export.
func (e Export) Text() string {
	images := "the images of a step are those of its indices"
	if e.BatchImages {
		images = "the images of each step are there as they are trained on"
	}
	return fmt.Sprintf("%s: %d images, %d steps of %d; augment %s: %s\narrays: %s\n", e.Folder, e.Images, e.Steps, e.Batch, e.Augment, images, strings.Join(e.Arrays, ", "))
}

// CheckExport returns an error if a training cannot be exported to the folder dir: it is not
// empty, unless it holds an export and replace is true. It changes nothing.
func CheckExport(dir string, replace bool) error {
	names, err := record.Folder{Path: dir}.List()
	switch {
	case err != nil || len(names) == 0:
		return err
	case !slices.Contains(names, ArraysFile):
		return fmt.Errorf("%s: %w and holds no %s: choose another folder", dir, record.ErrExists, ArraysFile)
	case !replace:
		return fmt.Errorf("%s: %w and holds an export: choose another folder, or --force to replace it", dir, record.ErrExists)
	}
	return nil
}

// Export writes what a training of c would see to a folder, for other programs: the
// configuration, the split, the initial weights and the arrays (images, labels, parts,
// batches). With augmentation it also writes the images of each step. The arrays are written
// last: if they are there, the export is complete.
func (s *Session) Export(ctx context.Context, c trainer.Config, out record.Folder, o ExportOptions) (Export, error) {
	t, err := s.fresh(c)
	if err != nil {
		return Export{}, err
	}
	text, err := yaml.Marshal(c)
	if err != nil {
		return Export{}, err
	}
	net, ok := t.Encoder.(interface{ WriteSafetensors(io.Writer) error })
	if !ok {
		return Export{}, fmt.Errorf("a %T has no weights to write", t.Encoder)
	}
	x := exporter{Training: t, session: s, Export: Export{Folder: out.Path, Images: t.Set.Len(), Steps: c.Steps, Batch: t.BatchSize(), Augment: t.Augment()}}
	x.BatchImages = o.BatchImages || t.Augment() != augment.None
	if o.Steps > 0 {
		x.Steps = min(x.Steps, o.Steps)
	}
	if err := out.Remove(ArraysFile); err != nil {
		return Export{}, err
	}
	if err := out.Write(record.ConfigFile, func(w io.Writer) error { _, err := w.Write(text); return err }); err != nil {
		return Export{}, err
	}
	if err := writeSplit(out, t); err != nil {
		return Export{}, err
	}
	if err := out.Write(InitialFile, net.WriteSafetensors); err != nil {
		return Export{}, err
	}
	err = out.Write(ArraysFile, func(w io.Writer) error { return x.write(ctx, w) })
	s.Progress.end()
	return x.Export, err
}

// exporter writes the arrays of a training.
type exporter struct {
	*trainer.Training
	Export
	session *Session
	arrays  *record.Arrays
}

func (x *exporter) write(ctx context.Context, w io.Writer) error {
	x.arrays = record.NewArrays(w)
	if err := x.images(ctx); err != nil {
		return err
	}
	set, split := x.Set, x.Split
	for _, a := range []struct {
		name   string
		values []int32
	}{{"labels", set.Labels}, {"train_labels", x.Labels()}, {"cameras", set.Cameras}} {
		if a.values == nil {
			continue
		}
		x.Arrays = append(x.Arrays, a.name)
		if err := record.AddArray(x.arrays, a.name, a.values); err != nil {
			return err
		}
	}
	for _, a := range []struct {
		name   string
		values []int
	}{{PartTrain, split.Train}, {PartValidation, split.Validation}, {PartTest, split.Test}, {PartQuery, split.Query}, {PartGallery, split.Gallery}, {"prefill", x.Prefill()}} {
		if a.values == nil {
			continue
		}
		x.Arrays = append(x.Arrays, a.name)
		if err := record.AddArray(x.arrays, a.name, wide(a.values)); err != nil {
			return err
		}
	}
	if err := x.batches(ctx); err != nil {
		return err
	}
	return x.arrays.Close()
}

// exportChunk is how many images are converted at a time.
const exportChunk = 256

// images writes the images as the network sees them without augmentation.
func (x *exporter) images(ctx context.Context) error {
	set := x.Set
	add, err := record.Array[float32](x.arrays, "images", x.shape(set.Len())...)
	if err != nil {
		return err
	}
	x.Arrays = append(x.Arrays, "images")
	pixels := set.Channels * set.Height * set.Width
	images, index := make([]float32, exportChunk*pixels), make([]int, 0, exportChunk)
	for i := 0; i < set.Len(); i += len(index) {
		index = index[:0]
		for k := i; k < min(i+exportChunk, set.Len()); k++ {
			index = append(index, k)
		}
		part := images[:len(index)*pixels]
		set.Batch(part, index)
		if err := add(part); err != nil {
			return err
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		x.session.Progress.part("writing images", i+len(index), set.Len())
	}
	return nil
}

// shape is that of an array of images, or of features.
func (x *exporter) shape(before ...int) []int {
	if x.Set.IsFeatures() {
		return append(before, x.Set.Width)
	}
	return append(before, x.Set.Channels, x.Set.Height, x.Set.Width)
}

// batches writes which images each step trains on and, where that is wanted, what they look
// like then. An array is written at once, so that the indices wait in memory.
func (x *exporter) batches(ctx context.Context) error {
	add := func([]float32) error { return nil }
	if x.BatchImages {
		var err error
		if add, err = record.Array[float32](x.arrays, "batch_images", x.shape(int(x.Steps), x.Batch)...); err != nil {
			return err
		}
		x.Arrays = append(x.Arrays, "batch_images")
	}
	var index []int64
	done := 0
	err := x.Batches(ctx, x.Steps, func(b data.Batch) error {
		for range x.Batch / len(b.Index) { // view after view
			index = append(index, wide(b.Index)...)
		}
		done++
		x.session.Progress.part("drawing batches", done, int(x.Steps))
		return add(b.Images)
	})
	if err != nil {
		return err
	}
	write, err := record.Array[int64](x.arrays, "batches", int(x.Steps), x.Batch)
	if err != nil {
		return err
	}
	x.Arrays = append(x.Arrays, "batches")
	return write(index)
}

func wide(index []int) []int64 {
	w := make([]int64, len(index))
	for k, i := range index {
		w[k] = int64(i)
	}
	return w
}
