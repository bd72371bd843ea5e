package training

import (
	"context"
	"fmt"
	"slices"

	"github.com/atelier-engine/atelier/core/picture"
	"github.com/atelier-engine/atelier/core/style"
)

// Score says how well a style does on a set of photographs. All three are
// relative errors under the loss network: 0 is perfect. A style loss of 1 is
// that of features without energy, a content loss of 1 that of a picture that
// says no more than its mean.
type Score struct {
	Name      string
	Style     float64 // of the network's paintings, mean over the loss layers
	Untouched float64 // of the photographs themselves
	Content   float64 // of the network's paintings, at the style's content layer

	// The same of what a user gets: with the steps of the style's package.
	StyleSteps, ContentSteps float64
}

// Evaluate paints fixed photographs (cfg.Samples and the first ones) in every
// style of cfg, once with the network alone and once with the steps of the
// style's package too, and compares them with the exemplars.
// side is the size of the photographs in pixels.
func Evaluate(ctx context.Context, cfg TrainConfig, s *style.Stylizer, many, side int, progress func(float64)) ([]Score, error) {
	fail := func(err error) ([]Score, error) { return nil, fmt.Errorf("evaluate style: %w", err) }
	if progress == nil {
		progress = func(float64) {}
	}
	cfg.fill()
	if err := cfg.Check(); err != nil {
		return nil, err
	}
	layers := slices.Clone(cfg.Loss.Layers)
	for _, st := range cfg.Style {
		if !slices.Contains(layers, st.Content) {
			layers = append(layers, st.Content)
		}
	}
	net, err := style.LoadFeatures(cfg.Loss.Network, cfg.path("lossnet", cfg.Loss.Network+".safetensors"), layers...)
	if err != nil {
		return fail(err)
	}
	f, err := net.Runner()
	if err != nil {
		return fail(err)
	}
	names, err := pictureNames(cfg.path("photos"))
	if err != nil {
		return fail(err)
	}
	step := max(1, len(names)/max(1, many-len(cfg.Samples)))
	files := slices.Clone(cfg.Samples)
	for i := 0; i < len(names) && len(files) < many; i += step {
		files = append(files, names[i])
	}
	var photos []*picture.Picture
	for _, name := range files {
		p, err := loadPhoto(cfg.path("photos", name))
		if err != nil {
			return fail(err)
		}
		one := &Photos{all: []photo{p}}
		q := picture.New(side, side)
		one.Square(q.Pix, side, 0)
		photos = append(photos, q)
	}
	scores := make([]Score, len(cfg.Style))
	for i := range cfg.Style {
		st := &cfg.Style[i]
		if scores[i], err = score(ctx, f, &cfg, st, s, photos, layers); err != nil {
			return fail(err)
		}
		progress(float64(i+1) / float64(len(cfg.Style)))
	}
	return scores, nil
}

func score(ctx context.Context, f *style.FeatureRunner, cfg *TrainConfig, st *StyleConfig, s *style.Stylizer, photos []*picture.Picture, layers []string) (Score, error) {
	sc := Score{Name: st.Name}
	var exemplars []*picture.Picture
	for _, name := range st.Exemplars {
		e, err := cfg.exemplar(st, name)
		if err != nil {
			return sc, err
		}
		exemplars = append(exemplars, e)
	}
	targets, err := styleTargets(f, exemplars)
	if err != nil {
		return sc, err
	}
	at, n := slices.Index(layers, st.Content), len(cfg.Loss.Layers)
	dir, err := s.Folder(st.Name)
	if err != nil {
		return sc, err
	}
	pk, err := style.ReadPackage(dir)
	if err != nil {
		return sc, err
	}
	full := pk.Plan()
	bare := full
	bare.Pre, bare.Post = nil, nil
	many := float64(len(photos))
	for _, p := range photos {
		out, err := f.Run(p.Pix, p.H, p.W)
		if err != nil {
			return sc, err
		}
		sc.Untouched += styleError(out, targets, n) / many
		want := slices.Clone(out[at].Data)
		for _, one := range []struct {
			plan           style.Plan
			style, content *float64
		}{{bare, &sc.Style, &sc.Content}, {full, &sc.StyleSteps, &sc.ContentSteps}} {
			painted, err := s.Paint(ctx, p, one.plan, style.Options{Intensity: 1})
			if err != nil {
				return sc, err
			}
			if out, err = f.Run(painted.Pix, p.H, p.W); err != nil {
				return sc, err
			}
			*one.style += styleError(out, targets, n) / many
			*one.content += contentError(out[at].Data, want, out[at].C) / many
		}
	}
	return sc, nil
}
