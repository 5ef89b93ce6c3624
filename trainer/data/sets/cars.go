package sets

import (
	"fmt"
	"io"
	"path"
	"slices"
	"strconv"
	"strings"

	"crossbatch/trainer/data/files"
	"crossbatch/trainer/data/matlab"
)

// carsTraining is how many of the 196 classes the field trains on: the first.
const carsTraining = 98

// listCars lists Cars196, the first half of whose classes is for training, in one of the
// layouts that it has been published in:
//
//   - cars_annos.mat and the images at the paths that it gives;
//
//   - the devkit: cars_train_annos.mat and cars_test_annos_withlabels.mat, at the top or in
//     devkit, and the images in cars_train and cars_test, or, as Kaggle has them, in
//     cars_train/cars_train and cars_test/cars_test;
//
//   - Kaggle's folders of classes: train and test, each with a folder for each car.
//
//     Jonathan Krause, Michael Stark, Jia Deng, Li Fei-Fei. 3D Object
//     Representations for Fine-Grained Categorization. ICCV Workshops 2013.
func listCars(s *files.Source) (*listing, error) {
	const all = "cars_annos.mat"
	below, err := s.With(all)
	if err == nil {
		l := &listing{source: below}
		if err := l.cars(all, "relative_im_path", func(file string) string { return file }); err != nil {
			return nil, err
		}
		if len(l.entries) == 0 || below.Has(l.entries[0].file) || !below.HasFolder("cars_train") {
			return l, nil
		}
		// The images have other names there, which only the devkit knows.
	}
	if devkit, is := findDevkit(s); is {
		return devkit.list()
	}
	if err == nil {
		return nil, fmt.Errorf("%s: %s names images car_ims/…, and those of cars_train are called otherwise: add the devkit, cars_train_annos.mat and cars_test_annos_withlabels.mat", below.Where, all)
	}
	if l, is, folderErr := listCarFolders(s); is {
		return l, folderErr
	}
	return nil, err
}

// cars adds the annotations of a file. The field named so is the image, at a place of the source.
func (l *listing) cars(name, field string, place func(file string) string) error {
	s := l.source
	file, err := s.File(name)
	if err != nil {
		return err
	}
	r, err := file.Open()
	if err != nil {
		return fmt.Errorf("%s: %w", s.Name(name), files.Bare(err))
	}
	defer func() { _ = r.Close() }() // it was only read
	content, err := io.ReadAll(io.LimitReader(r, matlab.MaxSize))
	if err != nil {
		return fmt.Errorf("%s: %w", s.Name(name), err)
	}
	cars, err := matlab.Structs(content, "annotations")
	if err != nil {
		return fmt.Errorf("%s: %w", s.Name(name), err)
	}
	for i, car := range cars {
		where := fmt.Sprintf("%s, annotation %d", s.Name(name), i+1)
		file, isText := car[field].(string)
		class, isNumber := car["class"].(float64)
		if _, has := car["class"]; !has && isText {
			return fmt.Errorf("%s: it has no classes: fetch cars_test_annos_withlabels.mat", s.Name(name))
		}
		if !isText || !isNumber || class < 1 || class != float64(int(class)) {
			return fmt.Errorf("%s: want %s and class, a number from 1", where, field)
		}
		e := entry{file: place(file), class: strconv.Itoa(int(class)), part: inTest, where: where}
		if class <= carsTraining {
			e.part = inTraining
		}
		l.entries = append(l.entries, e)
	}
	return nil
}

// carsDevkit is where the devkit's annotations are.
type carsDevkit struct {
	source      *files.Source
	train, test string
}

// findDevkit looks for the devkit in its folder or beside the images.
func findDevkit(s *files.Source) (carsDevkit, bool) {
	for _, folder := range []string{"devkit", "car_devkit/devkit", "car_devkit", ""} {
		train := path.Join(folder, "cars_train_annos.mat")
		below, err := s.With(train)
		if err != nil {
			continue
		}
		d := carsDevkit{source: below, train: train, test: path.Join(folder, "cars_test_annos_withlabels.mat")}
		for _, test := range []string{
			"cars_test_annos_withlabels.mat", "devkit/cars_test_annos_withlabels.mat", "cars_test_annos_withlabels (1).mat", path.Join(folder, "cars_test_annos.mat"),
		} {
			if !below.Has(d.test) && below.Has(test) {
				d.test = test
			}
		}
		return d, true
	}
	return carsDevkit{}, false
}

func (d carsDevkit) list() (*listing, error) {
	l := &listing{source: d.source}
	for _, part := range []struct{ annotations, folder string }{{d.train, "cars_train"}, {d.test, "cars_test"}} {
		folder := part.folder
		if twice := path.Join(folder, folder); d.source.HasFolder(twice) {
			folder = twice
		}
		if err := l.cars(part.annotations, "fname", func(file string) string { return path.Join(folder, path.Base(file)) }); err != nil {
			return nil, err
		}
	}
	return l, nil
}

// listCarFolders lists Kaggle's folders of classes, which is not that without train and test.
// The classes are numbered by names.csv, or else by their names, which is the same order.
func listCarFolders(s *files.Source) (*listing, bool, error) {
	l := &listing{source: s, found: true}
	names, err := l.pictures()
	if err != nil {
		return nil, false, err
	}
	classes := map[string]bool{}
	for _, name := range names {
		words := strings.Split(name, "/")
		if len(words) < 3 {
			l.leave(leftOutside, name)
			continue
		}
		if p, is := partOf(words[len(words)-3]); !is || p != inTraining && p != inTest {
			l.leave(leftOutside, name)
			continue
		}
		class := words[len(words)-2]
		classes[class] = true
		l.entries = append(l.entries, entry{file: name, class: class})
	}
	if len(l.entries) == 0 {
		return nil, false, nil
	}
	order, training := sortedKeys(classes), min(carsTraining, (len(classes)+1)/2)
	if listed, err := carNames(s); err != nil {
		return nil, true, err
	} else if listed != nil {
		order, training = listed, carsTraining
	}
	for i := range l.entries {
		number := slices.Index(order, l.entries[i].class)
		if number < 0 {
			return nil, true, fmt.Errorf("%s: class %q is not in names.csv", s.Name(l.entries[i].file), l.entries[i].class)
		}
		l.entries[i].part = inTest
		if number < training {
			l.entries[i].part = inTraining
		}
	}
	return l, true, nil
}

// carNames are the lines of names.csv, in their order; nil where there is none. A slash of a name
// is no part of a folder's.
func carNames(s *files.Source) ([]string, error) {
	below, err := s.With("names.csv")
	if err != nil {
		return nil, nil
	}
	var names []string
	err = below.Lines("names.csv", 0, func(_ int, words []string) error {
		names = append(names, strings.ReplaceAll(strings.Trim(strings.Join(words, " "), `"`), "/", "-"))
		return nil
	})
	return names, err
}
