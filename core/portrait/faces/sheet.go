package faces

import (
	"fmt"

	"github.com/atelier-engine/atelier/core/picture"
	"github.com/atelier-engine/atelier/core/portrait"
)

// DataSheet is a contact sheet of faces as training sees them, one row an
// emotion.
func (f *Faces) DataSheet(columns, side int) (*picture.Picture, error) {
	s := NewSampler(f, Augment{}, side)
	sheet := picture.Sheet{Title: fmt.Sprintf("%d faces", len(f.Conds)), Rows: portrait.Emotions[:]}
	buf := make([]float32, side*side*3)
	for _, class := range s.class {
		var row []*picture.Picture
		for k := range min(columns, len(class)) {
			s.Face(buf, class[k*len(class)/columns], nil)
			row = append(row, portrait.ToPicture(buf, side))
		}
		sheet.Cells = append(sheet.Cells, row)
	}
	return sheet.Draw()
}
