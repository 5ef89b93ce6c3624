package data

import "testing"

func FuzzLoaderState(f *testing.F) {
	set := noise(1, 4, 0, 5, 3)
	sampler := func() *Shuffle {
		s, err := NewShuffle(cards(set.Len()), 4, 1)
		if err != nil {
			panic(err)
		}
		return s
	}
	l, err := NewLoader(set, sampler(), LoaderConfig{})
	if err != nil {
		f.Fatal(err)
	}
	state, err := l.AppendBinary(nil)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(state)
	f.Add(state[:20])
	f.Fuzz(func(t *testing.T, state []byte) {
		l, err := NewLoader(set, sampler(), LoaderConfig{})
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		if l.UnmarshalBinary(state) != nil {
			return
		}
		for range 5 {
			if _, err := l.Next(); err != nil {
				t.Error(err)
			}
		}
	})
}
