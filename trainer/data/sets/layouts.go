package sets

import (
	"fmt"
	"path"
	"strconv"
	"strings"

	"crossbatch/trainer/data/files"
)

// The readers here list the images of the field's data sets as their authors
// publish them. A wrong line is an error that names file and line.

// listSOP lists Stanford Online Products: Ebay_train.txt and Ebay_test.txt, each
// with a line of titles and then image, class, super class and path.
//
//	Hyun Oh Song, Yu Xiang, Stefanie Jegelka, Silvio Savarese. Deep Metric
//	Learning via Lifted Structured Feature Embedding. CVPR 2016.
//	https://arxiv.org/abs/1511.06452
func listSOP(s *files.Source) (*listing, error) {
	s, err := s.With("Ebay_train.txt")
	if err != nil {
		return nil, err
	}
	l := &listing{source: s, ranks: []int{1, 10, 100, 1000}}
	for _, list := range []struct {
		name string
		part part
	}{{"Ebay_train.txt", inTraining}, {"Ebay_test.txt", inTest}} {
		err := l.each(list.name, 1, 4, "image_id class_id super_class_id path", func(w []string) (entry, error) {
			return entry{file: w[3], class: w[1], part: list.part}, number(w[1])
		})
		if err != nil {
			return nil, err
		}
	}
	return l, nil
}

// cubTraining is how many of the 200 classes the field trains on: the first.
const cubTraining = 100

// listCUB lists CUB-200-2011: images.txt, image_class_labels.txt and the folder
// images. The first half of the classes is for training.
//
//	Catherine Wah, Steve Branson, Peter Welinder, Pietro Perona, Serge Belongie.
//	The Caltech-UCSD Birds-200-2011 Dataset. 2011.
//	https://authors.library.caltech.edu/records/cvm3y-5hh21
func listCUB(s *files.Source) (*listing, error) {
	s, err := s.With("images.txt")
	if err != nil {
		return nil, err
	}
	l := &listing{source: s}
	classes := map[string]string{}
	err = s.Lines("image_class_labels.txt", 0, func(_ int, w []string) error {
		if len(w) != 2 {
			return files.WrongLine(w, "image_id class_id")
		}
		if _, twice := classes[w[0]]; twice {
			return fmt.Errorf("image %s is there twice", w[0])
		}
		classes[w[0]] = w[1]
		return number(w[1])
	})
	if err != nil {
		return nil, err
	}
	err = l.each("images.txt", 0, 2, "image_id path", func(w []string) (entry, error) {
		class, ok := classes[w[0]]
		if !ok {
			return entry{}, fmt.Errorf("image %s has no class in image_class_labels.txt", w[0])
		}
		e := entry{file: path.Join("images", w[1]), class: class, part: inTest}
		if n, _ := strconv.Atoi(class); n <= cubTraining {
			e.part = inTraining
		}
		return e, nil
	})
	return l, err
}

// vehicleTests are the numbers of vehicles of VehicleID's test lists.
var vehicleTests = map[string]string{"small": "800", "medium": "1600", "large": "2400"}

// listVehicleID lists PKU VehicleID: train_test_split/train_list.txt and one of
// its test lists, each with image and vehicle, and the folder image. Queries are
// all images of the test list, each among all the others.
//
//	Hongye Liu, Yonghong Tian, Yaowei Wang, Lu Pang, Tiejun Huang. Deep Relative
//	Distance Learning: Tell the Difference Between Similar Vehicles. CVPR 2016.
func listVehicleID(s *files.Source, size string) (*listing, error) {
	s, err := s.With("train_test_split/train_list.txt")
	if err != nil {
		return nil, err
	}
	l := &listing{source: s, ranks: []int{1, 5, 10}}
	for _, list := range []struct {
		name string
		part part
	}{{"train_list.txt", inTraining}, {"test_list_" + vehicleTests[size] + ".txt", inTest}} {
		err := l.each(path.Join("train_test_split", list.name), 0, 2, "image vehicle", func(w []string) (entry, error) {
			file := w[0]
			if path.Ext(file) == "" {
				file += ".jpg"
			}
			return entry{file: path.Join("image", file), class: w[1], part: list.part}, number(w[1])
		})
		if err != nil {
			return nil, err
		}
	}
	return l, nil
}

// listGrocery lists the Grocery Store data set: train.txt, val.txt and test.txt,
// each with path, fine class and coarse class. Its split is for classification,
// with all classes in each part; here the three are one, and the fine classes are
// split.
//
//	Marcus Klasson, Cheng Zhang, Hedvig Kjellström. A Hierarchical Grocery Store
//	Image Dataset with Visual and Semantic Labels. WACV 2019.
//	https://github.com/marcusklasson/GroceryStoreDataset
func listGrocery(s *files.Source) (*listing, error) {
	s, err := s.With("train.txt")
	if err != nil {
		return nil, err
	}
	l := &listing{source: s}
	for _, name := range []string{"train.txt", "val.txt", "test.txt"} {
		err := l.each(name, 0, 3, "path, fine class, coarse class", func(w []string) (entry, error) {
			file := strings.TrimSuffix(w[0], ",")
			return entry{file: file, class: path.Base(path.Dir(file))}, number(strings.TrimSuffix(w[1], ","))
		})
		if err != nil {
			return nil, err
		}
	}
	return l, nil
}

// each adds an entry for each line of a list, of which there are so many words.
func (l *listing) each(name string, skip, words int, want string, f func(words []string) (entry, error)) error {
	return l.source.Lines(name, skip, func(line int, w []string) error {
		if len(w) != words {
			return files.WrongLine(w, want)
		}
		e, err := f(w)
		if err != nil {
			return err
		}
		e.where = fmt.Sprintf("%s, line %d", l.source.Name(name), line)
		l.entries = append(l.entries, e)
		return nil
	})
}

// number returns an error unless s is a number from 0.
func number(s string) error {
	if n, err := strconv.Atoi(s); err != nil || n < 0 {
		return fmt.Errorf("class %q: want a number", s)
	}
	return nil
}
