package glyph

import (
	"fmt"
	"math"
	"testing"

	"crossbatch/trainer/data/augment"
)

// TestJitterStaysInBounds takes jittered maps apart again: rotation · shear · scale is
// their QR decomposition.
func TestJitterStaysInBounds(t *testing.T) {
	middle := augment.Affine{XX: 1, YY: 1, DX: glyphSide / 2, DY: glyphSide / 2}.Apply(augment.Point{})
	// The point that upright puts in the middle of the square.
	centre := augment.Point{Y: -baselineDrop / float32(pixelsPerEm)}
	var least, most [6]float64
	const draws = 4000
	for n := range draws {
		m := jittered(rune(n), fmt.Sprint("face", n%7))
		xx, yx := float64(m.XX)/pixelsPerEm, float64(m.YX)/pixelsPerEm
		xy, yy := float64(m.XY)/pixelsPerEm, float64(m.YY)/pixelsPerEm
		angle, sx := math.Atan2(yx, xx), math.Hypot(xx, yx)
		sy := (xx*yy - xy*yx) / sx
		shear := (xx*xy + yx*yy) / sx / sy
		moved := m.Apply(centre)
		parts := [6]float64{
			angle / jitterAngle, (sx - 1) / jitterScale, (sy - 1) / jitterScale, shear / jitterShear,
			float64(moved.X-middle.X) / jitterShift, float64(moved.Y-middle.Y) / jitterShift,
		}
		for k, v := range parts {
			if math.Abs(v) > 1.0001 {
				t.Fatalf("draw %d: part %d is %.3f of its bound", n, k, v)
			}
			least[k], most[k] = min(least[k], v), max(most[k], v)
		}
	}
	for k := range least {
		if least[k] > -0.99 || most[k] < 0.99 {
			t.Errorf("part %d spans %.3f … %.3f of its bounds over %d draws", k, least[k], most[k], draws)
		}
	}
}

func TestJitterIsOfTheImage(t *testing.T) {
	a := jittered('A', "goregular")
	if a != jittered('A', "goregular") {
		t.Error("another jitter for the same image")
	}
	if a == jittered('B', "goregular") || a == jittered('A', "gobold") {
		t.Error("the same jitter for another image")
	}
}

func TestUprightKeepsTheBaseline(t *testing.T) {
	at := upright().Apply(augment.Point{})
	if at.X != glyphSide/2 || at.Y <= glyphSide/2 || at.Y > glyphSide {
		t.Errorf("the origin falls on %v", at)
	}
}
