package trainer

import (
	"context"
	"errors"
	"slices"
	"testing"

	"crossbatch/trainer/ranks"
)

func TestEmbeddingStopsWhenAsked(t *testing.T) {
	r, net := barsRun(t)
	ctx, cancel := context.WithCancel(context.Background())
	index := make([]int, 3*embedChunk)
	var told []int
	_, err := Embed(ctx, net, r.Set, index, func(done int) { told = append(told, done); cancel() })
	if !errors.Is(err, context.Canceled) || !slices.Equal(told, []int{embedChunk}) {
		t.Errorf("%v after %v", err, told)
	}
}

// Each rank embeds its part, the last what is left, and all have all.
func TestEmbeddingIsSharedOut(t *testing.T) {
	r, net := barsRun(t)
	index := []int{9, 3, 5, 100, 7, 8, 1}
	want, err := embed(net, r.Set, index)
	if err != nil {
		t.Fatal(err)
	}
	var parts [3]int
	err = ranks.Local(len(parts), func(c ranks.Comm) error {
		e := (&team{comm: c, rank: c.Rank(), size: len(parts)}).sharing(counting{net, &parts[c.Rank()]})
		got, err := embed(e, r.Set, index)
		if err == nil && !slices.Equal(got, want) {
			t.Errorf("rank %d: the embeddings are not those of one process", c.Rank())
		}
		return err
	})
	if err != nil || parts != [3]int{3, 3, 1} {
		t.Errorf("the ranks embed %v, %v", parts, err)
	}
}

// counting is an encoder that counts the images that it embeds.
type counting struct {
	*linear
	images *int
}

func (c counting) Embed(dst, images []float32) error {
	*c.images += len(dst) / c.out
	return c.linear.Embed(dst, images)
}

func TestEmbeddingTellsOfEachChunkOnce(t *testing.T) {
	r, net := barsRun(t)
	for n, want := range map[int][]int{
		0: nil, 1: {1}, embedChunk: {embedChunk}, 2 * embedChunk: {embedChunk, 2 * embedChunk}, embedChunk + 1: {embedChunk, embedChunk + 1},
	} {
		var told []int
		if _, err := Embed(t.Context(), net, r.Set, make([]int, n), func(done int) { told = append(told, done) }); err != nil || !slices.Equal(told, want) {
			t.Errorf("%d images: %v, %v", n, told, err)
		}
	}
}
