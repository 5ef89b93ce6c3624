package network

import (
	"fmt"
	"strings"
	"testing"
)

// What a convolution can take in, it does; what others read, stays apart.
func TestSteps(t *testing.T) {
	b := NewBuilder(3, 8, 8)
	conv := func(x Value, name string) Value {
		return b.BatchNorm(b.Convolution(x, name, Convolution{Filters: 4, Size: 3, Stride: 1, Pad: 1}), name+".bn")
	}
	x := b.ReLU(b.MaxPool(conv(b.Images(), "pooled"), MaxPool{Size: 2, Stride: 2}))
	x = b.ReLU(b.Sum(conv(b.ReLU(conv(x, "first")), "second"), x))
	x = b.ReLU(b.Sum(conv(x, "read twice"), b.ReLU(x)))
	x = b.Dropout(b.GlobalAverage(x), 0.5, 1)
	n, err := b.Finish(b.Normalize(b.Linear(x, "head", LinearGain, 2)))
	if err != nil {
		t.Fatal(err)
	}
	steps, output := n.Steps()
	var got []string
	for _, s := range steps {
		got = append(got, fmt.Sprintf("%T of %v + %d, norm %t, floor %t: %d", s.Node.Op, s.In, s.Other, s.Norm != nil, s.Floor, s.Out))
	}
	want := `network.Convolution of [0] + -1, norm true, floor true: 2
network.MaxPool of [2] + -1, norm false, floor false: 4
network.Convolution of [4] + -1, norm true, floor true: 7
network.Convolution of [7] + 4, norm true, floor true: 11
network.Convolution of [11] + -1, norm true, floor false: 13
network.ReLU of [11] + -1, norm false, floor false: 14
network.Add of [13 14] + -1, norm false, floor true: 16
network.GlobalAverage of [16] + -1, norm false, floor false: 17
network.Linear of [17] + -1, norm false, floor false: 19
network.Normalize of [19] + -1, norm false, floor false: 20`
	if strings.Join(got, "\n") != want || output != 20 {
		t.Errorf("output %d,\n%s\nwant\n%s", output, strings.Join(got, "\n"), want)
	}
}
