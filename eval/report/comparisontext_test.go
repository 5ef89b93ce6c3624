package report

import "testing"

func TestComparisonText(t *testing.T) {
	low, high, half := 0.4, 0.6, 0.01
	single := &Comparison{A: []string{"runs/a"}, B: []string{"runs/b"}, Scores: []ScoreDelta{
		{Name: "recall@1", Share: true, A: Measured{Mean: 0.5, Low: &low, High: &high}, B: Measured{Mean: 0.4999}, Change: Measured{Mean: -0.0001}},
		{Name: "images/s", A: Measured{Mean: 1234.5}, B: Measured{Mean: 99.95}, Change: Measured{Mean: -1134.55}},
	}}
	several := &Comparison{A: []string{"a/1", "a/2"}, B: []string{"b/1"}, Pairs: 2, Config: []Changed{{"memory", "0", "64"}},
		Scores: []ScoreDelta{{Name: "MAP@R", Share: true, A: Measured{Mean: 0.1}, B: Measured{Mean: 0.2}, Change: Measured{Mean: 0.1, Half: &half}, Equality: "different"}}}
	for _, one := range []struct{ got, want string }{
		{single.Text("runs/a", "runs/b"), `A  runs/a
B  runs/b

no setting differs

                          A      B   B less A
recall@1   50.0 (40.0–60.0)   50.0       +0.0
images/s               1234    100      -1135

Scores of the test classes in percent, in brackets 95 % bounds over resamples of the queries. How far they scatter from seed to seed, single runs cannot tell.
`},
		{several.Text("a", "b"), `A  a (2 runs)
B  b/1

setting   A    B
memory    0   64

           A      B      B less A                         within a point
MAP@R   10.0   20.0   +10.0 ± 1.0   beyond the interval        different

Scores of the test classes in percent: mean ± half of the 95 % interval (Student's t); differences of 2 pairs of one seed. Within a point: equivalent, where two one-sided tests at 5 % say so; different, where the interval lies beyond; else undecided.
`},
	} {
		if one.got != one.want {
			t.Errorf("the text is\n%s\nit should be\n%s", one.got, one.want)
		}
	}
}
