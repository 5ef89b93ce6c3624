package study

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"crossbatch/trainer"
	"crossbatch/trainer/setting"
)

// Setting is one setting of a configuration. Key is a key of the configuration file, or
// [LossParameter] followed by the name of a parameter of the loss.
type Setting struct {
	Key   string `yaml:"key" json:"key"`
	Value string `yaml:"value" json:"value"` // as in the file
}

// LossParameter begins the key of a [Setting] for a parameter of the loss, as in loss.margin.
const LossParameter = "loss."

// Apply sets the setting in c, as the line "key: value" of a configuration file would. It
// checks the type of the value but not its range, see [trainer.Config.Validate].
func (s Setting) Apply(c *trainer.Config) error {
	if parameter, ok := strings.CutPrefix(s.Key, LossParameter); ok {
		separator := ":"
		if strings.Contains(c.Loss.Spec, ":") {
			separator = ","
		}
		c.Loss.Spec += separator + parameter + "=" + s.Value
		return nil
	}
	row, known := setting.Find(c.Settings(), s.Key)
	if !known {
		return fmt.Errorf("study: there is no setting %q: give the name of a flag of xbm train that changes the numbers", s.Key)
	}
	if row.IsWhole() {
		// YAML would cut off what is behind the point.
		if x, err := strconv.ParseFloat(s.Value, 64); err == nil && x != math.Trunc(x) {
			return fmt.Errorf("study: %s is %q: give a whole number", s.Key, s.Value)
		}
	}
	if err := row.Set(s.Value); err != nil {
		reason := err.Error()
		reason = reason[strings.LastIndex(reason, "\n")+1:]
		return fmt.Errorf("study: %s is %q: %s", s.Key, s.Value, strings.TrimSpace(reason))
	}
	return nil
}
