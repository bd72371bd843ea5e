package training

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"path/filepath"
	"slices"

	"gorgonia.org/gorgonia"

	"github.com/atelier-engine/atelier/core/autodiff"
	"github.com/atelier-engine/atelier/core/device"
	"github.com/atelier-engine/atelier/core/nn"
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
	return t.Minimise(l.total, l.net, l.table, l.predictor)
}

// begin takes the weights of a network that was trained before, and returns its
// identity style, from which all styles then begin.
func (l *lesson) begin(dir string) ([]float32, error) {
	m, err := nn.Open(dir)
	if err != nil {
		return nil, fmt.Errorf("begin: %w", err)
	}
	if err := l.net.Load(m.Weights); err != nil {
		return nil, fmt.Errorf("begin: %s: %w", dir, err)
	}
	id := m.Weights[style.Identity]
	if len(id.Data) != l.cfg.Network.VectorLen() {
		return nil, fmt.Errorf("begin: %s: its identity style has %d numbers, not %d: begin with a network of this shape", dir, len(id.Data), l.cfg.Network.VectorLen())
	}
	return id.Data, nil
}

// beginStyle takes the vector of a style that was learnt with that network, if
// there is one.
func (l *lesson) beginStyle(dir string, row []float32) error {
	v, _, err := style.ReadVector(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	if len(v) != len(row) {
		return fmt.Errorf("begin: %s: its vector has %d numbers, not %d: begin with styles of this network", dir, len(v), len(row))
	}
	for i := range row {
		row[i] = v[i] / vectorRate
	}
	return nil
}

// master is whom a photograph of a step is painted after.
type master uint8

const (
	preset master = iota
	anyone        // the predictor's
	nobody        // the identity
)

// masters are those of the photographs of a training, in turn.
var masters = []master{preset, preset, anyone, preset, anyone, preset, nobody, preset, anyone, preset}

// feed fills the inputs of step k.
func (l *lesson) feed(k int, rng *rand.Rand) error {
	t, n := l.tape, l.cfg.Batch
	for _, name := range []string{"choice", "sight", "predicted", "exact"} {
		clear(t.Data(name))
	}
	for i, name := range l.judge.layers {
		if l.judge.content[i] {
			clear(t.Data("content " + name))
		}
		if i < len(l.cfg.Loss.Layers) {
			clear(t.Data("weight " + name))
		}
	}
	for s := range n {
		if err := l.seat(s, masters[(k*n+s)%len(masters)], k, rng); err != nil {
			return err
		}
	}
	return nil
}

// seat gives photograph s of step k its master.
func (l *lesson) seat(s int, m master, k int, rng *rand.Rand) error {
	t, size, rows := l.tape, l.cfg.Size, len(l.pupils)+1
	one := size * size * 3
	photo := t.Data("photo")[s*one : (s+1)*one]
	if err := l.photos.Crop(photo, size, rng); err != nil {
		return err
	}
	style.AddGrain(t.Data("canvas")[s*one:(s+1)*one], photo, size, size, rng.IntN(1<<20), rng.IntN(1<<20))
	t.Data("art")[s] = 1
	var to target
	switch m {
	case preset:
		which := draw(l.turns, rng)
		t.Data("choice")[s*rows+which] = vectorRate
		to = l.pupils[which].target
	case anyone:
		ref, err := l.refs.Window(rng)
		if err != nil {
			return err
		}
		if to, err = l.judge.targetOf(ref); err != nil {
			return err
		}
		p := &l.cfg.Predictor
		to = to.weighed(p.Content, p.Weight, p.Layers)
		t.Data("predicted")[s] = predictedRate
		w := len(l.sight.mean)
		if err := l.sight.look(t.Data("sight")[s*w:(s+1)*w], ref); err != nil {
			return err
		}
	case nobody:
		t.Data("choice")[s*rows+rows-1] = vectorRate
		t.Data("exact")[s], t.Data("art")[s] = float32(l.cfg.Loss.Exact), 0
		to = l.judge.identity
	}
	ramp := float32(min(1, .2+.8*float64(k)/float64(max(l.cfg.Ramp, 1))))
	for i, name := range l.cfg.Loss.Layers {
		if to.moments != nil {
			copy(t.Data("moments " + name)[s*len(to.moments[i]):], to.moments[i])
			t.Data("weight " + name)[2*s], t.Data("weight " + name)[2*s+1] = ramp*to.weights[i][0], ramp*to.weights[i][1]
		}
	}
	t.Data("content " + to.content)[s] = 1
	return nil
}

// draw picks an index with a probability in proportion to shares.
func draw(shares []float64, rng *rand.Rand) int {
	var sum float64
	for _, s := range shares {
		sum += s
	}
	u := rng.Float64() * sum
	i := slices.IndexFunc(shares, func(s float64) bool { u -= s; return u < 0 })
	return max(i, 0)
}
