package eval

import (
	"reflect"
	"slices"
	"testing"
)

func TestByClassIsInTheOrderOfTheRows(t *testing.T) {
	if got, want := ByClass([]int32{7, -1, 7, 3, -1}), [][]int{{0, 2}, {1, 4}, {3}}; !reflect.DeepEqual(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	if got := ByClass(nil); got != nil {
		t.Error(got)
	}
}

func TestMeanRow(t *testing.T) {
	x, dst := []float32{1, 2, 3, 4, 5, 12}, []float32{9, 9}
	if MeanRow(dst, x, []int{0, 2}); !slices.Equal(dst, []float32{3, 7}) {
		t.Error(dst)
	}
	if MeanRow(dst, x, nil); !slices.Equal(dst, []float32{0, 0}) {
		t.Error(dst)
	}
}
