package training

import (
	"context"
	"maps"

	"github.com/atelier-engine/atelier/core/device"
	"github.com/atelier-engine/atelier/core/kernel"
	"github.com/atelier-engine/atelier/core/picture"
	"github.com/atelier-engine/atelier/core/style"
)

// stylizer is the network as learnt so far.
func (l *lesson) stylizer(net, table device.Weights) (*style.Stylizer, []style.Plan, error) {
	n := l.cfg.Network.VectorLen()
	row := func(i int) []float32 {
		v := make([]float32, n)
		kernel.AXPY(v, table["vector"].Data[i*n:(i+1)*n], vectorRate)
		return v
	}
	w := maps.Clone(net)
	w[style.Identity] = device.Array{Shape: []int{n}, Data: row(len(l.pupils))}
	s, err := style.New(w)
	if err != nil {
		return nil, nil, err
	}
	var plans []style.Plan
	for i, p := range l.pupils {
		plans = append(plans, style.Plan{Style: p.cfg.Name, Network: style.Network, Vector: row(i)})
	}
	return s, append(plans, style.Plan{Style: style.Identity, Network: style.Network, Vector: row(len(l.pupils))}), nil
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
