package style

import (
	"context"
	"fmt"
	"maps"

	"github.com/atelier-engine/atelier/core/device"
	"github.com/atelier-engine/atelier/core/kernel"
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
			painted, err := s.Paint(ctx, p, plan, 1, nil)
			if err != nil {
				return nil, fmt.Errorf("sheet: %w", err)
			}
			row = append(row, painted)
		}
		sheet.Cells = append(sheet.Cells, row)
	}
	return sheet.Draw()
}

// stylizer is the network as learnt so far.
func (l *lesson) stylizer(net, table device.Weights) (*Stylizer, []Plan, error) {
	n := l.cfg.Network.VectorLen()
	row := func(i int) []float32 {
		v := make([]float32, n)
		kernel.AXPY(v, table["vector"].Data[i*n:(i+1)*n], vectorRate)
		return v
	}
	w := maps.Clone(net)
	w[identityName] = device.Array{Shape: []int{n}, Data: row(len(l.pupils))}
	s, err := newStylizer(w)
	if err != nil {
		return nil, nil, err
	}
	var plans []Plan
	for i, p := range l.pupils {
		plans = append(plans, Plan{Style: p.cfg.Name, Network: networkName, Vector: row(i)})
	}
	return s, append(plans, Plan{Style: identityName, Network: networkName, Vector: row(len(l.pupils))}), nil
}

// sampleSheet paints the photographs of cfg.Samples with the network as learnt so far.
func (l *lesson) sampleSheet(ctx context.Context, net, table device.Weights, side int) (*picture.Picture, error) {
	s, plans, err := l.stylizer(net, table)
	if err != nil {
		return nil, err
	}
	var photos []*picture.Picture
	for _, i := range l.photos.find(l.cfg.Samples) {
		p := picture.New(side, side)
		l.photos.Square(p.Pix, side, i)
		photos = append(photos, p)
	}
	return s.SheetOf(ctx, photos, plans, side)
}
