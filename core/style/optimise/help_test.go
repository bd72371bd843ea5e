package optimise

import (
	"math"
	"testing"

	"github.com/atelier-engine/atelier/core/autodiff"
	"github.com/atelier-engine/atelier/core/device"
	"github.com/atelier-engine/atelier/core/picture"
	"github.com/atelier-engine/atelier/core/style"
)

// tinyFeatures is a feature network of random weights.
func tinyFeatures(t testing.TB) *style.FeatureNet {
	t.Helper()
	g, err := style.OwnFeatures{6, 8, 8, 8}.Graph()
	if err != nil {
		t.Fatal(err)
	}
	return &style.FeatureNet{Graph: g, Weights: autodiff.NewParams(g, 3).Weights(), Taps: style.OwnTaps}
}

// tinyNetwork is a painting network of random weights.
func tinyNetwork(t testing.TB) *Network {
	t.Helper()
	a := style.Architecture{Channels: [3]int{4, 4, 4}, Blocks: 1, Kernel: 3}
	g, err := a.Graph()
	if err != nil {
		t.Fatal(err)
	}
	w := autodiff.NewParams(g, 5).Weights()
	w[style.Identity] = device.Array{Shape: []int{a.VectorLen()}, Data: a.NeutralVector()}
	n, err := NewNetwork(w, "0123456789abcdef")
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// pattern is a picture with waves of a length in pixels.
func pattern(w, h int, length float64) *picture.Picture {
	p := picture.New(w, h)
	for i := range p.Pix {
		x, y, c := float64(i/3%w), float64(i/3/w), float64(i%3)
		p.Pix[i] = float32(.5 + .4*math.Sin(2*math.Pi*(x+(c-1)*y)/length+c))
	}
	return p
}

// dark is a pattern with other colours.
func dark(w, h int, length float64) *picture.Picture {
	p := pattern(w, h, length)
	for i := range p.Pix {
		p.Pix[i] *= .3 + .2*float32(i%3)
	}
	return p
}
