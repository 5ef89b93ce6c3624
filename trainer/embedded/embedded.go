// Package embedded reads embeddings from files, with what is said of their rows, into
// what package eval scores: classes, cameras, several labels a row, pairs.
package embedded

import (
	"errors"
	"fmt"
	"strings"

	"crossbatch/eval"
	"crossbatch/trainer/data/features"
	"crossbatch/trainer/setting"
)

// Files are where the embeddings lie, and what is said of their rows. Embeddings must be
// given, and Labels for retrieval; "" is for none of a file.
type Files struct {
	Embeddings    string // .npy of rows × numbers
	Labels        string // class of each row
	Query         string // .npy of queries, to be found among Embeddings; none: each row among the others
	QueryLabels   string
	Cameras       string // camera of each row, by any name
	QueryCameras  string
	SeveralLabels bool // a row of labels has several, see [ReadSets]
}

// Settings are the rows of its fields.
func (f *Files) Settings() []setting.Setting {
	file := func(key string, at *string, help string) setting.Setting {
		return setting.Setting{Key: key, Value: at, Group: "What", Range: setting.Form("a file"), Help: help}
	}
	return []setting.Setting{
		file("embeddings", &f.Embeddings, "`FILE`.npy of rows × numbers, in place of a run"),
		file("labels", &f.Labels, "`FILE` with the class of each row: .npy of whole numbers, or .csv with the class last"),
		file("query", &f.Query, "`FILE`.npy of queries, to be found among the embeddings"),
		file("query-labels", &f.QueryLabels, "`FILE` with the class of each query"),
		{Key: "multi-label", Value: &f.SeveralLabels, Group: "What", Range: setting.Any(), Help: "labels hold several classes a row, parted by spaces, commas, semicolons or bars, or as a .npy of rows × classes of 1 and 0; right is what shares one"},
		file("cameras", &f.Cameras, "`FILE` with the camera of each row: what the query's own took of its class is left out, and rows of class -1"),
		file("query-cameras", &f.QueryCameras, "`FILE` with the camera of each query"),
	}
}

// unknown is what the label of a row is called that nobody has told, by the conventions
// of re-identification: it is junk there.
const unknown = "-1"

// Retrieval reads what to retrieve among what. With cameras, rows of the label -1 are
// junk: neither right nor wrong.
func (f Files) Retrieval() (eval.Retrieval, error) {
	var r eval.Retrieval
	if f.Query == "" {
		for flag, file := range map[string]string{"query-labels": f.QueryLabels, "query-cameras": f.QueryCameras} {
			if file != "" {
				return r, fmt.Errorf("--%s goes with --query", flag)
			}
		}
	}
	if f.SeveralLabels && f.Cameras != "" {
		return r, errors.New("--cameras goes with one label a row, not with --multi-label")
	}
	names, cameras := numbering{}, numbering{}
	all, err := f.read(f.Embeddings, f.Labels, "labels", f.Cameras, "", names, cameras)
	if err != nil {
		return r, err
	}
	r.Dim = all.dim
	if f.Query == "" {
		r.Queries, r.QueryLabels, r.QuerySets, r.QueryCameras, r.Junk = all.x, all.labels, all.sets, all.cameras, all.junk
		return r, nil
	}
	if (f.Cameras == "") != (f.QueryCameras == "") {
		return r, errors.New("--cameras goes with --query-cameras, where there are queries: give both")
	}
	asked, err := f.read(f.Query, f.QueryLabels, "query-labels", f.QueryCameras, "query-", names, cameras)
	if err != nil {
		return r, err
	}
	if asked.dim != all.dim {
		return r, fmt.Errorf("%s has rows of %d numbers and %s of %d: give embeddings of one model", f.Embeddings, all.dim, f.Query, asked.dim)
	}
	r.Queries, r.QueryLabels, r.QuerySets, r.QueryCameras = asked.x, asked.labels, asked.sets, asked.cameras
	r.Gallery, r.GalleryLabels, r.GallerySets, r.GalleryCameras, r.Junk = all.x, all.labels, all.sets, all.cameras, all.junk
	return r, nil
}

// rows are embeddings with what is said of them.
type rows struct {
	x               []float32
	dim             int
	labels, cameras []int32
	sets            [][]int32
	junk            []bool
}

func (f Files) read(file, labels, flag, cameras, prefix string, names, seen numbering) (r rows, err error) {
	if labels == "" {
		return r, fmt.Errorf("%s has no labels: give them by --%s", file, flag)
	}
	x, n, dim, err := features.ReadMatrix(file)
	if err != nil {
		return r, err
	}
	r.x, r.dim = x, dim
	fits := func(of string, have int, what string) error {
		if have != n {
			return fmt.Errorf("%s has %d rows and %s %d %s: give one for each", file, n, of, have, what)
		}
		return nil
	}
	if f.SeveralLabels {
		sets, err := ReadSets(labels)
		if err == nil {
			err = fits(labels, len(sets), "rows of labels")
		}
		for _, set := range sets {
			r.sets = append(r.sets, names.of(set))
		}
		return r, err
	}
	classes, err := features.ReadLabels(labels)
	if err == nil {
		err = fits(labels, len(classes), "labels")
	}
	if err != nil {
		return r, err
	}
	r.labels = names.of(classes)
	if cameras == "" {
		return r, nil
	}
	by, err := readCameras(cameras)
	if err == nil {
		err = fits(cameras, len(by), "cameras")
	}
	if err != nil {
		return r, err
	}
	r.cameras = seen.of(by)
	for i, camera := range by {
		if camera == unknown {
			r.cameras[i] = -1
		}
	}
	for i, class := range classes {
		if class != unknown {
			continue
		}
		if r.junk == nil {
			r.junk = make([]bool, n)
		}
		r.junk[i] = true
	}
	if prefix != "" && r.junk != nil {
		return r, fmt.Errorf("%s has queries of class %s, unknown, who have nobody to find: leave them out", labels, unknown)
	}
	return r, nil
}

// numbering gives names numbers, from 0, in the order in which they come.
type numbering map[string]int32

func (n numbering) of(names []string) []int32 {
	numbers := make([]int32, len(names))
	for i, name := range names {
		name = strings.TrimSpace(name)
		if _, known := n[name]; !known {
			n[name] = int32(len(n))
		}
		numbers[i] = n[name]
	}
	return numbers
}
