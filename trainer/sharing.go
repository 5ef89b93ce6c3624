package trainer

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"unsafe"

	"crossbatch/eval"
	"crossbatch/trainer/data"
	"crossbatch/trainer/ranks"
)

// sharing is an encoder whose embeddings of a set are shared out to ranks.
type sharing struct {
	Encoder
	team *team
}

// sharing is e, shared out where there is somebody to share with.
func (t *team) sharing(e Encoder) Encoder {
	if t == nil {
		return e
	}
	return sharing{e, t}
}

// embed is [Embed], each rank with a part of the images. Where one is told to stop, all
// stop.
func (s sharing) embed(ctx context.Context, set *data.Set, index []int) ([]float32, error) {
	t := s.team
	share := (len(index) + t.size - 1) / t.size
	first := min(t.rank*share, len(index))
	emb, err := Embed(ctx, s.Encoder, set, index[first:min(first+share, len(index))], nil)
	stops := endedBy(ctx, err)
	if err != nil && !stops {
		return nil, err
	}
	dim := s.Dim()
	part := make([]float32, share*dim+1)
	copy(part, emb)
	if stops {
		part[share*dim] = 1
	}
	all := make([]float32, t.size*len(part))
	if err := ranks.AllGather(t.comm, all, part); err != nil {
		return nil, err
	}
	rows := make([]float32, 0, len(index)*dim)
	for rank := range t.size {
		part := all[rank*len(part):][:len(part)]
		if part[share*dim] != 0 {
			return nil, &ranks.Shared{Err: fmt.Errorf("rank %d of %d: %w", rank, t.size, context.Canceled)}
		}
		rows = append(rows, part[:min(share*dim, len(index)*dim-len(rows))]...)
	}
	return rows, nil
}

// score embeds images of the set and takes their retrieval scores, see scorePart: rank 0
// takes them for all.
func (t *Training) score(ctx context.Context, index, query, gallery []int) (eval.Scores, []float32, error) {
	if t.team == nil {
		return scorePart(ctx, t.Encoder, t.Set, index, query, gallery)
	}
	emb, err := Embed(ctx, t.team.sharing(t.Encoder), t.Set, index, nil)
	if err != nil {
		return eval.Scores{}, nil, err
	}
	var scores eval.Scores
	var text []byte
	if t.team.rank == 0 {
		scores, err = Await(ctx, Retrieval(t.Set, index, query, gallery, emb, t.Encoder.Dim()).Score)
		if err == nil {
			text, err = json.Marshal(scores)
		}
	}
	if text, err = ranks.Tell(t.team.comm, text, err); err == nil {
		err = json.Unmarshal(text, &scores)
	}
	return scores, emb, err
}

// stop is why the training is to stop, which all ranks say at the same step.
func (t *team) stop(ctx context.Context) error {
	switch {
	case t == nil:
		return ctx.Err()
	case !t.stopping:
		return nil
	case ctx.Err() != nil:
		return ctx.Err()
	}
	return errStopped
}

var errStopped = fmt.Errorf("another rank: %w", context.Canceled)

// isStop tells whether err is of being told to stop.
func (t *team) isStop(ctx context.Context, err error) bool {
	if t == nil {
		return endedBy(ctx, err)
	}
	return isStopping(err)
}

// endedBy tells whether err is because ctx has ended.
func endedBy(ctx context.Context, err error) bool {
	return ctx.Err() != nil && errors.Is(err, ctx.Err())
}

// isStopping tells whether err is because a context has ended, be it another rank's.
func isStopping(err error) bool {
	return errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)
}

// alike marks an error that all ranks return.
func (t *team) alike(err error) error {
	if t == nil || ranks.IsShared(err) {
		return err
	}
	return &ranks.Shared{Err: err}
}

// shared marks what all ranks return: that the training has diverged, or was told to stop.
func (t *team) shared(err error) error {
	if bad := (*Diverged)(nil); errors.As(err, &bad) || isStopping(err) {
		return t.alike(err)
	}
	return err
}

// same returns an error where ranks no longer have the same weights and memory: on
// processors of different kinds, whose last digits differ.
func (t *team) same(of *Training) error {
	if t == nil {
		return nil
	}
	var sum uint32
	add := func(x []float32) {
		if len(x) > 0 {
			sum = crc32.Update(sum, castagnoli(), unsafe.Slice((*byte)(unsafe.Pointer(&x[0])), 4*len(x)))
		}
	}
	of.Encoder.State(func(_ string, _ []int, value, _ []float32) { add(value) })
	if m := of.terms.memory; m != nil && of.shares() == nil {
		add(m.Memory.AppendRows(nil))
	} else if m != nil {
		sum = crc32.Update(sum, castagnoli(), m.Memory.AppendContents(nil))
	}
	own, all := make([]float64, 1), make([]float64, t.size)
	own[0] = float64(sum)
	if err := ranks.AllGather(t.comm, all, own); err != nil {
		return err
	}
	for rank, other := range all {
		if other != all[0] {
			return &ranks.Shared{Err: fmt.Errorf("rank %d of %d has other weights or another memory than rank 0: give all ranks processors of one kind and one version of the program", rank, t.size)}
		}
	}
	return nil
}

func castagnoli() *crc32.Table { return crc32.MakeTable(crc32.Castagnoli) }
