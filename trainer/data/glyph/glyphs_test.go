package glyph

import (
	"fmt"
	"hash/fnv"
	"math"
	"runtime"
	"slices"
	"strings"
	"testing"

	"crossbatch/trainer/data"
	"crossbatch/trainer/data/datatest"
)

// glyphCounts are what the rules give with the font modules of go.mod. The README of the
// project's data, from a program written apart, has 403 classes / 4,028 images for Go's
// faces and 1,696 / 20,270 for all: near the threshold, how many classes merge hangs on
// the scale and place of a glyph in its square (1,704 … 1,777 for 16 … 24 pixels per em).
var glyphCounts = []struct {
	spec            string
	classes, images int
	checksum        uint64 // FNV-1a of the pixels, on amd64
}{
	{"glyphs-small", 403, 4030, 0xb8f32acabe1fcf1e},
	{"glyphs-small-plain", 403, 4030, 0x6dd1c091f0365727},
	{"glyphs", 1746, 20833, 0x88298b3ec9690acb},
	{"glyphs-plain", 1746, 20833, 0xca03bff7e8877344},
}

func load(t testing.TB, spec string) *data.Set {
	t.Helper()
	set, err := Load(spec)
	if err != nil {
		t.Fatal(err)
	}
	return set
}

func checksum(set *data.Set) uint64 {
	hash := fnv.New64a()
	hash.Write(set.Pixels)
	return hash.Sum64()
}

func TestGlyphCounts(t *testing.T) {
	for _, want := range glyphCounts {
		t.Run(want.spec, func(t *testing.T) {
			set := load(t, want.spec)
			if set.Classes() != want.classes || set.Len() != want.images {
				t.Errorf("%d classes, %d images, want %d, %d", set.Classes(), set.Len(), want.classes, want.images)
			}
			// Elsewhere fused multiply-adds may move an edge by a grey level.
			if got := checksum(set); runtime.GOARCH == "amd64" && got != want.checksum {
				t.Errorf("checksum %#x, want %#x: runs on this set can't be compared with older ones", got, want.checksum)
			}
			datatest.Verify(t, set)
			for class, count := range datatest.ClassSizes(set) {
				if count > 12 {
					t.Errorf("class %s has %d images", set.ClassNames[class], count)
				}
			}
		})
	}
}

// The constants that pixels are normalised by are those of this set.
func TestGlyphsAreStandardised(t *testing.T) {
	set := load(t, "glyphs-small")
	index := make([]int, set.Len())
	for i := range index {
		index[i] = i
	}
	values := make([]float32, len(set.Pixels))
	set.Batch(values, index)
	var sum, squares float64
	for _, v := range values {
		sum += float64(v)
		squares += float64(v) * float64(v)
	}
	mean := sum / float64(len(values))
	deviation := math.Sqrt(squares/float64(len(values)) - mean*mean)
	// The constants are rounded and belong to the larger set.
	if math.Abs(mean) > 0.1 || math.Abs(deviation-1) > 0.15 {
		t.Errorf("mean %.3f, deviation %.3f", mean, deviation)
	}
}

func TestGlyphsDoNotDependOnProcessors(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	one := load(t, "glyphs-small")
	runtime.GOMAXPROCS(7)
	seven := load(t, "glyphs-small")
	if !slices.Equal(one.Pixels, seven.Pixels) || !slices.Equal(one.Labels, seven.Labels) {
		t.Error("another number of processors gives another set")
	}
}

func TestPlainAndJitteredAgree(t *testing.T) {
	jittered, plain := load(t, "glyphs-small"), load(t, "glyphs-small-plain")
	if !slices.Equal(jittered.Labels, plain.Labels) || !slices.Equal(jittered.ClassNames, plain.ClassNames) {
		t.Fatal("jitter changes the classes")
	}
	same := 0
	for i := range plain.Len() {
		if slices.Equal(plain.Pixels[i*glyphArea:][:glyphArea], jittered.Pixels[i*glyphArea:][:glyphArea]) {
			same++
		}
	}
	if same > 0 {
		t.Errorf("%d of %d images are not jittered", same, plain.Len())
	}
}

func TestDealKeepsTheRules(t *testing.T) {
	rules := allGlyphs()
	faces, err := parseFaces(rules.faces)
	if err != nil {
		t.Fatal(err)
	}
	// Latin, Greek and Cyrillic that look alike; a letter in few faces; none at all.
	for _, members := range [][]rune{{'A', 'Α', 'А'}, {'o'}, {'ӹ'}, {'ℑ'}, {'\u3042'}} {
		class := glyphClass{members: members}
		instances, plain, err := class.deal(faces, rules)
		if err != nil {
			t.Fatal(err)
		}
		perFamily := make(map[string]int)
		for _, one := range instances {
			perFamily[one.face.family]++
			if n := perFamily[one.face.family]; n > rules.perFamily {
				t.Errorf("%c: %d faces of %s", members[0], n, one.face.family)
			}
		}
		if len(instances) > 0 && len(perFamily) < rules.minFamilies {
			t.Errorf("%c: only families %v", members[0], perFamily)
		}
		seen := make(map[string]bool)
		for image := range slices.Chunk(plain, glyphArea) {
			if seen[string(image)] {
				t.Errorf("%c: the same image twice", members[0])
			}
			seen[string(image)] = true
		}
		if len(seen) != len(instances) {
			t.Errorf("%c: %d images for %d instances", members[0], len(seen), len(instances))
		}
	}
}

func TestMergedClassesAreNamed(t *testing.T) {
	names := load(t, "glyphs-small-plain").ClassNames
	if !slices.Contains(names, "U+0041 AΑА") {
		t.Error("Latin, Greek and Cyrillic A are not one class")
	}
	for _, apart := range "oO0lIS5" {
		prefix := fmt.Sprintf("%U ", apart)
		if !slices.ContainsFunc(names, func(name string) bool { return strings.HasPrefix(name, prefix) }) {
			t.Errorf("%c is no class of its own", apart)
		}
	}
}

// BenchmarkGlyphs times a whole load: parsing, merging, drawing.
func BenchmarkGlyphs(b *testing.B) {
	for _, spec := range []string{"glyphs-small", "glyphs"} {
		b.Run("set="+spec, func(b *testing.B) {
			images := 0
			for b.Loop() {
				images += load(b, spec).Len()
			}
			b.ReportMetric(float64(images)/b.Elapsed().Seconds(), "images/s")
		})
	}
}
