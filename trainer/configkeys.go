package trainer

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"crossbatch/trainer/setting"
)

// entry is a setting of a configuration, by its key, with its value as JSON.
type entry struct {
	Name  string          `json:"key"`
	Value json.RawMessage `json:"value"`
}

// entries are the settings of c that are not zero, in their order, so that one that
// came later is no difference where it is not used.
func (c Config) entries() (list []entry) {
	c = c.Explicit()
	for _, s := range c.Settings() {
		if s.IsZero() {
			continue
		}
		value, err := json.Marshal(s.Get())
		_, hasJSON := s.Get().(json.Marshaler)
		if _, hasText := s.Get().(fmt.Stringer); hasText && !hasJSON || err != nil { // an error: infinite, which Validate refuses
			value, _ = json.Marshal(fmt.Sprint(s.Get()))
		}
		list = append(list, entry{s.Key, value})
	}
	return list
}

// Differences names in one line the settings of c that differ from those of was and that a
// training cannot continue with; "" if there are none.
func (c Config) Differences(was Config) string { return differences(c.entries(), was.entries()) }

func differences(now, was []entry) string {
	value := func(list []entry, name string) string {
		if i := slices.IndexFunc(list, func(e entry) bool { return e.Name == name }); i >= 0 {
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
