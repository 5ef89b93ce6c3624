package data

import "testing"

// However a split is made, no class can be in two of its parts.
func TestSplitsWithACommonClassAreRefused(t *testing.T) {
	set := even(6, 4)
	set.Name = "even"
	for _, test := range []struct {
		split   Split
		message string
	}{
		{Split{Train: []int{0, 4}, Test: []int{8, 12}}, ""},
		{Split{Train: []int{0, 4}, Test: []int{1, 12}}, "class  is in the training part and in the test part"},
		{Split{Train: []int{0, 4}, Validation: []int{5, 8}}, "in the training part and in the validation part"},
		{Split{Validation: []int{8, 9}, Test: []int{10}}, "in the validation part and in the test part"},
		{Split{Train: []int{4, 0}}, "image 0 after 4"},
		{Split{Train: []int{0, 0}}, "image 0 after 0"},
		{Split{Train: []int{24}}, "image 24 after -1, of 24"},
		{Split{Train: []int{-1}}, "image -1"},
		{Split{Test: []int{0, 1, 4}, Query: []int{0}, Gallery: []int{1, 4}}, ""},
		{Split{Test: []int{0, 1, 4}, Query: []int{0}}, "1 queries and a gallery of 0"},
		{Split{Test: []int{0, 1, 4}, Gallery: []int{0}}, "0 queries and a gallery of 1"},
		{Split{Test: []int{0, 1, 4}, Query: []int{0}, Gallery: []int{0}}, "twice among"},
		{Split{Test: []int{0, 1, 4}, Query: []int{0}, Gallery: []int{5}}, "image 5 is a query or of the gallery"},
	} {
		err := test.split.Check(set)
		if test.message == "" {
			if err != nil {
				t.Errorf("%+v: %v", test.split, err)
			}
			continue
		}
		checkMessage(t, test.message, err, "split: even", test.message)
	}
	set.Official = &Official{Train: []int{0, 4, 8, 9}, Test: []int{1, 12, 16}}
	_, err := SplitClasses(set, 1, Fractions{})
	checkMessage(t, "official", err, "is in the training part and in the test")
}

func TestOfficialSplits(t *testing.T) {
	set := even(12, 4)
	official := &Official{}
	for i := range set.Len() {
		switch class := set.Labels[i]; {
		case class < 8:
			official.Train = append(official.Train, i)
		case i%4 == 0:
			official.Query = append(official.Query, i)
		default:
			official.Gallery = append(official.Gallery, i)
		}
		if set.Labels[i] >= 8 {
			official.Test = append(official.Test, i)
		}
	}
	set.Official = official
	for seed := range uint64(5) {
		split, err := SplitClasses(set, seed, Fractions{})
		if err != nil {
			t.Fatal(err)
		}
		train, validation, test := split.Classes(set)
		if len(train) != 6 || len(validation) != 2 || len(test) != 4 || test[0] != 8 || len(split.Query) != 4 || len(split.Gallery) != 12 {
			t.Errorf("seed %d: classes %v, %v, %v, %d queries, %d in the gallery", seed, train, validation, test, len(split.Query), len(split.Gallery))
		}
	}
	set.Official.Gallery = nil
	_, err := SplitClasses(set, 1, Fractions{})
	checkMessage(t, "no gallery", err, "give both or neither")
}
