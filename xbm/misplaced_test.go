package xbm

import (
	"strings"
	"testing"
)

// misplacing is a policy that names one slot whatever the memory holds.
type misplacing int

func (misplacing) String() string                        { return "misplacing" }
func (p misplacing) Keeper(MemoryConfig) (Keeper, error) { return p, nil }

func (p misplacing) Place(*Memory, int32, int64) int     { return int(p) }
func (misplacing) Remove(*Memory, int)                   {}
func (misplacing) Move(*Memory, int, int)                {}
func (misplacing) Reset()                                {}
func (misplacing) Restore([]int, []int32, []int64) error { return nil }

// A slot that can't be makes the memory panic: below -1, after the first free one,
// and in a full memory the one after the last.
func TestMisplacedRowsPanic(t *testing.T) {
	for _, c := range []struct {
		slot, held int
		panics     bool
	}{{-2, 0, true}, {-1, 0, false}, {0, 0, false}, {1, 0, true}, {1, 1, false}, {2, 2, true}, {1, 2, false}} {
		m, err := NewMemory(2, 1)
		if err != nil {
			t.Fatal(err)
		}
		for i := range c.held {
			if err := m.Enqueue(nil, []float32{1}, []int32{int32(i)}, nil, 0); err != nil {
				t.Fatal(err)
			}
		}
		m.keeper = misplacing(c.slot)
		func() {
			defer func() {
				word, isText := recover().(string)
				if isText != c.panics || isText && !strings.Contains(word, "places a row in slot") {
					t.Errorf("slot %d of a memory that holds %d: %q", c.slot, c.held, word)
				}
			}()
			if err := m.Enqueue(nil, []float32{1}, []int32{5}, nil, 1); err != nil {
				t.Error(err)
			}
		}()
	}
}
