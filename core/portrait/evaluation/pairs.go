package evaluation

import (
	"fmt"

	"github.com/atelier-engine/atelier/core/picture"
	"github.com/atelier-engine/atelier/core/portrait/faces"
)

// Pairs shows the portraits of model i that are nearest to training photographs,
// each above its photograph: first by person, then by pixels. It shows
// photographs of people who exist: it belongs into the folder of a run, not into
// a repository or a report.
func (b *Bench) Pairs(i int) (*picture.Picture, error) {
	c, set := &b.Models[i], b.set
	s := picture.Sheet{Title: c.Name + ": nearest training photographs", Size: 128,
		Note: fmt.Sprintf("upper rows: portraits, lower rows: their nearest photographs; a copy has a ratio below %g", copyRatio)}
	for lo := 0; lo < len(c.pairs); lo += shownPairs {
		part := c.pairs[lo:min(lo+shownPairs, len(c.pairs))]
		var made, photo []*picture.Picture
		var ratios, files []string
		for _, p := range part {
			made, photo = append(made, p.made), append(photo, photograph(set, p.face))
			ratios, files = append(ratios, fmt.Sprintf("%.2f", p.near.ratio)), append(files, set.Files[p.face])
		}
		s.Cells, s.Names = append(s.Cells, made, photo), append(s.Names, ratios, files)
		s.Rows = append(s.Rows, "by "+part[0].by, "photograph")
	}
	return s.Draw()
}

// photograph is face i of a set as a picture.
func photograph(set *faces.Faces, i int) *picture.Picture {
	p := picture.New(set.Side, set.Side)
	for k, v := range set.Face(i) {
		p.Pix[k] = float32(v) / 255
	}
	return p
}
