package autodiff

import (
	"errors"
	"math"

	"gorgonia.org/gorgonia"

	"github.com/atelier-engine/atelier/core/device"
)

// Contrast is the normalised temperature-scaled cross-entropy of pairs (NT-Xent;
// Chen et al., "A simple framework for contrastive learning of visual
// representations", 2020). x (N,1,1,D) holds N/2 pairs: sample i belongs with
// p(i) = (i + N/2) mod N. With z = x/|x| and s(i,j) = z_i·z_j / temperature,
//
//	-1/N Σ_i log( exp s(i,p(i)) / Σ_{j≠i} exp s(i,j) )
//
// is low when the two of a pair point the same way and all others elsewhere.
func (t *Tape) Contrast(x *gorgonia.Node, temperature float64) *gorgonia.Node {
	s := t.shapeOf("contrast", x)
	n, d := s[0], s[1]*s[2]*s[3]
	switch {
	case t.err != nil:
		return nil
	case n < 4 || n%2 != 0:
		t.fail("contrast: %d samples: give two pairs or more", n)
	case !(temperature > 0):
		t.fail("contrast: temperature %g: it must be above 0", temperature)
	}
	on := contrastOn{n: n, d: d, by: float32(1 / temperature)}
	return t.acceleratedLoss("contrast", 1,
		func(x [][]float32) float64 {
			z, _ := unitRows(x[0], n, d)
			sum := 0.0
			for i := range n {
				p := contrastRow(z, i, n, d, temperature)
				sum -= math.Log(max(p[(i+n/2)%n], math.SmallestNonzeroFloat64))
			}
			return sum / float64(n)
		},
		func(_ int, dx []float32, x [][]float32, dy float32) {
			z, norm := unitRows(x[0], n, d)
			dz := make([]float64, n*d)
			by := float64(dy) / (float64(n) * temperature)
			for i := range n {
				p := contrastRow(z, i, n, d, temperature)
				p[(i+n/2)%n]--
				for j, g := range p { // d(loss)/d(s(i,j)), which pulls at both i and j
					if g *= by; j != i {
						for k := range d {
							dz[i*d+k] += g * z[j*d+k]
							dz[j*d+k] += g * z[i*d+k]
						}
					}
				}
			}
			for i := range n { // through x/|x|: what points along z does nothing
				along := 0.0
				for k := range d {
					along += dz[i*d+k] * z[i*d+k]
				}
				for k := range d {
					dx[i*d+k] = float32((dz[i*d+k] - along*z[i*d+k]) / norm[i])
				}
			}
		}, lossOn{
			func(s device.Session, y []float32, x [][]float32) error { return on.value(s, y, x[0]) },
			func(s device.Session, _ int, dx []float32, _ [][]float32, dy []float32) error {
				return on.back(s, dx, dy)
			},
		}, x)
}

// unitRows gives the rows of x (n,d) a length of 1, and tells their lengths.
func unitRows(x []float32, n, d int) (z, norm []float64) {
	z, norm = make([]float64, n*d), make([]float64, n)
	for i := range n {
		sq := 0.0
		for _, v := range x[i*d : (i+1)*d] {
			sq += float64(v) * float64(v)
		}
		norm[i] = max(math.Sqrt(sq), 1e-12)
		for k := range d {
			z[i*d+k] = float64(x[i*d+k]) / norm[i]
		}
	}
	return z, norm
}

// contrastRow is the softmax over j≠i of z_i·z_j/temperature; 0 at i itself.
func contrastRow(z []float64, i, n, d int, temperature float64) []float64 {
	p, top := make([]float64, n), math.Inf(-1)
	for j := range n {
		if j == i {
			continue
		}
		for k := range d {
			p[j] += z[i*d+k] * z[j*d+k]
		}
		p[j] /= temperature
		top = max(top, p[j])
	}
	sum := 0.0
	for j := range n {
		if j != i {
			p[j] = math.Exp(p[j] - top)
			sum += p[j]
		}
	}
	for j := range p {
		p[j] /= sum
	}
	return p
}

// contrastOn computes Contrast on a device: the softmax loss of the rows of z·zᵀ by
// their pairs, with a diagonal that weighs nothing.
type contrastOn struct {
	n, d int
	by   float32 // 1 / temperature

	z, turned, dz                    []float32 // (n,d), (d,n), (n,d)
	inverse, square, along           []float32 // (n): 1/|x|, |x|², dz·z
	similar, slope, both, transposed []float32 // (n,n)
	eye, pairs, none                 []float32
	ones, zeros                      []float32 // (n)
}

func (o *contrastOn) ready() {
	if o.z != nil {
		return
	}
	n, d := o.n, o.d
	o.z, o.turned, o.dz = make([]float32, n*d), make([]float32, n*d), make([]float32, n*d)
	o.inverse, o.square, o.along = make([]float32, n), make([]float32, n), make([]float32, n)
	o.similar, o.slope, o.both, o.transposed = make([]float32, n*n), make([]float32, n*n), make([]float32, n*n), make([]float32, n*n)
	o.eye, o.pairs, o.none = identities(1, n), make([]float32, n*n), make([]float32, n*n)
	o.ones, o.zeros = make([]float32, n), make([]float32, n)
	for i := range n {
		o.ones[i], o.pairs[i*n+(i+n/2)%n], o.none[i*n+i] = 1, 1, -1e9
	}
}

func (o *contrastOn) value(s device.Session, y, x []float32) error {
	o.ready()
	n, d := o.n, o.d
	const least = 1e-24 // of |x|²
	return errors.Join(s.DotRows(o.square, x, x, n, d),
		s.NormFold(o.inverse, o.along, o.ones, o.zeros, o.zeros, o.square, n, least), s.ScaleSamples(o.z, x, o.inverse),
		s.MatMulTN(o.turned, o.z, o.eye, 1, n, d, n, 1), s.MatMul(o.similar, o.z, o.turned, 1, n, d, n),
		s.Linear(o.similar, o.similar, o.none, o.by, 1), s.SoftmaxLoss(y, o.similar, o.pairs, nil, n, n))
}

// back: dz = (ds + dsᵀ)·z / temperature, and dx = (dz - (dz·z)·z) / |x|.
func (o *contrastOn) back(s device.Session, dx, dy []float32) error {
	n, d := o.n, o.d
	return errors.Join(s.SoftmaxLossGrad(o.slope, o.similar, o.pairs, nil, dy, n, n),
		symmetricOn(s, o.both, o.transposed, o.slope, o.eye, 1, n, o.by), s.MatMul(o.dz, o.both, o.z, 1, n, n, d),
		s.DotRows(o.along, o.dz, o.z, n, d), s.ScaleSamples(dx, o.z, o.along),
		s.Linear(dx, o.dz, dx, 1, -1), s.ScaleSamples(dx, dx, o.inverse))
}
