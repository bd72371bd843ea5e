package training

import (
	"math/rand/v2"
	"slices"

	"github.com/atelier-engine/atelier/core/autodiff"
	"github.com/atelier-engine/atelier/core/kernel"
	"github.com/atelier-engine/atelier/core/picture"
	"github.com/atelier-engine/atelier/core/style"
)

// judge is the frozen feature network by which paintings are judged, and what it
// says of photographs, the measure of everything.
//
// The style of a picture is, at each loss layer, the covariance matrix C and the
// mean m of the features over the picture. Distances are taken in units of the
// channels' own variances v over photographs, so that no loud channel drowns
// the others:
//
//	Σ (C - C*)²ab / (va·vb)   and   Σ (m - m*)²a / va
//
// Each is divided by its mean over untouched photographs: 1 is a photograph
// that nobody has painted.
type judge struct {
	cfg      *TrainConfig
	net      *style.FeatureNet
	run      *style.FeatureRunner
	layers   []string  // those of the style loss first
	content  []bool    // whether a layer serves as content
	channels []int     // a layer
	spread   []float64 // variance of each layer over photographs
	metric   [][]float32
	photos   [][][]float32 // moments of some photographs, a layer
	identity target
}

// target is what a painting should be like.
type target struct {
	moments [][]float32  // a loss layer; nil: only the content counts
	weights [][2]float32 // of covariances and means a loss layer
	content string       // the content layer
}

// floorOfDistance keeps the distance between photographs and a reference that is
// itself like a photograph from making its loss heavy: a share of what is usual.
const floorOfDistance = .3

func newJudge(cfg *TrainConfig, photos *Photos) (*judge, error) {
	j := &judge{cfg: cfg, layers: slices.Clone(cfg.Loss.Layers)}
	contents := []string{cfg.Predictor.Content}
	for _, s := range cfg.Style {
		contents = append(contents, s.Content)
	}
	for _, c := range contents {
		if !slices.Contains(j.layers, c) {
			j.layers = append(j.layers, c)
		}
	}
	for _, name := range j.layers {
		j.content = append(j.content, slices.Contains(contents, name))
	}
	var err error
	if j.net, err = style.LoadFeatures(cfg.Loss.Network, cfg.path("lossnet", cfg.Loss.Network+".safetensors"), j.layers...); err != nil {
		return nil, err
	}
	if j.run, err = j.net.Runner(); err != nil {
		return nil, err
	}
	j.identity = target{content: cfg.Predictor.Content}
	return j, j.measure(photos)
}

// measure takes the variances of each layer and the moments of photographs.
func (j *judge) measure(photos *Photos) error {
	const many = 24
	loss := len(j.cfg.Loss.Layers)
	j.spread, j.channels = make([]float64, len(j.layers)), make([]int, len(j.layers))
	j.photos = make([][][]float32, loss)
	rng := rand.New(rand.NewPCG(j.cfg.Seed, 1))
	pix := make([]float32, j.cfg.Size*j.cfg.Size*3)
	for range many {
		if err := photos.Crop(pix, j.cfg.Size, rng); err != nil {
			return err
		}
		out, err := j.run.Run(pix, j.cfg.Size, j.cfg.Size)
		if err != nil {
			return err
		}
		for i, t := range out {
			j.channels[i] = t.C
			j.spread[i] += variance(t.Data, t.C) / many
			if i < loss {
				j.photos[i] = append(j.photos[i], momentsOf(t.Data, t.H*t.W, t.C))
			}
		}
	}
	for i := range loss {
		c := j.channels[i]
		v := make([]float64, c)
		var mean float64
		for _, m := range j.photos[i] {
			for a := range c {
				v[a] += float64(m[a*c+a]) / many
				mean += float64(m[a*c+a]) / many / float64(c)
			}
		}
		metric := make([]float32, (c+1)*c)
		for a := range c {
			v[a] += .1*mean + 1e-8 // quiet channels must not become loud ones
		}
		for a := range c {
			for b := range c {
				metric[a*c+b] = float32(1 / (v[a] * v[b]))
			}
			metric[c*c+a] = float32(1 / v[a])
		}
		j.metric = append(j.metric, metric)
	}
	return nil
}

// momentsOf is autodiff.Moments of features (hw,c).
func momentsOf(x []float32, hw, c int) []float32 {
	m := make([]float32, (c+1)*c)
	autodiff.CovarianceOf(m, x, hw, c)
	return m
}

// distance is the squared distance of moments in layer i: covariances, means.
func (j *judge) distance(i int, a, b []float32) (d [2]float64) {
	cc := j.channels[i] * j.channels[i]
	for k, m := range j.metric[i] {
		e := float64(a[k] - b[k])
		d[k/cc] += float64(m) * e * e
	}
	return d
}

// targetOf is the mean of the moments of pictures.
func (j *judge) targetOf(ps ...*picture.Picture) (target, error) {
	var t target
	for _, p := range ps {
		out, err := j.run.Run(p.Pix, p.H, p.W)
		if err != nil {
			return t, err
		}
		for i := range j.cfg.Loss.Layers {
			m := momentsOf(out[i].Data, out[i].H*out[i].W, out[i].C)
			if len(t.moments) <= i {
				t.moments = append(t.moments, make([]float32, len(m)))
			}
			kernel.AXPY(t.moments[i], m, 1/float32(len(ps)))
		}
	}
	for i, m := range t.moments {
		var usual, d [2]float64
		for n, photo := range j.photos[i] {
			e, u := j.distance(i, photo, m), j.distance(i, photo, j.photos[i][(n+1)%len(j.photos[i])])
			for k := range d {
				d[k] += e[k] / float64(len(j.photos[i]))
				usual[k] += u[k] / float64(len(j.photos[i]))
			}
		}
		var w [2]float32
		for k, part := range [2]float64{1 - j.cfg.Loss.Palette, j.cfg.Loss.Palette} {
			w[k] = float32(part / max(d[k], floorOfDistance*usual[k], 1e-12))
		}
		t.weights = append(t.weights, w)
	}
	return t, nil
}

// weighed puts the weights of a style into a target.
func (t target) weighed(content string, weight float64, layers []float64) target {
	t.content = content
	t.weights = slices.Clone(t.weights)
	for i := range t.weights {
		for k := range t.weights[i] {
			t.weights[i][k] *= float32(weight * shareOf(layers, i))
		}
	}
	return t
}

// styleError is the weighted distance of a picture's features from a target, a
// mean over the loss layers: about 1 for an untouched photograph.
func (j *judge) styleError(t target, moments [][]float32) float64 {
	var sum float64
	for i, m := range t.moments {
		d := j.distance(i, m, moments[i])
		sum += d[0]*float64(t.weights[i][0]) + d[1]*float64(t.weights[i][1])
	}
	return sum / float64(len(t.moments))
}
