package data

import (
	"cmp"
	"encoding"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"time"

	"crossbatch/trainer/data/augment"
)

// Sampler chooses the images of the batches, one batch after the other. [PK] and [Shuffle] are
// samplers. Its binary form is its state, which says which batches come next.
type Sampler interface {
	// BatchSize returns the number of images of a batch.
	BatchSize() int
	// Next stores the image indices of the next batch in dst, which has the length BatchSize.
	Next(dst []int)
	// The state, which says which batches come next.
	encoding.BinaryAppender
	encoding.BinaryUnmarshaler
}

var (
	_ Sampler = (*PK)(nil)
	_ Sampler = (*Shuffle)(nil)
)

// LoaderConfig configures a [Loader]. The zero value is ready.
type LoaderConfig struct {
	// Augment is the augmentation as [augment.Parse] reads it; "": auto.
	Augment string
	// Views is the number of augmented views of each image; 0: 1.
	Views int
	// Seed is the seed of the augmentation.
	Seed uint64
	// Workers is the number of goroutines that make batches; 0: one for each processor. It
	// does not change the batches.
	Workers int
	// Ahead is the number of batches that are made ahead; 0: 2.
	Ahead int
	// Parts, if not 0, is the number of loaders that share the images of every batch. It must
	// divide the batch size. This loader makes the images at the positions Part, Part+Parts, …
	// of a batch, with the same views as a loader of the whole batch.
	Part, Parts int
}

// Batch is the batch of one step. Its slices are the loader's, and valid until the next call
// of Next or Close.
type Batch struct {
	// Index holds the indices of the images in the set, those of all parts.
	Index []int
	// Images holds Views × len(Index) normalised images of Channels × Height × Width numbers:
	// the first view of each image, then the second of each, and so on. A loader of a part has
	// the images of its part alone.
	Images []float32
	// Waited is the time that Next waited for the batch.
	Waited time.Duration
}

// Loader makes batches ahead of their use, on goroutines that run from the first Next to
// Close. A batch depends on the set, the sampler, the kind and seed of augmentation and the
// number of the batch, and on nothing else. A Loader comes from [NewLoader]. One goroutine at
// a time may use it.
type Loader struct {
	set     *Set
	sampler Sampler
	config  LoaderConfig // without zeros
	size    int          // numbers of an image

	augmentation augment.Augmentation

	base  []byte // state of the sampler at batch number from
	from  uint64
	inUse *slot // that Next handed out

	mu      sync.Mutex
	changed sync.Cond
	running sync.WaitGroup // workers
	closed  bool
	started bool
	taken   uint64  // batches handed out
	drawn   uint64  // batches that the sampler gave
	queue   []*slot // batches drawn and not handed out, in order
	free    []*slot
	failed  error // ends the loading where the queue ends
}

// slot is a batch in the making.
type slot struct {
	Batch
	number uint64
	next   int // of its views: those before are in work
	left   int // views that are not done
}

// NewLoader returns a loader of the set's images, in the batches of the sampler. The sampler
// belongs to the loader from then on. Call Close at the end. An unknown augmentation, one that
// does not fit the set, or a number out of its range is an error.
func NewLoader(set *Set, sampler Sampler, config LoaderConfig) (*Loader, error) {
	var err error
	if config.Augment, err = set.Augmentation(config.Augment); err != nil {
		return nil, err
	}
	augmentation, err := augment.Parse(config.Augment)
	if err != nil {
		return nil, fmt.Errorf("data: augment: %w", err)
	}
	if config.Views < 0 || config.Workers < 0 || config.Ahead < 0 {
		return nil, fmt.Errorf("data: loader: %d views, %d workers, %d batches ahead: give 0 (the default) or more", config.Views, config.Workers, config.Ahead)
	}
	config.Views, config.Ahead, config.Parts = cmp.Or(config.Views, 1), cmp.Or(config.Ahead, 2), cmp.Or(config.Parts, 1)
	if images := sampler.BatchSize(); config.Parts < 1 || config.Part < 0 || config.Part >= config.Parts || images%config.Parts != 0 {
		return nil, fmt.Errorf("data: loader: part %d of %d of batches of %d images: give a number of parts that divides the batch", config.Part, config.Parts, images)
	}
	config.Workers = cmp.Or(config.Workers, runtime.GOMAXPROCS(0))
	l := &Loader{set: set, sampler: sampler, config: config, size: set.Channels * set.Height * set.Width, augmentation: augmentation}
	l.changed.L = &l.mu
	l.free = l.slots()
	if l.base, err = sampler.AppendBinary(nil); err != nil {
		return nil, fmt.Errorf("data: loader: %w", err)
	}
	return l, nil
}

func (l *Loader) slots() []*slot {
	slots := make([]*slot, l.config.Ahead+1)
	for k := range slots {
		slots[k] = &slot{Batch: Batch{Index: make([]int, l.sampler.BatchSize()), Images: make([]float32, l.views()*l.size)}}
	}
	return slots
}

// views is how many are made of a batch.
func (l *Loader) views() int { return l.config.Views * l.sampler.BatchSize() / l.config.Parts }

// Augment returns the kind of augmentation in use.
func (l *Loader) Augment() string { return l.config.Augment }

// Next returns the next batch. It is an error after Close, and if the sampler returns an index
// outside the set.
func (l *Loader) Next() (Batch, error) {
	before := time.Now()
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return Batch{}, errors.New("data: loader: closed")
	}
	if l.inUse != nil {
		l.free = append(l.free, l.inUse)
		l.inUse = nil
	}
	l.start()
	l.changed.Broadcast()
	for len(l.queue) == 0 || l.queue[0].left > 0 {
		if len(l.queue) == 0 && l.failed != nil {
			return Batch{}, l.failed
		}
		l.changed.Wait()
	}
	l.inUse, l.queue = l.queue[0], l.queue[1:]
	l.taken++
	l.inUse.Waited = time.Since(before)
	return l.inUse.Batch, nil
}

// Close ends the goroutines and waits for them. A second call does nothing.
func (l *Loader) Close() {
	l.mu.Lock()
	l.closed = true
	l.changed.Broadcast()
	l.mu.Unlock()
	l.running.Wait()
}

// start starts the workers, once.
func (l *Loader) start() {
	if l.started {
		return
	}
	l.started = true
	for range l.config.Workers {
		l.running.Go(l.work)
	}
}

// workPiece is how many views a worker makes before it asks for more.
const workPiece = 4

// work makes views until the loader is closed: of the first batch that has some to make, or
// of one more where there is room.
func (l *Loader) work() {
	brush := augmenter{set: l.set, seed: l.config.Seed, brush: augment.Brush{Augmentation: l.augmentation}}
	l.mu.Lock()
	defer l.mu.Unlock()
	for !l.closed {
		s := l.unfinished()
		if s == nil {
			l.changed.Wait()
			continue
		}
		first, end := s.next, min(s.next+workPiece, l.views())
		s.next = end
		l.mu.Unlock()
		for n := first; n < end; n++ {
			own := len(s.Index) / l.config.Parts
			view, position := n/own, n%own*l.config.Parts+l.config.Part
			brush.view(s.Images[n*l.size:][:l.size], s.Index[position], s.number, position, view)
		}
		l.mu.Lock()
		if s.left -= end - first; s.left == 0 {
			l.changed.Broadcast()
		}
	}
}

// unfinished is a batch with views that no worker makes; nil where there is none.
func (l *Loader) unfinished() *slot {
	for _, s := range l.queue {
		if s.next < l.views() {
			return s
		}
	}
	if len(l.free) == 0 || l.failed != nil {
		return nil
	}
	s := l.free[len(l.free)-1]
	l.sampler.Next(s.Index)
	for _, i := range s.Index {
		if i < 0 || i >= l.set.Len() {
			l.failed = fmt.Errorf("data: loader: the sampler gave image %d, the set has %d: sample from that set", i, l.set.Len())
			l.changed.Broadcast()
			return nil
		}
	}
	l.free = l.free[:len(l.free)-1]
	s.number, s.next, s.left = l.drawn, 0, l.views()
	l.drawn++
	l.queue = append(l.queue, s)
	l.changed.Broadcast() // there is work for others, too
	return s
}
