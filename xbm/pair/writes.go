package pair

// Writes tells who keeps a copy of a side's rows which of them have changed. The zero
// value is ready. Rows are numbered by slot.
type Writes struct {
	last  int64       // how many writes there were
	slots [1024]int32 // of the newest of them, write w at w modulo the length
}

// Add notes that a row was written.
func (w *Writes) Add(slot int) {
	w.slots[w.last%int64(len(w.slots))] = int32(slot)
	w.last++
}

// AddAll notes that all rows were written.
func (w *Writes) AddAll() { w.last += int64(len(w.slots)) + 1 }

// Last is the number of writes so far, to be given to Since later.
func (w *Writes) Last() int64 { return w.last }

// Since appends to slots where rows were written since Last was last. It returns
// false where there were too many to tell: then all may have changed.
func (w *Writes) Since(last int64, slots []int32) ([]int32, bool) {
	if last < 0 || w.last-last > int64(len(w.slots)) {
		return slots, false
	}
	for ; last < w.last; last++ {
		slots = append(slots, w.slots[last%int64(len(w.slots))])
	}
	return slots, true
}
