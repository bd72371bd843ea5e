package portrait

import (
	"fmt"

	"github.com/atelier-engine/atelier/core/picture"
)

// toPicture turns a network's output (side x side x 3 in [-1,1]) into a
// picture.
func toPicture(x []float32, side int) *picture.Picture {
	p := &picture.Picture{W: side, H: side, Pix: make([]float32, side*side*3)}
	for i := range p.Pix {
		p.Pix[i] = max(0, min(1, x[i]*0.5+0.5))
	}
	return p
}

// DataSheet is a contact sheet of faces as training sees them, one row an
// emotion.
func (f *Faces) DataSheet(columns, side int) (*picture.Picture, error) {
	s := newSampler(f, Augment{}, side)
	sheet := picture.Sheet{Title: fmt.Sprintf("%d faces", len(f.Conds)), Rows: Emotions[:]}
	buf := make([]float32, side*side*3)
	for _, class := range s.class {
		var row []*picture.Picture
		for k := range min(columns, len(class)) {
			s.face(buf, class[k*len(class)/columns], nil)
			row = append(row, toPicture(buf, side))
		}
		sheet.Cells = append(sheet.Cells, row)
	}
	return sheet.Draw()
}
