package loss_test

import (
	"os"
	"slices"
	"strings"
	"testing"

	"crossbatch/xbm/loss"
	"crossbatch/xbm/miner"
)

// The tables of README.md name what there is, with the parameters and defaults that
// there are.
func TestReadmeHasTheLossesAndMiners(t *testing.T) {
	text, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	tables := map[string][]string{
		"| `--loss` |":  slices.Concat(loss.Names(), loss.ClassNames()),
		"| `--miner` |": miner.Names(),
	}
	for head, known := range tables {
		_, table, ok := strings.Cut(string(text), head)
		if !ok {
			t.Fatalf("README.md has no table that begins with %s", head)
		}
		table, _, _ = strings.Cut(table, "\n\n")
		rows := map[string]string{}
		for line := range strings.Lines(table) {
			if name, rest, ok := strings.Cut(strings.TrimPrefix(line, "| `"), "`"); ok && strings.HasPrefix(line, "| `") {
				rows[name] = rest
			}
		}
		for _, entry := range known {
			name, parameters, _ := strings.Cut(entry, ":")
			row, ok := rows[name]
			if !ok {
				t.Errorf("README.md has no row for %s", entry)
			} else if parameters != "" && !strings.Contains(row, "`"+parameters+"`") {
				t.Errorf("README.md: the row of %s has not `%s`: %s", name, parameters, row)
			}
		}
		for name := range rows {
			if !slices.ContainsFunc(known, func(entry string) bool { return entry == name || strings.HasPrefix(entry, name+":") }) {
				t.Errorf("README.md has a row for %s, which is not known", name)
			}
		}
	}
}
