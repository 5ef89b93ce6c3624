package trainer

import (
	"context"

	"crossbatch/trainer/data"
)

// embedChunk is how many images are converted and embedded at a time.
const embedChunk = 256

// holding is an encoder that is faster where its parameters are known not to change.
type holding interface{ Hold() (release func()) }

// Embed returns the embeddings of the images of set at index, in that order: len(index) × Dim
// numbers, row-major. Images are not augmented, and the encoder is in evaluation mode.
// progress, if not nil, is called with the number of images done, after each chunk. If ctx
// ends, Embed stops at the next chunk and returns ctx's error.
func Embed(ctx context.Context, e Encoder, set *data.Set, index []int, progress func(done int)) ([]float32, error) {
	if s, ok := e.(sharing); ok {
		return s.embed(ctx, set, index)
	}
	if h, ok := e.(holding); ok {
		defer h.Hold()()
	}
	pixels := set.Channels * set.Height * set.Width
	images := make([]float32, min(embedChunk, len(index))*pixels)
	emb := make([]float32, len(index)*e.Dim())
	for i := 0; i < len(index); i += embedChunk {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		part := index[i:min(i+embedChunk, len(index))]
		set.Batch(images[:len(part)*pixels], part)
		if err := e.Embed(emb[i*e.Dim():(i+len(part))*e.Dim()], images[:len(part)*pixels]); err != nil {
			return nil, err
		}
		if progress != nil {
			progress(i + len(part))
		}
	}
	return emb, nil
}

// embed is Embed to the end.
func embed(e Encoder, set *data.Set, index []int) ([]float32, error) {
	return Embed(context.Background(), e, set, index, nil)
}
