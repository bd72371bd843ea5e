package autodiff

import (
	"fmt"
	"math"

	"gorgonia.org/gorgonia"

	"github.com/atelier-engine/atelier/core/device"
	"github.com/atelier-engine/atelier/core/kernel"
)

// reduceGrain is the number of values of one partial sum. It is fixed, so a loss
// is the same bits for any number of workers.
const reduceGrain = 1 << 14

// reduce adds f over parts of [0,n) in float64.
func reduce(n int, f func(lo, hi int) float64) float64 {
	if n <= reduceGrain {
		return f(0, n)
	}
	part := make([]float64, (n+reduceGrain-1)/reduceGrain)
	kernel.Parallel(n, reduceGrain, func(_, lo, hi int) { part[lo/reduceGrain] = f(lo, hi) })
	var s float64
	for _, v := range part {
		s += v
	}
	return s
}

// each calls f for parts of [0,n), in parallel.
func each(n int, f func(lo, hi int)) {
	kernel.Parallel(n, reduceGrain, func(_, lo, hi int) { f(lo, hi) })
}

// scalarLoss adds a loss. value computes it; back writes the gradient to operand
// k, times the gradient dy of the loss itself. Operands from fixed on get none.
func (t *Tape) scalarLoss(name string, fixed int, value func(x [][]float32) float64,
	back func(k int, dx []float32, x [][]float32, dy float32), in ...*gorgonia.Node) *gorgonia.Node {
	return t.acceleratedLoss(name, fixed, value, back, lossOn{}, in...)
}

// lossOn is a loss on a device; the zero value is one that runs on the processor.
// back runs behind value, since nodes run in the order of their making, and may read
// what value has left: Tape.plan makes sure.
type lossOn struct {
	value func(s device.Session, y []float32, x [][]float32) error
	back  func(s device.Session, k int, dx []float32, x [][]float32, dy []float32) error
}

// reduction is a loss that is alpha·Σ weight·f(a,b), with operands a, b and weights as far as there are any.
func reduction(f device.Reduction, param, alpha float32) lossOn {
	operands := func(x [][]float32) (a, b, w []float32) {
		x = append(x[:len(x):len(x)], nil, nil)
		return x[0], x[1], x[2]
	}
	return lossOn{
		func(s device.Session, y []float32, x [][]float32) error {
			a, b, w := operands(x)
			return s.Reduce(y, a, b, w, len(a), f, param, alpha)
		},
		func(s device.Session, k int, dx []float32, x [][]float32, dy []float32) error {
			a, b, w := operands(x)
			if k == 1 { // f(a-b) is even
				a, b = b, a
			}
			return s.ReduceGrad(dx, a, b, w, dy, len(a), f, param, alpha)
		},
	}
}

// acceleratedLoss is scalarLoss with what a device does instead.
func (t *Tape) acceleratedLoss(name string, fixed int, value func(x [][]float32) float64,
	back func(k int, dx []float32, x [][]float32, dy float32), on lossOn, in ...*gorgonia.Node) *gorgonia.Node {
	onBack := func(k int) func(device.Session, []float32, [][]float32) error {
		if on.back == nil {
			return nil
		}
		return func(s device.Session, dx []float32, v [][]float32) error {
			return on.back(s, k, dx, v[:len(in)], v[len(in)])
		}
	}
	return t.add(spec{name: name, alone: true, accel: on.value,
		run: func(y []float32, x [][]float32) { y[0] = float32(value(x)) },
		grad: func(want []bool, x gorgonia.Nodes, y, dy *gorgonia.Node) []*gorgonia.Node {
			out := make([]*gorgonia.Node, len(x))
			for k := range x {
				switch {
				case !want[k]:
				case k >= fixed:
					t.fail("%s: operand %d cannot be trained: give an input or a frozen network's output", name, k)
					return out
				default:
					out[k] = t.add(spec{name: fmt.Sprintf("%s d%d", name, k), shape: sameShape(x[k]), behind: y, alone: true, accel: onBack(k),
						run: func(dx []float32, v [][]float32) {
							back(k, dx, v[:len(in)], v[len(in)][0])
						}}, append(append([]*gorgonia.Node{}, x...), dy)...)
				}
			}
			return out
		}}, in...)
}

// BCEWithLogits is the mean binary cross-entropy of sigmoid(logits) against
// targets in [0,1], in the form that does not overflow:
//
//	max(x,0) - x·t + log(1 + exp(-|x|))
func (t *Tape) BCEWithLogits(logits, target *gorgonia.Node) *gorgonia.Node {
	n := t.sameLen("bce", logits, target)
	return t.acceleratedLoss("bce", 1,
		func(x [][]float32) float64 {
			return reduce(n, func(lo, hi int) (s float64) {
				for i := lo; i < hi; i++ {
					s += bce(x[0][i], x[1][i])
				}
				return s
			}) / float64(n)
		},
		func(_ int, dx []float32, x [][]float32, dy float32) {
			for i := range dx {
				dx[i] = float32(sigmoid(x[0][i])-float64(x[1][i])) * dy / float32(n)
			}
		}, reduction(device.ReduceBCE, 0, 1/float32(max(1, n))), logits, target)
}

// BCEConst is BCEWithLogits with one target for all: 1 for real, 0 for made,
// 0.9 for one-sided smoothing.
func (t *Tape) BCEConst(logits *gorgonia.Node, target float32) *gorgonia.Node {
	n := t.values("bce", logits)
	return t.acceleratedLoss("bce", 1,
		func(x [][]float32) (s float64) {
			for _, v := range x[0] {
				s += bce(v, target)
			}
			return s / float64(n)
		},
		func(_ int, dx []float32, x [][]float32, dy float32) {
			for i := range dx {
				dx[i] = float32(sigmoid(x[0][i])-float64(target)) * dy / float32(n)
			}
		}, reduction(device.ReduceBCEConst, target, 1/float32(max(1, n))), logits)
}

func bce(x, t float32) float64 {
	v := float64(x)
	return max(v, 0) - v*float64(t) + math.Log1p(math.Exp(-math.Abs(v)))
}

func sigmoid(x float32) float64 { return 1 / (1 + math.Exp(-float64(x))) }

// SoftmaxCrossEntropy is the cross-entropy of softmax(logits) against a
// distribution, for each sample, times the sample's weight, summed and divided
// by the number of samples. logits and target hold K values a sample (N,1,1,K);
// weights (N,1,1,1) may be nil: all 1. A sample of weight 0 counts as a loss 0.
func (t *Tape) SoftmaxCrossEntropy(logits, target, weights *gorgonia.Node) *gorgonia.Node {
	total := t.sameLen("softmax", logits, target)
	if t.err != nil {
		return nil
	}
	n := logits.Shape()[0]
	k := total / n
	in := []*gorgonia.Node{logits, target}
	if weights != nil {
		if weights.Shape().TotalSize() != n {
			t.fail("softmax: weights are %v: give one for each of %d samples", weights.Shape(), n)
		}
		in = append(in, weights)
	}
	weight := func(x [][]float32, i int) float64 {
		if len(x) > 2 {
			return float64(x[2][i])
		}
		return 1
	}
	on := lossOn{
		func(s device.Session, y []float32, x [][]float32) error {
			x = append(x[:len(x):len(x)], nil)
			return s.SoftmaxLoss(y, x[0], x[1], x[2], n, k)
		},
		func(s device.Session, _ int, dx []float32, x [][]float32, dy []float32) error {
			x = append(x[:len(x):len(x)], nil)
			return s.SoftmaxLossGrad(dx, x[0], x[1], x[2], dy, n, k)
		},
	}
	return t.acceleratedLoss("softmax", 1,
		func(x [][]float32) (s float64) {
			for i := range n {
				z, p := x[0][i*k:(i+1)*k], x[1][i*k:(i+1)*k]
				top, sum := softmaxSums(z)
				var e float64
				for j := range z {
					e += float64(p[j]) * (top + math.Log(sum) - float64(z[j]))
				}
				s += e * weight(x, i)
			}
			return s / float64(n)
		},
		func(_ int, dx []float32, x [][]float32, dy float32) {
			for i := range n {
				z, p := x[0][i*k:(i+1)*k], x[1][i*k:(i+1)*k]
				top, sum := softmaxSums(z)
				var mass float64
				for _, v := range p {
					mass += float64(v)
				}
				by := weight(x, i) * float64(dy) / float64(n)
				for j := range z {
					dx[i*k+j] = float32((mass*math.Exp(float64(z[j])-top)/sum - float64(p[j])) * by)
				}
			}
		}, on, in...)
}

// softmaxSums returns the largest z and Σ exp(z - largest).
func softmaxSums(z []float32) (top, sum float64) {
	top = math.Inf(-1)
	for _, v := range z {
		top = max(top, float64(v))
	}
	for _, v := range z {
		sum += math.Exp(float64(v) - top)
	}
	return top, sum
}

// Hinge is mean(max(0, 1 - sign·x)): with sign 1 for real and -1 for made
// samples the discriminator's hinge loss (Lim and Ye, 2017).
func (t *Tape) Hinge(x *gorgonia.Node, sign float32) *gorgonia.Node {
	return t.pointLoss("hinge", x, device.ReduceHinge, sign,
		func(v float32) float64 { return max(0, 1-float64(sign)*float64(v)) },
		func(v float32) float32 {
			if sign*v < 1 {
				return -sign
			}
			return 0
		})
}

// Mean is the mean of all values; its negative is the generator's hinge loss.
func (t *Tape) Mean(x *gorgonia.Node) *gorgonia.Node {
	return t.pointLoss("mean", x, device.ReduceSum, 0,
		func(v float32) float64 { return float64(v) },
		func(float32) float32 { return 1 })
}

// pointLoss is the mean of f over all values, with derivative df; on is f on a device.
func (t *Tape) pointLoss(name string, x *gorgonia.Node, on device.Reduction, param float32, f func(float32) float64, df func(float32) float32) *gorgonia.Node {
	n := t.values(name, x)
	return t.acceleratedLoss(name, 1,
		func(x [][]float32) float64 {
			return reduce(n, func(lo, hi int) (s float64) {
				for _, v := range x[0][lo:hi] {
					s += f(v)
				}
				return s
			}) / float64(n)
		},
		func(_ int, dx []float32, x [][]float32, dy float32) {
			by := dy / float32(n)
			each(n, func(lo, hi int) {
				for i := lo; i < hi; i++ {
					dx[i] = df(x[0][i]) * by
				}
			})
		}, reduction(on, param, 1/float32(max(1, n))), x)
}

// WeightedSum is Σ weights[i]·losses[i].
func (t *Tape) WeightedSum(weights []float32, losses ...*gorgonia.Node) *gorgonia.Node {
	if t.err == nil && (len(weights) != len(losses) || len(losses) == 0) {
		t.fail("weighted sum: %d weights for %d losses: give one for each", len(weights), len(losses))
	}
	for _, l := range losses {
		if t.err == nil && (l == nil || l.Dims() != 0) {
			t.fail("weighted sum: an operand is no scalar loss")
		}
	}
	w := append([]float32{}, weights...)
	return t.add(spec{name: "weighted sum",
		run: func(y []float32, x [][]float32) {
			var s float64
			for i := range x {
				s += float64(w[i]) * float64(x[i][0])
			}
			y[0] = float32(s)
		},
		accel: func(s device.Session, y []float32, x [][]float32) error { return s.WeightedSum(y, x, w) },
		grad: func(want []bool, x gorgonia.Nodes, _, dy *gorgonia.Node) []*gorgonia.Node {
			out := make([]*gorgonia.Node, len(x))
			for i := range x {
				if want[i] {
					// One number, the same in every step where this is the loss: not worth a launch.
					out[i] = t.add(spec{name: "weighted sum dx", alone: true,
						run: func(dx []float32, x [][]float32) { dx[0] = w[i] * x[0][0] }}, dy)
				}
			}
			return out
		}}, losses...)
}
