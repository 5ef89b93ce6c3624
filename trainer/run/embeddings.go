package run

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"crossbatch/eval/record"
)

// Embeddings describes what [Model.WriteEmbeddings] wrote.
type Embeddings struct {
	Data, Part string // data set, and part of it
	Rows, Dim  int
	HasClasses bool     // there are labels
	Unread     []string // see [Model.Unread]
}

// CheckEmbeddings returns an error if embeddings should not be written to a folder: it holds a
// run, which has embeddings of its own, or it holds embeddings and force is false.
func CheckEmbeddings(out record.Folder, force bool) error {
	if out.Has(record.EmbeddingsFile) && !force {
		return fmt.Errorf("%s holds embeddings: choose another folder, or --force to replace them", out.Path)
	}
	if out.Has(record.ConfigFile) {
		return fmt.Errorf("%s holds a run, with embeddings of its own: choose another folder", out.Path)
	}
	return nil
}

// Text describes the content of the folder out.
func (e Embeddings) Text(out record.Folder) string {
	at := func(name string) string { return filepath.Join(out.Path, name) }
	text := fmt.Sprintf("%d embeddings of %d numbers: %s of %s\n", e.Rows, e.Dim, e.Part, e.Data)
	if len(e.Unread) > 0 {
		text += fmt.Sprintf("Not read: %d lines of %s, such as %s\n", len(e.Unread), at(record.UnreadFile), e.Unread[0])
	}
	if !e.HasClasses {
		return text + fmt.Sprintf("They are in %s, with their files in %s\n", out.Path, record.IDsFile)
	}
	return text + fmt.Sprintf("They are in %s; score them with\n  xbm eval --embeddings %s --labels %s\n", out.Path, at(record.EmbeddingsFile), at(record.LabelsFile))
}

// WriteEmbeddings embeds a part of the set and replaces the files of the folder out: the
// embeddings ([record.EmbeddingsFile]), their labels if there are classes
// ([record.LabelsFile]), the names of unreadable images if any ([record.UnreadFile]), and last
// a description of each row ([record.IDsFile], see [Model.WriteIDs]). If the last file is
// there, all are complete.
func (m *Model) WriteEmbeddings(ctx context.Context, part string, out record.Folder) (Embeddings, error) {
	e := Embeddings{Data: m.Config.Data.Set, Part: part, Dim: m.Net.Dim(), HasClasses: m.HasClasses(), Unread: m.Unread()}
	index, err := m.Part(part)
	if err != nil {
		return e, err
	}
	e.Rows = len(index)
	emb, err := m.Embed(ctx, index)
	if err != nil {
		return e, err
	}
	var labels []int32
	if e.HasClasses {
		labels = m.Labels(index)
	}
	if err := errors.Join(out.Remove(record.IDsFile), out.Remove(record.LabelsFile), out.Remove(record.UnreadFile), out.Embeddings(emb, e.Dim, labels)); err != nil {
		return e, err
	}
	if len(e.Unread) > 0 {
		text := strings.Join(e.Unread, "\n") + "\n"
		if err := out.Write(record.UnreadFile, func(w io.Writer) error { _, err := io.WriteString(w, text); return err }); err != nil {
			return e, err
		}
	}
	return e, out.Write(record.IDsFile, func(w io.Writer) error { return m.WriteIDs(w, index) })
}
