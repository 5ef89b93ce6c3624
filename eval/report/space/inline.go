package space

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"html/template"
	"image"
	"image/color"
	"image/jpeg"
	"math"

	"golang.org/x/image/draw"
)

// tileSide is that of a picture on a page that needs no other file, in pixels.
const tileSide = 48

// Inline is a part of a page that draws the map of rows with their pictures, one for
// each, and needs no other file: the page must have Style and its variables.
func (m Map) Inline(pictures []image.Image) (template.HTML, error) {
	if len(pictures) != len(m.Rows) {
		return "", fmt.Errorf("space: %d pictures of %d rows", len(pictures), len(m.Rows))
	}
	columns := max(1, int(math.Ceil(math.Sqrt(float64(len(pictures))))))
	sprite, err := sprite(pictures, columns)
	if err != nil {
		return "", err
	}
	content, err := json.Marshal(m) // which escapes what would end a script
	if err != nil {
		return "", fmt.Errorf("space: %w", err)
	}
	return template.HTML(fmt.Sprintf(`<div id="space"></div>
<script>
%s
drawSpace(document.getElementById("space"), %s, {picture: i => ({url: "data:image/jpeg;base64,%s", x: i %% %d * %d, y: Math.floor(i / %d) * %d, size: %d})});
</script>
`, Script, content, base64.StdEncoding.EncodeToString(sprite), columns, tileSide, columns, tileSide, tileSide)), nil
}

// sprite is all pictures in one, as JPEG.
func sprite(pictures []image.Image, columns int) ([]byte, error) {
	rows := (len(pictures) + columns - 1) / columns
	all := image.NewRGBA(image.Rect(0, 0, columns*tileSide, max(1, rows)*tileSide))
	draw.Draw(all, all.Rect, image.NewUniform(color.Gray{128}), image.Point{}, draw.Src)
	for i, p := range pictures {
		b := p.Bounds()
		long := max(b.Dx(), b.Dy())
		wide, high := max(1, b.Dx()*tileSide/long), max(1, b.Dy()*tileSide/long)
		left, top := i%columns*tileSide+(tileSide-wide)/2, i/columns*tileSide+(tileSide-high)/2
		draw.CatmullRom.Scale(all, image.Rect(left, top, left+wide, top+high), p, b, draw.Over, nil)
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, all, &jpeg.Options{Quality: 80}); err != nil {
		return nil, fmt.Errorf("space: %w", err)
	}
	return b.Bytes(), nil
}
