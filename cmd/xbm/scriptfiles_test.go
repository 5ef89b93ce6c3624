package main

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"

	"github.com/rogpeppe/go-internal/testscript"
)

// scriptCommands make and compare files that a script cannot hold.
func scriptCommands() map[string]func(*testscript.TestScript, bool, []string) {
	return map[string]func(*testscript.TestScript, bool, []string){
		"npy": makeNPY, "photos": makePhotos, "sametail": sameTail, "weights": makeWeights,
	}
}

// makeNPY writes numbers as NumPy does: npy FILE f4|i4 SHAPE NUMBERS…, where SHAPE is
// 3 or 3,2.
func makeNPY(ts *testscript.TestScript, _ bool, args []string) {
	var b bytes.Buffer
	header := fmt.Sprintf("{'descr': '<%s', 'fortran_order': False, 'shape': (%s,), }\n", args[1], args[2])
	b.WriteString("\x93NUMPY\x01\x00")
	ts.Check(binary.Write(&b, binary.LittleEndian, uint16(len(header))))
	b.WriteString(header)
	for _, word := range args[3:] {
		x, err := strconv.ParseFloat(word, 32)
		ts.Check(err)
		if args[1] == "f4" {
			ts.Check(binary.Write(&b, binary.LittleEndian, float32(x)))
		} else {
			ts.Check(binary.Write(&b, binary.LittleEndian, int32(x)))
		}
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), b.Bytes(), 0o644))
}

// makePhotos writes photographs: photos FOLDER CLASSES EACH. Those of a class have
// a colour in common.
func makePhotos(ts *testscript.TestScript, _ bool, args []string) {
	classes, err := strconv.Atoi(args[1])
	ts.Check(err)
	each, err := strconv.Atoi(args[2])
	ts.Check(err)
	rng := rand.New(rand.NewPCG(1, 1))
	for c := range classes {
		dir := filepath.Join(ts.MkAbs(args[0]), fmt.Sprintf("class%02d", c))
		ts.Check(os.MkdirAll(dir, 0o755))
		own := color.RGBA{uint8(rng.IntN(256)), uint8(rng.IntN(256)), uint8(rng.IntN(256)), 255}
		for i := range each {
			picture := image.NewRGBA(image.Rect(0, 0, 20, 16))
			for p := range picture.Pix {
				picture.Pix[p] = uint8(rng.IntN(40))
			}
			for y := range 10 {
				for x := range 10 {
					picture.SetRGBA(x+i%8, y+i%5, own)
				}
			}
			var b bytes.Buffer
			ts.Check(png.Encode(&b, picture))
			ts.Check(os.WriteFile(filepath.Join(dir, fmt.Sprintf("%d.png", i)), b.Bytes(), 0o644))
		}
	}
}

// sameTail compares two files from a text on: sametail TEXT FILE FILE.
func sameTail(ts *testscript.TestScript, neg bool, args []string) {
	var tails [2]string
	for i, name := range args[1:] {
		_, tail, ok := bytes.Cut([]byte(ts.ReadFile(name)), []byte(args[0]))
		if !ok {
			ts.Fatalf("%s has no %s", name, args[0])
		}
		tails[i] = string(tail)
	}
	if (tails[0] == tails[1]) == neg {
		ts.Fatalf("from %s on:\n%s\nand\n%s", args[0], tails[0], tails[1])
	}
}
