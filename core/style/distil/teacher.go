package distil

import (
	"fmt"
	"math"
	"path/filepath"

	"gonum.org/v1/gonum/mat"

	"github.com/atelier-engine/atelier/core/device"
	"github.com/atelier-engine/atelier/core/kernel"
	"github.com/atelier-engine/atelier/core/nn"
	"github.com/atelier-engine/atelier/core/style"
)

// subject is a layer to learn: a tap of the pupil and what the teacher calls it.
type subject struct {
	tap     string
	network string
	layer   string
}

// subjects of the four taps. The last one is a lift of the distilled VGG to the
// channels of the true one, which goes no deeper than relu3_1.
var subjects = []subject{
	{"relu1_1", style.VGG19, "relu1_1"}, {"relu2_1", style.VGG19, "relu2_1"},
	{"relu3_1", style.VGG19, "relu3_1"}, {"relu4_1", style.Distilled, "aux4_1"},
}

// axes are the principal axes of a layer's features F, a row a pixel: the
// eigenvectors of E[F Fᵀ] with the largest eigenvalues.
type axes struct {
	in, out int
	basis   []float32 // (in,out), orthonormal columns
	scale   float64   // targets are Fᵀ basis / scale: their mean square is 1
	spread  float64   // mean variance of a target
	share   float64   // of the energy of F that the axes keep
	mean    []float32 // of the targets
	dev     []float32 // standard deviations of the targets
}

// teacher computes the targets of pictures.
type teacher struct {
	axes []axes
	nets []*nn.Network // in the order of the networks' first subjects
	full []*nn.Network // the same with whole features as outputs
}

// openTeacher loads the teachers and measures their axes on pictures (n,size,size,3).
func openTeacher(dir string, widths style.OwnFeatures, pictures []float32, n, size int) (*teacher, error) {
	t := &teacher{axes: make([]axes, len(subjects))}
	for i := 0; i < len(subjects); {
		j := i
		var layers []string
		for ; j < len(subjects) && subjects[j].network == subjects[i].network; j++ {
			layers = append(layers, subjects[j].layer)
		}
		name := subjects[i].network
		f, err := style.LoadFeatures(name, filepath.Join(dir, name+".safetensors"), layers...)
		if err != nil {
			return nil, fmt.Errorf("distil features: %w", err)
		}
		full, err := nn.New(f.Graph, f.Weights, nil)
		if err != nil {
			return nil, err
		}
		if err := t.measure(full, i, j, widths, pictures, n, size); err != nil {
			return nil, err
		}
		short, err := style.LoadFeatures(name, filepath.Join(dir, name+".safetensors"), layers...)
		if err != nil {
			return nil, err
		}
		outs := short.Graph.Outs
		short.Graph.Outs = nil
		for k := i; k < j; k++ {
			a := &t.axes[k]
			short.Graph.Output(short.Graph.Conv("axes "+subjects[k].tap, outs[k-i], kernel.Conv{OutC: a.out, KH: 1, KW: 1, Stride: 1}, kernel.ActNone))
			w := make([]float32, len(a.basis))
			kernel.Scale(w, a.basis, float32(1/a.scale))
			short.Weights["axes "+subjects[k].tap+".weight"] = device.Array{Shape: []int{1, 1, a.in, a.out}, Data: w}
			short.Weights["axes "+subjects[k].tap+".bias"] = device.Array{Shape: []int{a.out}, Data: make([]float32, a.out)}
		}
		net, err := nn.New(short.Graph, short.Weights, nil)
		if err != nil {
			return nil, err
		}
		t.full, t.nets = append(t.full, full), append(t.nets, net)
		i = j
	}
	return t, nil
}

// measure finds the axes of subjects lo to hi, one picture after another.
func (t *teacher) measure(net *nn.Network, lo, hi int, widths style.OwnFeatures, pictures []float32, n, size int) error {
	moments, sums, rows := make([][]float64, hi-lo), make([][]float64, hi-lo), make([]int, hi-lo)
	one := size * size * 3
	for p := range n {
		out, err := net.Run(device.Tensor{Data: pictures[p*one : (p+1)*one], N: 1, H: size, W: size, C: 3})
		if err != nil {
			return fmt.Errorf("distil features: %w", err)
		}
		for i, o := range out {
			if moments[i] == nil {
				moments[i], sums[i] = make([]float64, o.C*o.C), make([]float64, o.C)
			}
			g := make([]float32, o.C*o.C)
			kernel.MatMulTN(g, o.Data, o.Data, o.H*o.W, o.C, o.C)
			for j, v := range g {
				moments[i][j] += float64(v)
			}
			for j, v := range o.Data {
				sums[i][j%o.C] += float64(v)
			}
			rows[i] += o.H * o.W
		}
	}
	for i := range moments {
		a, err := principal(moments[i], sums[i], rows[i], widths[lo+i])
		if err != nil {
			return fmt.Errorf("distil features: axes of %s: %w", subjects[lo+i].layer, err)
		}
		t.axes[lo+i] = a
	}
	return nil
}

// principal takes the out leading axes of a sum of outer products over rows.
func principal(moment, sum []float64, rows, out int) (axes, error) {
	in := len(sum)
	a := axes{in: in, out: min(out, in)}
	if out > in {
		return a, fmt.Errorf("%d wanted of %d: choose a smaller width", out, in)
	}
	m := mat.NewSymDense(in, nil)
	var all float64
	for i := range in {
		for j := i; j < in; j++ {
			m.SetSym(i, j, moment[i*in+j]/float64(rows))
		}
		all += moment[i*in+i] / float64(rows)
	}
	var e mat.EigenSym
	if !e.Factorize(m, true) {
		return a, fmt.Errorf("the eigenvalues cannot be found: use other pictures")
	}
	values := e.Values(nil) // rising
	var vectors mat.Dense
	e.VectorsTo(&vectors)
	a.basis, a.mean, a.dev = make([]float32, in*out), make([]float32, out), make([]float32, out)
	var kept, mean2 float64
	for k := range out {
		from, mean := in-1-k, 0.
		for i := range in {
			mean += vectors.At(i, from) * sum[i] / float64(rows)
		}
		sign := 1. // so that the mean of a target is not negative
		if mean < 0 {
			sign = -1
		}
		for i := range in {
			a.basis[i*out+k] = float32(sign * vectors.At(i, from))
		}
		a.mean[k] = float32(math.Abs(mean))
		a.dev[k] = float32(math.Sqrt(max(values[from]-mean*mean, 0)))
		kept += values[from]
		mean2 += mean * mean
	}
	if !(kept > 0) {
		return a, fmt.Errorf("the features are zero everywhere: use other pictures")
	}
	a.scale = math.Sqrt(kept / float64(out))
	a.share = kept / all
	a.spread = (kept - mean2) / float64(out) / (a.scale * a.scale)
	kernel.Scale(a.mean, a.mean, float32(1/a.scale))
	kernel.Scale(a.dev, a.dev, float32(1/a.scale))
	return a, nil
}

// targets are what the pupil should see in pictures (n,size,size,3): one tensor
// a subject.
func (t *teacher) targets(pictures []float32, n, size int) ([]device.Tensor, error) {
	return runAll(t.nets, pictures, n, size, size)
}

// features are the whole features of the teachers, one tensor a subject.
func (t *teacher) features(pictures []float32, n, h, w int) ([]device.Tensor, error) {
	return runAll(t.full, pictures, n, h, w)
}

func runAll(nets []*nn.Network, pictures []float32, n, h, w int) ([]device.Tensor, error) {
	var all []device.Tensor
	for _, net := range nets {
		out, err := net.Run(device.Tensor{Data: pictures, N: n, H: h, W: w, C: 3})
		if err != nil {
			return nil, fmt.Errorf("distil features: %w", err)
		}
		all = append(all, out...)
	}
	return all, nil
}
