package distil

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/atelier-engine/atelier/core/device"
	"github.com/atelier-engine/atelier/core/kernel"
	"github.com/atelier-engine/atelier/core/nn"
	"github.com/atelier-engine/atelier/core/picture"
	"github.com/atelier-engine/atelier/core/style"
)

// Fidelity says how well the pupil stands for its teachers on pictures that
// neither training saw.
type Fidelity struct {
	Correlation [4]float64 // mean over the teacher's channels, a tap
	Explained   [4]float64 // share of the variance of the teacher's features (R²)
	Style       float64    // Spearman's rank correlation of style distances between pictures
	StyleTap    [4]float64 // the same of each tap alone
	Content     float64    // Spearman's rank correlation of content distances at relu3_1
	Pictures    int
}

// evaluate compares a network with the teachers on the pictures kept for it.
func (s *school) evaluate(f *style.FeatureNet) (Fidelity, error) {
	var r Fidelity
	net, err := nn.New(f.Graph, f.Weights, nil)
	if err != nil {
		return r, err
	}
	held := slices.Concat(s.corpus.heldPaintings, s.corpus.heldPhotos)
	r.Pictures = len(held)
	if len(held) < 3 {
		return r, fmt.Errorf("distil features: only %d pictures are kept for the evaluation: give more pictures", len(held))
	}
	var sums [4]sums
	var mine, theirs [4][][]float32
	var near, far []float64
	rng := rand.New(rand.NewPCG(s.cfg.Seed, 99))
	side := s.cfg.Evaluate
	pix := make([]float32, side*side*3)
	for i := range held {
		held[i].square(pix, side)
		t, p, err := s.both(net, pix)
		if err != nil {
			return r, err
		}
		for k := range subjects {
			sums[k].add(&s.teacher.axes[k], t[k], p[k])
			theirs[k] = append(theirs[k], gram(t[k]))
			mine[k] = append(mine[k], gram(p[k]))
		}
		for d := range 5 {
			changed, err := change(pix, side, d, rng)
			if err != nil {
				return r, err
			}
			tc, pc, err := s.both(net, changed)
			if err != nil {
				return r, err
			}
			near = append(near, distance(t[2].Data, tc[2].Data))
			far = append(far, distance(p[2].Data, pc[2].Data))
		}
	}
	r.Content = spearman(near, far)
	all, allMine := make([]float64, len(held)*(len(held)-1)/2), make([]float64, len(held)*(len(held)-1)/2)
	for k := range subjects {
		r.Correlation[k], r.Explained[k] = sums[k].result()
		a, b := pairs(theirs[k]), pairs(mine[k])
		r.StyleTap[k] = spearman(a, b)
		for i := range a {
			all[i] += a[i] / mean(a)
			allMine[i] += b[i] / mean(b)
		}
	}
	r.Style = spearman(all, allMine)
	return r, nil
}

// both runs the teachers and the pupil.
func (s *school) both(net *nn.Network, pix []float32) (t, p []device.Tensor, err error) {
	if t, err = s.teacher.features(pix, 1, s.cfg.Evaluate, s.cfg.Evaluate); err != nil {
		return nil, nil, err
	}
	p, err = net.Run(device.Tensor{Data: pix, N: 1, H: s.cfg.Evaluate, W: s.cfg.Evaluate, C: 3})
	return t, p, err
}

// change returns a picture with the same content, more or less: blurred, noisy,
// of another contrast, moved, or with its colours turned.
func change(pix []float32, side, how int, rng *rand.Rand) ([]float32, error) {
	out := slices.Clone(pix)
	much := .1 + .9*rng.Float64()
	switch how {
	case 0:
		small := max(8, int(float64(side)/(1+4*much)))
		p, err := (&picture.Picture{W: side, H: side, Pix: out}).Resize(small, small)
		if err != nil {
			return nil, err
		}
		if p, err = p.Resize(side, side); err != nil {
			return nil, err
		}
		return p.Pix, nil
	case 1:
		for i := range out {
			out[i] += float32(.3 * much * rng.NormFloat64())
		}
	case 2:
		for i, v := range out {
			out[i] = .5 + (v-.5)*float32(1-.8*much)
		}
	case 3:
		by := 1 + int(8*much)
		for y := range side {
			for x := range side {
				copy(out[3*(y*side+x):][:3], pix[3*(y*side+min(x+by, side-1)):])
			}
		}
	case 4:
		for i := 0; i < len(out); i += 3 {
			for c := range 3 {
				out[i+c] += float32(much) * (pix[i+(c+1)%3] - out[i+c])
			}
		}
	}
	clamp(out)
	return out, nil
}

// sums collect what correlations need, a channel of the teacher each.
type sums struct {
	n                 float64
	x, y, xx, yy, xy  []float64
	residual, squares float64
}

// add compares the teacher's features x with the map of the pupil's back to them.
func (s *sums) add(a *axes, x, pupil device.Tensor) {
	if s.x == nil {
		s.x, s.y, s.xx, s.yy, s.xy = make([]float64, a.in), make([]float64, a.in), make([]float64, a.in), make([]float64, a.in), make([]float64, a.in)
	}
	rows := x.H * x.W
	back := make([]float32, a.in*a.out) // (out,in)
	for i := range a.in {
		for k := range a.out {
			back[k*a.in+i] = a.basis[i*a.out+k] * float32(a.scale)
		}
	}
	y := make([]float32, rows*a.in)
	kernel.MatMul(y, pupil.Data, back, rows, a.out, a.in)
	s.n += float64(rows)
	for i, v := range x.Data {
		c, p, q := i%a.in, float64(v), float64(y[i])
		s.x[c] += p
		s.y[c] += q
		s.xx[c] += p * p
		s.yy[c] += q * q
		s.xy[c] += p * q
		s.residual += (p - q) * (p - q)
	}
}

// result is the mean correlation of the channels that vary, and R².
func (s *sums) result() (correlation, explained float64) {
	many, total := 0., 0.
	for c := range s.x {
		vx, vy := s.xx[c]-s.x[c]*s.x[c]/s.n, s.yy[c]-s.y[c]*s.y[c]/s.n
		total += vx
		if vx > 1e-9*s.n && vy > 1e-9*s.n {
			correlation += (s.xy[c] - s.x[c]*s.y[c]/s.n) / math.Sqrt(vx*vy)
			many++
		}
	}
	return correlation / max(many, 1), 1 - s.residual/total
}

func gram(f device.Tensor) []float32 {
	g := make([]float32, f.C*f.C)
	kernel.MatMulTN(g, f.Data, f.Data, f.H*f.W, f.C, f.C)
	kernel.Scale(g, g, float32(1/(float64(f.H*f.W)*float64(f.C))))
	return g
}

func distance(a, b []float32) (sum float64) {
	for i, v := range a {
		d := float64(v) - float64(b[i])
		sum += d * d
	}
	return sum / float64(len(a))
}

func pairs(all [][]float32) (d []float64) {
	for i := range all {
		for j := range i {
			d = append(d, distance(all[i], all[j]))
		}
	}
	return d
}

func mean(x []float64) (m float64) {
	for _, v := range x {
		m += v / float64(len(x))
	}
	return m
}

// spearman is the correlation of the ranks of two lists without ties.
func spearman(a, b []float64) float64 {
	ranks := func(x []float64) []float64 {
		order := make([]int, len(x))
		for i := range order {
			order[i] = i
		}
		slices.SortStableFunc(order, func(i, j int) int {
			switch {
			case x[i] < x[j]:
				return -1
			case x[i] > x[j]:
				return 1
			}
			return 0
		})
		r := make([]float64, len(x))
		for rank, i := range order {
			r[i] = float64(rank)
		}
		return r
	}
	n := float64(len(a))
	if n < 2 {
		return 0
	}
	var sum float64
	rb := ranks(b)
	for i, v := range ranks(a) {
		sum += (v - rb[i]) * (v - rb[i])
	}
	return 1 - 6*sum/(n*(n*n-1))
}
