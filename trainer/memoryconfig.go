package trainer

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"

	"crossbatch/xbm"
	"crossbatch/xbm/pair"
)

// MemoryConfig describes the memory of embeddings of past batches.
type MemoryConfig struct {
	Size       string  // rows, or a share of the training images; see Config.MemoryRows
	Combine    string  // Both, Paper or PML: how the loss within the batch and against the memory are combined
	Enqueue    string  // EnqueueFirst or EnqueueLast: when the batch joins the memory; "": as Combine says
	Weight     float64 // factor of the memory term's gradient, above 0
	Positive   string  // factor of the gradient of its positive pairs, a number from 0 on; "": 1
	Negative   string  // the same for its negative pairs
	Start      Start   // first step, from 0, at which the memory is used, or StartAuto
	StartDrift float64 // drift under which StartAuto starts the memory; 0: DefaultStartDrift
	Prefill    bool    // fill the memory at its start from the network as it is then
	Ramp       int64   // steps from Start on over which the weight rises evenly; 0: at once
	Policy     string  // which rows the memory keeps, as in xbm.ParsePolicy; "": ring
	MaxAge     int64   // steps after which a row is dropped; 0: none
	AgeTau     float64 // steps after which a row weighs 1/e; 0: all weigh alike
	Cure       string  // against drift, as in xbm.ParseCure; "": none
	Half       bool    // store the rows as 16-bit numbers
	KeepCopies bool    // keep the pairs of an image with its own earlier embeddings
	Share      bool    // of several ranks: each keeps its part of the rows; see Comm
}

// The values of MemoryConfig.Combine: how the loss within the batch and the loss against the
// memory are combined.
const (
	// Both is the sum of two terms. The term within the batch has gradients through both sides
	// of each pair. The term against the memory, times its weight, has gradients through the
	// anchors alone; the memory then holds earlier batches only. Each term has the usual
	// reduction of the loss.
	Both = "both"
	// Paper is Both as in the paper on cross-batch memory (Wang et al., CVPR 2020,
	// https://arxiv.org/abs/1912.06798, equations 3 and 4, algorithm 1). The batch joins the
	// memory first, so that its pairs are in both terms. Each term is a sum over the pairs of
	// an anchor, averaged over the anchors (loss.OverAnchors), unless the text of the loss
	// gives a reduction.
	Paper = "paper"
	// PML has one term, as the CrossBatchMemory of the library pytorch-metric-learning: the
	// anchors of the batch against the memory, which has just stored the batch. No gradient
	// goes through the memory's rows. Until the memory starts, the term is the loss within the
	// batch.
	PML = "pml"
)

// The values of MemoryConfig.Enqueue: the batch joins the memory before the loss against the
// memory is computed, or after it. An anchor never pairs with its own row.
const (
	EnqueueFirst = "first" // default of Paper and PML
	EnqueueLast  = "last"  // default of Both
)

// halves are the factors of the two kinds of pairs; nil where both are 1.
func (m MemoryConfig) halves() (*pair.Halves, error) {
	h := pair.Halves{Positive: 1, Negative: 1}
	for _, f := range []struct {
		key, text string
		at        *float64
	}{{"memory-positive-weight", m.Positive, &h.Positive}, {"memory-negative-weight", m.Negative, &h.Negative}} {
		if f.text == "" {
			continue
		}
		x, err := strconv.ParseFloat(f.text, 32)
		if err != nil || !(x >= 0) || math.IsInf(x, 0) {
			return nil, fmt.Errorf("trainer: %s is %q: give a number of 0 or more", f.key, f.text)
		}
		*f.at = x
	}
	if h == (pair.Halves{Positive: 1, Negative: 1}) {
		return nil, nil
	}
	return &h, nil
}

// enqueue is when the batch joins the memory.
func (m MemoryConfig) enqueue() string {
	switch {
	case m.Enqueue != "":
		return m.Enqueue
	case m.Combine == Both:
		return EnqueueLast
	}
	return EnqueueFirst
}

// validateTerm looks at the settings of the term against the memory.
func (c Config) validateTerm() error {
	m := c.Memory
	h, err := m.halves()
	switch {
	case err != nil:
		return err
	case m.Combine == PML && m.Enqueue == EnqueueLast:
		return fmt.Errorf("trainer: combine is %s, where the batch is part of the memory, and enqueue %s: give enqueue %s, or combine %s", PML, EnqueueLast, EnqueueFirst, Both)
	case h != nil && *h == (pair.Halves{}):
		return errors.New("trainer: memory-positive-weight and memory-negative-weight are both 0: give memory 0 for no memory")
	case isOwn(c.Loss.Memory):
		return fmt.Errorf("trainer: memory-loss is %q: a loss of the program's own is for both terms: give it as loss, and leave memory-loss out", c.Loss.Memory)
	}
	return nil
}

// MemoryRows returns the capacity of the memory for a number of training images.
// Memory.Size is a number of rows ("2048"), or a share of the training images as a
// percentage ("50%") or as a ratio with a decimal point ("0.5"), at least one
// row; "0" is no memory.
func (c Config) MemoryRows(images int) (int, error) {
	refuse := func() (int, error) {
		return 0, fmt.Errorf(`trainer: memory is %q: give a number of rows (0 for none, 2048), or a share of the training images (0.5, 100%%)`, c.Memory.Size)
	}
	text, percent := strings.CutSuffix(c.Memory.Size, "%")
	if rows, err := strconv.Atoi(text); err == nil && !percent {
		if rows < 0 {
			return refuse()
		}
		return rows, nil
	}
	share, err := strconv.ParseFloat(text, 64)
	if percent {
		share /= 100
	}
	if err != nil || !(share >= 0) || share > maxShare {
		return refuse()
	}
	if share == 0 {
		return 0, nil
	}
	return max(1, int(math.Round(share*float64(images)))), nil
}

// newMemory is an empty memory of so many rows, shared out to ranks unless they are nil.
func (c Config) newMemory(rows int, own Own, ranks pair.Ranks) (*xbm.Memory, error) {
	policy, err := own.policy(c)
	if err != nil {
		return nil, err
	}
	cure, err := xbm.ParseCure(c.Memory.Cure)
	if err != nil {
		return nil, err
	}
	if ranks != nil && cure.Norm != nil {
		return nil, fmt.Errorf("trainer: share-memory, and cure %q: its moments are of all rows in one place: leave one of them out", c.Memory.Cure)
	}
	return xbm.MemoryConfig{Capacity: rows, Dim: c.Network.Dim, Half: c.Memory.Half, Policy: policy, MaxAge: c.Memory.MaxAge, Norm: cure.Norm, Ranks: ranks}.New()
}

// maxShare bounds the memory: past the data set's size it only holds older
// copies of the same images.
const maxShare = 100
