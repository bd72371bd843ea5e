package faces

import (
	"fmt"
	"math/rand/v2"

	"github.com/atelier-engine/atelier/core/picture"
	"github.com/atelier-engine/atelier/core/portrait"
)

// DataSheet is a contact sheet of faces as training sees them, one row an
// emotion, with made expressions as in e.
func (f *Faces) DataSheet(e Express, columns, side int) (*picture.Picture, error) {
	s := NewExpressive(f, Augment{}, e, side)
	sheet := picture.Sheet{Title: fmt.Sprintf("%d faces", len(f.Conds)), Rows: portrait.Emotions[:]}
	buf := make([]float32, side*side*3)
	r := rand.New(rand.NewPCG(1, 2))
	for k := range portrait.Emotions {
		var row []*picture.Picture
		for range columns {
			p, ok := s.of(k, r)
			if !ok {
				break
			}
			s.Show(buf, p, nil)
			row = append(row, portrait.ToPicture(buf, side))
		}
		sheet.Cells = append(sheet.Cells, row)
	}
	return sheet.Draw()
}
