package trainer

import (
	"context"
	"errors"
	"slices"
	"testing"
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
