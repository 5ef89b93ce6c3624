package sets

import (
	"bytes"
	"encoding/binary"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"

	"crossbatch/trainer/data/datatest"
)

// The same set by tables as different programs save them.
func TestManifests(t *testing.T) {
	p := datatest.JPEG(t, 1)
	rows := [][]string{
		{"label", "path", "split", "camera", "query", "group", "note"},
		{"cls1", "img/1.jpg", "train", "c1", "0", "", "x"}, {"cls1", "img/2.jpg", "train", "c2", "0", "b7", "x"}, {"cls2", "img/3.jpg", "train", "c1", "", "b7", "x"},
		{"cls3", "deep/er/4.jpg", "test", "c10", "1", "", "x"}, {"cls3", "deep/er/5.jpg", "test", "c9", "0", "a1", "x"}, {"a, b", "../out side.jpg", "test", "", "no", "", "x"},
	}
	text := func(comma string, rows [][]string) string {
		var b strings.Builder
		for _, row := range rows {
			for i, cell := range row {
				if i > 0 {
					b.WriteString(comma)
				}
				if strings.Contains(cell, comma) {
					cell = `"` + cell + `"`
				}
				b.WriteString(cell)
			}
			b.WriteString("\n")
		}
		return b.String()
	}
	wide := func(s string) []byte {
		b := []byte{0xff, 0xfe}
		for _, u := range utf16.Encode([]rune(s)) {
			b = binary.LittleEndian.AppendUint16(b, u)
		}
		return b
	}
	var backslashes, padded [][]string
	for n, row := range rows {
		backslashes, padded = append(backslashes, slices.Clone(row)), append(padded, slices.Clone(row))
		backslashes[n][1] = strings.ReplaceAll(row[1], "/", `\`)
		if n > 0 {
			padded[n][0] = row[0] + " " // a blank behind a label, where there is a quote it is inside
			padded[n][2] = strings.ToUpper(row[2])
		}
	}
	for name, content := range map[string][]byte{
		"comma":       []byte(text(",", rows)),
		"semicolon":   []byte(text(";", rows)),
		"tab":         []byte(text("\t", rows)),
		"mark":        []byte("\ufeff" + text(",", rows)),
		"Windows":     []byte("\ufeff" + strings.ReplaceAll(text(";", backslashes), "\n", "\r\n")),
		"UTF-16":      wide(text("\t", rows)),
		"quoted":      []byte(strings.ReplaceAll(text(",", rows), "cls1,", `"cls1",`)),
		"blanks":      []byte(text(",", padded)),
		"other words": []byte(strings.NewReplacer("label,path,split,camera", "Identity,FileName,Partition,camid", "test,", "Testing,", "\nlabel", "\nIdentity").Replace(text(",", rows))),
	} {
		root := datatest.Tree(t, map[string][]byte{
			"set/list.csv": content, "set/img/1.jpg": p, "set/img/2.jpg": p, "set/img/3.jpg": p, "set/deep/er/4.jpg": p, "set/deep/er/5.jpg": p, "out side.jpg": p,
		})
		set, err := Load("csv:"+filepath.Join(root, "set", "list.csv"), Options{})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if !slices.Equal(set.ClassNames, []string{"a, b", "cls1", "cls2", "cls3"}) || set.Len() != 6 {
			t.Errorf("%s: classes %v", name, set.ClassNames)
			continue
		}
		o := set.Official
		if !slices.Equal(o.Train, []int{1, 2, 3}) || !slices.Equal(o.Query, []int{4}) || !slices.Equal(o.Gallery, []int{0, 5}) {
			t.Errorf("%s: %+v", name, o)
		}
		if !slices.Equal(set.CameraNames, []string{"c1", "c10", "c2", "c9"}) || !slices.Equal(set.Cameras, []int32{-1, 0, 2, 0, 1, 3}) {
			t.Errorf("%s: cameras %v of %v", name, set.Cameras, set.CameraNames)
		}
		if !slices.Equal(set.Groups, []int32{-1, -1, 1, 1, -1, 0}) {
			t.Errorf("%s: groups %v", name, set.Groups)
		}
	}
	// Two columns need no titles.
	root := datatest.Tree(t, map[string][]byte{"l.csv": []byte("img/1.jpg,7\nimg/2.jpg,8\n"), "img/1.jpg": p, "img/2.jpg": p})
	if set := load(t, "csv:"+filepath.Join(root, "l.csv"), Options{}); set.Classes() != 2 || set.Official != nil {
		t.Errorf("without titles: classes %v", set.ClassNames)
	}
}

func TestManifestErrors(t *testing.T) {
	p := datatest.JPEG(t, 1)
	for content, message := range map[string]string{
		"":                                                 "no rows: want a line of titles",
		"path,label\n":                                     "no rows",
		"path,colour\n1.jpg,red\n":                         "want titles of columns, path and label",
		"1.jpg,x,y,z\n2.jpg,x,y,z\n":                       `its first line is "1.jpg,x,y,z": want titles`,
		"path,label\n1.jpg,\n":                             "line 2: \"1.jpg\", \"\": want a path and a label",
		"path,label\n1.jpg\n":                              "line 2: wrong number of fields",
		"path,label\n1.jpg,a\n3.jpg,b\n":                   "image ROOT/3.jpg: no such file or directory (ROOT/l.csv, line 3)",
		"path,label\n1.jpg,a\n1.jpg,a\n":                   "line 3: image 1.jpg is listed twice",
		"path,label,split\n1.jpg,a,both\n":                 `split "both": want train, val, test`,
		"path,label,split\n1.jpg,a,train\n2.jpg,b,\n":      "line 3: no split, and 1 others have one",
		"path,label,query\n1.jpg,a,maybe\n":                `query "maybe": want 1 or 0`,
		"path,label,split,query\n1.jpg,a,train,1\n":        "queries are of the test",
		"path,label,split\n1.jpg,a,train\n2.jpg,b,query\n": "1 queries and a gallery of 0 images",
		"path,label,split\n1.jpg,a,train\n2.jpg,a,test\n3.jpg,b,train\n4.jpg,c,train\n5.jpg,d,test\n6.jpg,e,test\n": "class a is in the training part and in the test",
	} {
		root := datatest.Tree(t, map[string][]byte{"l.csv": []byte(content), "1.jpg": p, "2.jpg": p})
		_, err := Load("csv:"+filepath.Join(root, "l.csv"), Options{})
		datatest.Message(t, content, err, strings.ReplaceAll(message, "ROOT", root))
	}
	_, err := Load("csv:nowhere.csv", Options{})
	datatest.Message(t, "nowhere", err, "nowhere.csv: no such file or directory")
}

// A label of -1 is said, once, and is no error.
func TestUnknownLabels(t *testing.T) {
	p := datatest.JPEG(t, 1)
	root := datatest.Tree(t, map[string][]byte{"l.csv": []byte("path,label\n1.jpg,-1\n2.jpg,-1\n3.jpg,4\n"), "1.jpg": p, "2.jpg": p, "3.jpg": p})
	if set := load(t, "csv:"+filepath.Join(root, "l.csv"), Options{}); len(set.Notes) != 1 || !strings.Contains(set.Notes[0], "label -1, of 2,") {
		t.Errorf("notes %v", set.Notes)
	}
}

func FuzzManifest(f *testing.F) {
	f.Add([]byte("path,label,split,query,camera,group\n1.jpg,a,train,,1,\n2.jpg,b,test,1,2,x\n"))
	f.Add([]byte("\ufeffsplit;label;path\ntrain;a;..\\1.jpg\n"))
	folder := f.TempDir()
	f.Fuzz(func(t *testing.T, content []byte) {
		path := filepath.Join(folder, "fuzz.csv")
		if err := os.WriteFile(path, content, 0o644); err != nil {
			t.Fatal(err)
		}
		l, err := listManifest(path)
		if err != nil {
			if strings.Contains(err.Error(), "\n") && !bytes.Contains(content, []byte("\n")) {
				t.Errorf("a message of several lines: %q", err)
			}
			return
		}
		checkSet(t, l)
	})
}
