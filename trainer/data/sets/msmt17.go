package sets

import (
	"fmt"
	"path"
	"strings"

	"crossbatch/trainer/data/files"
)

// listMSMT17 lists MSMT17: list_train.txt and list_val.txt, which both train, list_query.txt and
// list_gallery.txt, each with path and person, and the folders train and test, or mask_train_v2
// and mask_test_v2. The third word of a name, 0000_000_01_0303morning_0008_0.jpg, is the
// camera. Both folders number their persons from 0, and these are others.
//
//	Longhui Wei, Shiliang Zhang, Wen Gao, Qi Tian. Person Transfer GAN to Bridge Domain Gap for
//	Person Re-Identification. CVPR 2018. https://arxiv.org/abs/1711.08565
func listMSMT17(s *files.Source) (*listing, error) {
	s, err := s.With("list_train.txt")
	if err != nil {
		return nil, err
	}
	l := &listing{source: s, ranks: []int{1, 5, 10, 20}}
	for _, list := range []struct {
		name    string
		part    part
		folders []string
	}{
		{"list_train.txt", inTraining, []string{"train", "mask_train_v2"}}, {"list_val.txt", inTraining, []string{"train", "mask_train_v2"}},
		{"list_query.txt", query, []string{"test", "mask_test_v2"}}, {"list_gallery.txt", gallery, []string{"test", "mask_test_v2"}},
	} {
		if list.name == "list_val.txt" && !s.Has(list.name) {
			continue
		}
		folder := list.folders[0]
		if !s.HasFolder(folder) {
			folder = list.folders[1]
		}
		err := l.each(list.name, 0, 2, "path person", func(w []string) (entry, error) {
			file := strings.ReplaceAll(w[0], `\`, "/")
			words := strings.Split(path.Base(file), "_")
			if len(words) < 3 {
				return entry{}, fmt.Errorf("image %s: want a name like 0000_000_01_0303morning_0008_0.jpg, whose third word is the camera", file)
			}
			class := list.folders[0] + "/" + strings.Repeat("0", max(0, 4-len(w[1]))) + w[1]
			return entry{file: path.Join(folder, file), class: class, camera: words[2], part: list.part}, number(w[1])
		})
		if err != nil {
			return nil, err
		}
	}
	return l, nil
}
