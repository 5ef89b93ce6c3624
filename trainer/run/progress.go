package run

import "crossbatch/trainer"

// Progress is told of the progress of the work. Functions that are nil are not called.
type Progress struct {
	Begin func(title string, c trainer.Config) // a training begins
	Step  func(trainer.Progress)               // after every step
	// Part is called with the amount of work done: of reading images, of embedding them, of
	// scoring. Several goroutines may call it at once.
	Part func(part string, done, of int)
	End  func() // the training or the work of the last call has ended
}

func (p Progress) begin(title string, c trainer.Config) {
	if p.Begin != nil {
		p.Begin(title, c)
	}
}

func (p Progress) step(at trainer.Progress) {
	if p.Step != nil {
		p.Step(at)
	}
}

func (p Progress) part(part string, done, of int) {
	if p.Part != nil {
		p.Part(part, done, of)
	}
}

func (p Progress) end() {
	if p.End != nil {
		p.End()
	}
}
