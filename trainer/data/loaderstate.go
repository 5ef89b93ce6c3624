package data

import (
	"bytes"
	"encoding"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/fnv"
)

var (
	_ encoding.BinaryAppender    = (*Loader)(nil)
	_ encoding.BinaryUnmarshaler = (*Loader)(nil)
)

// loaderState starts a saved state; its last byte is the version: a fingerprint in 8 bytes,
// the number of batches handed out in 8, then the sampler's state at that batch.
const loaderState = "xbmLD\x01"

// AppendBinary appends the state after the last batch that Next returned, whatever was made
// ahead. A loader that restores it with UnmarshalBinary continues with the batch after that.
func (l *Loader) AppendBinary(b []byte) ([]byte, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.failed != nil {
		return nil, l.failed
	}
	if err := l.sampler.UnmarshalBinary(l.base); err != nil {
		return nil, fmt.Errorf("data: loader: %w", err)
	}
	again := make([]int, l.sampler.BatchSize())
	for ; l.from < l.taken; l.from++ {
		l.sampler.Next(again)
	}
	state, err := l.sampler.AppendBinary(nil)
	if err != nil {
		return nil, fmt.Errorf("data: loader: %w", err)
	}
	l.base = state
	for n := l.from; n < l.drawn; n++ {
		l.sampler.Next(again)
	}
	b = append(b, loaderState...)
	b = binary.LittleEndian.AppendUint64(b, l.fingerprint())
	b = binary.LittleEndian.AppendUint64(b, l.taken)
	return append(b, state...), nil
}

// UnmarshalBinary restores the state of a loader with the same set, sampler and configuration;
// Workers, Ahead, Part and Parts may differ. Batches made ahead are dropped, and the last
// batch of Next is no longer valid. After an error the loader is unchanged.
func (l *Loader) UnmarshalBinary(state []byte) error {
	rest, found := bytes.CutPrefix(state, []byte(loaderState))
	if !found || len(rest) < 16 {
		return errors.New("data: loader: state: not one of this version: start the run anew")
	}
	if binary.LittleEndian.Uint64(rest) != l.fingerprint() {
		return errors.New("data: loader: state: it belongs to another set, augmentation or seed: resume with the run's own settings")
	}
	taken, rest := binary.LittleEndian.Uint64(rest[8:]), rest[16:]
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := l.sampler.UnmarshalBinary(rest); err != nil {
		return fmt.Errorf("data: loader: %w", err)
	}
	// Workers may still write to the batches that are dropped: they are not used again.
	l.queue, l.inUse, l.failed, l.free = nil, nil, nil, l.slots()
	l.base, l.from, l.taken, l.drawn = bytes.Clone(rest), taken, taken, taken
	return nil
}

// fingerprint tells loaders apart whose views differ.
func (l *Loader) fingerprint() uint64 {
	hash := fnv.New64a()
	fmt.Fprintf(hash, "%s %d %d %d×%d×%d+%d", l.config.Augment, l.config.Views, l.config.Seed,
		l.set.Channels, l.set.Height, l.set.Width, l.set.Margin)
	return hash.Sum64()
}
