package data

// What re-identification asks of an image beside its class. The words are those of
//
//	Liang Zheng, Liyue Shen, Lu Tian, Shengjin Wang, Jingdong Wang, Qi Tian. Scalable Person
//	Re-identification: A Benchmark. ICCV 2015.

// Camera is which camera took image i, or -1 where that is not known.
func (s *Set) Camera(i int) int32 {
	if s.Cameras == nil {
		return -1
	}
	return s.Cameras[i]
}

// Group is the group of image i, or -1 where it is in none.
func (s *Set) Group(i int) int32 {
	if s.Groups == nil {
		return -1
	}
	return s.Groups[i]
}

// IsJunk tells that image i is neither right nor wrong.
func (s *Set) IsJunk(i int) bool { return s.Junk != nil && s.Junk[i] }

// IsDistractor tells that image i matches nothing.
func (s *Set) IsDistractor(i int) bool { return s.Distractors != nil && s.Distractors[i] }
