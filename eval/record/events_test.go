package record

import (
	"bytes"
	"encoding/binary"
	"math"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"google.golang.org/protobuf/encoding/prototext"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/descriptorpb"
	"google.golang.org/protobuf/types/dynamicpb"

	"crossbatch/eval/event"
)

// The first record of an event file as TensorFlow wrote it, and a checksum that
// it made; both stand in TensorBoard's own sources (tensorboard/data/server,
// tf_record.rs and masked_crc.rs). The last is from RFC 3720, section B.4.
func TestRecordsAreTensorFlows(t *testing.T) {
	want := "\x18\x00\x00\x00\x00\x00\x00\x00\xa3\x7f\x4b\x22" +
		"\x09\x00\x00\x80\x38\x99\xd6\xd7\x41\x1a\x0dbrain.Event:2" + "\x12\x4b\x36\xab"
	path := filepath.Join(t.TempDir(), EventsFile)
	seconds := math.Float64frombits(binary.LittleEndian.Uint64([]byte(want[13:21])))
	file, err := OS{}.Append(path, 0)
	if err != nil {
		t.Fatal(err)
	}
	e, err := newEvents(file, 0, func() time.Time { return time.UnixMicro(int64(seconds * 1e6)) })
	if err != nil {
		t.Fatal(err)
	}
	if err := e.close(); err != nil {
		t.Fatal(err)
	}
	if got := content(t, path); got != want {
		t.Errorf("%q, want %q", got, want)
	}
	mask := func(crc uint32) uint32 { return (crc>>15 | crc<<17) + 0xa282ead8 }
	for text, want := range map[string]uint32{
		"\x1a\x11CRC test, one two":           0x5794d08a,
		string(make([]byte, 32)):              mask(0x8a9136aa),
		string(bytes.Repeat([]byte{255}, 32)): mask(0x62a8ab43),
	} {
		if got := maskedCRC([]byte(text)); got != want {
			t.Errorf("%q: %08x, want %08x", text, got, want)
		}
	}
}

// schema is of TensorBoard's messages what is needed here, as its event.proto and
// summary.proto have it.
const schema = `
name: "event.proto" syntax: "proto3"
message_type { name: "Event"
  field { name: "wall_time" number: 1 type: TYPE_DOUBLE label: LABEL_OPTIONAL }
  field { name: "step" number: 2 type: TYPE_INT64 label: LABEL_OPTIONAL }
  field { name: "file_version" number: 3 type: TYPE_STRING label: LABEL_OPTIONAL }
  field { name: "summary" number: 5 type: TYPE_MESSAGE type_name: ".Summary" label: LABEL_OPTIONAL }
}
message_type { name: "Summary"
  field { name: "value" number: 1 type: TYPE_MESSAGE type_name: ".Value" label: LABEL_REPEATED }
}
message_type { name: "Value"
  field { name: "tag" number: 1 type: TYPE_STRING label: LABEL_OPTIONAL }
  field { name: "simple_value" number: 2 type: TYPE_FLOAT label: LABEL_OPTIONAL }
  field { name: "histo" number: 5 type: TYPE_MESSAGE type_name: ".Histogram" label: LABEL_OPTIONAL }
}
message_type { name: "Histogram"
  field { name: "min" number: 1 type: TYPE_DOUBLE label: LABEL_OPTIONAL }
  field { name: "max" number: 2 type: TYPE_DOUBLE label: LABEL_OPTIONAL }
  field { name: "num" number: 3 type: TYPE_DOUBLE label: LABEL_OPTIONAL }
  field { name: "sum" number: 4 type: TYPE_DOUBLE label: LABEL_OPTIONAL }
  field { name: "sum_squares" number: 5 type: TYPE_DOUBLE label: LABEL_OPTIONAL }
  field { name: "bucket_limit" number: 6 type: TYPE_DOUBLE label: LABEL_REPEATED }
  field { name: "bucket" number: 7 type: TYPE_DOUBLE label: LABEL_REPEATED }
}`

// readEvents reads an event file with the library's reader of messages, which
// knows the schema and nothing of how we write. Every checksum is checked.
func readEvents(t *testing.T, path string) (all []*dynamicpb.Message) {
	t.Helper()
	var file descriptorpb.FileDescriptorProto
	if err := prototext.Unmarshal([]byte(schema), &file); err != nil {
		t.Fatal(err)
	}
	descriptor, err := protodesc.NewFile(&file, nil)
	if err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for len(b) > 0 {
		n := binary.LittleEndian.Uint64(b)
		head, crc, event := b[:8], binary.LittleEndian.Uint32(b[8:]), b[12:12+n]
		if crc != maskedCRC(head) || binary.LittleEndian.Uint32(b[12+n:]) != maskedCRC(event) {
			t.Fatalf("a checksum is wrong, of the event %q", event)
		}
		m := dynamicpb.NewMessage(descriptor.Messages().ByName("Event"))
		if err := (proto.UnmarshalOptions{}).Unmarshal(event, m); err != nil {
			t.Fatal(err)
		}
		if len(m.GetUnknown()) > 0 {
			t.Errorf("%v: fields that no schema knows", m)
		}
		all, b = append(all, m), b[12+n+4:]
	}
	return all
}

func get(m protoreflect.Message, field string) protoreflect.Value {
	return m.Get(m.Descriptor().Fields().ByName(protoreflect.Name(field)))
}

func doubles(l protoreflect.List) (all []float64) {
	for i := range l.Len() {
		all = append(all, l.Get(i).Float())
	}
	return all
}

const someMetrics = `{"step":0,"lr":0.5,"batch":{"loss":0.25,"gradient":2,"positives":8,"active_positives":4,"negatives":0,"active_negatives":0},"memory_rows":16}
{"step":7,"batch_weights":{"positives":[0,1],"negatives":[2,1],"ages":[4],"old_share":0,"effective_negatives":3},"from_memory":0.125}
{"step":8,"validation":{"recall":{"1":0.5,"2":0.75},"r_precision":0.25,"map_at_r":0.125,"queries":4,"skipped":0},"best":true}
{"step":9,"drift":[{"delta":10,"value":0.5}],"memory_error":[{"age":5.5,"error":0.25,"rows":4}],"gradient_error":2,"gradient_cosine":-1}
`

func TestEventsSayWhatTheMetricsSay(t *testing.T) {
	r := create(t, t.TempDir(), false)
	for line := range bytes.Lines([]byte(someMetrics)) {
		e, err := event.Parse(line)
		if err == nil {
			err = r.Metric(e)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	scalars, steps := map[string]float64{}, map[string]int64{}
	var histograms []string
	all := readEvents(t, filepath.Join(r.Dir(), EventsFile))
	if version := get(all[0], "file_version").String(); version != "brain.Event:2" {
		t.Errorf("the file begins with the version %q", version)
	}
	now := float64(time.Now().Unix())
	for _, e := range all {
		if at := get(e, "wall_time").Float(); math.Abs(at-now) > 600 {
			t.Errorf("an event is of the time %v, and it is %v", at, now)
		}
		values := get(get(e, "summary").Message(), "value").List()
		for i := range values.Len() {
			v := values.Get(i).Message()
			tag := get(v, "tag").String()
			steps[tag] = get(e, "step").Int()
			if h := v.Descriptor().Fields().ByName("histo"); v.Has(h) {
				histograms = append(histograms, tag)
				checkHistogram(t, tag, v.Get(h).Message())
				continue
			}
			scalars[tag] = get(v, "simple_value").Float()
		}
	}
	want := map[string]float64{
		"training/lr": 0.5, "memory/rows": 16, "batch/loss": 0.25, "batch/gradient_norm": 2, "batch/active_positives": 0.5,
		"weights/batch/effective_negatives": 3, "weights/gradient_from_memory": 0.125,
		"validation/recall@1": 0.5, "validation/recall@2": 0.75, "validation/R-precision": 0.25, "validation/MAP@R": 0.125,
		"drift/over_10_steps": 0.5, "drift/error_from_age_4": 0.25, "drift/gradient_error": 2, "drift/gradient_cosine": -1,
	}
	for tag, x := range want {
		if got, ok := scalars[tag]; !ok || got != x {
			t.Errorf("%s is %v (%v), want %v", tag, got, ok, x)
		}
	}
	if len(scalars) != len(want) {
		t.Errorf("%v: more than the metrics have", scalars)
	}
	if steps["batch/loss"] != 0 || steps["validation/MAP@R"] != 8 || steps["drift/gradient_error"] != 9 {
		t.Errorf("steps %v", steps)
	}
	if want := []string{"weights/batch/positives_by_similarity", "weights/batch/negatives_by_similarity", "weights/batch/by_age_bin"}; !slices.Equal(histograms, want) {
		t.Errorf("histograms %v, want %v", histograms, want)
	}
}

// checkHistogram compares with sums by hand: bins [2 1] of [-1, 0] and [0, 1].
func checkHistogram(t *testing.T, tag string, h protoreflect.Message) {
	if tag != "weights/batch/negatives_by_similarity" {
		return
	}
	for field, want := range map[string]float64{"min": -1, "max": 1, "num": 3, "sum": -0.5, "sum_squares": 0.75} {
		if got := get(h, field).Float(); got != want {
			t.Errorf("%s: %s is %v, want %v", tag, field, got, want)
		}
	}
	limits, buckets := doubles(get(h, "bucket_limit").List()), doubles(get(h, "bucket").List())
	if !slices.Equal(limits, []float64{0, 1}) || !slices.Equal(buckets, []float64{2, 1}) {
		t.Errorf("%s: limits %v, buckets %v", tag, limits, buckets)
	}
}
