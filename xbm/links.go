package xbm

// links join slots into lists by age; a slot is in one list at a time. The lists
// of one memory share them.
type links struct{ older, newer []int32 }

// span is one such list: its ends, -1 for none.
type span struct{ oldest, newest int32 }

func newLinks(capacity int) links {
	return links{older: make([]int32, capacity), newer: make([]int32, capacity)}
}

func emptySpan() span { return span{-1, -1} }

// add puts a slot at the young end of s.
func (l links) add(s *span, slot int32) {
	l.older[slot], l.newer[slot] = s.newest, -1
	if s.newest < 0 {
		s.oldest = slot
	} else {
		l.newer[s.newest] = slot
	}
	s.newest = slot
}

// remove takes a slot out of s, where it is.
func (l links) remove(s *span, slot int32) {
	older, newer := l.older[slot], l.newer[slot]
	if older < 0 {
		s.oldest = newer
	} else {
		l.newer[older] = newer
	}
	if newer < 0 {
		s.newest = older
	} else {
		l.older[newer] = older
	}
}

// move gives the place of a slot in s to another slot.
func (l links) move(s *span, from, to int32) {
	older, newer := l.older[from], l.newer[from]
	l.older[to], l.newer[to] = older, newer
	if older < 0 {
		s.oldest = to
	} else {
		l.newer[older] = to
	}
	if newer < 0 {
		s.newest = to
	} else {
		l.older[newer] = to
	}
}
