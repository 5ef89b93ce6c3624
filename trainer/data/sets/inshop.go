package sets

import (
	"fmt"
	"path"
	"strings"

	"crossbatch/trainer/data/files"
)

// listInShop lists In-Shop Clothes Retrieval: list_eval_partition.txt, which gives the number of
// images, a line of titles and then image, item and part. The list names images img/…, which are
// at the top, in the folder Img, or, those of full size, in img_highres in place of img.
//
//	Ziwei Liu, Ping Luo, Shi Qiu, Xiaogang Wang, Xiaoou Tang. DeepFashion:
//	Powering Robust Clothes Recognition and Retrieval with Rich Annotations.
//	CVPR 2016.
func listInShop(s *files.Source) (*listing, error) {
	var name string
	var below *files.Source
	var err error
	for _, folder := range []string{"Eval", "eval", "Anno", "anno", ""} {
		name = path.Join(folder, "list_eval_partition.txt")
		if below, err = s.With(name); err == nil {
			break
		}
	}
	if err != nil {
		return nil, err
	}
	s = below
	l := &listing{source: s, ranks: []int{1, 10, 20, 30, 40, 50}}
	count, err := s.FirstNumber(name)
	if err != nil {
		return nil, err
	}
	images := inShopImages(s)
	parts := map[string]part{"train": inTraining, "query": query, "gallery": gallery}
	err = l.each(name, 2, 3, "image_name item_id evaluation_status", func(w []string) (entry, error) {
		part, ok := parts[w[2]]
		if !ok {
			return entry{}, fmt.Errorf("status %q: want train, query or gallery", w[2])
		}
		file, isThere := strings.CutPrefix(strings.ReplaceAll(w[0], `\`, "/"), "img/")
		if isThere {
			file = path.Join(images, file)
		}
		return entry{file: file, class: w[1], part: part}, nil
	})
	if err == nil && len(l.entries) != count {
		err = fmt.Errorf("%s, line 1: %d images, and the list has %d: cut short?", s.Name(name), count, len(l.entries))
	}
	return l, err
}

// inShopImages is the folder that the list calls img.
func inShopImages(s *files.Source) string {
	for _, folder := range []string{"Img/img", "img", "Img/img_highres", "img_highres", "Img/img_highres_seg", "img_highres_seg"} {
		if s.HasFolder(folder) {
			return folder
		}
	}
	return "Img/img"
}
