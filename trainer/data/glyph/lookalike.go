package glyph

import (
	"math"
	"slices"

	"golang.org/x/image/font/sfnt"

	"crossbatch/xbm/kernel"
)

// lookAlike is the cosine above which two code points are one class: the mean, over the
// first face (the upright regular one) of each family that draws both, of the cosine of
// their unjittered images. Alikes chain: if A is like B and B like C, all are one class.
const lookAlike = 0.985

const (
	blockSide    = 4
	blocksAcross = glyphSide / blockSide
	blocks       = blocksAcross * blocksAcross
)

// portrait is a code point as some faces draw it, unjittered.
type portrait struct {
	faces    []int     // ascending
	pixels   [][]uint8 // of each face, glyphSide²
	sketches []sketch  // of each face
}

// portraitOf draws r in the first face of each family; blank glyphs are left out.
func portraitOf(faces []typeface, r rune) (portrait, error) {
	var (
		p     portrait
		buf   sfnt.Buffer
		brush canvas
	)
	for f := range faces {
		if f > 0 && faces[f].family == faces[f-1].family {
			continue
		}
		contour, err := faces[f].outlineOf(&buf, r)
		if err != nil {
			return portrait{}, err
		}
		pixels := make([]uint8, glyphArea)
		brush.draw(pixels, contour, upright())
		if ink(pixels) < minInk {
			continue
		}
		p.faces = append(p.faces, f)
		p.pixels = append(p.pixels, pixels)
		p.sketches = append(p.sketches, sketchOf(pixels))
	}
	return p, nil
}

// sketch bounds the cosine of two images at a sixteenth of the cost.
type sketch struct {
	norm   float32         // of the pixels
	means  [blocks]float32 // the unit image projected on the constant 4 × 4 blocks
	detail float32         // length of what the projection leaves out
}

func sketchOf(pixels []uint8) sketch {
	var (
		s      sketch
		energy float64
	)
	for i, v := range pixels {
		energy += float64(v) * float64(v)
		s.means[i/glyphSide/blockSide*blocksAcross+i%glyphSide/blockSide] += float32(v)
	}
	if energy == 0 {
		return s
	}
	s.norm = float32(math.Sqrt(energy))
	var kept float64
	for i := range s.means {
		s.means[i] /= blockSide * s.norm
		kept += float64(s.means[i]) * float64(s.means[i])
	}
	s.detail = float32(math.Sqrt(max(0, 1-kept)))
	return s
}

// rounding is more than any processor's takes from a bound, so that all find the same pairs.
const rounding = 1e-4

// bound returns at least the cosine of the two images, by Cauchy and Schwarz on what
// the sketches leave out.
func (s *sketch) bound(t *sketch) float32 {
	return min(1, kernel.Dot(s.means[:], t.means[:])+s.detail*t.detail+rounding)
}

func cosine(a, b []uint8, normA, normB float32) float32 {
	var dot int32
	for i, v := range a {
		dot += int32(v) * int32(b[i])
	}
	return float32(dot) / (normA * normB)
}

// alike says whether the mean cosine of p and q over the faces that draw both exceeds
// lookAlike. Without a common face they are not alike.
func (p *portrait) alike(q *portrait) bool {
	shared := 0
	p.eachShared(q, func(_, _ int) bool { shared++; return true })
	// What the mean may fall short of 1, over all faces. Most pairs have used it up
	// after two or three faces.
	allowance := float32(shared) * (1 - lookAlike)
	left := allowance
	p.eachShared(q, func(i, k int) bool {
		left -= 1 - p.sketches[i].bound(&q.sketches[k])
		return left > 0
	})
	if !(left > 0) {
		return false
	}
	left = allowance
	p.eachShared(q, func(i, k int) bool {
		left -= 1 - cosine(p.pixels[i], q.pixels[k], p.sketches[i].norm, q.sketches[k].norm)
		return left > 0
	})
	return left > 0
}

// eachShared calls f with the places in p and q of each face that draws both, until it
// returns false.
func (p *portrait) eachShared(q *portrait, f func(i, k int) bool) {
	for i, k := 0, 0; i < len(p.faces) && k < len(q.faces); {
		switch {
		case p.faces[i] < q.faces[k]:
			i++
		case p.faces[i] > q.faces[k]:
			k++
		default:
			if !f(i, k) {
				return
			}
			i, k = i+1, k+1
		}
	}
}

// alikes returns the pairs that are alike, the larger index first, some of them more than
// once. Where the mean over faces is above lookAlike, one face is. The bounds of all pairs of a
// face are a matrix product, of sketches with their detail as one more number: few pairs are
// left to be looked at.
func alikes(portraits []portrait) [][2]int {
	const width = blocks + 1
	drawn := map[int][]int{} // portraits of each face
	faces := 0
	for i, p := range portraits {
		for _, f := range p.faces {
			drawn[f] = append(drawn[f], i)
			faces = max(faces, f+1)
		}
	}
	var pairs [][2]int
	for f := range faces {
		have := drawn[f]
		sketches := make([]float32, len(have)*width)
		for k, i := range have {
			p := &portraits[i]
			s := &p.sketches[slices.Index(p.faces, f)]
			copy(sketches[k*width:], s.means[:])
			sketches[k*width+blocks] = s.detail
		}
		pairs = append(pairs, above(sketches, width, lookAlike-rounding, func(i, k int) ([2]int, bool) {
			pair := [2]int{have[i], have[k]}
			return pair, portraits[pair[0]].alike(&portraits[pair[1]])
		})...)
	}
	return pairs
}

// above calls look with the pairs of rows, the larger first, whose product is above a bound,
// of several goroutines, and returns what it returns with true.
func above(x []float32, width int, bound float32, look func(i, k int) ([2]int, bool)) [][2]int {
	const block, tile = 64, 512
	n := len(x) / width
	found := make([][][2]int, (n+block-1)/block)
	kernel.Parallel(len(found), func(b int) {
		first, rows := b*block, min(block, n-b*block)
		products, places := make([]float32, block*tile), make([]int32, tile+kernel.FindSlack)
		for j := 0; j < first+rows; j += tile {
			columns := min(tile, first+rows-j)
			kernel.GemmSerial(rows, columns, width, 1, kernel.Mat{Data: x[first*width:], Stride: width},
				kernel.Mat{Data: x[j*width:], Stride: width, Trans: true}, 0, kernel.Mat{Data: products, Stride: tile})
			for i := range rows {
				for _, at := range places[:kernel.FindAbove(places, products[i*tile:][:columns], bound)] {
					if other := j + int(at); other < first+i {
						if pair, is := look(first+i, other); is {
							found[b] = append(found[b], pair)
						}
					}
				}
			}
		}
	})
	return slices.Concat(found...)
}

// mergeLookAlikes returns for each portrait the lowest index of its class: portraits
// that are alike share one, and so do the ends of a chain of alikes.
func mergeLookAlikes(portraits []portrait) []int {
	matches := make([][]int, len(portraits))
	for _, pair := range alikes(portraits) {
		matches[pair[0]] = append(matches[pair[0]], pair[1])
	}
	class := make([]int, len(portraits))
	for i := range class {
		class[i] = i
	}
	root := func(i int) int {
		for class[i] != i {
			i = class[i]
		}
		return i
	}
	for i, others := range matches {
		for _, k := range others {
			a, b := root(i), root(k)
			class[max(a, b)] = min(a, b)
		}
	}
	for i := range class {
		class[i] = root(i)
	}
	return class
}
