package training

import (
	"context"
	"fmt"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/atelier-engine/atelier/core/picture"
	"github.com/atelier-engine/atelier/core/style"
	"github.com/atelier-engine/atelier/core/style/optimise"
)

// Score says how well a style does on a set of photographs: means of relative
// errors under the loss network. A style loss of 1 is that of a usual photograph
// that nobody has painted; a content loss of 1 that of a picture that says no more
// than its mean. Lower is better.
type Score struct {
	Name string
	Held bool // a painting that training never saw, painted after by the predictor

	Untouched  Losses // of the photographs themselves; their content loss is 0
	Network    Losses // of the network's paintings
	Steps      Losses // of what a user gets: with the steps of the style's package
	Optimised  Losses // of paintings by optimisation, of the first photographs
	Comparable Losses // of the network's paintings of these same photographs
}

// Losses are of style, over all loss layers, and of content, at one layer.
type Losses struct{ Style, Content float64 }

func (l *Losses) add(m Losses, by float64) {
	l.Style += m.Style * by
	l.Content += m.Content * by
}

// EvaluateOptions say what Evaluate measures on. Zero values mean the defaults.
type EvaluateOptions struct {
	Count int // photographs: cfg.Samples, then others, evenly spread; 0: 8
	Side  int // of the photographs, pixels, a multiple of 32; 0: 256

	Held *style.Predictor // paints after the paintings held out too; nil: left out

	Features      *style.FeatureNet // for painting by optimisation; nil: left out
	OptimiseCount int               // photographs that are painted by optimisation; 0: 1
	OptimiseSteps int               // 0: as optimise has it

	Progress func(part float64)
}

// trainedSide is the shorter side of a picture at which the scales of exemplars
// are meant: that at which the painter runs the network.
const trainedSide = 512

// Evaluate paints fixed photographs in every style of cfg and compares them with
// the exemplars, at the scale at which these were learnt.
func Evaluate(ctx context.Context, cfg TrainConfig, s *style.Stylizer, o EvaluateOptions) ([]Score, error) {
	fail := func(err error) ([]Score, error) { return nil, fmt.Errorf("evaluate style: %w", err) }
	cfg.fill()
	if err := cfg.Check(); err != nil {
		return nil, err
	}
	orElse := func(v, def int) int {
		if v == 0 {
			return def
		}
		return v
	}
	o.Count, o.Side, o.OptimiseCount = orElse(o.Count, 8), orElse(o.Side, 256), orElse(o.OptimiseCount, 1)
	if o.Side < 32 || o.Count < 1 {
		return fail(fmt.Errorf("%d photographs of %d pixels: use at least 1 of at least 32", o.Count, o.Side))
	}
	photos, _, err := LoadPhotos(ctx, cfg.path("photos"), cfg.Portraits)
	if err != nil {
		return fail(err)
	}
	e := &examiner{ctx: ctx, cfg: &cfg, s: s, o: o}
	if e.judge, err = newJudge(&cfg, photos); err != nil {
		return fail(err)
	}
	if err := e.choose(photos); err != nil {
		return fail(err)
	}
	subjects, err := e.subjects()
	if err != nil {
		return fail(err)
	}
	var scores []Score
	for i, sub := range subjects {
		sc, err := e.score(sub)
		if err != nil {
			return fail(fmt.Errorf("%s: %w", sub.name, err))
		}
		scores = append(scores, sc)
		if o.Progress != nil {
			o.Progress(float64(i+1) / float64(len(subjects)))
		}
	}
	return scores, nil
}

// examiner is an evaluation.
type examiner struct {
	ctx    context.Context
	cfg    *TrainConfig
	s      *style.Stylizer
	o      EvaluateOptions
	judge  *judge
	photos []*picture.Picture
}

// subject is a style that is examined.
type subject struct {
	name       string
	held       bool
	bare, full style.Plan
	exemplars  []*picture.Picture // at the scale of the evaluation
	scale      float64            // of the exemplars, relative to the photographs
	content    string
}

// choose takes squares of the samples and of other photographs.
func (e *examiner) choose(photos *Photos) error {
	at := photos.find(e.cfg.Samples)
	step := max(1, photos.Len()/max(1, e.o.Count-len(at)))
	for i := 0; i < photos.Len() && len(at) < e.o.Count; i += step {
		at = append(at, i)
	}
	for _, i := range at[:min(len(at), e.o.Count)] {
		p := picture.New(e.o.Side, e.o.Side)
		photos.Square(p.Pix, e.o.Side, i)
		e.photos = append(e.photos, p)
	}
	return nil
}

func (e *examiner) subjects() ([]subject, error) {
	var all []subject
	for i := range e.cfg.Style {
		st := e.cfg.Style[i]
		dir, err := e.s.Folder(st.Name)
		if err != nil {
			return nil, err
		}
		pk, err := style.ReadPackage(dir)
		if err != nil {
			return nil, err
		}
		sub := subject{name: st.Name, full: pk.Plan(), content: st.Content}
		sub.bare = sub.full
		sub.bare.Pre, sub.bare.Post = nil, nil
		st.Scale = max(32, st.Scale*e.o.Side/trainedSide)
		if sub.exemplars, err = e.cfg.exemplars(&st); err != nil {
			return nil, err
		}
		all = append(all, sub)
	}
	if e.o.Held == nil {
		return all, nil
	}
	for i, name := range e.cfg.Predictor.Held {
		ref, err := picture.Open(e.cfg.path("paintings", filepath.FromSlash(name)))
		if err != nil {
			return nil, err
		}
		v, err := e.o.Held.Predict(e.ctx, ref, 1)
		if err != nil {
			return nil, err
		}
		small, err := fitShort(ref.Flatten(1, 1, 1), e.o.Side)
		if err != nil {
			return nil, err
		}
		plan := style.Plan{Style: fmt.Sprintf("held-%d", i), Network: style.Network, Vector: v}
		all = append(all, subject{name: strings.TrimSuffix(path.Base(name), path.Ext(name)), held: true, bare: plan, full: plan,
			exemplars: []*picture.Picture{small}, content: e.cfg.Predictor.Content})
	}
	return all, nil
}

// score examines one style.
func (e *examiner) score(sub subject) (Score, error) {
	sc := Score{Name: sub.name, Held: sub.held}
	target, err := e.judge.targetOf(sub.exemplars...)
	if err != nil {
		return sc, err
	}
	at := slices.Index(e.judge.layers, sub.content)
	for i, photo := range e.photos {
		shown, _, err := e.judge.look(photo, at)
		if err != nil {
			return sc, err
		}
		losses := func(p *picture.Picture) (Losses, error) {
			content, moments, err := e.judge.look(p, at)
			if err != nil {
				return Losses{}, err
			}
			return Losses{e.judge.styleError(target, moments), contentError(content, shown, e.judge.channels[at])}, nil
		}
		painted := func(plan style.Plan) (Losses, error) {
			p, err := e.s.Paint(e.ctx, photo, plan, style.Options{Intensity: 1})
			if err != nil {
				return Losses{}, err
			}
			return losses(p)
		}
		one := 1 / float64(len(e.photos))
		l, err := losses(photo)
		if err != nil {
			return sc, err
		}
		sc.Untouched.add(l, one)
		bare, err := painted(sub.bare)
		if err != nil {
			return sc, err
		}
		sc.Network.add(bare, one)
		if l, err = painted(sub.full); err != nil {
			return sc, err
		}
		sc.Steps.add(l, one)
		if e.o.Features == nil || i >= e.o.OptimiseCount {
			continue
		}
		ref := sub.exemplars[0]
		stroke := min(max(float64(min(ref.W, ref.H))/float64(e.o.Side), .25), 4)
		p, _, err := optimise.Paint(e.ctx, e.o.Features, photo, ref, optimise.Options{Size: e.o.Side, Steps: e.o.OptimiseSteps, Stroke: stroke})
		if err != nil {
			return sc, err
		}
		if l, err = losses(p); err != nil {
			return sc, err
		}
		many := 1 / float64(min(e.o.OptimiseCount, len(e.photos)))
		sc.Optimised.add(l, many)
		sc.Comparable.add(bare, many)
	}
	return sc, nil
}

// look returns the features of a picture at layer at and its moments.
func (j *judge) look(p *picture.Picture, at int) (content []float32, moments [][]float32, err error) {
	out, err := j.run.Run(p.Pix, p.H, p.W)
	if err != nil {
		return nil, nil, err
	}
	for i := range j.cfg.Loss.Layers {
		moments = append(moments, momentsOf(out[i].Data, out[i].H*out[i].W, out[i].C))
	}
	return slices.Clone(out[at].Data), moments, nil
}
