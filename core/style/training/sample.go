package training

import (
	"context"
	"fmt"
	"maps"
	"path"
	"path/filepath"
	"strings"

	"github.com/atelier-engine/atelier/core/device"
	"github.com/atelier-engine/atelier/core/kernel"
	"github.com/atelier-engine/atelier/core/picture"
	"github.com/atelier-engine/atelier/core/style"
)

// stylizer is the network as learnt so far, with the presets and the identity.
func (a *apprentice) stylizer() (*style.Stylizer, []style.Plan, error) {
	n := a.cfg.Network.VectorLen()
	table := a.avgTable.Get("vector")
	row := func(i int) []float32 {
		v := make([]float32, n)
		kernel.AXPY(v, table[i*n:(i+1)*n], vectorRate)
		return v
	}
	w := maps.Clone(a.avgNet.Weights())
	w[style.Identity] = device.Array{Shape: []int{n}, Data: row(len(a.pupils))}
	s, err := style.New(w)
	if err != nil {
		return nil, nil, err
	}
	var plans []style.Plan
	for i, p := range a.pupils {
		plans = append(plans, style.Plan{Style: p.cfg.Name, Network: style.Network, Vector: row(i)})
	}
	return s, append(plans, style.Plan{Style: style.Identity, Network: style.Network, Vector: row(len(a.pupils))}), nil
}

// heldOut is a plan for each painting that the predictor never saw.
func (a *apprentice) heldOut(ctx context.Context) ([]style.Plan, error) {
	p, err := style.NewPredictor(a.sight.weights(a.avgPredictor.Weights()), a.sight.net)
	if err != nil {
		return nil, err
	}
	var plans []style.Plan
	for i, name := range a.cfg.Predictor.Held {
		ref, err := picture.Open(a.cfg.path("paintings", filepath.FromSlash(name)))
		if err != nil {
			return nil, err
		}
		v, err := p.Predict(ctx, ref, 1)
		if err != nil {
			return nil, err
		}
		plans = append(plans, style.Plan{Style: fmt.Sprintf("held-%d", i), Title: strings.TrimSuffix(path.Base(name), path.Ext(name)), Network: style.Network, Vector: v})
	}
	return plans, nil
}

// sampleSheet paints the photographs of cfg.Samples with the network as learnt
// so far: the presets, the identity, and like the paintings held out.
func (a *apprentice) sampleSheet(ctx context.Context) (*picture.Picture, error) {
	s, plans, err := a.stylizer()
	if err != nil {
		return nil, err
	}
	held, err := a.heldOut(ctx)
	if err != nil {
		return nil, err
	}
	var photos []*picture.Picture
	for _, i := range a.photos.find(a.cfg.Samples) {
		p := picture.New(a.cfg.SampleSide, a.cfg.SampleSide)
		a.photos.Square(p.Pix, a.cfg.SampleSide, i)
		photos = append(photos, p)
	}
	return s.SheetOf(ctx, photos, append(plans, held...), a.cfg.SampleSide)
}
