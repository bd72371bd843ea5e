package training

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"

	"gorgonia.org/gorgonia"

	"github.com/atelier-engine/atelier/core/autodiff"
	"github.com/atelier-engine/atelier/core/device"
	"github.com/atelier-engine/atelier/core/picture"
	"github.com/atelier-engine/atelier/core/style"
)

// lesson is everything one training step needs: the tape, what it is fed with
// and what it changes.
//
// One step paints Batch photographs, each with its own style, and a smaller one
// with the identity style. All errors are relative, so that their weights mean
// the same for every layer, style and network:
//
//	content  Σ(f - f₀)² / Σ(f₀ - mean f₀)²   at the style's content layer
//	style    ‖G - G*‖² / mean ‖G₀ - G*‖²     summed over the loss layers
//
// where f₀ and G₀ are of untouched photographs and G* is of the exemplars, and
//
//	identity 100 · mean (x - x₀)² + content
type lesson struct {
	cfg    *TrainConfig
	photos *Photos
	pupils []pupil // the styles to learn
	layers []string
	spread []float64     // variance of each layer over photographs
	grams  [][][]float32 // Gram matrices of some photographs, a layer

	net, table         *autodiff.Params
	tape               *autodiff.Tape
	content, style, id *gorgonia.Node // parts of the loss
	total              *gorgonia.Node
	painted            *gorgonia.Node
}

// vectorRate is how much faster the vectors of the styles learn than the
// weights that they share: a vector is vectorRate times its row of the table.
const vectorRate = 8

// pupil is a style that is being learnt.
type pupil struct {
	cfg       *StyleConfig
	exemplars []*picture.Picture
	targets   [][]float32 // Gram matrices a loss layer, divided by (H·W·C)
	weights   []float32   // of the Gram loss a loss layer
	content   int         // index of the content layer in lesson.layers
}

// newLesson loads and measures everything and builds the tape. The first layers
// of lesson.layers are those of the style loss.
func newLesson(ctx context.Context, cfg *TrainConfig, note func(string)) (*lesson, error) {
	l := &lesson{cfg: cfg, layers: slices.Clone(cfg.Loss.Layers)}
	for _, s := range cfg.Style {
		if !slices.Contains(l.layers, s.Content) {
			l.layers = append(l.layers, s.Content)
		}
	}
	photos, skipped, err := LoadPhotos(ctx, cfg.path("photos"), cfg.Portraits)
	if err != nil {
		return nil, err
	}
	l.photos = photos
	note(fmt.Sprintf("%d photographs, %d skipped", photos.Len(), len(skipped)))
	loss, err := style.LoadFeatures(cfg.Loss.Network, cfg.path("lossnet", cfg.Loss.Network+".safetensors"), l.layers...)
	if err != nil {
		return nil, err
	}
	f, err := loss.Runner()
	if err != nil {
		return nil, err
	}
	if err := l.measure(f); err != nil {
		return nil, err
	}
	for i := range cfg.Style {
		if err := l.enrol(f, &cfg.Style[i]); err != nil {
			return nil, err
		}
	}
	return l, l.build(loss)
}

// measure takes the variance of each layer and Gram matrices of photographs.
func (l *lesson) measure(f *style.FeatureRunner) error {
	const many = 16
	l.spread = make([]float64, len(l.layers))
	l.grams = make([][][]float32, len(l.cfg.Loss.Layers))
	rng := rand.New(rand.NewPCG(l.cfg.Seed, 1))
	pix := make([]float32, l.cfg.Size*l.cfg.Size*3)
	for range many {
		if err := l.photos.Crop(pix, l.cfg.Size, rng); err != nil {
			return err
		}
		out, err := f.Run(pix, l.cfg.Size, l.cfg.Size)
		if err != nil {
			return err
		}
		for i, t := range out {
			l.spread[i] += variance(t.Data, t.C) / many
			if i < len(l.cfg.Loss.Layers) {
				l.grams[i] = append(l.grams[i], style.Gram(t.Data, t.H*t.W, t.C))
			}
		}
	}
	return nil
}

func (l *lesson) enrol(f *style.FeatureRunner, s *StyleConfig) error {
	p := pupil{cfg: s, content: slices.Index(l.layers, s.Content)}
	for _, name := range s.Exemplars {
		e, err := l.cfg.exemplar(s, name)
		if err != nil {
			return err
		}
		p.exemplars = append(p.exemplars, e)
	}
	grams, err := styleTargets(f, p.exemplars)
	if err != nil {
		return err
	}
	for i := range l.cfg.Loss.Layers {
		g := grams[i]
		var norm float64
		for _, photo := range l.grams[i] {
			for j, v := range photo {
				norm += float64(v-g[j]) * float64(v-g[j]) / float64(len(l.grams[i]))
			}
		}
		p.targets = append(p.targets, g)
		p.weights = append(p.weights, float32(s.Weight*s.layer(i)/norm))
	}
	l.pupils = append(l.pupils, p)
	return nil
}

// build makes the tape.
func (l *lesson) build(loss *style.FeatureNet) error {
	cfg := l.cfg
	g, err := cfg.Network.Graph()
	if err != nil {
		return err
	}
	l.net = autodiff.NewParams(g, cfg.Seed)
	rows := len(l.pupils) + 1 // the last one is the identity
	l.table = autodiff.NewParamsOf("styles", []device.Param{{Name: "vector", Shape: []int{rows, cfg.Network.VectorLen()}}}, cfg.Seed)
	for i := range rows {
		for j, v := range cfg.Network.NeutralVector() {
			l.table.Get("vector")[i*cfg.Network.VectorLen()+j] = v / vectorRate
		}
	}
	l.table.Touch()
	judge := autodiff.NewParams(loss.Graph, 0)
	judge.Name = "features"
	if err := judge.Load(loss.Weights); err != nil {
		return err
	}

	t := autodiff.NewTape()
	l.tape = t
	apply := func(g *device.Graph, p *autodiff.Params, mode autodiff.Mode, in ...*gorgonia.Node) []*gorgonia.Node {
		out, applyErr := t.Apply(g, p, mode, in...)
		if applyErr != nil {
			return make([]*gorgonia.Node, len(g.Outs))
		}
		return out
	}
	n := cfg.Batch
	photo := t.Input("photo", n, cfg.Size, cfg.Size, 3)
	v := t.Lookup(l.table, "vector", autodiff.Train, t.Input("choice", n, 1, 1, rows))
	l.painted = apply(g, l.net, autodiff.Train, t.Input("canvas", n, cfg.Size, cfg.Size, 3), v)[0]
	seen := apply(loss.Graph, judge, autodiff.Frozen, l.painted)
	shown := apply(loss.Graph, judge, autodiff.Frozen, photo)
	var parts []*gorgonia.Node
	var weights []float32
	for i, name := range cfg.Loss.Layers {
		c := 1
		if len(l.pupils) > 0 {
			c = isqrt(len(l.pupils[0].targets[i]))
		}
		parts = append(parts, t.GramLoss(seen[i], t.Input("gram "+name, n, 1, c, c), t.Input("weight "+name, n, 1, 1, 1)))
		weights = append(weights, 1)
	}
	l.style = t.WeightedSum(weights, parts...)
	parts, weights = nil, nil
	for i := range l.layers {
		if !slices.ContainsFunc(l.pupils, func(p pupil) bool { return p.content == i }) {
			continue
		}
		parts = append(parts, t.WeightedMSE(seen[i], shown[i], t.Input("content "+l.layers[i], n, 1, 1, 1)))
		weights = append(weights, float32(1/l.spread[i]))
	}
	l.content = t.WeightedSum(weights, parts...)

	same := t.Input("same", 1, cfg.Identity, cfg.Identity, 3)
	self := t.Lookup(l.table, "vector", autodiff.Train, t.Input("self", 1, 1, 1, rows))
	copied := apply(g, l.net, autodiff.Train, t.Input("copy", 1, cfg.Identity, cfg.Identity, 3), self)[0]
	mid := len(cfg.Loss.Layers) / 2
	a, b := apply(loss.Graph, judge, autodiff.Frozen, copied), apply(loss.Graph, judge, autodiff.Frozen, same)
	l.id = t.WeightedSum([]float32{100, float32(1 / l.spread[mid])}, t.MSE(copied, same), t.MSE(a[mid], b[mid]))

	share := 1 / float32(n+1)
	l.total = t.WeightedSum([]float32{1, 1, share, float32(cfg.Smooth)}, l.style, l.content, l.id, t.TV(l.painted))
	if err := t.Minimise(l.total, l.net, l.table); err != nil {
		return err
	}
	t.Data("self")[rows-1] = vectorRate
	return nil
}

func isqrt(n int) int {
	r := 0
	for (r+1)*(r+1) <= n {
		r++
	}
	return r
}

// feed fills the inputs of step k: random crops, and the styles in turn.
func (l *lesson) feed(k int, rng *rand.Rand) error {
	cfg, t := l.cfg, l.tape
	photo, one := t.Data("photo"), cfg.Size*cfg.Size*3
	choice, rows := t.Data("choice"), len(l.pupils)+1
	clear(choice)
	for i, name := range l.layers {
		if w := t.Data("content " + name); w != nil {
			for s := range w {
				w[s] = 0
				if l.pupils[(k*cfg.Batch+s)%len(l.pupils)].content == i {
					w[s] = 1
				}
			}
		}
	}
	for s := range cfg.Batch {
		if err := l.photos.Crop(photo[s*one:(s+1)*one], cfg.Size, rng); err != nil {
			return err
		}
		style.AddGrain(t.Data("canvas")[s*one:], photo[s*one:], cfg.Size, cfg.Size, rng.IntN(1<<20), rng.IntN(1<<20))
		which := (k*cfg.Batch + s) % len(l.pupils)
		p := &l.pupils[which]
		choice[s*rows+which] = vectorRate
		for i, name := range cfg.Loss.Layers {
			g := p.targets[i]
			copy(t.Data("gram " + name)[s*len(g):], g)
			t.Data("weight " + name)[s] = p.weights[i] * float32(min(1, .2+.8*float64(k)/float64(max(cfg.Ramp, 1))))
		}
	}
	if err := l.photos.Crop(t.Data("same"), cfg.Identity, rng); err != nil {
		return err
	}
	style.AddGrain(t.Data("copy"), t.Data("same"), cfg.Identity, cfg.Identity, rng.IntN(1<<20), rng.IntN(1<<20))
	return nil
}
