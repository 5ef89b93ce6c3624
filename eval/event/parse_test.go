package event

import (
	"encoding/json"
	"errors"
	"reflect"
	"testing"
)

// fill sets every number, text and list of a value to something.
func fill(v reflect.Value, n *int) {
	*n++
	switch v.Kind() {
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem(), n)
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() && v.Type().Field(i).Tag.Get("json") != "-" {
				fill(v.Field(i), n)
			}
		}
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		for i := range 2 {
			fill(v.Index(i), n)
		}
	case reflect.Float64:
		v.SetFloat(float64(*n) + 0.5)
	case reflect.Int, reflect.Int64:
		v.SetInt(int64(*n))
	case reflect.String:
		v.SetString("word")
	case reflect.Bool:
		v.SetBool(true)
	}
}

// Whatever an event holds comes back from its line, as the same kind. A tag that is
// renamed, or two kinds that look alike, would show here.
func TestEveryEventComesBackWhole(t *testing.T) {
	for _, kind := range []Event{Step{}, Validation{}, Inspection{}, Drift{}, MemoryStart{}, Collapse{}} {
		v := reflect.New(reflect.TypeOf(kind)).Elem()
		n := 0
		fill(v, &n)
		for _, want := range []Event{v.Interface().(Event), kind} {
			line, err := json.Marshal(want)
			if err != nil {
				t.Fatal(err)
			}
			got, err := Parse(line)
			if _, isDrift := want.(Drift); isDrift && errors.Is(err, ErrUnknown) && reflect.DeepEqual(want, kind) {
				continue // there is nothing in it, and it is never emitted
			}
			if err != nil || !reflect.DeepEqual(got, want) {
				t.Errorf("%s came back as %T %+v (%v)", line, got, got, err)
			}
		}
	}
}

// Lines as the versions before wrote them.
func TestOldLinesAreRead(t *testing.T) {
	for line, want := range map[string]Event{
		`{"step":0,"lr":0.003,"batch":{"loss":1.5,"gradient":0.2,"positives":3,"active_positives":2,"negatives":9,"active_negatives":4},"memory_rows":7}`: Step{
			LR: 0.003, Batch: &Term{1.5, 0.2, 3, 2, 9, 4, 0}, Rows: 7},
		`{"step":5,"collapsed":0.25}`: Collapse{5, 0.25},
		`{"step":20,"drift":[{"delta":10,"value":0.125}],"memory_error":[{"age":1,"error":0.5,"rows":3}],"later":true}`: func() Event {
			d := Drift{Step: 20, Drift: []DriftOver{{10, 0.125}}}
			_ = json.Unmarshal([]byte(`[{"age":1,"error":0.5,"rows":3}]`), &d.MemoryError)
			return d
		}(),
	} {
		if got, err := Parse([]byte(line)); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s is %+v (%v), want %+v", line, got, err, want)
		}
	}
	for _, line := range []string{`{"step":1}`, `{}`, `[]`, `{"step":"one","lr":1}`, `{"lr":`} {
		if got, err := Parse([]byte(line)); err == nil {
			t.Errorf("%s is %+v", line, got)
		}
	}
}
