//go:build gen

// Command gen writes the assembly of package kernel, and that of package
// backbone/arithmetic, the part networks. It is built with the tag gen alone, so that
// avo is a dependency of no program:
//
//	go run -tags gen ./gen
//	go run -tags gen ./gen -part networks -out ../../backbone/arithmetic
package main

import (
	"flag"
	"log"

	"github.com/mmcloughlin/avo/x86"
)

func main() {
	log.SetFlags(0)
	log.SetPrefix("gen: ")
	out := flag.String("out", ".", "folder of the package")
	part := flag.String("part", "memory", "memory (package kernel) or networks (package arithmetic)")
	flag.Parse()
	switch *part {
	case "memory":
		memory(*out)
	case "networks":
		networks(*out)
	default:
		log.Fatalf("there is no part %q", *part)
	}
}

// memory writes package kernel.
func memory(out string) {
	tiles := newAssembler("kernel")
	for _, v := range sets() {
		for rows := 1; rows <= v.rows; rows++ {
			for width := 1; width <= 2; width++ {
				tile(tiles, v, rows, width)
			}
		}
	}
	tiles.write(out, "tile")

	vectors := newAssembler("kernel")
	for _, v := range sets() {
		dot(vectors, v)
		scale(vectors, v, true)
		scale(vectors, v, false)
	}
	for _, v := range sets() {
		squaredDistance(vectors, v)
	}
	vectors.write(out, "vector")

	maps := newAssembler("kernel")
	for _, v := range sets() {
		exp(maps, v)
		chord(maps, v)
		pairwise(maps, v, "divide", "x/y", x86.VDIVPS)
		raise(maps, v)
	}
	maps.write(out, "map")

	ranks := newAssembler("kernel")
	for _, v := range sets() {
		bins(ranks, v)
		sigmoids(ranks, v, true)
		sigmoids(ranks, v, false)
	}
	ranks.write(out, "rank")

	columns := newAssembler("kernel")
	for _, v := range sets() {
		pairwise(columns, v, "multiply", "x·y", x86.VMULPS)
		adjust(columns, v)
	}
	columns.write(out, "columns")

	halves := newAssembler("kernel")
	for _, v := range sets() {
		fromHalf(halves, v)
		toHalf(halves, v)
		if v.wide() {
			toBrain(halves, v)
		}
	}
	halves.write(out, "half")

	searches := newAssembler("kernel")
	for _, v := range sets() {
		largest(searches, v)
		leastAbove(searches, v)
		cut(searches, v)
		countAbove(searches, v, false)
		countAbove(searches, v, true)
		find(searches, v, "above", "func(dst *int32, x *float32, n int, bound float32) int", "floats are above bound")
		find(searches, v, "aboveEach", "func(dst *int32, x, bounds *float32, n int) int", "floats are above their bounds")
		find(searches, v, "equal", "func(dst *int32, x *int32, n int, value int32) int", "numbers equal value")
	}
	searches.write(out, "search")

	pack := newAssembler("kernel")
	for _, v := range sets() {
		transpose(pack, v)
	}
	pack.write(out, "transpose")
}

// networks writes package arithmetic.
func networks(out string) {
	layers := newAssembler("arithmetic")
	for _, v := range sets() {
		sum(layers, v)
		squaredDeviations(layers, v)
		affine(layers, v)
		combine(layers, v)
		rectify(layers, v)
		rectified(layers, v)
		beat(layers, v)
		addWhere(layers, v)
		beatFour(layers, v)
		giveFour(layers, v)
	}
	layers.write(out, "layer")

	adams := newAssembler("arithmetic")
	for _, v := range sets() {
		adam(adams, v)
	}
	adams.write(out, "adam")

	smalls := newAssembler("arithmetic")
	for _, v := range sets() {
		for _, t := range winograd() {
			sandwich(smalls, v, t)
		}
	}
	smalls.write(out, "winograd")

	larger := newAssembler("arithmetic")
	for _, v := range sets() {
		for _, t := range winograd4() {
			steps(larger, v, t)
		}
	}
	larger.write(out, "winograd4")

	rows := newAssembler("arithmetic")
	for _, v := range sets() {
		finishRows(rows, v, false)
		finishRows(rows, v, true)
	}
	rows.write(out, "rows")

	activations := newAssembler("arithmetic")
	for _, v := range sets() {
		gelu(activations, v)
		hard(activations, v, false)
		hard(activations, v, true)
		pairwise(activations, v, "larger", "the larger of x and y", x86.VMAXPS)
		depthwise(activations, v)
		depthwiseTogether(activations, v)
	}
	activations.write(out, "activation")

	norms := newAssembler("arithmetic")
	for _, v := range sets() {
		for _, k := range channelKernels() {
			overChannels(norms, v, k)
		}
	}
	norms.write(out, "channels")
}
