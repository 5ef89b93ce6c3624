package main

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"encoding/json"
	"os"

	"github.com/rogpeppe/go-internal/testscript"
)

// makeWeights writes the weights of a run as others save theirs: weights KIND FROM TO.
// KIND is moco, under module.encoder_q. with a momentum encoder and its queue beside
// them; bf16, in half the bytes; rounded, the same numbers in float32; or torch, in a
// zip as torch.save makes it.
func makeWeights(ts *testscript.TestScript, _ bool, args []string) {
	content := []byte(ts.ReadFile(args[1]))
	if args[0] == "torch" {
		var b bytes.Buffer
		archive := zip.NewWriter(&b)
		w, err := archive.Create("archive/data.pkl")
		ts.Check(err)
		_, err = w.Write(content)
		ts.Check(err)
		ts.Check(archive.Close())
		ts.Check(os.WriteFile(ts.MkAbs(args[2]), b.Bytes(), 0o644))
		return
	}
	length := binary.LittleEndian.Uint64(content)
	type tensor struct {
		Dtype   string `json:"dtype"`
		Shape   []int  `json:"shape"`
		Offsets []int  `json:"data_offsets"`
	}
	var tensors map[string]tensor
	ts.Check(json.Unmarshal(content[8:8+length], &tensors))
	numbers := content[8+length:]
	changed := map[string]tensor{}
	for name, x := range tensors {
		switch args[0] {
		case "moco":
			changed["module.encoder_q."+name], changed["module.encoder_k."+name] = x, x
			changed["module.queue"] = tensor{"F32", []int{1}, []int{0, 4}}
		case "bf16":
			changed[name] = tensor{"BF16", x.Shape, []int{x.Offsets[0] / 2, x.Offsets[1] / 2}}
		default:
			changed[name] = x
		}
	}
	var body []byte
	for i := 0; i < len(numbers); i += 4 {
		bits := binary.LittleEndian.Uint32(numbers[i:])
		switch args[0] {
		case "bf16":
			body = binary.LittleEndian.AppendUint16(body, uint16(bits>>16))
		case "rounded":
			body = binary.LittleEndian.AppendUint32(body, bits>>16<<16)
		default:
			body = binary.LittleEndian.AppendUint32(body, bits)
		}
	}
	header, err := json.Marshal(changed)
	ts.Check(err)
	out := append(binary.LittleEndian.AppendUint64(nil, uint64(len(header))), header...)
	ts.Check(os.WriteFile(ts.MkAbs(args[2]), append(out, body...), 0o644))
}
