package training

import (
	"math"
	"math/rand/v2"
	"strings"

	"github.com/atelier-engine/atelier/core/device"
	"github.com/atelier-engine/atelier/core/kernel"
	"github.com/atelier-engine/atelier/core/picture"
	"github.com/atelier-engine/atelier/core/style"
)

// sight is what the predictor sees of a reference: the statistics of the shipped
// feature network, less their mean over references, in units of their deviation.
type sight struct {
	net         *style.FeatureNet
	run         *style.FeatureRunner
	mean, scale []float32
}

// newSight measures the statistics over some hundred windows of references.
func newSight(cfg *TrainConfig, judge *style.FeatureNet, refs *References) (*sight, error) {
	net := judge
	if cfg.Predictor.Features != "" {
		var err error
		if net, err = style.OpenFeatures(cfg.Predictor.Features); err != nil {
			return nil, err
		}
	}
	run, err := net.Runner()
	if err != nil {
		return nil, err
	}
	s := &sight{net: net, run: run}
	const many = 128
	rng := rand.New(rand.NewPCG(cfg.Seed, 3))
	var sum, square []float64
	for range many {
		ref, err := refs.Window(rng)
		if err != nil {
			return nil, err
		}
		x, err := s.statistics(ref)
		if err != nil {
			return nil, err
		}
		if sum == nil {
			sum, square = make([]float64, len(x)), make([]float64, len(x))
		}
		for i, v := range x {
			sum[i] += float64(v) / many
			square[i] += float64(v) * float64(v) / many
		}
	}
	for i, m := range sum {
		s.mean = append(s.mean, float32(m))
		s.scale = append(s.scale, float32(1/math.Sqrt(max(square[i]-m*m, 1e-6))))
	}
	return s, nil
}

func (s *sight) statistics(p *picture.Picture) ([]float32, error) {
	out, err := s.run.Run(p.Pix, p.H, p.W)
	if err != nil {
		return nil, err
	}
	return style.Statistics(out), nil
}

// look fills x with what the predictor sees of p.
func (s *sight) look(x []float32, p *picture.Picture) error {
	v, err := s.statistics(p)
	if err != nil {
		return err
	}
	style.Normalise(x, v, s.mean, s.scale)
	return nil
}

// weights are the predictor's file: the dense layers and what its input is
// measured against.
func (s *sight) weights(w device.Weights) device.Weights {
	out := device.Weights{
		style.PredictorMean:  {Shape: []int{len(s.mean)}, Data: s.mean},
		style.PredictorScale: {Shape: []int{len(s.scale)}, Data: s.scale},
	}
	for name, a := range w {
		if strings.HasPrefix(name, style.PredictorOut+".") {
			scaled := make([]float32, len(a.Data))
			kernel.AXPY(scaled, a.Data, predictedRate)
			a = device.Array{Shape: a.Shape, Data: scaled}
		}
		out[name] = a
	}
	return out
}
