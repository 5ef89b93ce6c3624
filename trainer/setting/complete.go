package setting

import "fmt"

// Incomplete lists what the declarations lack: help, a range, the unit of a number, a
// heading, or a key of their own. A test of each list of settings expects it empty.
func Incomplete(list []Setting) (errs []error) {
	seen := map[string]bool{}
	for _, s := range list {
		lacks := func(what string) { errs = append(errs, fmt.Errorf("setting %q has no %s", s.Key, what)) }
		if s.Key == "" || seen[s.Key] {
			lacks("key of its own")
		}
		seen[s.Key] = true
		if s.Help == "" {
			lacks("help")
		}
		if s.Group == "" {
			lacks("group")
		}
		if !s.Range.IsGiven() {
			lacks("range")
		}
		if s.IsNumber() && s.Unit == "" {
			lacks("unit")
		}
		if s.Range.bounded() && !s.IsNumber() || s.Range.kind == oneOf && !s.isText() {
			lacks("range of its type")
		}
	}
	return errs
}
