package xbm

import "fmt"

// ClassBalanced keeps at most PerClass rows of each class: beyond that, the class's
// oldest row gives way to its newest. Where the memory itself is full, the oldest
// row of all gives way. So classes that are seen often do not push out those that
// are rare.
//
// It takes 52 to 76 bytes a row beside what a ring takes.
type ClassBalanced struct{ PerClass int }

const classBalancedName = "class-balanced"

// String is the policy as ParsePolicy reads it.
func (c ClassBalanced) String() string { return fmt.Sprintf("%s:%d", classBalancedName, c.PerClass) }

func (c ClassBalanced) validate() error {
	if c.PerClass < 1 {
		return fmt.Errorf("policy %q: at most %d rows of a class: give the most rows of a class, 1 or more, as in %s:16", classBalancedName, c.PerClass, classBalancedName)
	}
	return nil
}

// Keeper implements [Policy].
func (c ClassBalanced) Keeper(m MemoryConfig) (Keeper, error) {
	if err := c.validate(); err != nil {
		return nil, err
	}
	capacity := m.Capacity
	b := &classBalanced{
		ages: *newAges(capacity), most: c.PerClass,
		ofClass: newLinks(capacity), classes: make([]classRows, capacity), numbers: newIndex(capacity),
	}
	b.Reset()
	return b, nil
}

type classBalanced struct {
	ages
	most    int
	ofClass links
	classes []classRows
	numbers *index // of classes, by label
	free    int32  // first class that has no rows
}

// classRows are the rows of one class.
type classRows struct {
	span
	count int
	next  int32 // where there are none: the next such class, -1 for none
}

func (b *classBalanced) Place(m *Memory, label int32, id int64) int {
	if k := b.numbers.get(int64(label)); k >= 0 && b.classes[k].count == b.most {
		slot := b.classes[k].oldest
		b.links.remove(&b.all, slot)
		b.links.add(&b.all, slot)
		b.ofClass.remove(&b.classes[k].span, slot)
		b.ofClass.add(&b.classes[k].span, slot)
		return int(slot)
	}
	if m.held == m.Cap() {
		b.leave(m.labels[b.all.oldest], b.all.oldest)
	}
	slot := b.ages.Place(m, label, id)
	b.join(label, int32(slot))
	return slot
}

// join puts a slot into the rows of a class.
func (b *classBalanced) join(label, slot int32) *classRows {
	k := b.numbers.get(int64(label))
	if k < 0 {
		k = b.free
		b.free = b.classes[k].next
		b.classes[k] = classRows{span: emptySpan()}
		b.numbers.set(int64(label), k)
	}
	c := &b.classes[k]
	b.ofClass.add(&c.span, slot)
	c.count++
	return c
}

// leave takes a slot out of the rows of its class.
func (b *classBalanced) leave(label, slot int32) {
	k := b.numbers.get(int64(label))
	c := &b.classes[k]
	b.ofClass.remove(&c.span, slot)
	if c.count--; c.count == 0 {
		b.numbers.remove(int64(label))
		c.next, b.free = b.free, k
	}
}

func (b *classBalanced) Remove(m *Memory, slot int) {
	b.leave(m.labels[slot], int32(slot))
	b.ages.Remove(m, slot)
}

func (b *classBalanced) Move(m *Memory, from, to int) {
	c := &b.classes[b.numbers.get(int64(m.labels[from]))]
	b.ofClass.move(&c.span, int32(from), int32(to))
	b.ages.Move(m, from, to)
}

func (b *classBalanced) Reset() {
	b.numbers.clear()
	for k := range b.classes {
		b.classes[k].next = int32(k) + 1 // the last's leads nowhere: there are no more classes than rows
	}
	b.free = 0
	b.ages.Reset()
}

func (b *classBalanced) Restore(slots []int, labels []int32, ids []int64) error {
	for _, slot := range slots {
		if c := b.join(labels[slot], int32(slot)); c.count > b.most {
			return fmt.Errorf("%d rows of class %d, of at most %d: %w", c.count, labels[slot], b.most, ErrState)
		}
	}
	return b.ages.Restore(slots, labels, ids)
}
