package xbm

import "fmt"

// Keyed keeps one row of each sample, its newest, which takes the place of the one
// before: a memory as large as the data set holds each sample once, and no
// stale copies. Where there are more samples than the memory has room for, the row
// that was stored longest ago gives way. Rows without a sample id are each of a
// sample of their own.
//
// It takes 32 to 64 bytes a row beside what a ring takes.
type Keyed struct{}

// String is the policy as ParsePolicy reads it.
func (Keyed) String() string { return "keyed" }

// Keeper implements [Policy].
func (Keyed) Keeper(c MemoryConfig) (Keeper, error) {
	return &keyed{ages: *newAges(c.Capacity), slots: newIndex(c.Capacity)}, nil
}

type keyed struct {
	ages
	slots *index // by id
}

func (k *keyed) Place(m *Memory, label int32, id int64) int {
	if id == UnknownID {
		return k.fresh(m, label, id)
	}
	slot := k.slots.get(id)
	if slot >= 0 {
		k.links.remove(&k.all, slot)
		k.links.add(&k.all, slot)
		return int(slot)
	}
	slot = int32(k.fresh(m, label, id))
	k.slots.set(id, slot)
	return int(slot)
}

// fresh is the slot of a sample that has none.
func (k *keyed) fresh(m *Memory, label int32, id int64) int {
	if m.held == m.Cap() {
		k.slots.remove(m.ids[k.all.oldest])
	}
	return k.ages.Place(m, label, id)
}

func (k *keyed) Remove(m *Memory, slot int) {
	k.slots.remove(m.ids[slot])
	k.ages.Remove(m, slot)
}

func (k *keyed) Move(m *Memory, from, to int) {
	if m.ids[from] != UnknownID {
		k.slots.set(m.ids[from], int32(to))
	}
	k.ages.Move(m, from, to)
}

func (k *keyed) Reset() {
	k.slots.clear()
	k.ages.Reset()
}

func (k *keyed) Restore(slots []int, labels []int32, ids []int64) error {
	for _, slot := range slots {
		id := ids[slot]
		if id == UnknownID {
			continue
		}
		if k.slots.get(id) >= 0 {
			return fmt.Errorf("two rows of sample %d: %w", id, ErrState)
		}
		k.slots.set(id, int32(slot))
	}
	return k.ages.Restore(slots, labels, ids)
}
