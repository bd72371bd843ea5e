package engine

import (
	"math"
	"slices"
	"strings"

	"github.com/atelier-engine/atelier/core/recipe"
)

// grid is all conditions along some axes: the first half of them goes across,
// the rest down, each within the one before it.
func grid(w *People, f recipe.Face) (set, error) {
	axes, err := parseAxes("--grid", w.Grid)
	if err != nil {
		return set{}, err
	}
	cells := 1
	for _, a := range axes {
		given := map[string]bool{
			"age": w.Age != nil, "gender": w.Gender != "", "emotion": len(w.Emotion) > 0, "seed": w.Seed != nil || w.Like != "", "truncation": w.Truncation != nil,
		}
		if given[a.name] {
			return set{}, Usagef("portrait: --%s and --grid %s are both given: leave one out", a.name, a.name)
		}
		cells *= len(a.values)
	}
	if cells > recipe.MaxCells {
		return set{}, Usagef("--grid: %d portraits: at most %d are laid out: give fewer values", cells, recipe.MaxCells)
	}
	half := (len(axes) + 1) / 2
	across, down := nested(axes[:half]), nested(axes[half:])
	s := set{across: len(across)}
	for _, row := range down {
		for _, column := range across {
			c := cell{face: f}
			var captions, files []string
			for _, v := range append(column[:len(column):len(column)], row...) {
				v.set(&c.face)
				captions, files = append(captions, v.caption), append(files, v.file)
			}
			c.caption, c.file = strings.Join(captions, ", "), strings.Join(files, "-")
			s.cells = append(s.cells, c)
		}
	}
	const wide = 10 // one axis of more values is broken into rows
	if len(axes) == 1 && s.across > wide {
		s.across = int(math.Ceil(math.Sqrt(float64(len(s.cells)))))
		return s, nil
	}
	for _, column := range across {
		s.columns = append(s.columns, captionOf(column))
	}
	for _, row := range down {
		s.rows = append(s.rows, captionOf(row))
	}
	return s, nil
}

// nested gives every choice of one value of each axis, the last axis changing
// fastest; of no axis the one empty choice.
func nested(axes []axis) [][]axisValue {
	all := [][]axisValue{nil}
	for _, a := range axes {
		var next [][]axisValue
		for _, before := range all {
			for _, v := range a.values {
				next = append(next, append(slices.Clone(before), v))
			}
		}
		all = next
	}
	return all
}

func captionOf(values []axisValue) string {
	var parts []string
	for _, v := range values {
		parts = append(parts, v.caption)
	}
	return strings.Join(parts, ", ")
}
