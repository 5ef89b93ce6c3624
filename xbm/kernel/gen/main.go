//go:build gen

// Command gen writes the assembly of package kernel. It is built with the tag
// gen alone, so that avo is a dependency of no program:
//
//	go run -tags gen ./gen
package main

import (
	"flag"
	"log"

	"github.com/mmcloughlin/avo/x86"
)

func main() {
	log.SetFlags(0)
	log.SetPrefix("gen: ")
	out := flag.String("out", ".", "folder of package kernel")
	flag.Parse()

	tiles := newAssembler()
	for _, v := range sets() {
		for rows := 1; rows <= v.rows; rows++ {
			for width := 1; width <= 2; width++ {
				tile(tiles, v, rows, width)
			}
		}
	}
	tiles.write(*out, "tile")

	vectors := newAssembler()
	for _, v := range sets() {
		dot(vectors, v)
		scale(vectors, v, true)
		scale(vectors, v, false)
	}
	for _, v := range sets() {
		squaredDistance(vectors, v)
	}
	vectors.write(*out, "vector")

	maps := newAssembler()
	for _, v := range sets() {
		exp(maps, v)
		chord(maps, v)
		pairwise(maps, v, "divide", "x/y", x86.VDIVPS)
		raise(maps, v)
	}
	maps.write(*out, "map")

	columns := newAssembler()
	for _, v := range sets() {
		pairwise(columns, v, "multiply", "x·y", x86.VMULPS)
		adjust(columns, v)
	}
	columns.write(*out, "columns")

	layers := newAssembler()
	for _, v := range sets() {
		sum(layers, v)
		squaredDeviations(layers, v)
		covariation(layers, v)
		affine(layers, v)
		combine(layers, v)
		rectify(layers, v)
		rectified(layers, v)
		pool(layers, v)
		unpool(layers, v)
		beat(layers, v)
		addWhere(layers, v)
	}
	layers.write(*out, "layer")

	steps := newAssembler()
	for _, v := range sets() {
		adam(steps, v)
	}
	steps.write(*out, "adam")

	halves := newAssembler()
	for _, v := range sets() {
		fromHalf(halves, v)
		toHalf(halves, v)
	}
	halves.write(*out, "half")

	searches := newAssembler()
	for _, v := range sets() {
		largest(searches, v)
		leastAbove(searches, v)
		cut(searches, v)
		countAbove(searches, v, false)
		countAbove(searches, v, true)
		find(searches, v, "above", "func(dst *int32, x *float32, n int, bound float32) int", "floats are above bound")
		find(searches, v, "equal", "func(dst *int32, x *int32, n int, value int32) int", "numbers equal value")
	}
	searches.write(*out, "search")

	smalls := newAssembler()
	for _, v := range sets() {
		for _, t := range winograd() {
			sandwich(smalls, v, t)
		}
	}
	smalls.write(*out, "winograd")

	pack := newAssembler()
	for _, v := range sets() {
		transpose(pack, v)
	}
	pack.write(*out, "transpose")
}
