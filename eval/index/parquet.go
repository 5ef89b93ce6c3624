package index

import (
	"errors"
	"io"

	"github.com/parquet-go/parquet-go"

	"crossbatch/eval/record"
)

// parquetRow is a row of index.parquet. The library is the one for Go that is kept
// well; the format has too many parts to be written by hand.
type parquetRow struct {
	Name      string    `parquet:"name"`
	Group     string    `parquet:"group,dict"`
	Embedding []float32 `parquet:"embedding,list"`
}

// parquetGroup is how many rows are held in memory at a time.
const parquetGroup = 16384

func (x *Index) exportParquet(to record.Folder) error {
	return to.Write("index.parquet", func(out io.Writer) error {
		w := parquet.NewGenericWriter[parquetRow](out, parquet.MaxRowsPerRowGroup(parquetGroup), parquet.Compression(&parquet.Snappy))
		err := x.each(func(_, _ int, it Item, embedding []float32) error {
			_, err := w.Write([]parquetRow{{it.Name, it.Group, embedding}})
			return err
		})
		return errors.Join(err, w.Close())
	})
}
