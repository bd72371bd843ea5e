package style

import (
	"context"
	"fmt"
	"math"
	"path/filepath"
	"sync"

	"github.com/atelier-engine/atelier/core/device"
	"github.com/atelier-engine/atelier/core/kernel"
	"github.com/atelier-engine/atelier/core/nn"
	"github.com/atelier-engine/atelier/core/picture"
)

// The predictor's file in the folder of the style network, and the names in it
// that are not those of dense layers.
const (
	PredictorFile  = "predictor.safetensors"
	PredictorMean  = "input.mean"
	PredictorScale = "input.scale"
	PredictorOut   = "vector" // the last dense layer
	predictorIn    = "hidden" // the first
)

// referenceSide is the shorter side to which a reference is reduced: at this size
// its strokes are taken as they are.
const referenceSide = 512

// maxScale bounds how much larger or smaller than that strokes can be asked for.
const maxScale = 4

// PredictorGraph describes the network that makes a style vector from a picture's
// statistics (Ghiasi et al., "Exploring the structure of a real-time, arbitrary
// neural artistic stylization network", 2017): input (N,1,1,in), one hidden
// layer, output (N,1,1,vector).
func PredictorGraph(in, hidden, vector int) (*device.Graph, error) {
	if in < 1 || hidden < 1 || vector < 1 {
		return nil, fmt.Errorf("style predictor: layers of %d, %d and %d numbers: use positive ones", in, hidden, vector)
	}
	g := device.NewGraph("predictor")
	x := g.Input("statistics", device.Shape{H: 1, W: 1, C: in})
	x = g.Dense(predictorIn, x, hidden, kernel.ActReLU)
	g.WeightInit = device.InitXavier
	g.Output(g.Dense(PredictorOut, x, vector, kernel.ActNone))
	return g, g.Err()
}

// Statistics are the mean and the standard deviation of each channel of features
// (1,H,W,C), layer by layer: all means of a layer, then all deviations.
func Statistics(taps []device.Tensor) []float32 {
	var out []float32
	for _, t := range taps {
		sum, square := make([]float64, t.C), make([]float64, t.C)
		for i := 0; i < len(t.Data); i += t.C {
			for c, v := range t.Data[i : i+t.C] {
				sum[c] += float64(v)
				square[c] += float64(v) * float64(v)
			}
		}
		n := float64(t.H * t.W)
		for _, s := range sum {
			out = append(out, float32(s/n))
		}
		for c, s := range sum {
			out = append(out, float32(math.Sqrt(max(square[c]/n-s/n*s/n, 0))))
		}
	}
	return out
}

// Normalise sets x to (v - mean)·scale, held within ±4: a reference unlike all
// others must not lead the predictor where it has never been.
func Normalise(x, v, mean, scale []float32) {
	const limit = 4
	for i := range x {
		x[i] = min(max((v[i]-mean[i])*scale[i], -limit), limit)
	}
}

// Predictor makes style vectors from pictures. Its methods may be called from
// several goroutines.
type Predictor struct {
	mean, scale []float32

	mu       sync.Mutex
	features *FeatureRunner
	prog     device.Program
}

// LoadPredictor reads the predictor in the folder of a style network, and the
// feature network that it sees through.
func LoadPredictor(modelDir, featuresDir string) (*Predictor, error) {
	return LoadPredictorOn(device.NewCPU(), modelDir, featuresDir)
}

// LoadPredictorOn is LoadPredictor for a device.
func LoadPredictorOn(d device.Device, modelDir, featuresDir string) (*Predictor, error) {
	fail := func(err error) (*Predictor, error) { return nil, fmt.Errorf("style predictor: %w", err) }
	w, _, err := nn.ReadSafetensors(filepath.Join(modelDir, PredictorFile))
	if err != nil {
		return fail(err)
	}
	f, err := OpenFeatures(featuresDir)
	if err != nil {
		return fail(err)
	}
	p, err := NewPredictorOn(d, w, f)
	if err != nil {
		return fail(fmt.Errorf("%s: %w", modelDir, err))
	}
	return p, nil
}

// NewPredictor takes the weights of a predictor's file.
func NewPredictor(w device.Weights, f *FeatureNet) (*Predictor, error) {
	return NewPredictorOn(device.NewCPU(), w, f)
}

// NewPredictorOn is NewPredictor for a device.
func NewPredictorOn(d device.Device, w device.Weights, f *FeatureNet) (*Predictor, error) {
	in, out := w[predictorIn+".weight"], w[PredictorOut+".weight"]
	mean, scale := w[PredictorMean], w[PredictorScale]
	if len(in.Shape) != 2 || len(out.Shape) != 2 || len(mean.Data) != in.Shape[0] || len(scale.Data) != in.Shape[0] {
		return nil, fmt.Errorf("its layers do not fit together: use the file that atelier train style wrote")
	}
	shapes, err := f.Graph.Shapes([]device.Shape{{H: 64, W: 64, C: 3}})
	if err != nil {
		return nil, err
	}
	sees := 0
	for _, r := range f.Graph.Outs {
		sees += 2 * shapes[r].C
	}
	if sees != in.Shape[0] {
		return nil, fmt.Errorf("it takes %d statistics, but the feature network gives %d: install the two that belong together", in.Shape[0], sees)
	}
	g, err := PredictorGraph(in.Shape[0], in.Shape[1], out.Shape[1])
	if err != nil {
		return nil, err
	}
	own := device.Weights{}
	for _, p := range g.Params() {
		own[p.Name] = w[p.Name]
	}
	p := &Predictor{mean: mean.Data, scale: scale.Data}
	if p.prog, err = d.Compile(g, own); err != nil {
		return nil, err
	}
	p.features, err = f.RunnerOn(d)
	return p, err
}

// Predict returns the style vector of a reference picture of any size. scale is
// the size of its strokes relative to the reference's own, 0.25 to 4: 1 paints
// a picture as large as the reference with strokes as wide as the reference's.
func (p *Predictor) Predict(ctx context.Context, ref *picture.Picture, scale float64) ([]float32, error) {
	small, err := p.reduce(ref, scale)
	if err != nil {
		return nil, fmt.Errorf("predict style: %w", err)
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	taps, err := p.features.Run(small.Pix, small.H, small.W)
	if err != nil {
		return nil, fmt.Errorf("predict style: %w", err)
	}
	x := device.NewTensor(1, 1, 1, len(p.mean))
	Normalise(x.Data, Statistics(taps), p.mean, p.scale)
	out := []device.Tensor{{}}
	if err := p.prog.Run(out, []device.Tensor{x}); err != nil {
		return nil, fmt.Errorf("predict style: %w", err)
	}
	return append([]float32(nil), out[0].Data...), nil
}

// reduce brings the reference to the size at which its strokes have the scale, or
// to a megapixel if that is less; a side below what the feature network can see
// is stretched to that.
func (p *Predictor) reduce(ref *picture.Picture, scale float64) (*picture.Picture, error) {
	if err := ref.Check(); err != nil {
		return nil, err
	}
	if !(scale >= 1./maxScale && scale <= maxScale) {
		return nil, fmt.Errorf("scale %g: use %g to %d", scale, 1./maxScale, maxScale)
	}
	const least, most = 64, 1 << 20 // side; pixels
	ref = ref.Flatten(1, 1, 1)
	by := referenceSide * scale / float64(min(ref.W, ref.H))
	by = min(by, math.Sqrt(most/(float64(ref.W)*float64(ref.H))))
	w, h := max(least, int(by*float64(ref.W)+.5)), max(least, int(by*float64(ref.H)+.5))
	return ref.Resize(min(w, most/h), min(h, most/w))
}
