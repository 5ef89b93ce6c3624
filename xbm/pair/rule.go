package pair

// Rule says which pairs of an anchor and a column count, and as what. The kind of a
// pair depends, in this order, on whether the labels agree; whether the column is
// the anchor's own; whether the sample ids are known and agree; and whether the
// column was stored in this very step, or it is not known when:
//
//	label   own   id      this step   Rule                  kind
//	other   any   any     any         any                   KindNegative
//	same    yes   any     any         Keys and Views        KindPositive
//	same    yes   any     any         else                  KindSelf
//	same    no    other   any         any                   KindPositive
//	same    no    same    yes         Views                 KindPositive
//	same    no    same    yes         not Views, SameID     KindCopy
//	same    no    same    yes         not Views, no SameID  KindKeptCopy
//	same    no    same    no          SameID                KindCopy
//	same    no    same    no          no SameID             KindKeptCopy
//
// An id that is not known agrees with none. The zero value knows of no column that
// is an anchor's own, and keeps copies.
type Rule struct {
	// Own gives for each anchor the column that holds this very embedding, or its
	// key; -1 where none does. Nil: none at all.
	Own []int
	// Keys says that the Own columns hold keys: another network's embeddings of what
	// the anchors are embeddings of.
	Keys bool
	// SameID leaves out all pairs whose sample ids agree. They are positives that say
	// nothing, where the two are embeddings of one image.
	SameID bool
	// Views says that rows of one sample in one step are views of it, which differ:
	// they are positives. So is, with Keys, the anchor's own key.
	Views bool
}

// Kind is what a pair counts as.
type Kind uint8

// The kinds of pairs.
const (
	KindNegative Kind = iota // a negative: the classes differ
	KindPositive             // a positive
	KindSelf                 // left out: the column is the anchor itself
	KindCopy                 // left out, and counted: another embedding of the same sample
	KindKeptCopy             // a positive, and counted: another embedding of the same sample
)

// Kind is what the pair of an anchor and a column counts as.
func (p *Problem) Kind(anchor, column int) Kind {
	if p.Columns.Labels[column] != p.Anchors.Labels[anchor] {
		return KindNegative
	}
	return p.KindOfSame(anchor, column)
}

// KindOfSame is [Problem.Kind] of a pair whose labels are known to agree.
func (p *Problem) KindOfSame(anchor, column int) Kind {
	rule := &p.Rule
	switch {
	case rule.Own != nil && rule.Own[anchor] == column:
		if rule.Keys && rule.Views {
			return KindPositive
		}
		return KindSelf
	case p.Anchors.IDs == nil || p.Columns.IDs == nil || p.Columns.IDs[column] != p.Anchors.IDs[anchor]:
		return KindPositive
	case rule.Views && (p.Columns.Births == nil || p.Columns.Births[column] == p.Step):
		return KindPositive
	case rule.SameID:
		return KindCopy
	}
	return KindKeptCopy
}

// Self is the column whose pair with the anchor is of KindSelf, -1 for none.
func (p *Problem) Self(anchor int) int {
	if p.Rule.Own == nil || p.Rule.Keys && p.Rule.Views {
		return -1
	}
	return p.Rule.Own[anchor]
}
