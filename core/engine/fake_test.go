package engine

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/atelier-engine/atelier/core/device"
	"github.com/atelier-engine/atelier/core/nn"
	"github.com/atelier-engine/atelier/core/picture"
	"github.com/atelier-engine/atelier/core/plugin"
	"github.com/atelier-engine/atelier/core/portrait"
	"github.com/atelier-engine/atelier/core/sentiment"
	"github.com/atelier-engine/atelier/core/style"
	"github.com/atelier-engine/atelier/core/style/optimise"
	"github.com/atelier-engine/atelier/core/upscale"
)

// fake is a host of plugins, a drawer and a painter without any network.
type fake struct {
	home  string
	drawn [][]portrait.Request // by batch
	reads int

	refuse error // of every text

	trouble func(n int) error // of the n-th painting
	painted []painted
	weights []float64

	enlarged []int // the factors
	asked    []plugin.Request
}

var errCrash = &plugin.Error{Name: "crasher", Err: plugin.ErrBroken}

func (f *fake) List() []plugin.Found {
	var all []plugin.Found
	for _, name := range []string{"crasher", "cubism", "sentiment-english"} {
		all = append(all, plugin.Found{Name: name, Path: filepath.Join(f.home, "plugins", name)})
	}
	return all
}

func (f *fake) Describe(_ context.Context, name string) (plugin.Info, error) {
	switch name {
	case "cubism":
		return plugin.Info{Name: name, Kind: kindStyle, Title: "Cubism"}, nil
	case "sentiment-english":
		return plugin.Info{Name: name, Kind: "analyzer"}, nil
	case "crasher":
		return plugin.Info{}, errCrash
	}
	return plugin.Info{}, &plugin.Error{Name: name, Err: plugin.ErrNotFound}
}

func (f *fake) Analyzer(string) sentiment.Analyzer { return f }

func (f *fake) Analyze(_ context.Context, texts []string) ([]sentiment.Reading, error) {
	f.reads++
	if f.refuse != nil {
		return nil, f.refuse
	}
	var all []sentiment.Reading
	for _, text := range texts {
		all = append(all, f.reading(text))
	}
	return all, nil
}

func (f *fake) reading(text string) sentiment.Reading {
	r := sentiment.Reading{Text: text, Analyzer: "fake", Language: "en", Confidence: 0.9}
	r.Emotions[sentiment.Happy] = 1
	r.Age = sentiment.Range{Min: 60, Max: 80, Best: 70, Said: true}
	if strings.Contains(text, "child") {
		r.Age = sentiment.Range{Min: 5, Max: 9, Best: 7, Said: true}
	}
	r.Gender, r.GenderSaid = 1, true
	r.Reasons = []sentiment.Reason{{Start: 0, End: 3, Word: text[:3], For: "happy", Weight: 2}}
	return r
}

func (f *fake) Plan(_ context.Context, name string, r plugin.Request) (*style.Plan, error) {
	f.asked = append(f.asked, r)
	if r.Options["planes"] > 2 {
		return nil, &plugin.Error{Name: name, Err: fmt.Errorf("%w: option planes is %g: want 0 to 2", plugin.ErrRequest, r.Options["planes"])}
	}
	if name == "crasher" {
		return nil, errCrash
	}
	return &style.Plan{Style: name, Network: "style", VectorName: name}, nil
}

func (f *fake) WriteLock() ([]string, error) { return nil, errors.New("no lock here") }
func (f *fake) Close() error                 { return nil }

// Draw gives each seed a colour of its own.
func (f *fake) Draw(_ context.Context, requests []portrait.Request) ([]*picture.Picture, error) {
	f.drawn = append(f.drawn, requests)
	var out []*picture.Picture
	for _, r := range requests {
		out = append(out, picture.Filled(8, 8, float32(r.Seed%256)/255, float32(r.Condition.Age/100), float32(r.Truncation)))
	}
	return out, nil
}

// requests are all that was drawn.
func (f *fake) requests() []portrait.Request { return slices.Concat(f.drawn...) }

// PaintRaster turns the picture into its negative.
func (f *fake) PaintRaster(ctx context.Context, src, dst *picture.Raster, s style.Plan, o style.Options) error {
	f.painted = append(f.painted, painted{s, o})
	if o.Progress != nil {
		o.Progress(0.5)
	}
	if s.Style == "slow" {
		<-ctx.Done()
	}
	if f.trouble != nil {
		if err := f.trouble(len(f.painted)); err != nil {
			return err
		}
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	w, h := src.Size()
	p, err := src.Read(0, 0, w, h)
	if err != nil {
		return err
	}
	for i := range p.Pix {
		p.Pix[i] = 1 - p.Pix[i]
	}
	return dst.Write(0, 0, p)
}

func (f *fake) Blend(plans []style.Plan, weights []float64) (style.Plan, error) {
	f.weights = weights
	return style.Plan{Style: "mixture", Network: plans[0].Network, VectorName: "mixture"}, nil
}

// Enlarge repeats pixels.
func (f *fake) Enlarge(ctx context.Context, src, dst *picture.Raster, factor int, o upscale.Options) error {
	f.enlarged = append(f.enlarged, factor)
	if o.Progress != nil {
		o.Progress(0.5)
	}
	if f.trouble != nil {
		if err := f.trouble(len(f.enlarged)); err != nil {
			return err
		}
	}
	w, h := src.Size()
	small, err := src.Read(0, 0, w, h)
	if err != nil {
		return err
	}
	large := picture.New(factor*w, factor*h)
	for i := range large.W * large.H {
		from := i/large.W/factor*w + i%large.W/factor
		copy(large.Pix[3*i:][:3], small.Pix[3*from:])
	}
	return dst.Write(0, 0, large)
}

func (f *fake) Picture(ctx context.Context, p *picture.Picture, factor int) (*picture.Picture, error) {
	q := picture.New(factor*p.W, factor*p.H)
	return q, f.Enlarge(ctx, picture.RasterOf(p), picture.RasterOf(q), factor, upscale.Options{})
}

func (f *fake) VectorLen() int { return 2 }

func (f *fake) Predict(_ context.Context, ref *picture.Picture, _ float64) ([]float32, error) {
	return []float32{float32(ref.W), float32(ref.H)}, nil
}

// painted is one call of the painter.
type painted struct {
	plan    style.Plan
	options style.Options
}

// newFake makes an engine in a home of its own, with one portrait model, one
// style network, a style that is a folder, one that is broken, and a photograph.
func newFake(t testing.TB) (*Engine, *fake, *bytes.Buffer) {
	t.Helper()
	home := t.TempDir()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	write := func(path, text string) {
		path = filepath.Join(home, path)
		must(os.MkdirAll(filepath.Dir(path), 0o755))
		must(os.WriteFile(path, []byte(text), 0o755))
	}
	for _, m := range []struct{ name, kind string }{{"faces", portrait.Kind}, {"style", "style"}, {"features", "features"}} {
		card := nn.Card{Name: m.name, Kind: m.kind, Created: time.Unix(0, 0).UTC(), Data: []string{"none"}, Licence: "none", Recipe: "test"}
		w := device.Weights{"w": {Shape: []int{1}, Data: []float32{1}}}
		must(nn.Save(filepath.Join(home, "models", m.name), card, w, false))
	}
	write("models/style/predictor.safetensors", "numbers")
	write("models/broken/weights.safetensors", "?")
	write("styles/ink/style.toml", "name = \"ink\"\ntitle = \"Ink\"\n[[pre]]\nkernel = \"saturate\"\n")
	write("styles/torn/style.toml", "name = ")
	write("scripts/face.lua", `portrait{text=args.text or "a glad man"}:save(args.out)`)
	must(os.MkdirAll(filepath.Join(home, "styles", "cubism"), 0o755))
	must(style.WriteVector(filepath.Join(home, "styles", "cubism"), []float32{1, 2}, ""))
	for _, p := range []string{"cubism", "sentiment-english", "crasher"} {
		write("plugins/"+p, "program "+p)
	}
	must(picture.Save(filepath.Join(home, "photo.png"), picture.Filled(20, 10, 0.2, 0.4, 0.6)))
	mask := picture.New(10, 5) // white on its right half
	for i := range mask.Pix {
		if i/3%10 >= 5 {
			mask.Pix[i] = 1
		}
	}
	must(picture.Save(filepath.Join(home, "mask.png"), mask))
	scene := picture.New(32, 24)
	for i := range scene.Pix {
		scene.Pix[i] = float32(i%17) / 16
	}
	must(picture.Save(filepath.Join(home, "scene.png"), scene))
	must(picture.Save(filepath.Join(home, "flat.png"), picture.Filled(32, 32, 1, 1, 1)))
	c := DefaultConfig()
	c.Portrait.Size = 32
	f := &fake{home: home}
	log := &bytes.Buffer{}
	e, err := assemble(c, newPlaces(&c, []string{home}), slog.New(slog.NewTextHandler(log, nil)), f, loaders{
		drawer: func(dir string) (drawer, error) {
			if filepath.Base(dir) != "faces" {
				return nil, fmt.Errorf("wrong model %s", dir)
			}
			return f, nil
		},
		painter:   func(string, ...string) (painter, error) { return f, nil },
		upscaler:  func(string) (upscaler, error) { return f, nil },
		predictor: func(string, string) (predictor, error) { return f, nil },
		optimise: func(_ context.Context, _ string, photo, _ *picture.Picture, o optimise.Options) (*picture.Picture, optimise.Report, error) {
			if o.Every > 0 {
				if err := o.Show(o.Every, photo); err != nil {
					return nil, optimise.Report{}, err
				}
			}
			return picture.Filled(photo.W, photo.H, 1, 0, 0), optimise.Report{Notes: []string{"optimised"}}, nil
		},
		refine: func(_ context.Context, _, _ string, v []float32, _, _ *picture.Picture, steps int, _ func(float64)) ([]float32, error) {
			return []float32{v[0], float32(steps)}, nil
		},
	})
	must(err)
	return e, f, log
}
