package trainer

// ended tells whether all steps are done, or validation has not become better for
// as many looks as the configuration has patience for.
func (t *Training) ended() bool {
	patience := int64(t.Config.Watch.Patience) * t.Config.Watch.ValidateEvery
	return t.done == t.Config.Steps || patience > 0 && t.done-t.best.step >= patience
}
