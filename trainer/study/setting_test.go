package study

import (
	"testing"

	"crossbatch/trainer"
)

func TestSettingsOfTheLoss(t *testing.T) {
	c := trainer.Default()
	c.Loss.Spec = "contrastive"
	for _, s := range []Setting{{"loss.pos_margin", "0.9"}, {"loss.neg_margin", "0.25"}} {
		if err := s.Apply(&c); err != nil {
			t.Fatal(err)
		}
	}
	if c.Loss.Spec != "contrastive:pos_margin=0.9,neg_margin=0.25" {
		t.Errorf("the loss is %s", c.Loss.Spec)
	}
	if err := c.Validate(); err != nil {
		t.Error(err)
	}
}
