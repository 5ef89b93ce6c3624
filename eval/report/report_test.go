package report

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"testing"

	"crossbatch/eval/event"
	"crossbatch/xbm/pair"
)

func study() Study {
	return Study{
		Number: "recall@1", RowName: "memory", Rows: []string{"0", "100%"}, ColName: "batch", Columns: []string{"16", "64"},
		Samples: [][][]float64{{{0.5, 0.6}, {0.75}}, {{0.8, 0.8}, nil}},
	}
}

// With two values, the half width is 12.7062 times half their difference (t with
// one degree of freedom, any table of it).
func TestStudyInEveryForm(t *testing.T) {
	for name, c := range map[string][2]string{
		"text": {study().Text(), "recall@1, in percent: mean over 2 seeds ± half of the 95 % interval (Student's t)\n\n" +
			"memory      batch 16   batch 64\n" +
			"0        55.0 ± 63.5       75.0\n" +
			"100%      80.0 ± 0.0          -\n"},
		"Markdown": {study().Markdown(), "recall@1, in percent: mean over 2 seeds ± half of the 95 % interval (Student's t)\n\n" +
			"| memory | batch 16 | batch 64 |\n|---|---:|---:|\n| 0 | 55.0 ± 63.5 | 75.0 |\n| 100% | 80.0 ± 0.0 | - |\n"},
		"CSV": {study().CSV(), "memory,batch,repetition,recall@1\n0,16,1,0.5\n0,16,2,0.6\n0,64,1,0.75\n100%,16,1,0.8\n100%,16,2,0.8\n"},
	} {
		if c[0] != c[1] {
			t.Errorf("%s:\n%s\nwant\n%s", name, c[0], c[1])
		}
	}
}

func TestSheetMarksRightAndWrong(t *testing.T) {
	dot := image.NewGray(image.Rect(0, 0, 32, 32))
	dot.SetGray(16, 16, color.Gray{255})
	var b bytes.Buffer
	rows := []Retrieval{{Query: dot, Neighbors: []image.Image{dot, dot}, Right: []bool{true, false}}}
	if err := Sheet(&b, "a test", rows); err != nil {
		t.Fatal(err)
	}
	sheet, err := png.Decode(&b)
	if err != nil {
		t.Fatal(err)
	}
	_, _, plain, right, wrong := colors()
	const y = margin + 2*line + 1
	for i, c := range []struct {
		x    int
		want color.RGBA
	}{{margin + 1, plain}, {margin + step + apart + 1, right}, {margin + 2*step + apart + 1, wrong}} {
		if got := color.RGBAModel.Convert(sheet.At(c.x, y)); got != c.want {
			t.Errorf("frame %d is %v, want %v", i, got, c.want)
		}
	}
	if err := Sheet(&b, "", []Retrieval{{Query: dot, Neighbors: []image.Image{dot}}}); err == nil {
		t.Error("a neighbour without a mark is not refused")
	}
}

func TestWeights(t *testing.T) {
	bins := func(at int) []float64 { x := make([]float64, 40); x[at] = 2; return x }
	look := func(step int64, memory bool) event.Inspection {
		l := event.Inspection{Step: step, Batch: &pair.Weights{Positives: bins(30), Negatives: bins(10), Ages: []float64{1}, EffectiveNegatives: 3}}
		if memory {
			l.Memory, l.FromMemory = &pair.Weights{Positives: bins(35), Negatives: bins(25), Ages: []float64{0, 1, 2}, EffectiveNegatives: 40}, 0.4
		}
		return l
	}
	nothing := event.Inspection{Step: 300, Memory: &pair.Weights{Positives: make([]float64, 40), Negatives: make([]float64, 40), Ages: make([]float64, 3)}}
	for name, c := range map[string]struct {
		looks []event.Inspection
		high  int
	}{
		"batch":     {[]event.Inspection{look(0, false), look(100, false)}, 400},
		"memory":    {[]event.Inspection{look(0, false), look(100, true), look(200, true)}, 800},
		"one":       {[]event.Inspection{look(0, true)}, 800},
		"no weight": {[]event.Inspection{look(0, true), nothing}, 800},
	} {
		var b bytes.Buffer
		if err := Weights(&b, "a title", c.looks); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		picture, err := png.Decode(&b)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if size := picture.Bounds().Size(); size.X != 1100 || size.Y != c.high {
			t.Errorf("%s: %v", name, size)
		}
		blue := 0
		for y := range picture.Bounds().Dy() {
			for x := range picture.Bounds().Dx() {
				if r, _, b, _ := picture.At(x, y).RGBA(); b > r+0x4000 {
					blue++
				}
			}
		}
		if blue < 100 && name != "no weight" {
			t.Errorf("%s: no curve of positives is to be seen", name)
		}
	}
	if err := Weights(&bytes.Buffer{}, "", nil); err == nil {
		t.Error("no looks make a picture")
	}
}

func TestGridPlacesPictures(t *testing.T) {
	white := image.NewUniform(color.White)
	picture := image.NewGray(image.Rect(0, 0, 16, 16))
	for i := range picture.Pix {
		picture.Pix[i] = 255
	}
	var b bytes.Buffer
	lines := []Line{{Name: "a name that is far too long for the room that there is", Pictures: []image.Image{picture, picture}}, {Name: "none"}}
	if err := Grid(&b, "title", "subtitle", lines); err != nil {
		t.Fatal(err)
	}
	sheet, err := png.Decode(&b)
	if err != nil {
		t.Fatal(err)
	}
	const step, left, top = cell + 2*frame + gap, margin + nameWidth + gap, margin + 2*line
	for k := range 2 {
		if got := sheet.At(left+k*step+frame+cell/2, top+frame+cell/2); color.GrayModel.Convert(got) != color.GrayModel.Convert(white.At(0, 0)) {
			t.Errorf("picture %d is %v", k, got)
		}
	}
	paper, _, _, _, _ := colors()
	if got := color.RGBAModel.Convert(sheet.At(left+frame+cell/2, top+step+frame+cell/2)); got != paper {
		t.Errorf("where there is no picture is %v", got)
	}
	for x := left - gap; x < left; x++ { // a name that is cut stays in its room
		if got := color.RGBAModel.Convert(sheet.At(x, top+frame+cell/2)); got != paper {
			t.Errorf("%v between name and picture", got)
		}
	}
}
