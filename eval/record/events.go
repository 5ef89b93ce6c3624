package record

import (
	"bufio"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"math"
	"time"

	"google.golang.org/protobuf/encoding/protowire"
)

// EventsFile is named so that TensorBoard takes it for its own: tensorboard
// --logdir with the run's folder, or any above it.
const EventsFile = "events.out.tfevents.run"

// events writes TensorBoard's event files: records, each a length, a message
// Event and checksums of both.
//
//	https://github.com/tensorflow/tensorboard/blob/master/tensorboard/compat/proto/event.proto
//	https://github.com/tensorflow/tensorboard/blob/master/tensorboard/compat/proto/summary.proto
//	https://www.tensorflow.org/tutorials/load_data/tfrecord (the records)
//
// wall_time, which the format wants, is the time of day: the only thing in which
// the events of two runs of one configuration differ.
type events struct {
	file File
	out  *bufio.Writer
	size int64
	now  func() time.Time
}

// The numbers of the fields that are written.
const (
	eventWallTime    = 1 // double
	eventStep        = 2 // int64
	eventFileVersion = 3 // string
	eventSummary     = 5 // Summary

	summaryValue = 1 // Value, repeated

	valueTag         = 1 // string
	valueSimpleValue = 2 // float
	valueHisto       = 5 // HistogramProto

	histoMin         = 1 // double
	histoMax         = 2
	histoNum         = 3
	histoSum         = 4
	histoSumSquares  = 5
	histoBucketLimit = 6 // double, repeated, packed: each bucket's upper end
	histoBucket      = 7 // double, repeated, packed
)

// newEvents writes to a file that has size bytes of events already.
func newEvents(file File, size int64, now func() time.Time) (*events, error) {
	e := &events{file: file, out: bufio.NewWriter(file), size: size, now: now}
	if size > 0 {
		return e, nil
	}
	return e, e.write(protowire.AppendString(protowire.AppendTag(e.begin(0), eventFileVersion, protowire.BytesType), "brain.Event:2"))
}

// begin is an event's beginning: its times.
func (e *events) begin(step int64) []byte {
	b := appendDouble(nil, eventWallTime, float64(e.now().UnixMicro())/1e6)
	if step != 0 {
		b = protowire.AppendVarint(protowire.AppendTag(b, eventStep, protowire.VarintType), uint64(step))
	}
	return b
}

// summary writes one event with values made by scalar and histogram.
func (e *events) summary(step int64, values []byte) error {
	if len(values) == 0 {
		return nil
	}
	return e.write(appendMessage(e.begin(step), eventSummary, values))
}

// write writes one record.
func (e *events) write(event []byte) error {
	var head [12]byte
	binary.LittleEndian.PutUint64(head[:], uint64(len(event)))
	binary.LittleEndian.PutUint32(head[8:], maskedCRC(head[:8]))
	var tail [4]byte
	binary.LittleEndian.PutUint32(tail[:], maskedCRC(event))
	for _, part := range [][]byte{head[:], event, tail[:]} {
		if _, err := e.out.Write(part); err != nil {
			return err
		}
		e.size += int64(len(part))
	}
	return e.out.Flush() // so that TensorBoard can look on
}

func (e *events) sync() error { return errors.Join(e.out.Flush(), e.file.Sync()) }

func (e *events) close() error { return errors.Join(e.sync(), e.file.Close()) }

// maskedCRC is CRC-32C, turned and shifted, as the records have it.
func maskedCRC(b []byte) uint32 {
	crc := crc32.Checksum(b, crc32.MakeTable(crc32.Castagnoli))
	return (crc>>15 | crc<<17) + 0xa282ead8
}

// appendScalar adds a value that is a number to a summary's.
func appendScalar(values []byte, tag string, x float64) []byte {
	v := protowire.AppendString(protowire.AppendTag(nil, valueTag, protowire.BytesType), tag)
	v = protowire.AppendTag(v, valueSimpleValue, protowire.Fixed32Type)
	v = protowire.AppendFixed32(v, math.Float32bits(float32(x)))
	return appendMessage(values, summaryValue, v)
}

// appendHistogram adds a value that is a histogram to a summary's: bins of equal
// width from low to high. What is summed up in a bin counts as lying in its
// middle.
func appendHistogram(values []byte, tag string, low, high float64, bins []float64) []byte {
	width := (high - low) / float64(len(bins))
	var num, sum, squares float64
	var limits, buckets []byte
	for k, n := range bins {
		middle := low + width*(float64(k)+0.5)
		num += n
		sum += n * middle
		squares += n * middle * middle
		limits = protowire.AppendFixed64(limits, math.Float64bits(low+width*float64(k+1)))
		buckets = protowire.AppendFixed64(buckets, math.Float64bits(n))
	}
	h := appendDouble(nil, histoMin, low)
	h = appendDouble(h, histoMax, high)
	h = appendDouble(h, histoNum, num)
	h = appendDouble(h, histoSum, sum)
	h = appendDouble(h, histoSumSquares, squares)
	h = appendMessage(h, histoBucketLimit, limits)
	h = appendMessage(h, histoBucket, buckets)
	v := protowire.AppendString(protowire.AppendTag(nil, valueTag, protowire.BytesType), tag)
	return appendMessage(values, summaryValue, appendMessage(v, valueHisto, h))
}

func appendDouble(b []byte, field protowire.Number, x float64) []byte {
	return protowire.AppendFixed64(protowire.AppendTag(b, field, protowire.Fixed64Type), math.Float64bits(x))
}

func appendMessage(b []byte, field protowire.Number, message []byte) []byte {
	return protowire.AppendBytes(protowire.AppendTag(b, field, protowire.BytesType), message)
}
