package files

import "strings"

// IsHousekeeping tells whether a file is not part of a data set: a hidden file, or one that a
// program made that shows or copies files, such as notebooks, file managers, servers and
// archivers. name is relative to the data set. A file in a hidden folder, or in a folder of
// such a program, counts as well.
func IsHousekeeping(name string) bool {
	for part := range strings.SplitSeq(name, "/") {
		if part != "." && part != ".." && strings.HasPrefix(part, ".") {
			return true
		}
		switch strings.ToLower(part) {
		case "@eadir", "@tmp", "@recycle", "@recently-snapshot", "#recycle", "#snapshot", // Synology, QNAP
			"__macosx", "icon\r", // macOS
			"thumbs.db", "ehthumbs.db", "desktop.ini", "$recycle.bin", "recycler", "system volume information", // Windows
			"lost+found", "__pycache__":
			return true
		}
	}
	return false
}
