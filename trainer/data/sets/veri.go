package sets

import (
	"crossbatch/trainer/data/files"
)

// listVeRi lists VeRi-776: the folders image_train, image_query and image_test, the gallery, with
// names like 0002_c002_00030600_0.jpg: which vehicle, by which camera. The queries are in the
// gallery too, by their own camera.
//
//	Xinchen Liu, Wu Liu, Tao Mei, Huadong Ma. A Deep Learning-Based Approach to Progressive
//	Vehicle Re-identification for Urban Surveillance. ECCV 2016.
func listVeRi(s *files.Source) (*listing, error) {
	return listPersons(s, map[string]part{"image_train": inTraining, "image_query": query, "image_test": gallery}, marketName, false)
}
