package datatest

import (
	"testing"

	"crossbatch/trainer/data"
)

// Verify checks what the documentation of the fields of a [data.Set] promises.
func Verify(t *testing.T, set *data.Set) {
	t.Helper()
	size := set.Channels * set.Height * set.Width
	if len(set.Pixels) != set.Len()*size {
		t.Fatalf("%d pixels for %d images of %d", len(set.Pixels), set.Len(), size)
	}
	for i, label := range set.Labels {
		switch {
		case i == 0 && label != 0, i > 0 && label != set.Labels[i-1] && label != set.Labels[i-1]+1:
			t.Fatalf("image %d: label %d: classes do not stand together in order", i, label)
		}
	}
	if n := set.Len(); n > 0 && int(set.Labels[n-1]) != set.Classes()-1 {
		t.Fatalf("last label %d, %d classes", set.Labels[n-1], set.Classes())
	}
	names := make(map[string]bool)
	for _, name := range set.ClassNames {
		if names[name] {
			t.Errorf("two classes %q", name)
		}
		names[name] = true
	}
}

// ClassSizes returns the number of images of each class.
func ClassSizes(set *data.Set) []int {
	sizes := make([]int, set.Classes())
	for _, label := range set.Labels {
		sizes[label]++
	}
	return sizes
}
