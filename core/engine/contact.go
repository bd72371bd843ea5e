package engine

import (
	"context"
	"image"
	"slices"
	"strings"
	"time"

	"github.com/atelier-engine/atelier/core/picture"
	"github.com/atelier-engine/atelier/core/plan"
	"github.com/atelier-engine/atelier/core/recipe"
)

// sheetKind lays pictures out on a contact sheet.
func (e *Engine) sheetKind() plan.Kind {
	return plan.Kind{
		Name: recipe.KindSheet, Version: 1, Output: recipe.TypePicture,
		Takes: []plan.Input{{Type: recipe.TypePicture, Many: true}},
		Prepare: func(_ context.Context, s *plan.Step, in []plan.Facts) (plan.Facts, error) {
			if len(in) > recipe.MaxCells {
				return plan.Facts{}, Usagef("%d pictures: at most %d are laid out: ask for fewer", len(in), recipe.MaxCells)
			}
			sizes := make([]image.Point, len(in))
			for i, f := range in {
				sizes[i] = cellSize(s, f.W, f.H)
			}
			sheet := sheetOf(s, nil)
			w, h, err := sheet.Bounds(slices.Collect(slices.Chunk(sizes, across(s))))
			pixels := int64(w) * int64(h)
			return plan.Facts{W: w, H: h, Time: 2 * time.Duration(pixels) * pixelTime, Memory: 8 * pixels}, mark(err, ErrUsage)
		},
		Run: func(ctx context.Context, c *plan.Call) (any, error) {
			cells := make([]*picture.Picture, len(c.Inputs))
			for i, v := range c.Inputs {
				if err := ctx.Err(); err != nil {
					return nil, err
				}
				r := raster(v)
				w, h := r.Size()
				cell := cellSize(c.Step, w, h)
				p, err := reduced(ctx, r, cell.X*cell.Y)
				if err == nil && (p.W != cell.X || p.H != cell.Y) {
					p, err = p.Resize(cell.X, cell.Y)
				}
				if err != nil {
					return nil, err
				}
				cells[i] = p
				c.Report(0.8 * float64(i+1) / float64(len(cells)))
			}
			p, err := sheetOf(c.Step, cells).Draw()
			if err != nil {
				return nil, err
			}
			p.Meta = commonMeta(c.Inputs)
			return p, nil
		},
	}
}

// sheetLetters is the least height of captions, in pixels: a sheet of small
// pictures is looked at as it is.
const sheetLetters = 14

// cellSize is the size of a picture of w by h pixels on the sheet.
func cellSize(s *plan.Step, w, h int) image.Point {
	size, ok := s.Whole("size")
	if !ok {
		return image.Pt(w, h)
	}
	k := float64(size) / float64(max(w, h, 1))
	return image.Pt(max(1, int(float64(w)*k+.5)), max(1, int(float64(h)*k+.5)))
}

// across is how many pictures stand in a row.
func across(s *plan.Step) int {
	n, _ := s.Whole("across")
	return max(1, int(n))
}

// sheetOf is the sheet that a step describes.
func sheetOf(s *plan.Step, cells []*picture.Picture) picture.Sheet {
	sheet := picture.Sheet{
		Title: s.Text("title"), Note: s.Text("note"), Letters: sheetLetters,
		Columns: recipe.SplitCaptions(s.Text("columns")), Rows: recipe.SplitCaptions(s.Text("rows")),
	}
	sheet.Cells = slices.Collect(slices.Chunk(cells, across(s)))
	if names := recipe.SplitCaptions(s.Text("names")); names != nil {
		sheet.Names = slices.Collect(slices.Chunk(names, across(s)))
	}
	return sheet
}

// commonMeta is what pictures that become one say together: what they agree in
// is said once, the rest for each of them on a line of its own.
func commonMeta(pictures []any) map[string]string {
	out := map[string]string{}
	for i, v := range pictures {
		for k := range raster(v).Meta {
			if _, seen := out[k]; seen || k == planKey || k == "Software" {
				continue
			}
			lines := make([]string, len(pictures))
			for j, other := range pictures[i:] {
				lines[i+j] = strings.Join(strings.Fields(raster(other).Meta[k]), " ")
			}
			if same := slices.Compact(slices.Clone(lines)); len(same) == 1 {
				lines = same
			}
			out[k] = strings.Join(lines, "\n")
		}
	}
	if out[noticeKey] == notice && len(pictures) > 1 {
		out[noticeKey] = noticeMany
	}
	return out
}
