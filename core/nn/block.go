package nn

import (
	"github.com/atelier-engine/atelier/core/device"
	"github.com/atelier-engine/atelier/core/kernel"
)

// Norm adds a normalisation layer with its activation; residual may be device.None. It lets one block serve
// every kind of norm.
type Norm func(name string, x device.Ref, act kernel.Act, residual device.Ref) device.Ref

// InstanceNorm normalises each sample, with trained gamma and beta.
func InstanceNorm(g *device.Graph) Norm { return g.InstanceNorm }

// BatchNorm normalises over the batch in training and with running statistics afterwards.
func BatchNorm(g *device.Graph) Norm {
	return func(name string, x device.Ref, act kernel.Act, residual device.Ref) device.Ref {
		return plus(g, g.BatchNorm(name, x, act), residual)
	}
}

// CondNorm normalises each sample with gamma and beta from the style input; the norms take their places one
// after the other from *offset on, which ends as the number of values that the style must have.
func CondNorm(g *device.Graph, style device.Ref, offset *int) Norm {
	return func(_ string, x device.Ref, act kernel.Act, residual device.Ref) device.Ref {
		y := g.CondNorm(x, style, *offset, act, residual)
		if y >= 0 {
			*offset += 2 * g.Nodes[y].Shape.C
		}
		return y
	}
}

// NoNorm applies the activation alone.
func NoNorm(g *device.Graph) Norm {
	return func(_ string, x device.Ref, act kernel.Act, residual device.Ref) device.Ref {
		if act != kernel.ActNone {
			x = g.Activate(x, act)
		}
		return plus(g, x, residual)
	}
}

func plus(g *device.Graph, x, residual device.Ref) device.Ref {
	if residual < 0 {
		return x
	}
	return g.Add(x, residual)
}

// ConvNormAct adds a convolution, a norm and an activation: parameters name.weight, name.bias, name.norm.*.
func ConvNormAct(g *device.Graph, name string, x device.Ref, c kernel.Conv, norm Norm, act kernel.Act) device.Ref {
	return norm(name+".norm", g.Conv(name, x, c, kernel.ActNone), act, device.None)
}

// Same returns a k by k convolution to out channels that keeps the size, the border reflected. k is odd.
func Same(out, k int) kernel.Conv {
	return kernel.Conv{OutC: out, KH: k, KW: k, Stride: 1, Pad: k / 2, PadMode: kernel.PadReflect}
}

// Residual adds x + norm(conv(relu(norm(conv(x))))), 3 by 3 convolutions that keep size and channels (He et
// al., 2016; without the last activation, as in Johnson et al., 2016). Names: name.a, name.b.
func Residual(g *device.Graph, name string, x device.Ref, norm Norm) device.Ref {
	if x < 0 || int(x) >= len(g.Nodes) {
		return g.Activate(x, kernel.ActNone) // records the mistake
	}
	c := Same(g.Nodes[x].Shape.C, 3)
	y := ConvNormAct(g, name+".a", x, c, norm, kernel.ActReLU)
	return norm(name+".b.norm", g.Conv(name+".b", y, c, kernel.ActNone), kernel.ActNone, x)
}

// Downsample adds a k by k convolution of stride 2, a norm and an activation: half the size, rounded up.
func Downsample(g *device.Graph, name string, x device.Ref, out, k int, norm Norm, act kernel.Act) device.Ref {
	c := Same(out, k)
	c.Stride = 2
	return ConvNormAct(g, name, x, c, norm, act)
}

// Upsample adds nearest upsampling by 2, fused with a k by k convolution, a norm and an activation: twice the
// size, without the checkerboards of transposed convolutions (Odena et al., 2016).
func Upsample(g *device.Graph, name string, x device.Ref, out, k int, norm Norm, act kernel.Act) device.Ref {
	c := Same(out, k)
	c.Up = 2
	return ConvNormAct(g, name, x, c, norm, act)
}
