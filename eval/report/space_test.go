package report

import (
	"fmt"
	"image"
	"image/color"
	"math/rand/v2"
	"strings"
	"testing"
)

// fakeSpace is a map of 40 plain pictures of four classes.
func fakeSpace(t *testing.T) *Space {
	t.Helper()
	const n, dim = 40, 8
	rng, s, kinds := rand.New(rand.NewPCG(3, 1)), &Space{Of: "fakes"}, map[string]int32{}
	rows := make([]float32, n*dim)
	for i := range n {
		picture := image.NewGray(image.Rect(0, 0, 10+i%5, 10))
		for k := range picture.Pix {
			picture.Pix[k] = uint8(60 * (i % 4))
		}
		picture.Set(2, 2, color.White)
		s.Pictures = append(s.Pictures, picture)
		s.Map.Add(i, fmt.Sprintf("</script>%d.png", i), fmt.Sprint("class ", i%4), kinds)
		for c := range dim {
			rows[i*dim+c] = float32(rng.NormFloat64())/4 + map[bool]float32{true: 2}[c == i%4]
		}
	}
	if err := s.Map.LayOut(rows, dim, 1); err != nil {
		t.Fatal(err)
	}
	return s
}

func TestTheSpaceIsPartOfThePage(t *testing.T) {
	root := t.TempDir()
	fakeStudy(t, root)
	p := newPage(t, root)
	if strings.Contains(html(t, p), "drawSpace") {
		t.Error("a map that nobody asked for")
	}
	p.Space = fakeSpace(t)
	text := html(t, p)
	if !strings.Contains(text, `<section id="space-of"`) || !strings.Contains(text, "drawSpace(document") || strings.Contains(text, "</script>0.png") {
		t.Error("the page lacks the map, or a name ends its program")
	}
	p.Space.Pictures = p.Space.Pictures[1:]
	if err := p.HTML(new(strings.Builder)); err == nil {
		t.Error("a row without picture")
	}
}
