package trainer

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"crossbatch/trainer/setting"
)

// key is a key of a configuration with its value as JSON.
type key struct {
	Name  string          `json:"key"`
	Value json.RawMessage `json:"value"`
}

// keys are those of c that are not zero, in their order, so that a key that came
// later is no difference where it is not used.
func (c Config) keys() (list []key) {
	for _, s := range c.Settings() {
		if s.IsZero() {
			continue
		}
		value, err := json.Marshal(s.Get())
		_, hasJSON := s.Get().(json.Marshaler)
		if _, hasText := s.Get().(fmt.Stringer); hasText && !hasJSON || err != nil { // an error: infinite, which Validate refuses
			value, _ = json.Marshal(fmt.Sprint(s.Get()))
		}
		list = append(list, key{s.Key, value})
	}
	return list
}

// Differences says in one line how c differs from what it was, in settings that a
// training cannot go on with; "" where it differs in none.
func (c Config) Differences(was Config) string { return differences(c.keys(), was.keys()) }

func differences(now, was []key) string {
	value := func(list []key, name string) string {
		if i := slices.IndexFunc(list, func(k key) bool { return k.Name == name }); i >= 0 {
			return string(list[i].Value)
		}
		return "not set"
	}
	rows := new(Config).Settings()
	var list []string
	for _, k := range slices.Concat(now, was) {
		a, b := value(now, k.Name), value(was, k.Name)
		if row, _ := setting.Find(rows, k.Name); row.Changeable {
			continue
		}
		if text := fmt.Sprintf("%s is %s and was %s", k.Name, a, b); a != b && !slices.Contains(list, text) {
			list = append(list, text)
		}
	}
	return strings.Join(list, ", ")
}
