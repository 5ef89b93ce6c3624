package study

import (
	"fmt"

	"go.yaml.in/yaml/v3"

	"crossbatch/eval/report"
	"crossbatch/trainer"
	"crossbatch/trainer/setting"
)

// ReportKeys returns what a report needs to know of the settings of a training.
func ReportKeys() (report.Keys, error) {
	c := trainer.Default()
	text, err := yaml.Marshal(c)
	if err != nil {
		return report.Keys{}, fmt.Errorf("report: %w", err)
	}
	keys := report.Keys{
		Watching: setting.Keys(c.Settings(), func(s setting.Setting) bool { return s.Scope == setting.Watching }),
		Fitted:   setting.Keys(c.Settings(), func(s setting.Setting) bool { return s.Fitted }),
	}
	return keys, yaml.Unmarshal(text, &keys.Defaults)
}
