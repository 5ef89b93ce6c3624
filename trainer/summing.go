package trainer

import "crossbatch/trainer/ranks"

// summing adds up gradients over ranks while the backward pass is still at work on others:
// in buckets, from the head to the images, as gradients come.
//
//	Shen Li et al., PyTorch Distributed: Experiences on Accelerating Data Parallel
//	Training, VLDB 2020, https://arxiv.org/abs/2006.15704 (section 3.2).
//
// All that goes to other ranks meanwhile passes through one queue, in an order that is
// the same on all ranks.
type summing struct {
	encoder Encoder
	adder   ranks.Adder[float32]
	sums    ranks.Adder[float64]
	buckets []*bucket
	of      map[int]*bucket // of an array of the encoder's state
	isReady map[int]bool
	grads   map[int][]float32
	next    int // bucket to go
	queue   chan func()
	failed  error // by the queue's goroutine
}

// bucket is some gradients that go together.
type bucket struct {
	arrays  []int
	left    int // that are not ready
	numbers []float32
}

// bucketSize is how many numbers a bucket has at least, but the last.
const bucketSize = 1 << 20

func newSumming(c Comm, e Encoder) *summing {
	s := &summing{encoder: e, of: map[int]*bucket{}, isReady: map[int]bool{}, grads: map[int][]float32{}}
	s.adder.Comm, s.sums.Comm = c, c
	s.fill(bucketSize)
	return s
}

// fill puts the gradients into buckets of at least size numbers, from the last.
func (s *summing) fill(size int) {
	var arrays []int
	lengths := map[int]int{}
	i := 0
	s.encoder.State(func(_ string, _ []int, _, grad []float32) {
		if grad != nil {
			arrays, lengths[i] = append(arrays, i), len(grad)
		}
		i++
	})
	s.buckets = nil
	for k := len(arrays) - 1; k >= 0; k-- {
		if n := len(s.buckets); n == 0 || len(s.buckets[n-1].numbers) >= size {
			s.buckets = append(s.buckets, &bucket{})
		}
		b := s.buckets[len(s.buckets)-1]
		b.arrays = append(b.arrays, arrays[k])
		b.numbers = append(b.numbers, make([]float32, lengths[arrays[k]])...)
		s.of[arrays[k]] = b
	}
}

// start starts the queue; stop ends it when it is done with what is in it.
func (s *summing) start() {
	queue := make(chan func(), len(s.buckets)+1)
	s.queue = queue
	go func() {
		for do := range queue {
			do()
		}
	}()
}

func (s *summing) stop() {
	close(s.queue)
}

// begin comes before a backward pass.
func (s *summing) begin() {
	s.next = 0
	clear(s.isReady)
	for _, b := range s.buckets {
		b.left = len(b.arrays)
	}
	i := 0
	s.encoder.State(func(_ string, _ []int, _, grad []float32) {
		if grad != nil {
			s.grads[i] = grad
		}
		i++
	})
}

// ready sends the gradients that are ready on their way, bucket after bucket.
func (s *summing) ready(i int) {
	if s.isReady[i] || s.of[i] == nil {
		return
	}
	s.isReady[i] = true
	s.of[i].left--
	for s.next < len(s.buckets) && s.buckets[s.next].left == 0 {
		s.send()
	}
}

func (s *summing) send() {
	b := s.buckets[s.next]
	s.next++
	s.queue <- func() {
		if s.failed == nil {
			s.failed = s.add(b)
		}
	}
}

// add adds up a bucket.
func (s *summing) add(b *bucket) error {
	rest := b.numbers
	for _, i := range b.arrays {
		rest = rest[copy(rest, s.grads[i]):]
	}
	if err := s.adder.Add(b.numbers); err != nil {
		return err
	}
	rest = b.numbers
	for _, i := range b.arrays {
		rest = rest[copy(s.grads[i], rest):]
	}
	return nil
}

// now adds up numbers that the pass waits for.
func (s *summing) now(x []float64) (err error) {
	s.wait(func() {
		if s.failed == nil {
			s.failed = s.sums.Add(x)
		}
		err = s.failed
	})
	return err
}

// finish sends what is left and waits for all.
func (s *summing) finish() (err error) {
	for s.next < len(s.buckets) {
		s.send()
	}
	s.wait(func() { err = s.failed })
	return err
}

// wait has the queue do something and waits until it has.
func (s *summing) wait(do func()) {
	done := make(chan struct{})
	s.queue <- func() {
		defer close(done)
		do()
	}
	<-done
}
