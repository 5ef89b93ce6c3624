package sets

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"crossbatch/trainer/data"
	"crossbatch/trainer/data/datatest"
)

func TestFoldersOfClasses(t *testing.T) {
	picture := datatest.JPEG(t, 1)
	root := datatest.Tree(t, map[string][]byte{
		"b/1.JPG": picture, "b/.hidden.jpg": picture, "b/notes.txt": []byte("mine"), "a/deep/er/1.jpeg": picture,
		"10/1.jpg": picture, "9/1.jpg": picture, "readme.jpg": picture,
	})
	elsewhere := datatest.Tree(t, map[string][]byte{"1.jpg": picture, "2.jpg": picture})
	if err := os.Symlink(elsewhere, filepath.Join(root, "linked")); err != nil {
		t.Skip("no links: ", err)
	}
	set, err := Load("folder:"+root, Options{Size: data.Size{Height: 4, Width: 4}})
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{"9", "10", "a", "b", "linked"}; !slices.Equal(set.ClassNames, want) || set.Len() != 6 || set.Official != nil {
		t.Errorf("classes %v of %d images, want %v of 6", set.ClassNames, set.Len(), want)
	}
	if err := os.Symlink(root, filepath.Join(root, "a", "loop")); err != nil {
		t.Fatal(err)
	}
	_, err = Load("folder:"+root, Options{})
	datatest.Message(t, "a link that leads back", err, "does a link lead back?")
}

func TestFoldersThatAreNoClasses(t *testing.T) {
	picture := datatest.JPEG(t, 1)
	split := func(lines string) map[string][]byte {
		return map[string][]byte{"split.txt": []byte(lines), "a/1.jpg": picture, "b/1.jpg": picture, "b/query/1.jpg": picture}
	}
	for message, files := range map[string]map[string][]byte{
		"no images: an image's place is CLASS/NAME": {"1.jpg": picture, "a/1.txt": []byte("no picture")},
		`class "b" is not in split.txt`:             split("a train\n"),
		"line 2: \"b\": want a class and train":     split("a train\nb\n"),
		"line 2: \"b both\": want a class":          split("a train\nb both\n"),
		"all classes are for training":              split("a train\nb train\n"),
		"are queries or of the gallery, and 1 are":  split("a train\nb test\n"),
	} {
		_, err := Load("folder:"+datatest.Tree(t, files), Options{})
		datatest.Message(t, message, err, message)
	}
	_, err := Load("folder:nowhere", Options{})
	datatest.Message(t, "nowhere", err, "nowhere: no such folder or archive")
	_, err = Load("folder:folder_test.go", Options{})
	datatest.Message(t, "a file", err, "neither a folder nor a .zip or .tar: unpack it first")
	_, err = Load("sop:"+datatest.Tree(t, nil), Options{})
	datatest.Message(t, "empty", err, "no Ebay_train.txt there")
	_, err = Load("sop:"+datatest.Tree(t, map[string][]byte{"a/Ebay_train.txt": nil, "b/Ebay_train.txt": nil}), Options{})
	datatest.Message(t, "two", err, "Ebay_train.txt is in several folders, a, b")
	_, err = Load("sop:"+datatest.Tree(t, map[string][]byte{"Ebay_train.txt": []byte("t\n1 1 1 ../../etc/1.jpg\n2 2 1 /etc/1.jpg\n"), "Ebay_test.txt": []byte("t\n3 3 1 x.jpg")}), Options{})
	datatest.Message(t, "outside", err, "a place outside of the data set", "line 2")
	_, err = Load("folder:"+datatest.Tree(t, map[string][]byte{"a/1.jpg": picture}), Options{Size: data.Size{Height: -1, Width: -1}})
	datatest.Message(t, "size", err, "images of -1 pixels")
}
