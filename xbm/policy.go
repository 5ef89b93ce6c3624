package xbm

import (
	"fmt"

	"crossbatch/xbm/spec"
)

// Policy says which rows a memory keeps: where a new row goes, and so which one
// gives way to it. There are [Ring], [Keyed], [ClassBalanced] and [Reservoir]; other
// packages can add theirs. Whatever the policy, the rows lie one after the other, so
// that a loss streams past them at the same speed.
type Policy interface {
	// String is the policy with all its parameters, of at most 200 bytes. It stands
	// in a saved memory, which only a memory of the same policy restores. A random
	// generator's seed is no part of it.
	fmt.Stringer
	// Keeper returns what carries the policy out in a memory of this configuration,
	// while that is empty; nil for a plain ring. An error refuses the configuration.
	Keeper(c MemoryConfig) (Keeper, error)
}

// Keeper carries out a [Policy] in one memory, and knows of each row that this
// holds. The memory calls it, one call at a time. A Keeper with a state beyond the
// rows, such as a random generator, implements [encoding.BinaryAppender] and
// [encoding.BinaryUnmarshaler] too: then that is saved with the memory.
type Keeper interface {
	// Place returns the slot that the next row goes to: m.Len(), the first that is
	// free, if that is less than m.Cap(); or a slot below m.Len(), whose row gives
	// way; or -1, and the row is not kept. The memory does as it says. Any other
	// slot makes the memory panic.
	Place(m *Memory, label int32, id int64) int
	// Remove is told that the row of a slot leaves for its age. The memory still
	// holds it.
	Remove(m *Memory, slot int)
	// Move is told that the row of slot from goes to slot to, whose row has left.
	// The memory still holds it in its old slot.
	Move(m *Memory, from, to int)
	// Reset is told that the memory is empty.
	Reset()
	// Restore makes an empty memory's Keeper that of a memory whose rows have these
	// labels and ids, both by slot; slots lists all slots, the oldest row first. Rows
	// that the policy could not have kept are an error.
	Restore(slots []int, labels []int32, ids []int64) error
}

// UnknownID is the id of rows that came without one.
const UnknownID = -1

// ParsePolicy returns the policy that a text names: "ring" (or ""), "keyed",
// "class-balanced:N" or "reservoir". seed is that of a reservoir's random generator.
func ParsePolicy(text string, seed uint64) (Policy, error) {
	if text == "" {
		return Ring{}, nil
	}
	built, err := policies(seed).Parse(text)
	if err != nil {
		return nil, err
	}
	return built.Policy, nil
}

// PolicyNames lists what [ParsePolicy] knows.
func PolicyNames() (names []string) {
	for _, e := range policies(0).Entries {
		if e.Bare != "" {
			e.Name += ":N"
		}
		names = append(names, e.Name)
	}
	return names
}

// builtPolicy is a policy in the making.
type builtPolicy struct {
	Policy
	perClass *int // of class-balanced
}

// Validate takes in the parameter that was set.
func (p *builtPolicy) Validate() error {
	if p.perClass == nil {
		return nil
	}
	c := ClassBalanced{PerClass: *p.perClass}
	p.Policy = c
	return c.validate()
}

// policies are what a text can name.
func policies(seed uint64) spec.Table[*builtPolicy] {
	plain := func(p Policy) spec.Entry[*builtPolicy] {
		return spec.Entry[*builtPolicy]{Name: p.String(), New: func(string) (*builtPolicy, []spec.Field) { return &builtPolicy{Policy: p}, nil }}
	}
	return spec.Table[*builtPolicy]{Kind: "policy", Entries: []spec.Entry[*builtPolicy]{
		plain(Ring{}),
		plain(Keyed{}),
		{Name: classBalancedName, Bare: "per_class", New: func(string) (*builtPolicy, []spec.Field) {
			p := &builtPolicy{perClass: new(int)}
			return p, []spec.Field{{Key: "per_class", At: p.perClass}}
		}},
		plain(Reservoir{Seed: seed}),
	}}
}

// Ring keeps the newest rows. It is the default.
type Ring struct{}

// String is the policy as ParsePolicy reads it.
func (Ring) String() string { return "ring" }

// Keeper implements [Policy].
func (Ring) Keeper(c MemoryConfig) (Keeper, error) {
	if c.MaxAge == 0 {
		return nil, nil
	}
	return newAges(c.Capacity), nil
}

// ages keep the newest rows of a memory whose rows may also leave out of turn: a
// ring with an age limit. The other policies are built on it.
type ages struct {
	links links
	all   span
}

func newAges(capacity int) *ages { return &ages{newLinks(capacity), emptySpan()} }

func (a *ages) Place(m *Memory, _ int32, _ int64) int {
	slot := m.held
	if slot == m.Cap() {
		slot = int(a.all.oldest)
		a.links.remove(&a.all, int32(slot))
	}
	a.links.add(&a.all, int32(slot))
	return slot
}

func (a *ages) Remove(_ *Memory, slot int) { a.links.remove(&a.all, int32(slot)) }

func (a *ages) Move(_ *Memory, from, to int) { a.links.move(&a.all, int32(from), int32(to)) }

func (a *ages) Reset() { a.all = emptySpan() }

func (a *ages) Restore(slots []int, _ []int32, _ []int64) error {
	for _, slot := range slots {
		a.links.add(&a.all, int32(slot))
	}
	return nil
}
