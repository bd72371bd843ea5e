package style

import (
	"encoding/json"
	"fmt"
	"math"
	"path/filepath"

	"github.com/atelier-engine/atelier/core/device"
	"github.com/atelier-engine/atelier/core/kernel"
	"github.com/atelier-engine/atelier/core/nn"
)

// OwnTaps are the layers of the feature network that ships, from fine to coarse:
// at full, half, quarter and eighth resolution.
var OwnTaps = []string{"relu1_1", "relu2_1", "relu3_1", "relu4_1"}

// OwnFeatures are the widths of the feature network that ships, one for each tap:
// the number of channels of the convolutions at that resolution, and of the tap.
type OwnFeatures [4]int

// Check reports the first width that no network can have.
func (f OwnFeatures) Check() error {
	for i, w := range f {
		if w < 1 || w > 1024 {
			return fmt.Errorf("feature network: width %d of %s: use 1 to 1024", w, OwnTaps[i])
		}
	}
	return nil
}

// Graph describes the network with the given taps as outputs, all of OwnTaps if
// there are none. Layers behind the last tap are left out.
//
// It is a chain in the manner of VGG (Simonyan and Zisserman, 2015), with eight
// reflect-padded 3x3 convolutions and three 2x2 max poolings. A tap is a linear
// map of what its VGG namesake knows: the coordinates of VGG's features along
// their principal axes, so that squared distances between features, and between
// their Gram matrices, are those of VGG but for a factor of the layer.
func (f OwnFeatures) Graph(taps ...string) (*device.Graph, error) {
	if len(taps) == 0 {
		taps = OwnTaps
	}
	if err := f.Check(); err != nil {
		return nil, err
	}
	last, found := -1, map[string]device.Ref{}
	for _, t := range taps {
		at := -1
		for i, name := range OwnTaps {
			if name == t {
				at = i
			}
		}
		if at < 0 {
			return nil, fmt.Errorf("feature network: it has no layer %q: use %v", t, OwnTaps)
		}
		last = max(last, at)
	}
	g := device.NewGraph("features")
	x := g.Input("picture", device.Shape{C: 3})
	for i, convs := range []int{2, 2, 3, 1} {
		for j := range convs {
			x = g.Conv(fmt.Sprintf("conv%d_%d", i+1, j+1), x, kernel.Conv{OutC: f[i], KH: 3, KW: 3, Stride: 1, Pad: 1, PadMode: kernel.PadReflect}, kernel.ActReLU)
			if j == 0 {
				found[OwnTaps[i]] = g.Conv(fmt.Sprintf("tap%d_1", i+1), x, kernel.Conv{OutC: f[i], KH: 1, KW: 1, Stride: 1}, kernel.ActNone)
			}
			if j == 0 && i == last {
				break
			}
		}
		if i == last {
			break
		}
		x = g.MaxPool(x, 2, 2)
	}
	for _, t := range taps {
		g.Output(found[t])
	}
	return g, g.Err()
}

// OpenFeatures reads the feature network of a model folder (models/features)
// with the given taps, all of OwnTaps if there are none.
func OpenFeatures(dir string, taps ...string) (*FeatureNet, error) {
	fail := func(err error) (*FeatureNet, error) {
		return nil, fmt.Errorf("feature network %s: %w", dir, err)
	}
	m, err := nn.Open(dir)
	if err != nil {
		return nil, err
	}
	var f OwnFeatures
	for i, name := range OwnTaps {
		f[i] = int(m.Card.Settings["width "+name])
	}
	if err := f.Check(); err != nil {
		return fail(fmt.Errorf("%w: %s must say so under settings", err, filepath.Join(dir, "card.md")))
	}
	if len(taps) == 0 {
		taps = OwnTaps
	}
	g, err := f.Graph(taps...)
	if err != nil {
		return nil, err
	}
	w := device.Weights{}
	for _, p := range g.Params() {
		a, ok := m.Weights[p.Name]
		if !ok || fmt.Sprint(a.Shape) != fmt.Sprint(p.Shape) {
			return fail(fmt.Errorf("its %q has shape %v, not %v: use the weights that belong to this card", p.Name, a.Shape, p.Shape))
		}
		w[p.Name] = a
	}
	return &FeatureNet{Graph: g, Weights: w, Taps: taps}, nil
}

// ReferenceFile is the file of a model folder with values that a test checks.
const ReferenceFile = "reference.json"

// FeatureReference computes a network's taps on a formula picture of 64x64,
//
//	img[y,x,c] = ½ + ½ sin(0.11 x (c+1) + 0.07 y (3-c) + 0.5 c)
//
// and returns means, mean squares and some values as JSON.
func FeatureReference(f *FeatureNet) ([]byte, error) {
	const side = 64
	net, err := nn.New(f.Graph, f.Weights, nil)
	if err != nil {
		return nil, err
	}
	pix := make([]float32, side*side*3)
	for i := range pix {
		x, y, c := float64(i/3%side), float64(i/3/side), float64(i%3)
		pix[i] = float32(.5 + .5*math.Sin(.11*x*(c+1)+.07*y*(3-c)+.5*c))
	}
	out, err := net.Run(device.Tensor{Data: pix, N: 1, H: side, W: side, C: 3})
	if err != nil {
		return nil, err
	}
	type values struct {
		Shape      [3]int     `json:"shape"` // height, width, channels
		Mean       float64    `json:"mean"`
		MeanSquare float64    `json:"mean_square"`
		At         [5]int     `json:"at"` // indices into (H,W,C)
		Values     [5]float32 `json:"values"`
	}
	all := map[string]values{}
	for i, o := range out {
		v, n := values{Shape: [3]int{o.H, o.W, o.C}}, len(o.Data)
		for _, x := range o.Data {
			v.Mean += float64(x) / float64(n)
			v.MeanSquare += float64(x) * float64(x) / float64(n)
		}
		v.At = [5]int{0, n / 5, n / 2, n - n/7, n - 1}
		for k, at := range v.At {
			v.Values[k] = o.Data[at]
		}
		all[f.Taps[i]] = v
	}
	return json.MarshalIndent(map[string]any{
		"input": "img[y,x,c] = 0.5+0.5*sin(0.11*x*(c+1)+0.07*y*(3-c)+0.5*c), c=0,1,2 = R,G,B, 64x64, float32",
		"taps":  all,
	}, "", " ")
}
