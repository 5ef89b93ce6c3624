package xbm

import (
	"math/rand/v2"
	"strings"
	"testing"

	"crossbatch/xbm/loss"
	"crossbatch/xbm/miner"
	"crossbatch/xbm/pair"
)

func TestParseLoss(t *testing.T) {
	l, err := ParseLoss("triplet:distance=cosine", "triplet-semihard:margin=0.3", nil)
	if err != nil {
		t.Fatal(err)
	}
	if m := l.(*pair.Mined).Miner.(*miner.Triplet); m.Euclidean || m.Margin != 0.3 || m.Kind != miner.SemihardTriplets {
		t.Errorf("%+v: want the loss's distance", m)
	}
	if l, err := ParseLoss("margin", "triplet-all", nil); err != nil || !l.(*pair.Mined).Miner.(*miner.Triplet).Euclidean {
		t.Errorf("%v, %v: want the loss's distance", l, err)
	}
	for _, name := range miner.Names() {
		if _, err := ParseLoss("triplet", name, rand.NewPCG(1, 1)); err != nil {
			t.Errorf("a listed miner is refused: %v", err)
		}
	}
	for _, none := range []string{"", "none"} {
		if l, err := ParseLoss("supcon", none, nil); err != nil || l.(*loss.SupCon) == nil {
			t.Errorf("%v, %v: want no miner", l, err)
		}
	}
	for text, want := range map[string]string{
		"hard":                       "there is no such miner: known are multi-similarity, batch-hard",
		"multi-similarity:epsilon=3": "epsilon is 3: give a value from 0 to 2",
		"pair-margin:pos_margin=-1":  "pos_margin is -1: give a value from 0 to 2",
		"pair-margin:distance=cosine,neg_margin=2": "neg_margin is 2: give a value from -1 to 1",
		"batch-hard:margin=1":                      "there is no parameter margin: it has none",
		"triplet-hard:margin=-1":                   "margin is -1: give a value from 0 to 2",
		"easy-hard:pos=harder":                     "pos is \"harder\": give one of hard, semihard, easy, all",
		"easy-hard:pos=semihard":                   "semihard goes with hard or easy",
		"easy-hard:pos=all,neg=semihard":           "semihard goes with hard or easy",
		"distance-weighted":                        "it draws at random and needs a source",
		"distance-weighted:cutoff=0":               "cutoff is 0: give a value above 0",
		"distance-weighted:nonzero_loss_cutoff=3":  "nonzero_loss_cutoff is 3: give a value from 0.5 to 2",
	} {
		if _, err := ParseLoss("contrastive", text, nil); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v: want %q", text, err, want)
		}
	}
	if _, err := ParseLoss("arcface", "batch-hard", nil); err == nil || !strings.Contains(err.Error(), "takes no miner") {
		t.Errorf("a miner for class weights: %v", err)
	}
}
