package style

import (
	"context"
	"fmt"

	"github.com/atelier-engine/atelier/core/picture"
)

// SheetOf paints every photograph in every style and lays them out: one row a
// photograph, the photograph itself first.
func (s *Stylizer) SheetOf(ctx context.Context, photos []*picture.Picture, plans []Plan, side int) (*picture.Picture, error) {
	sheet := picture.Sheet{Columns: []string{"photograph"}, Size: side}
	for i, p := range photos {
		row := []*picture.Picture{p}
		for _, plan := range plans {
			if i == 0 {
				name := plan.Title
				if name == "" {
					name = plan.Style
				}
				sheet.Columns = append(sheet.Columns, name)
			}
			painted, err := s.Paint(ctx, p, plan, Options{Intensity: 1})
			if err != nil {
				return nil, fmt.Errorf("sheet: %w", err)
			}
			row = append(row, painted)
		}
		sheet.Cells = append(sheet.Cells, row)
	}
	return sheet.Draw()
}
