package augment

import (
	"errors"
	"math/rand/v2"

	"crossbatch/xbm/spec"
)

// photograph is what is done to photographs, in the order of its fields. Probabilities are
// for each view.
type photograph struct {
	Scale Span // of the image's area that the crop has
	Ratio Span // of the crop, width by height
	Flip  bool // every other time the mirror image

	Jitter                                float64 // probability of changed colours
	Brightness, Contrast, Saturation, Hue float64 // ± so much of themselves; of a turn

	Gray, Blur float64 // probabilities
	Erase      float64 // probability of an erased rectangle
	EraseArea  Span    // share of the image that it has
}

// plainPhotograph is the crop of research-xbm and of torchvision, and their mirror image. Colours
// are changed in every view where one of their four parameters is set, as torchvision's
// ColorJitter does.
//
//	Andrew G. Howard. Some Improvements on Deep Convolutional Neural Network Based Image
//	Classification. ICLR 2014. https://arxiv.org/abs/1312.5402 (section 2)
func plainPhotograph() photograph {
	return photograph{Scale: Span{cropLeast, 1}, Ratio: Span{1 / cropRatio, cropRatio}, Flip: true, Jitter: 1, EraseArea: Span{eraseLeast, eraseMost}}
}

// viewsPhotograph has the strengths and probabilities of
//
//	Xinlei Chen, Haoqi Fan, Ross Girshick, Kaiming He. Improved Baselines with Momentum
//	Contrastive Learning. 2020. https://arxiv.org/abs/2003.04297 (section 3, "aug+")
//
// after Ting Chen and others. A Simple Framework for Contrastive Learning of Visual
// Representations. ICML 2020. https://arxiv.org/abs/2002.05709 (appendix A).
func viewsPhotograph() photograph {
	p := plainPhotograph()
	p.Jitter, p.Brightness, p.Contrast, p.Saturation, p.Hue = 0.8, 0.4, 0.4, 0.4, 0.1
	p.Gray, p.Blur = 0.2, 0.5
	return p
}

func (p *photograph) fields() []spec.Field {
	share := spec.From(0, 1)
	return []spec.Field{
		{Key: "scale", At: &p.Scale}, {Key: "ratio", At: &p.Ratio}, {Key: "flip", At: &p.Flip},
		{Key: "jitter", At: &p.Jitter, Range: share}, {Key: "brightness", At: &p.Brightness, Range: share}, {Key: "contrast", At: &p.Contrast, Range: share},
		{Key: "saturation", At: &p.Saturation, Range: share}, {Key: "hue", At: &p.Hue, Range: spec.From(0, 0.5)},
		{Key: "gray", At: &p.Gray, Range: share}, {Key: "blur", At: &p.Blur, Range: share},
		{Key: "erase", At: &p.Erase, Range: share}, {Key: "erase_area", At: &p.EraseArea},
	}
}

// Validate returns an error if a share is above 1.
func (a *Augmentation) Validate() error {
	if a.photo.Scale.High > 1 {
		return errors.New("augmentation: scale is the share of the image that is seen: give at most 1")
	}
	if a.photo.EraseArea.High >= 1 {
		return errors.New("augmentation: erase_area is the share of the image that is erased: give less than 1")
	}
	return nil
}

func (p *photograph) jitters() bool {
	return p.Jitter > 0 && p.Brightness+p.Contrast+p.Saturation+p.Hue > 0
}

func (p *photograph) view(b *Brush, dst []float32, m Image, rng *rand.Rand) {
	m.resample(dst, m.randomWindow(rng, p.Scale, p.Ratio, p.Flip))
	if m.Channels == 3 && p.jitters() && draw(rng, p.Jitter) {
		p.recolour(dst, rng)
	}
	if m.Channels == 3 && p.Gray > 0 && draw(rng, p.Gray) {
		saturate(dst, m.Height*m.Width, 0)
	}
	if p.Blur > 0 && draw(rng, p.Blur) {
		b.blur(dst, m, rng)
	}
	if p.Erase > 0 && draw(rng, p.Erase) {
		m.erase(dst, p.EraseArea, rng)
	}
}
