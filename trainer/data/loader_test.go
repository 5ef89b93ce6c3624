package data

import (
	"runtime"
	"slices"
	"strings"
	"testing"

	"crossbatch/trainer/data/augment"
)

// noise is a set of random images, classes × each of them.
func noise(channels, side, margin, classes, each int) *Set {
	set := even(classes, each)
	set.Channels, set.Height, set.Width, set.Margin = channels, side, side, margin
	set.Pixels = make([]uint8, set.Len()*channels*(side+2*margin)*(side+2*margin))
	state := uint64(1)
	for i := range set.Pixels {
		state = mixed(state)
		set.Pixels[i] = uint8(state)
	}
	return set
}

func newLoader(t testing.TB, set *Set, config LoaderConfig) *Loader {
	t.Helper()
	pk, err := NewPK(set.Labels, cards(set.Len()), 3, 2, 1)
	if err != nil {
		t.Fatal(err)
	}
	l, err := NewLoader(set, pk, config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(l.Close)
	return l
}

// next is a copy of the next batch.
func next(t testing.TB, l *Loader) Batch {
	t.Helper()
	b, err := l.Next()
	if err != nil {
		t.Fatal(err)
	}
	b.Index, b.Images = slices.Clone(b.Index), slices.Clone(b.Images)
	return b
}

func equal(a, b Batch) bool {
	return slices.Equal(a.Index, b.Index) && slices.Equal(a.Images, b.Images)
}

func TestLoaderWithoutAugmentationIsTheSamplerAndTheSet(t *testing.T) {
	set := noise(1, 8, 2, 6, 4)
	l := newLoader(t, set, LoaderConfig{Augment: augment.None, Views: 2})
	pk, err := NewPK(set.Labels, cards(set.Len()), 3, 2, 1)
	if err != nil {
		t.Fatal(err)
	}
	index, images := make([]int, 6), make([]float32, 6*64)
	for n := range 20 {
		b := next(t, l)
		pk.Next(index)
		set.Batch(images, index)
		if !slices.Equal(b.Index, index) || !slices.Equal(b.Images, slices.Concat(images, images)) {
			t.Fatalf("batch %d is not the plain one", n)
		}
	}
}

func TestLoaderGivesTheSameForAnyNumberOfWorkers(t *testing.T) {
	old := runtime.GOMAXPROCS(4)
	defer runtime.GOMAXPROCS(old)
	for _, channels := range []int{1, 3} {
		set := noise(channels, 12, 1, 6, 4)
		for _, kind := range []string{augment.Photo, augment.Glyph, augment.Views} {
			one := newLoader(t, set, LoaderConfig{Augment: kind, Views: 2, Seed: 5, Workers: 1, Ahead: 1})
			many := newLoader(t, set, LoaderConfig{Augment: kind, Views: 2, Seed: 5, Workers: 8, Ahead: 7})
			other := newLoader(t, set, LoaderConfig{Augment: kind, Views: 2, Seed: 6})
			var last Batch
			for n := range 20 {
				a, b := next(t, one), next(t, many)
				if !equal(a, b) {
					t.Fatalf("%s: batch %d differs with 8 workers", kind, n)
				}
				if half := len(a.Images) / 2; slices.Equal(a.Images[:half], a.Images[half:]) {
					t.Errorf("%s: both views are the same", kind)
				}
				if c := next(t, other); slices.Equal(a.Images, c.Images) || !slices.Equal(a.Index, c.Index) {
					t.Errorf("%s: another seed gives the same views, or other images", kind)
				}
				last = a
			}
			if len(last.Images) != 2*6*channels*144 {
				t.Errorf("%s: %d numbers", kind, len(last.Images))
			}
		}
	}
}

// A state that is taken after k batches goes on with batch k+1, and taking it changes
// neither what comes next nor, taken at another time, its bytes.
func TestLoaderResumes(t *testing.T) {
	set := noise(3, 8, 1, 6, 4)
	config := LoaderConfig{Seed: 3, Views: 2}
	plain := newLoader(t, set, config)
	var want []Batch
	for range 30 {
		want = append(want, next(t, plain))
	}
	eager := newLoader(t, set, LoaderConfig{Seed: 3, Views: 2, Ahead: 9, Workers: 3})
	for k := range 20 {
		state, err := eager.AppendBinary([]byte("before"))
		if err != nil || string(state[:6]) != "before" {
			t.Fatal(err)
		}
		state = state[6:]
		resumed := newLoader(t, set, config)
		for range k % 3 { // whatever it did before
			next(t, resumed)
		}
		if err := resumed.UnmarshalBinary(state); err != nil {
			t.Fatal(err)
		}
		if again, err := resumed.AppendBinary(nil); err != nil || !slices.Equal(again, state) {
			t.Fatalf("after %d batches: the restored loader has another state (%v)", k, err)
		}
		for n := k; n < k+5; n++ {
			if !equal(next(t, resumed), want[n]) {
				t.Fatalf("state after %d batches: batch %d differs", k, n)
			}
		}
		if !equal(next(t, eager), want[k]) {
			t.Fatalf("batch %d differs after a state was taken", k)
		}
	}
}

func TestLoaderRefuses(t *testing.T) {
	set := noise(3, 8, 1, 6, 4)
	l := newLoader(t, set, LoaderConfig{})
	state, err := l.AppendBinary(nil)
	if err != nil {
		t.Fatal(err)
	}
	checkMessage(t, "another kind", newLoader(t, set, LoaderConfig{Augment: augment.Glyph}).UnmarshalBinary(state), "another set, augmentation")
	checkMessage(t, "no state", l.UnmarshalBinary(nil), "not one of this version")
	for n := range state {
		if l.UnmarshalBinary(state[:n]) == nil {
			t.Errorf("a state of %d bytes is taken", n)
		}
	}
	l.Close()
	_, err = l.Next()
	checkMessage(t, "closed", err, "closed")

	pk, err := NewPK(set.Labels, cards(set.Len()), 3, 2, 1)
	if err != nil {
		t.Fatal(err)
	}
	_, err = NewLoader(set, pk, LoaderConfig{Views: -1})
	checkMessage(t, "views", err, "-1 views")
	_, err = NewLoader(set, pk, LoaderConfig{Augment: "cutmix"})
	checkMessage(t, "kind", err, `augmentation "cutmix"`, "auto, none, photo, glyph, views")
	_, err = NewLoader(noise(1, 8, 0, 6, 4), pk, LoaderConfig{Augment: "photo:hue=0.1"})
	checkMessage(t, "no colours", err, "have no colours")
	features := &Set{Name: "features:x", Channels: 1, Height: 1, Width: 2, Features: make([]float32, 48), Labels: set.Labels, ClassNames: set.ClassNames}
	_, err = NewLoader(features, pk, LoaderConfig{Augment: augment.Views})
	checkMessage(t, "features", err, "not images")
	if plain, err := NewLoader(features, pk, LoaderConfig{}); err != nil || plain.Augment() != augment.None {
		t.Errorf("features: %v", err)
	}
}

// A sampler of another set ends the loading with an error, not with a panic on a goroutine.
func TestLoaderRefusesImagesThatAreNotThere(t *testing.T) {
	large, small := even(6, 4), noise(1, 4, 0, 6, 2)
	pk, err := NewPK(large.Labels, cards(large.Len()), 3, 2, 1)
	if err != nil {
		t.Fatal(err)
	}
	l, err := NewLoader(small, pk, LoaderConfig{})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	for range 100 {
		if _, err = l.Next(); err != nil {
			break
		}
	}
	checkMessage(t, "image", err, "the set has 12")
}

func TestCloseBeforeNext(t *testing.T) {
	before := runtime.NumGoroutine()
	l := newLoader(t, noise(1, 4, 0, 6, 2), LoaderConfig{Workers: 50})
	if now := runtime.NumGoroutine(); now != before {
		t.Errorf("%d goroutines before the first batch", now-before)
	}
	l.Close()
	l.Close()
}

func TestShuffle(t *testing.T) {
	index := []int{9, 4, 7, 1, 3}
	s, err := NewShuffle(index, 2, 1)
	if err != nil {
		t.Fatal(err)
	}
	times, batch := map[int]int{}, make([]int, 2)
	var state []byte
	for n := range 50 {
		if n == 7 {
			if state, err = s.AppendBinary(nil); err != nil {
				t.Fatal(err)
			}
		}
		s.Next(batch)
		if batch[0] == batch[1] {
			t.Fatalf("batch %d holds image %d twice", n, batch[0])
		}
		times[batch[0]]++
		times[batch[1]]++
	}
	for _, i := range index {
		if times[i] != 20 {
			t.Errorf("image %d came %d times in 20 rounds", i, times[i])
		}
	}
	again, err := NewShuffle(slices.Sorted(slices.Values(index)), 2, 1)
	if err != nil {
		t.Fatal(err)
	}
	if err := again.UnmarshalBinary(state); err != nil {
		t.Fatal(err)
	}
	got := make([]int, 2)
	if err := s.UnmarshalBinary(state); err != nil {
		t.Fatal(err)
	}
	for range 20 {
		s.Next(batch)
		again.Next(got)
		if !slices.Equal(batch, got) {
			t.Fatalf("%v after a restore, want %v", got, batch)
		}
	}
	for n := range state {
		checkMessage(t, "cut short", s.UnmarshalBinary(state[:n]), "shuffle: state")
	}
	_, err = NewShuffle(index, 6, 1)
	checkMessage(t, "batch", err, "give 1 to 5")
	_, err = NewShuffle([]int{1, 1}, 1, 1)
	checkMessage(t, "twice", err, "listed twice")
	other, _ := NewShuffle(index, 2, 2)
	checkMessage(t, "seed", other.UnmarshalBinary(state), "belongs to another")
	if !strings.HasPrefix(string(state), "xbmSH\x01") {
		t.Error("the state does not begin with its version")
	}
}

func BenchmarkLoader(b *testing.B) {
	for _, channels := range []int{1, 3} {
		set := noise(channels, 64, 5, 20, 10)
		for _, kind := range []string{augment.None, augment.Photo, augment.Glyph, augment.Views} {
			b.Run(map[int]string{1: "gray", 3: "colour"}[channels]+"/augment="+kind, func(b *testing.B) {
				l := newLoader(b, set, LoaderConfig{Augment: kind})
				for b.Loop() {
					if _, err := l.Next(); err != nil {
						b.Fatal(err)
					}
				}
				b.ReportMetric(float64(6*b.N)/b.Elapsed().Seconds(), "images/s")
			})
		}
	}
}
