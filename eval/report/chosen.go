package report

import "math"

// preferred are the cells of one panel of memory × batch: the one with the cell
// that scores best on the validation classes. What is shown of single runs is
// shown of these; the test has no say in it.
func (c *Collection) preferred() []*Cell {
	memory, batch := c.axis(memoryKey), c.axis(batchKey)
	return c.of(c.bestCell(c.Cells), memory, batch)
}

// bestCell is that of the highest mean MAP@R of the validation classes.
func (c *Collection) bestCell(cells []*Cell) (best *Cell) {
	high := math.Inf(-1)
	for _, cell := range cells {
		if mean, _ := cell.interval(validated()); mean > high {
			best, high = cell, mean
		}
	}
	if best == nil { // no scores that are numbers
		best = cells[0]
	}
	return best
}

// batches sorts cells by batch size; in each the memories ascend.
func (c *Collection) batches(cells []*Cell) (sorted [][]*Cell) {
	place := map[string]int{}
	for _, cell := range cells {
		value := cell.config(batchKey)
		k, ok := place[value]
		if !ok {
			k = len(sorted)
			place[value], sorted = k, append(sorted, nil)
		}
		sorted[k] = append(sorted[k], cell)
	}
	return sorted
}

// largest is the cell with the largest memory.
func largest(cells []*Cell) *Cell { return cells[len(cells)-1] }

// color is the colour of a batch size, the same in all figures.
func (c *Collection) color(cell *Cell) int {
	axis := c.axis(batchKey)
	for i, value := range c.curveValues(axis) {
		if axis >= 0 && cell.Values[axis] == value {
			return i
		}
	}
	return 0
}
