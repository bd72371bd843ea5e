package optimise

import (
	"slices"

	"gorgonia.org/gorgonia"

	"github.com/atelier-engine/atelier/core/autodiff"
	"github.com/atelier-engine/atelier/core/device"
	"github.com/atelier-engine/atelier/core/picture"
	"github.com/atelier-engine/atelier/core/style"
)

// measures are what the features of a picture are compared with.
type measures struct {
	taps    []device.Tensor // those of the content hold their values
	moments [][]float32     // (C+1,C) a tap, as autodiff.CovarianceOf gives them
}

// measure runs a feature network with taps of the given names on a picture.
func measure(r *style.FeatureRunner, names []string, p *picture.Picture) (m measures, err error) {
	out, err := r.Run(p.Pix, p.H, p.W)
	if err != nil {
		return m, err
	}
	for i, t := range out {
		y := make([]float32, (t.C+1)*t.C)
		autodiff.CovarianceOf(y, t.Data, t.H*t.W, t.C)
		m.moments = append(m.moments, y)
		if contentShare[names[i]] == 0 {
			t.Data = nil
		}
		t.Data = slices.Clone(t.Data)
		m.taps = append(m.taps, t)
	}
	return m, nil
}

// manner is what the style of a picture is compared with at a tap.
type manner struct {
	channels int
	want     []float32  // moments of the reference
	metric   []float32  // what the square of each difference counts
	weights  [2]float32 // of covariances and means: one by the distance of photograph and reference
}

// newManner compares the moments of a reference with those of photographs.
func newManner(c int, want []float32, photos ...[]float32) manner {
	m := manner{channels: c, want: want, metric: make([]float32, len(want))}
	v, mean := make([]float64, c), 0.
	for a := range c {
		v[a] = float64(want[a*c+a]) / 2
		for _, p := range photos {
			v[a] += float64(p[a*c+a]) / 2 / float64(len(photos))
		}
		mean += v[a] / float64(c)
	}
	for a := range c {
		v[a] += .1*mean + leastVariance
	}
	for a := range c {
		for b := range c {
			m.metric[a*c+b] = float32(1 / (v[a] * v[b]))
		}
		m.metric[c*c+a] = float32(1 / v[a])
	}
	var gap [2]float64
	for _, p := range photos {
		d := m.distances(p)
		for k := range gap {
			gap[k] += d[k] / float64(len(photos))
		}
	}
	m.weights[0] = float32((1 - paletteShare) / max(gap[0], leastDistance*float64(c)))
	m.weights[1] = float32(paletteShare / max(gap[1], leastDistance*float64(c)))
	return m
}

// distances are the squared distances of covariances and means from the reference.
func (m manner) distances(moments []float32) (d [2]float64) {
	split := m.channels * m.channels
	for i, v := range m.want {
		e := float64(moments[i] - v)
		k := 0
		if i >= split {
			k = 1
		}
		d[k] += float64(m.metric[i]) * e * e
	}
	return d
}

// loss is the weighted sum of the distances.
func (m manner) loss(moments []float32) float64 {
	d := m.distances(moments)
	return d[0]*float64(m.weights[0]) + d[1]*float64(m.weights[1])
}

// compare puts the style loss of features with n samples at a tap on a tape.
func (m manner) compare(t *autodiff.Tape, tap string, n int, seen *gorgonia.Node) (*gorgonia.Node, error) {
	c := m.channels
	want, weights := t.Input("style "+tap, n, 1, c+1, c), t.Input("style weights "+tap, n, 1, 1, 2)
	loss := t.MomentLoss(t.Moments(seen), want, weights, m.metric)
	if err := t.Err(); err != nil {
		return nil, err
	}
	for i := range n {
		copy(t.Data("style " + tap)[i*len(m.want):], m.want)
		copy(t.Data("style weights " + tap)[2*i:], m.weights[:])
	}
	return loss, nil
}

// variance is the mean over channels of the variance of features (hw,c).
func variance(x []float32, c int) float64 {
	sum, square := make([]float64, c), make([]float64, c)
	for i := 0; i < len(x); i += c {
		for j, v := range x[i : i+c] {
			sum[j] += float64(v)
			square[j] += float64(v) * float64(v)
		}
	}
	n, all := float64(len(x)/c), 0.
	for j := range c {
		all += square[j]/n - sum[j]/n*sum[j]/n
	}
	return all / float64(c)
}
