package eval

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// RecallAt is recall at one rank.
type RecallAt struct {
	K     int
	Share float64 // of the queries, 0 to 1
}

// Recall is recall at several ranks, ascending. In JSON it is an object from
// rank to share, in that order.
type Recall []RecallAt

// ParseRanks reads ranks that commas part: whole numbers from 1. "" is for none.
func ParseRanks(text string) (ranks []int, err error) {
	if text == "" {
		return nil, nil
	}
	for _, word := range strings.Split(text, ",") {
		k, err := strconv.ParseFloat(strings.TrimSpace(word), 64)
		if err != nil || k < 1 || k != float64(int(k)) {
			return nil, fmt.Errorf("ranks is %q: give whole numbers from 1, separated by commas", text)
		}
		ranks = append(ranks, int(k))
	}
	return ranks, nil
}

func newRecall(ks []int) Recall {
	sorted := slices.Clone(ks)
	slices.Sort(sorted)
	var r Recall
	for _, k := range slices.Compact(sorted) {
		r = append(r, RecallAt{K: k})
	}
	return r
}

// At is the recall at rank k; false where it was not asked for.
func (r Recall) At(k int) (float64, bool) {
	for _, x := range r {
		if x.K == k {
			return x.Share, true
		}
	}
	return 0, false
}

// MarshalJSON implements json.Marshaler.
func (r Recall) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	b.WriteByte('{')
	for i, x := range r {
		if i > 0 {
			b.WriteByte(',')
		}
		share, err := json.Marshal(x.Share)
		if err != nil {
			return nil, err
		}
		fmt.Fprintf(&b, "%q:%s", strconv.Itoa(x.K), share)
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

// UnmarshalJSON implements json.Unmarshaler.
func (r *Recall) UnmarshalJSON(b []byte) error {
	var shares map[int]float64
	if err := json.Unmarshal(b, &shares); err != nil {
		return fmt.Errorf("eval: recall: %w", err)
	}
	*r = (*r)[:0]
	for k, share := range shares {
		*r = append(*r, RecallAt{k, share})
	}
	slices.SortFunc(*r, func(a, b RecallAt) int { return a.K - b.K })
	return nil
}
