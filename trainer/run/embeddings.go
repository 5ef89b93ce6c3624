package run

import (
	"context"
	"errors"
	"io"
	"strings"

	"crossbatch/eval/record"
)

// Embeddings is what [Model.WriteEmbeddings] wrote.
type Embeddings struct {
	Rows, Dim  int
	HasClasses bool     // there are labels
	Unread     []string // see [Model.Unread]
}

// WriteEmbeddings embeds a part of the set and writes to the folder, in place of what is
// there, the embeddings ([record.EmbeddingsFile]), their labels where there are classes
// ([record.LabelsFile]), what could not be read, if anything ([record.UnreadFile]), and
// last what each row is ([record.IDsFile], see [Model.WriteIDs]): where those are, all is.
func (m *Model) WriteEmbeddings(ctx context.Context, part string, out record.Folder) (Embeddings, error) {
	e := Embeddings{Dim: m.Net.Dim(), HasClasses: m.HasClasses(), Unread: m.Unread()}
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
