package optimise

import (
	"fmt"

	"gorgonia.org/gorgonia"

	"github.com/atelier-engine/atelier/core/autodiff"
	"github.com/atelier-engine/atelier/core/device"
	"github.com/atelier-engine/atelier/core/kernel"
	"github.com/atelier-engine/atelier/core/style"
)

// The parts of the loss and where they are measured. All are relative, so that
// their weights mean the same for every picture:
//
//	content  Σ_l a_l · mean (f - f₀)² / variance of f₀
//	style    Σ_l b_l · [ (1-c) ‖C - C*‖² / ‖C₀ - C*‖² + c ‖m - m*‖² / ‖m₀ - m*‖² ]
//	smooth   total variation, mean square of differences of neighbours
//	bounds   mean square of what lies outside [0,1]
//
// where C are the covariances of the features of a layer over the picture and m
// their means; f₀, C₀, m₀ are of the photograph, C*, m* of the reference. So style
// is 1 for the untouched photograph. Gram matrices (Gatys et al., 2016) hold the
// same numbers, but the means drown the rest there. ‖·‖ counts each channel in
// units of its own spread, so that no loud channel drowns the others either:
//
//	‖D‖² = Σ D²ab/(va·vb)    ‖d‖² = Σ d²a/va    v = ½(C₀ + C*)aa + a tenth of their mean
var (
	contentShare = map[string]float32{"relu3_1": .5, "relu4_1": .5}
	styleShare   = map[string]float32{"relu1_1": .1, "relu2_1": .2, "relu3_1": .35, "relu4_1": .35}
	paletteShare = 0.3 // c above
)

const (
	boundsWeight = 50
	// Where the photograph is already like the reference, the distance between the
	// two is no measure: it counts as at least this, in units of the spread.
	leastDistance = .05
	leastVariance = 1e-3 // of features, where the photograph shows nothing
)

// Weights say how much each part of the loss counts. Zero values mean the
// defaults; a negative one leaves a part out.
type Weights struct {
	Content float64 // 0: 1
	Style   float64 // 0: 10
	Smooth  float64 // 0: 2
}

func (w Weights) fill() Weights {
	or := func(v, def float64) float64 {
		if v == 0 {
			return def
		}
		return max(v, 0)
	}
	return Weights{or(w.Content, defaultContent), or(w.Style, defaultStyle), or(w.Smooth, defaultSmooth)}
}

const (
	defaultContent = 1
	defaultStyle   = 10
	defaultSmooth  = 2
)

// Losses are the parts of the loss as described at contentShare, not weighted.
type Losses struct {
	Content, Style, Smooth, Bounds float64
}

// total is the weighted sum.
func (l Losses) total(w Weights) float64 {
	return w.Content*l.Content + w.Style*l.Style + w.Smooth*l.Smooth + boundsWeight*l.Bounds
}

// scene is the loss of a picture of one size, with its gradient.
type scene struct {
	w, h    int
	weights Weights
	pixels  *autodiff.Params // the picture that changes
	tape    *autodiff.Tape
	content *gorgonia.Node
	style   *gorgonia.Node
	smooth  *gorgonia.Node
	losses  Losses // of the last run
}

const pixelsName = "pixels"

// newScene makes the tape for pictures as large as the photograph. What is known of
// the reference comes from a picture of the same scale.
func newScene(f *style.FeatureNet, photo, ref measures, w, h int, weights Weights) (*scene, error) {
	s := &scene{w: w, h: h, weights: weights}
	s.pixels = autodiff.NewParamsOf("picture", []device.Param{{Name: pixelsName, Shape: []int{h * w * 3}}}, 0)
	frozen := autodiff.NewParams(f.Graph, 0)
	if err := frozen.Load(f.Weights); err != nil {
		return nil, err
	}
	t := autodiff.NewTape()
	s.tape = t
	x := t.Variable(s.pixels, pixelsName, 1, h, w, 3)
	taps, err := t.Apply(f.Graph, frozen, autodiff.Frozen, x)
	if err != nil {
		return nil, err
	}
	var contents, styles []*gorgonia.Node
	var cw, sw []float32
	for i, tap := range f.Taps {
		p := photo.taps[i]
		if a := contentShare[tap]; a > 0 {
			contents = append(contents, t.MSE(taps[i], t.Input("content "+tap, 1, p.H, p.W, p.C)))
			cw = append(cw, a/float32(max(variance(p.Data, p.C), leastVariance)))
			if err := t.Set("content "+tap, p.Data); err != nil {
				return nil, err
			}
		}
		if b := styleShare[tap]; b > 0 {
			l, err := newManner(p.C, ref.moments[i], photo.moments[i]).compare(t, tap, 1, taps[i])
			if err != nil {
				return nil, err
			}
			styles, sw = append(styles, l), append(sw, b)
		}
	}
	s.content, s.style, s.smooth = t.WeightedSum(cw, contents...), t.WeightedSum(sw, styles...), t.TV(x)
	total := t.WeightedSum([]float32{float32(weights.Content), float32(weights.Style), float32(weights.Smooth)}, s.content, s.style, s.smooth)
	if err := t.Minimise(total, s.pixels); err != nil {
		return nil, err
	}
	return s, nil
}

// value is the objective: the weighted loss of the picture x and its gradient.
func (s *scene) value(grad, x []float32) (float64, error) {
	copy(s.pixels.Get(pixelsName), x)
	s.pixels.Touch()
	if err := s.tape.Run(); err != nil {
		return 0, fmt.Errorf("optimise: %w", err)
	}
	s.losses = Losses{Content: s.tape.Scalar(s.content), Style: s.tape.Scalar(s.style), Smooth: s.tape.Scalar(s.smooth)}
	copy(grad, s.tape.Grad(s.pixels, pixelsName))
	s.losses.Bounds = outside(grad, x)
	return s.losses.total(s.weights), nil
}

// outside is the mean square of what lies outside [0,1]; it adds its weighted
// gradient to grad.
func outside(grad, x []float32) float64 {
	const chunk = 1 << 14
	sums := make([]float64, (len(x)+chunk-1)/chunk)
	by := 2 * boundsWeight / float32(len(x))
	kernel.Parallel(len(x), chunk, func(_, lo, hi int) {
		var sum float64
		for i := lo; i < hi; i++ {
			if d := x[i] - min(max(x[i], 0), 1); d != 0 {
				sum += float64(d) * float64(d)
				grad[i] += by * d
			}
		}
		sums[lo/chunk] = sum
	})
	var sum float64
	for _, v := range sums {
		sum += v
	}
	return sum / float64(len(x))
}
