package trainer

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
)

// key is a key of a configuration with its value as JSON.
type key struct {
	Name  string          `json:"key"`
	Value json.RawMessage `json:"value"`
}

// keys are those of c that are not zero, in their order, so that a key that came
// later is no difference where it is not used.
func (c Config) keys() (list []key) {
	v := reflect.ValueOf(c)
	for i := range v.NumField() {
		if v.Field(i).IsZero() {
			continue
		}
		name, _, _ := strings.Cut(v.Type().Field(i).Tag.Get("yaml"), ",")
		field := v.Field(i).Interface()
		value, err := json.Marshal(field)
		if _, hasText := field.(fmt.Stringer); hasText || err != nil { // an error: infinite, which Validate refuses
			value, _ = json.Marshal(fmt.Sprint(field))
		}
		list = append(list, key{name, value})
	}
	return list
}

// mayDiffer is the one key that a training can be gone on with otherwise: it is of
// no effect up to where the training would end without it.
const mayDiffer = "skip-bad-batches"

// Differences says in one line how c differs from what it was, SkipBadBatches
// apart, so that a training cannot go on with it; "" where it can.
func (c Config) Differences(was Config) string { return differences(c.keys(), was.keys()) }

func differences(now, was []key) string {
	value := func(list []key, name string) string {
		if i := slices.IndexFunc(list, func(k key) bool { return k.Name == name }); i >= 0 {
			return string(list[i].Value)
		}
		return "not set"
	}
	var list []string
	for _, k := range slices.Concat(now, was) {
		a, b := value(now, k.Name), value(was, k.Name)
		if k.Name == mayDiffer {
			continue
		}
		if text := fmt.Sprintf("%s is %s and was %s", k.Name, a, b); a != b && !slices.Contains(list, text) {
			list = append(list, text)
		}
	}
	return strings.Join(list, ", ")
}
