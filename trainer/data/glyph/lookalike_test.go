package glyph

import (
	"math"
	"slices"
	"testing"
)

// meanCosine is the rule as written: no sketches, no early end.
func meanCosine(p, q *portrait) float64 {
	sum, shared := 0.0, 0
	for i, face := range p.faces {
		k := slices.Index(q.faces, face)
		if k < 0 {
			continue
		}
		var dot, pp, qq float64
		for n, v := range p.pixels[i] {
			w := q.pixels[k][n]
			dot += float64(v) * float64(w)
			pp += float64(v) * float64(v)
			qq += float64(w) * float64(w)
		}
		sum += dot / math.Sqrt(pp*qq)
		shared++
	}
	return sum / float64(max(1, shared))
}

func TestAlikeEqualsTheRule(t *testing.T) {
	faces, err := parseFaces(allFaces())
	if err != nil {
		t.Fatal(err)
	}
	var portraits []portrait
	for _, r := range "AΑАBΒВOΟО0oοоQqԛIlІӀ1|aаᴀ ӑăǎĕěЁËἀἁἂἃ\u3042" {
		p, err := portraitOf(faces, r)
		if err != nil {
			t.Fatal(err)
		}
		portraits = append(portraits, p)
	}
	alikes := 0
	for i := range portraits {
		for k := range portraits {
			p, q := &portraits[i], &portraits[k]
			want := meanCosine(p, q)
			got := p.alike(q)
			// Where float32 may round either way, either answer is right.
			if math.Abs(want-lookAlike) > 1e-5 && got != (want > lookAlike) {
				t.Errorf("portraits %d, %d: alike %v, mean cosine %v", i, k, got, want)
			}
			if got {
				alikes++
			}
		}
	}
	if alikes <= len(portraits) {
		t.Errorf("only %d alikes: the test shows nothing", alikes)
	}
}

func TestSketchBoundsTheCosine(t *testing.T) {
	set := load(t, "glyphs-small-plain")
	image := func(i int) []uint8 { return set.Pixels[i*glyphArea:][:glyphArea] }
	for i := 0; i+11 < set.Len(); i += 11 {
		a, b := sketchOf(image(i)), sketchOf(image(i+11))
		exact := cosine(image(i), image(i+11), a.norm, b.norm)
		if bound := a.bound(&b); bound < exact-1e-5 {
			t.Errorf("images %d, %d: bound %v below cosine %v", i, i+11, bound, exact)
		}
		if self := a.bound(&a); self < 1-1e-5 {
			t.Errorf("image %d: bound with itself %v", i, self)
		}
	}
}

func TestAlikesChain(t *testing.T) {
	// A square, moved by a little each time: neighbours are alike, the ends are not.
	portraits := make([]portrait, 4)
	for n := range portraits {
		pixels := make([]uint8, glyphArea)
		for y := range 24 {
			for x := range 24 {
				pixels[y*glyphSide+x] = 255
			}
			pixels[y*glyphSide] = uint8(255 - 85*n)
			pixels[y*glyphSide+24] = uint8(85 * n)
		}
		portraits[n] = portrait{[]int{0}, [][]uint8{pixels}, []sketch{sketchOf(pixels)}}
	}
	if portraits[0].alike(&portraits[3]) {
		t.Fatal("the ends are alike: the test shows nothing")
	}
	if got := mergeLookAlikes(portraits); !slices.Equal(got, []int{0, 0, 0, 0}) {
		t.Errorf("classes %v", got)
	}
	apart := portrait{faces: []int{1}, pixels: portraits[0].pixels, sketches: portraits[0].sketches}
	if portraits[0].alike(&apart) {
		t.Error("alike without a common face")
	}
}
