package safetensors

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"testing"
)

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("full") }

func TestWrite(t *testing.T) {
	var file bytes.Buffer
	if err := Write(&file, []Tensor{{"b", []int{1, 2}, []float32{1, -2}}, {"a", nil, []float32{3}}}); err != nil {
		t.Fatal(err)
	}
	raw := file.Bytes()
	length := binary.LittleEndian.Uint64(raw)
	var header map[string]entry
	if err := json.Unmarshal(raw[8:8+length], &header); err != nil {
		t.Fatal(err)
	}
	if length%8 != 0 || header["b"].Offsets[0] != 0 || header["b"].Offsets[1] != 8 || header["a"].Offsets[1] != 12 || len(header["a"].Shape) != 0 {
		t.Errorf("header %+v of %d bytes", header, length)
	}
	if want := []byte{0, 0, 0x80, 0x3f, 0, 0, 0, 0xc0, 0, 0, 0x40, 0x40}; !bytes.Equal(raw[8+length:], want) {
		t.Errorf("numbers % x, want % x", raw[8+length:], want)
	}
	if err := Write(full{}, []Tensor{{"a", []int{1}, []float32{1}}}); err == nil || err.Error() != "safetensors: a: full" {
		t.Errorf("%v", err)
	}
}

func TestWriteRefusesOneNameTwice(t *testing.T) {
	var b bytes.Buffer
	err := Write(&b, []Tensor{{Name: "a", Shape: []int{1}, Value: []float32{1}}, {Name: "a", Shape: []int{1}, Value: []float32{2}}})
	if err == nil || b.Len() > 0 {
		t.Errorf("%v, %d bytes written", err, b.Len())
	}
}
