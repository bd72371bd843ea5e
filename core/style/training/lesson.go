package training

import (
	"context"
	"fmt"
	"path/filepath"

	"gorgonia.org/gorgonia"

	"github.com/atelier-engine/atelier/core/autodiff"
	"github.com/atelier-engine/atelier/core/device"
	"github.com/atelier-engine/atelier/core/style"
)

// lesson is everything one training step needs: the tape, what it is fed with
// and what it changes.
//
// One step paints Batch photographs, each in the way of one master (feed.go): a
// preset, whose vector is a row of a table; a random piece of a random picture,
// whose vector the predictor makes from its statistics; or the identity. All
// errors are relative, so that their weights mean the same for every layer, style
// and network:
//
//	content  Σ(f - f₀)² / Σ(f₀ - mean f₀)²   at the style's content layer
//	style    ‖M - M*‖² / mean ‖M₀ - M*‖²     summed over the loss layers
//	identity exact · mean (x - x₀)² + content
//
// where f₀ and M₀ are features and moments of untouched photographs and M* the
// moments of the exemplars (judge.go).
type lesson struct {
	cfg    *TrainConfig
	photos *Photos
	refs   *References
	judge  *judge
	pupils []pupil // the presets
	turns  []float64
	sight  *sight // what the predictor sees

	net, table, predictor            *autodiff.Params
	tape                             *autodiff.Tape
	feed                             *autodiff.Feed // of the tape
	content, style, id, weave, total *gorgonia.Node // the loss and its parts
	painted                          *gorgonia.Node
}

// vectorRate is how much faster the vectors of the presets learn than the
// weights that they share: a vector is vectorRate times its row of the table.
const vectorRate = 8

// predictedRate is how much slower the predicted vectors learn: they are
// predictedRate times what the dense layers give. Each of their numbers hangs on
// a hundred weights, which all move at once.
const predictedRate = .1

// pupil is a preset that is being learnt.
type pupil struct {
	cfg    *StyleConfig
	target target
}

// newLesson loads and measures everything and builds the tape.
func newLesson(ctx context.Context, cfg *TrainConfig, note func(string)) (*lesson, error) {
	l := &lesson{cfg: cfg}
	photos, skipped, err := LoadPhotos(ctx, cfg.path("photos"), cfg.Portraits)
	if err != nil {
		return nil, err
	}
	l.photos = photos
	note(fmt.Sprintf("%d photographs, %d skipped", photos.Len(), len(skipped)))
	if l.judge, err = newJudge(cfg, photos); err != nil {
		return nil, err
	}
	for i := range cfg.Style {
		s := &cfg.Style[i]
		exemplars, err := cfg.exemplars(s)
		if err != nil {
			return nil, err
		}
		t, err := l.judge.targetOf(exemplars...)
		if err != nil {
			return nil, err
		}
		l.pupils = append(l.pupils, pupil{s, t.weighed(s.Content, s.Weight, s.Layers)})
		l.turns = append(l.turns, s.Share)
	}
	if l.refs, err = LoadReferences(cfg.path("paintings"), cfg.Predictor.Held, cfg.Predictor.Drawn, photos); err != nil {
		return nil, err
	}
	note(fmt.Sprintf("%d paintings for the predictor, %d held out", l.refs.Len(), len(cfg.Predictor.Held)))
	if l.sight, err = newSight(cfg, l.judge.net, l.refs); err != nil {
		return nil, err
	}
	return l, l.build()
}

// build makes the networks and the tape.
func (l *lesson) build() error {
	cfg, j := l.cfg, l.judge
	g, err := cfg.Network.Graph()
	if err != nil {
		return err
	}
	width, rows := cfg.Network.VectorLen(), len(l.pupils)+1 // the last row is the identity
	l.net = autodiff.NewParams(g, cfg.Seed)
	l.table = autodiff.NewParamsOf("styles", []device.Param{{Name: "vector", Shape: []int{rows, width}}}, cfg.Seed)
	pg, err := style.PredictorGraph(len(l.sight.mean), cfg.Predictor.Hidden, width)
	if err != nil {
		return err
	}
	l.predictor = autodiff.NewParams(pg, cfg.Seed)
	neutral := cfg.Network.NeutralVector()
	if cfg.Start != "" {
		if neutral, err = l.begin(cfg.Start); err != nil {
			return err
		}
	}
	for i, v := range neutral {
		for r := range rows {
			l.table.Get("vector")[r*width+i] = v / vectorRate
		}
		l.predictor.Get(style.PredictorOut + ".bias")[i] = v / predictedRate
	}
	for r, p := range l.pupils {
		if cfg.Start == "" || cfg.StartStyles == "" {
			break
		}
		if err := l.beginStyle(filepath.Join(cfg.StartStyles, p.cfg.Name), l.table.Get("vector")[r*width:(r+1)*width]); err != nil {
			return err
		}
	}
	l.table.Touch()
	l.predictor.Touch()
	frozen := autodiff.NewParams(j.net.Graph, 0)
	frozen.Name = "judge"
	if err := frozen.Load(j.net.Weights); err != nil {
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
	n, size := cfg.Batch, cfg.Size
	photo := t.Input("photo", n, size, size, 3)
	v := t.Lookup(l.table, "vector", autodiff.Train, t.Input("choice", n, 1, 1, rows))
	made := apply(pg, l.predictor, autodiff.Train, t.Input("sight", n, 1, 1, len(l.sight.mean)))[0]
	v = t.Add(v, t.ScaleSamples(made, t.Input("predicted", n, 1, 1, 1)))
	l.painted = apply(g, l.net, autodiff.Train, t.Input("canvas", n, size, size, 3), v)[0]
	seen := apply(j.net.Graph, frozen, autodiff.Frozen, l.painted)
	shown := apply(j.net.Graph, frozen, autodiff.Frozen, photo)

	var parts []*gorgonia.Node
	var weights []float32
	for i, name := range cfg.Loss.Layers {
		c := j.channels[i]
		parts = append(parts, t.MomentLoss(t.Moments(seen[i]), t.Input("moments "+name, n, 1, c+1, c), t.Input("weight "+name, n, 1, 1, 2), j.metric[i]))
		weights = append(weights, 1)
	}
	l.style = t.WeightedSum(weights, parts...)
	parts, weights = nil, nil
	for i, name := range j.layers {
		if !j.content[i] {
			continue
		}
		parts = append(parts, t.WeightedMSE(seen[i], shown[i], t.Input("content "+name, n, 1, 1, 1)))
		weights = append(weights, float32(1/j.spread[i]))
	}
	l.content = t.WeightedSum(weights, parts...)
	l.id = t.WeightedMSE(l.painted, photo, t.Input("exact", n, 1, 1, 1))
	art := t.ScaleSamples(l.painted, t.Input("art", n, 1, 1, 1))
	l.weave = t.Weave(art, 4, 32)
	l.total = t.WeightedSum([]float32{1, 1, 1, float32(cfg.Loss.Smooth), float32(cfg.Loss.Weave)}, l.style, l.content, l.id, t.TV(art), l.weave)
	if err := t.Minimise(l.total, l.net, l.table, l.predictor); err != nil {
		return err
	}
	l.feed = autodiff.NewFeed(t, l.fill)
	return nil
}
