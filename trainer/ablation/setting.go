package ablation

import (
	"fmt"
	"math"
	"reflect"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"crossbatch/trainer"
)

// Setting is one setting of a configuration: a key of the file, or
// [LossParameter] and the name of a parameter of the loss.
type Setting struct {
	Key   string `yaml:"key" json:"key"`
	Value string `yaml:"value" json:"value"` // as the file has it
}

// LossParameter begins the keys of the loss's parameters: loss.margin.
const LossParameter = "loss."

// Apply sets it in c, as the line "key: value" of a configuration file would. The
// value is not checked beyond its kind, see trainer.Config.Validate.
func (s Setting) Apply(c *trainer.Config) error {
	if parameter, ok := strings.CutPrefix(s.Key, LossParameter); ok {
		separator := ":"
		if strings.Contains(c.Loss, ":") {
			separator = ","
		}
		c.Loss += separator + parameter + "=" + s.Value
		return nil
	}
	kind, known := kindOf(s.Key)
	if !known {
		return fmt.Errorf("ablation: there is no setting %q: give the name of a flag of xbm train that changes the numbers", s.Key)
	}
	if kind >= reflect.Int && kind <= reflect.Uint64 {
		// YAML would cut off what is behind the point.
		if x, err := strconv.ParseFloat(s.Value, 64); err == nil && x != math.Trunc(x) {
			return fmt.Errorf("ablation: %s is %q: give a whole number", s.Key, s.Value)
		}
	}
	// A scalar without a tag is a number, a word or a yes as it looks.
	line, err := yaml.Marshal(&yaml.Node{Kind: yaml.MappingNode, Content: []*yaml.Node{
		{Kind: yaml.ScalarNode, Value: s.Key}, {Kind: yaml.ScalarNode, Value: s.Value},
	}})
	if err == nil {
		err = yaml.Unmarshal(line, c)
	}
	if err != nil {
		reason := err.Error()
		reason = reason[strings.LastIndex(reason, "\n")+1:]
		return fmt.Errorf("ablation: %s is %q: %s", s.Key, s.Value, strings.TrimSpace(reason))
	}
	return nil
}

// kindOf tells of which kind the value of a key is.
func kindOf(key string) (kind reflect.Kind, known bool) {
	t := reflect.TypeFor[trainer.Config]()
	for i := range t.NumField() {
		if name, _, _ := strings.Cut(t.Field(i).Tag.Get("yaml"), ","); name == key {
			return t.Field(i).Type.Kind(), true
		}
	}
	return reflect.Invalid, false
}
