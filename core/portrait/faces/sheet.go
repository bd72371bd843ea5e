package faces

import (
	"fmt"

	"github.com/atelier-engine/atelier/core/picture"
	"github.com/atelier-engine/atelier/core/portrait"
)

// Sheet is a contact sheet of packed faces, one row an emotion, columns
// faces in each, of side x side pixels, with their ages. Emotions that no face
// shows most have no row.
func (f *Faces) Sheet(columns, side int) (*picture.Picture, error) {
	var class [portrait.EmotionDims][]int
	for i, c := range f.Conds {
		class[c.Emotion()] = append(class[c.Emotion()], i)
	}
	sheet := picture.Sheet{Title: fmt.Sprintf("%d faces of %dx%d pixels", f.Len(), f.Side, f.Side), Note: f.Terms, Size: side}
	for k, members := range class {
		if len(members) == 0 {
			continue
		}
		var row []*picture.Picture
		var names []string
		n := min(columns, len(members))
		for j := range n {
			i := members[j*len(members)/n]
			row = append(row, f.picture(i))
			names = append(names, fmt.Sprintf("%.0f, %s", f.Conds[i].Age, who(f.Conds[i].Gender)))
		}
		sheet.Rows = append(sheet.Rows, fmt.Sprintf("%s: %d", portrait.Emotions[k], len(members)))
		sheet.Cells, sheet.Names = append(sheet.Cells, row), append(sheet.Names, names)
	}
	return sheet.Draw()
}

// picture is face i in [0,1].
func (f *Faces) picture(i int) *picture.Picture {
	p := picture.New(f.Side, f.Side)
	for k, v := range f.Face(i) {
		p.Pix[k] = float32(v) / 255
	}
	return p
}

func who(gender float64) string {
	if gender > 0 {
		return "man"
	}
	return "woman"
}
