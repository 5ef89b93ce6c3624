package xbm

import (
	"fmt"
	"strconv"
	"strings"
)

// Policy says which rows a memory keeps: where a new row goes, and so which one
// gives way to it. There are [Ring], [Keyed], [ClassBalanced] and [Reservoir].
// Whatever the policy, the rows lie one after the other, so that a loss streams
// past them at the same speed.
type Policy interface {
	// String is the policy as [ParsePolicy] reads it.
	fmt.Stringer
	// keeper returns what carries it out in a memory of capacity rows, while that is
	// empty.
	keeper(capacity int) (keeper, error)
}

// keeper carries out a policy. It knows of each row that its memory holds.
type keeper interface {
	// place returns the slot that the next row goes to: the first that is free,
	// or that of a row which gives way, or -1 for none.
	place(m *Memory, label int32, id int64) int
	// remove is told that a row leaves. The memory still holds it.
	remove(m *Memory, slot int)
	// move is told that a row goes to a slot whose row has left. The memory holds
	// it in its old slot still.
	move(m *Memory, from, to int)
	// reset is told that the memory is empty.
	reset()
	// take makes it that of a memory whose rows are of these labels and ids, slots
	// telling their order of age, while it is that of an empty memory.
	take(slots []int, labels []int32, ids []int64) error
}

// ParsePolicy returns the policy that a text names: "ring" (or ""), "keyed",
// "class-balanced:N" or "reservoir"; seed is where a reservoir's chance comes from.
func ParsePolicy(text string, seed uint64) (Policy, error) {
	name, number, given := strings.Cut(text, ":")
	switch {
	case name == "class-balanced":
		n, err := strconv.Atoi(number)
		if err != nil || n < 1 {
			return nil, fmt.Errorf("xbm: policy %q: give the most rows of a class, as in class-balanced:16", text)
		}
		return ClassBalanced{PerClass: n}, nil
	case given:
	case name == "" || name == "ring":
		return Ring{}, nil
	case name == "keyed":
		return Keyed{}, nil
	case name == "reservoir":
		return Reservoir{Seed: seed}, nil
	}
	return nil, fmt.Errorf("xbm: there is no policy %q: known are %s", text, strings.Join(PolicyNames(), ", "))
}

// PolicyNames lists what [ParsePolicy] knows.
func PolicyNames() []string { return []string{"ring", "keyed", "class-balanced:N", "reservoir"} }

// Ring keeps the newest rows. It is the default.
type Ring struct{}

func (Ring) String() string { return "ring" }

func (Ring) keeper(capacity int) (keeper, error) { return newAges(capacity), nil }

// ages keep the newest rows of a memory whose rows may also leave out of turn: a
// ring with an age limit. The other policies are built on it.
type ages struct {
	links links
	all   span
}

func newAges(capacity int) *ages { return &ages{newLinks(capacity), emptySpan()} }

func (a *ages) place(m *Memory, _ int32, _ int64) int {
	slot := m.held
	if slot == m.Cap() {
		slot = int(a.all.oldest)
		a.links.remove(&a.all, int32(slot))
	}
	a.links.add(&a.all, int32(slot))
	return slot
}

func (a *ages) remove(_ *Memory, slot int) { a.links.remove(&a.all, int32(slot)) }

func (a *ages) move(_ *Memory, from, to int) { a.links.move(&a.all, int32(from), int32(to)) }

func (a *ages) reset() { a.all = emptySpan() }

func (a *ages) take(slots []int, _ []int32, _ []int64) error {
	for _, slot := range slots {
		a.links.add(&a.all, int32(slot))
	}
	return nil
}
