package data

// What re-identification asks of an image beside its class. The words are those of
//
//	Liang Zheng, Liyue Shen, Lu Tian, Shengjin Wang, Jingdong Wang, Qi Tian. Scalable Person
//	Re-identification: A Benchmark. ICCV 2015.

// Camera returns the camera of image i, or -1 if not known.
func (s *Set) Camera(i int) int32 {
	if s.Cameras == nil {
		return -1
	}
	return s.Cameras[i]
}

// Group returns the group of image i, or -1 if it is in none.
func (s *Set) Group(i int) int32 {
	if s.Groups == nil {
		return -1
	}
	return s.Groups[i]
}

// IsJunk tells whether image i is junk: it is left out of every ranking.
func (s *Set) IsJunk(i int) bool { return s.Junk != nil && s.Junk[i] }

// IsDistractor tells whether image i is a distractor: it matches nothing.
func (s *Set) IsDistractor(i int) bool { return s.Distractors != nil && s.Distractors[i] }
