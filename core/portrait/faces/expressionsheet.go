package faces

import (
	"fmt"
	"math/rand/v2"
	"slices"

	"github.com/atelier-engine/atelier/core/picture"
	"github.com/atelier-engine/atelier/core/portrait"
	"github.com/atelier-engine/atelier/core/portrait/expression"
)

// ExpressionSheet shows how expressions are made: a column for each of count
// people, drawn evenly over ages and genders from the faces that are surely
// neutral (from 0.8) and can be warped; the photograph above, and below it each
// emotion at the given strength. size is the side of a picture in pixels, 0 for
// that of the pack. The sheet is determined by seed.
func (f *Faces) ExpressionSheet(count int, strength float64, seed uint64, size int) (*picture.Picture, error) {
	var fit []int
	for i, c := range f.Conds {
		if c.Emotions[0] >= 0.8*sum(c.Emotions) && i < len(f.Landmarks) && f.Aligned[i] && expression.Suitable(f.Landmarks[i]) {
			fit = append(fit, i)
		}
	}
	if len(fit) == 0 {
		return nil, fmt.Errorf("sheet of expressions: none of the %d faces is neutral, seen from the front and has landmarks: pack a data set with x0,y0 to x67,y67", f.Len())
	}
	r := rand.New(rand.NewPCG(seed, 1))
	people := f.pool(fit)
	sheet := picture.Sheet{
		Title: "Expressions made of neutral faces", Size: size,
		Rows:  append([]string{"photograph"}, portrait.Emotions[1:]...),
		Cells: make([][]*picture.Picture, len(portrait.Emotions)),
	}
	var chosen []int
	for range 20 * count { // people are drawn once; a small set may have fewer
		if i := people.draw(r); len(chosen) < count && !slices.Contains(chosen, i) {
			chosen = append(chosen, i)
		}
	}
	for _, i := range chosen {
		for e := range portrait.Emotions {
			pix := f.Face(i)
			if e > 0 {
				made := make([]byte, len(pix))
				if err := expression.Apply(made, pix, f.Side, f.Landmarks[i], e, strength, rand.New(rand.NewPCG(r.Uint64(), uint64(e)))); err != nil {
					return nil, fmt.Errorf("sheet of expressions: %s: %w", f.Files[i], err)
				}
				pix = made
			}
			p := picture.New(f.Side, f.Side)
			for k, v := range pix {
				p.Pix[k] = float32(v) / 255
			}
			sheet.Cells[e] = append(sheet.Cells[e], p)
		}
		gender := "woman"
		if f.Conds[i].Gender > 0 {
			gender = "man"
		}
		sheet.Columns = append(sheet.Columns, fmt.Sprintf("%s, %.0f", gender, f.Conds[i].Age))
	}
	return sheet.Draw()
}
