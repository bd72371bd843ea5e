package style

import (
	"fmt"

	"github.com/atelier-engine/atelier/core/device"
	"github.com/atelier-engine/atelier/core/kernel"
	"github.com/atelier-engine/atelier/core/nn"
)

// FeatureNet is a frozen network whose activations say what a picture shows
// (content) and how it is made (style, through their Gram matrices).
//
// The input is RGB in [0,1], (N,H,W,3); the outputs are the layers in Taps, in
// their order.
type FeatureNet struct {
	Graph   *device.Graph
	Weights device.Weights
	Taps    []string
}

// The feature networks that files exist for.
const (
	VGG19      = "vgg19_normalised_to_relu3_1"   // AdaIN's normalised VGG-19
	Distilled  = "vgg19_distilled16x_to_relu5_1" // Wang et al. 2020, 16 times cheaper
	SqueezeNet = "squeezenet_v1.1_features"
)

// FeatureGraph describes the network of that name with the given layers as
// outputs; layers behind the last one asked for are left out.
func FeatureGraph(name string, taps []string) (*device.Graph, error) {
	var g *device.Graph
	var err error
	switch name {
	case VGG19:
		g, err = vggGraph(name, vgg19Layers(), taps)
	case Distilled:
		g, err = vggGraph(name, distilledLayers(), taps)
	case SqueezeNet:
		g, err = squeezeGraph(taps)
	default:
		return nil, fmt.Errorf("feature network: %q is unknown: use %s, %s or %s", name, VGG19, Distilled, SqueezeNet)
	}
	if err != nil {
		return nil, fmt.Errorf("feature network %s: %w", name, err)
	}
	return g, g.Err()
}

// LoadFeatures describes the network of that name and reads its weights from
// a safetensors file in OIHW order.
func LoadFeatures(name, path string, taps ...string) (*FeatureNet, error) {
	g, err := FeatureGraph(name, taps)
	if err != nil {
		return nil, err
	}
	file, _, err := nn.ReadSafetensors(path)
	if err != nil {
		return nil, fmt.Errorf("feature network %s: %w", name, err)
	}
	w, err := fromOIHW(g, file)
	if err != nil {
		return nil, fmt.Errorf("feature network %s: %s: %w", name, path, err)
	}
	if name == SqueezeNet {
		foldPreparation(w)
	}
	return &FeatureNet{Graph: g, Weights: w, Taps: taps}, nil
}

// layer is one link of a chain of layers: a convolution or a pooling.
type layer struct {
	name string // of the convolution; empty: 2x2 max pooling
	out  int
	k    int
	tap  string // name of its output; "" if it is none
	act  kernel.Act
	aux  int // channels of the 1x1 convolution beside it, tapped as aux…
}

func pool() layer { return layer{} }

func conv3(name string, out int, tap string, aux int) layer {
	return layer{name: name, out: out, k: 3, tap: tap, act: kernel.ActReLU, aux: aux}
}

func vgg19Layers() []layer {
	return []layer{
		{name: "conv0_preproc", out: 3, k: 1},
		conv3("conv1_1", 64, "relu1_1", 0), conv3("conv1_2", 64, "relu1_2", 0), pool(),
		conv3("conv2_1", 128, "relu2_1", 0), conv3("conv2_2", 128, "relu2_2", 0), pool(),
		conv3("conv3_1", 256, "relu3_1", 0),
	}
}

func distilledLayers() []layer {
	return []layer{
		{name: "conv0", out: 3, k: 1},
		conv3("conv11", 16, "relu1_1", 64), conv3("conv12", 16, "relu1_2", 0), pool(),
		conv3("conv21", 32, "relu2_1", 128), conv3("conv22", 32, "relu2_2", 0), pool(),
		conv3("conv31", 64, "relu3_1", 256), conv3("conv32", 64, "relu3_2", 0),
		conv3("conv33", 64, "relu3_3", 0), conv3("conv34", 64, "relu3_4", 0), pool(),
		conv3("conv41", 128, "relu4_1", 512), conv3("conv42", 128, "relu4_2", 0),
		conv3("conv43", 128, "relu4_3", 0), conv3("conv44", 128, "relu4_4", 0), pool(),
		conv3("conv51", 128, "relu5_1", 512),
	}
}

// vggGraph builds a chain of reflect-padded 3x3 convolutions and poolings, up
// to the last tap. A tap named aux3_1 is the lift of relu3_1 to VGG's width.
func vggGraph(name string, layers []layer, taps []string) (*device.Graph, error) {
	g := device.NewGraph(name)
	x := g.Input("picture", device.Shape{C: 3})
	found := map[string]device.Ref{}
	want := func(tap string) bool {
		for _, t := range taps {
			if t == tap {
				return true
			}
		}
		return false
	}
	for _, l := range layers {
		if len(found) == len(taps) {
			break
		}
		if l.name == "" {
			x = g.MaxPool(x, 2, 2)
			continue
		}
		x = g.Conv(l.name, x, kernel.Conv{OutC: l.out, KH: l.k, KW: l.k, Stride: 1, Pad: l.k / 2, PadMode: kernel.PadReflect}, l.act)
		if l.tap != "" && want(l.tap) {
			found[l.tap] = x
		}
		if l.aux > 0 {
			if tap := "aux" + l.tap[len("relu"):]; want(tap) {
				found[tap] = g.Conv(l.name+"_aux", x, kernel.Conv{OutC: l.aux, KH: 1, KW: 1, Stride: 1}, kernel.ActNone)
			}
		}
	}
	return g, tapAll(g, found, taps)
}

func squeezeGraph(taps []string) (*device.Graph, error) {
	g := device.NewGraph(SqueezeNet)
	x := g.Input("picture", device.Shape{C: 3})
	found := map[string]device.Ref{}
	valid := func(name string, x device.Ref, out, k, stride, pad int) device.Ref {
		return g.Conv(name, x, kernel.Conv{OutC: out, KH: k, KW: k, Stride: stride, Pad: pad}, kernel.ActReLU)
	}
	x = valid("conv1", x, 64, 3, 2, 0)
	found["conv1"] = x
	for i, c := range []struct{ squeeze, expand int }{{16, 64}, {16, 64}, {32, 128}, {32, 128}, {48, 192}, {48, 192}, {64, 256}, {64, 256}} {
		if i == 0 || i == 2 || i == 4 {
			x = g.MaxPool(x, 3, 2)
		}
		name := fmt.Sprintf("fire%d", i+2)
		s := valid(name+"/squeeze1x1", x, c.squeeze, 1, 1, 0)
		x = g.Concat(valid(name+"/expand1x1", s, c.expand, 1, 1, 0), valid(name+"/expand3x3", s, c.expand, 3, 1, 1))
		found[name] = x
	}
	return g, tapAll(g, found, taps)
}

func tapAll(g *device.Graph, found map[string]device.Ref, taps []string) error {
	if len(taps) == 0 {
		return fmt.Errorf("no layer is asked for: name at least one")
	}
	for _, t := range taps {
		r, ok := found[t]
		if !ok {
			return fmt.Errorf("it has no layer %q: use relu1_1, relu2_1 and so on, or fire2 to fire9 of squeezenet", t)
		}
		g.Output(r)
	}
	return nil
}

// fromOIHW takes the parameters of g out of file, whose convolutions are
// stored (out, in, height, width), as (height, width, in, out).
func fromOIHW(g *device.Graph, file device.Weights) (device.Weights, error) {
	w := device.Weights{}
	for _, p := range g.Params() {
		a, ok := file[p.Name]
		if !ok {
			return nil, fmt.Errorf("it has no %q: use the file that belongs to this network", p.Name)
		}
		want := p.Shape
		if len(want) == 4 {
			want = []int{p.Shape[3], p.Shape[2], p.Shape[0], p.Shape[1]}
		}
		if fmt.Sprint(a.Shape) != fmt.Sprint(want) {
			return nil, fmt.Errorf("%q has shape %v, not %v: use the file that belongs to this network", p.Name, a.Shape, want)
		}
		if len(p.Shape) == 4 {
			a = device.Array{Shape: p.Shape, Data: hwio(a.Data, want[0], want[1], want[2], want[3])}
		}
		w[p.Name] = a
	}
	return w, nil
}

func hwio(src []float32, out, in, kh, kw int) []float32 {
	dst := make([]float32, len(src))
	for o := range out {
		for i := range in {
			for k := range kh * kw {
				dst[(k*in+i)*out+o] = src[(o*in+i)*kh*kw+k]
			}
		}
	}
	return dst
}

// foldPreparation puts squeezenet's preparation (BGR in 0..255 minus a mean)
// into its first convolution, which has no padding, so that nothing is lost:
// w'[.,.,c,o] = 255 w[.,.,2-c,o], b'[o] = b[o] - Σ w[.,.,c,o] mean[c].
func foldPreparation(w device.Weights) {
	mean := [3]float32{103.939, 116.779, 123.68}
	k, b := w["conv1.weight"], w["conv1.bias"]
	out := k.Shape[3]
	data, bias := make([]float32, len(k.Data)), append([]float32(nil), b.Data...)
	for t := range k.Shape[0] * k.Shape[1] {
		for c := range 3 {
			for o := range out {
				v := k.Data[(t*3+c)*out+o]
				data[(t*3+2-c)*out+o] = 255 * v
				bias[o] -= v * mean[c]
			}
		}
	}
	w["conv1.weight"] = device.Array{Shape: k.Shape, Data: data}
	w["conv1.bias"] = device.Array{Shape: b.Shape, Data: bias}
}
