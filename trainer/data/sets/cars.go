package sets

import (
	"fmt"
	"io"
	"strconv"

	"crossbatch/trainer/data/files"
	"crossbatch/trainer/data/matlab"
)

// carsTraining is how many of the 196 classes the field trains on: the first.
const carsTraining = 98

// listCars lists Cars196: cars_annos.mat and the images at the paths that it gives.
// The first half of the classes is for training.
//
//	Jonathan Krause, Michael Stark, Jia Deng, Li Fei-Fei. 3D Object
//	Representations for Fine-Grained Categorization. ICCV Workshops 2013.
func listCars(s *files.Source) (*listing, error) {
	const name = "cars_annos.mat"
	s, err := s.With(name)
	if err != nil {
		return nil, err
	}
	file, err := s.File(name)
	if err != nil {
		return nil, err
	}
	r, err := file.Open()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", s.Name(name), files.Bare(err))
	}
	defer func() { _ = r.Close() }() // it was only read
	content, err := io.ReadAll(io.LimitReader(r, matlab.MaxSize))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", s.Name(name), err)
	}
	cars, err := matlab.Structs(content, "annotations")
	if err != nil {
		return nil, fmt.Errorf("%s: %w", s.Name(name), err)
	}
	l := &listing{source: s}
	for i, car := range cars {
		where := fmt.Sprintf("%s, annotation %d", s.Name(name), i+1)
		file, isText := car["relative_im_path"].(string)
		class, isNumber := car["class"].(float64)
		if !isText || !isNumber || class < 1 || class != float64(int(class)) {
			return nil, fmt.Errorf("%s: want relative_im_path and class, a number from 1", where)
		}
		e := entry{file: file, class: strconv.Itoa(int(class)), part: inTest, where: where}
		if class <= carsTraining {
			e.part = inTraining
		}
		l.entries = append(l.entries, e)
	}
	return l, nil
}
