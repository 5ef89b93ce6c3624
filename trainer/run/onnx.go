package run

import (
	"crypto/sha256"
	"fmt"
	"os"
	"strconv"
	"strings"

	"crossbatch/backbone/onnx"
	"crossbatch/eval/record"
	"crossbatch/trainer/data"
)

// ONNX returns the model for an ONNX file. Its metadata has what a program needs to prepare
// the input: size, order of channels, mean, standard deviation, how pictures are resized, and
// the SHA-256 of the weights as safetensors, which is that of the run's file of weights. It
// does not say what the network was trained on.
func (m *Model) ONNX() (onnx.Model, error) {
	hash := sha256.New()
	if err := m.Net.WriteSafetensors(hash); err != nil {
		return onnx.Model{}, err
	}
	model := onnx.Of(m.Net)
	model.Mean, model.Deviation = m.session.set.Normalization()
	model.Doc = "Embeddings of length 1 by a network that was trained with crossbatch: the more alike two images, the larger the dot product."
	model.Metadata = append([]onnx.Entry{
		{Key: "network", Value: m.Config.Network.Kind},
		{Key: "dim", Value: strconv.Itoa(m.Net.Dim())},
		{Key: "weights_sha256", Value: fmt.Sprintf("%x", hash.Sum(nil))},
	}, inputEntries(m.session.set, model.Mean, model.Deviation)...)
	return model, nil
}

// ExportONNX are the options of [Model.WriteONNX]. The zero value writes the network alone.
type ExportONNX struct {
	Preprocessing bool // the input is pixels as bytes, of the network's image size; normalisation is in the model
	Fold          bool // fold batch normalisation into the convolutions before it
	Half          bool // store weights in half precision
}

// WriteONNX writes the network to path as an ONNX file, see [Model.ONNX], and returns a
// description of it. It replaces a file at path.
func (m *Model) WriteONNX(path string, e ExportONNX) (text string, err error) {
	model, err := m.ONNX()
	if err != nil {
		return "", err
	}
	model.Preprocessing, model.Fold, model.Half = e.Preprocessing, e.Fold, e.Half
	input := onnx.Images
	if e.Preprocessing {
		if model.Mean == nil {
			return "", fmt.Errorf("--with-preprocessing is for images, and %s holds numbers of another model: leave it out", m.Config.Data.Set)
		}
		input = onnx.Pixels
	}
	if err := record.NewFile(path, model.Write); err != nil {
		return "", err
	}
	info, err := os.Stat(path)
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("%s: %.1f MB, %s → %s of %d numbers, for a batch of any size\n", path, float64(info.Size())/1e6, input, onnx.Embeddings, m.Net.Dim()), nil
}

// inputEntries say how an input is made.
func inputEntries(set *data.Set, mean, deviation []float32) []onnx.Entry {
	if set.IsFeatures() {
		return []onnx.Entry{{Key: "features", Value: strconv.Itoa(set.Width)}}
	}
	entries := []onnx.Entry{
		{Key: "height", Value: strconv.Itoa(set.Height)},
		{Key: "width", Value: strconv.Itoa(set.Width)},
		{Key: "scale", Value: "1/255"},
		{Key: "mean", Value: numbers(mean)},
		{Key: "deviation", Value: numbers(deviation)},
	}
	if set.Channels != 3 {
		return append(entries, onnx.Entry{Key: "channels", Value: "grey, 0 is background"})
	}
	return append(entries,
		onnx.Entry{Key: "channels", Value: "RGB"},
		onnx.Entry{Key: "resize", Value: fmt.Sprintf("the largest square in the middle, scaled to %d×%d bilinearly over the area of each pixel; what is transparent is white", set.Width, set.Height)})
}

func numbers(x []float32) string {
	var words []string
	for _, v := range x {
		words = append(words, strconv.FormatFloat(float64(v), 'g', -1, 32))
	}
	return strings.Join(words, ",")
}
