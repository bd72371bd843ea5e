package style

import (
	"context"
	"fmt"
	"maps"
	"math"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/atelier-engine/atelier/core/device"
	"github.com/atelier-engine/atelier/core/kernel"
	"github.com/atelier-engine/atelier/core/nn"
	"github.com/atelier-engine/atelier/core/picture"
)

// MaxIntensity is the strongest painting: 1 is as trained, beyond that the
// style is extrapolated.
const MaxIntensity = 1.5

// Identity is the name of the style that leaves a picture as it is. Its
// vector is kept with the network.
const Identity = "identity"

// Network is the folder of the shared network below models.
const Network = "style"

// Stylizer paints pictures with one network and any number of styles. Its
// methods may be called from several goroutines; paintings are made one at a
// time.
type Stylizer struct {
	name     string // of the model's folder, which plans name
	arch     Architecture
	print    string // fingerprint of the weights
	identity []float32
	styles   []string // folders of style packages

	mu   sync.Mutex
	prog device.Program
}

// Load reads the network of a model's folder. Styles that plans name are looked
// for in the given folders, each of which holds one folder a style, in their
// order.
func Load(modelDir string, styleDirs ...string) (*Stylizer, error) {
	m, err := nn.Open(modelDir)
	if err != nil {
		return nil, fmt.Errorf("load style network: %w", err)
	}
	abs, err := filepath.Abs(modelDir)
	if err != nil {
		return nil, fmt.Errorf("load style network: %w", err)
	}
	s, err := New(m.Weights)
	if err != nil {
		return nil, fmt.Errorf("load style network: %s: %w", modelDir, err)
	}
	s.name, s.print, s.styles = filepath.Base(abs), Fingerprint(m.Hash), styleDirs
	return s, nil
}

// New takes the weights of the network and its identity style.
func New(w device.Weights) (*Stylizer, error) {
	arch, err := architectureOf(w)
	if err != nil {
		return nil, err
	}
	g, err := arch.Graph()
	if err != nil {
		return nil, err
	}
	id := w[Identity]
	if len(id.Data) != arch.VectorLen() {
		return nil, fmt.Errorf("its identity style has %d numbers, not %d: use weights that atelier train style wrote", len(id.Data), arch.VectorLen())
	}
	net := maps.Clone(w)
	delete(net, Identity)
	prog, err := device.NewCPU().Compile(g, net)
	if err != nil {
		return nil, err
	}
	return &Stylizer{arch: arch, identity: id.Data, prog: prog}, nil
}

// Fingerprint is what a style vector remembers of its network: the beginning
// of the SHA-256 of the weights file.
func Fingerprint(hash string) string { return hash[:min(16, len(hash))] }

// IdentityVector is the style that leaves a picture as it is; not to be changed.
func (s *Stylizer) IdentityVector() []float32 { return s.identity }

// VectorLen is the length of the style vectors that the network takes.
func (s *Stylizer) VectorLen() int { return s.arch.VectorLen() }

// Folder finds the folder of a style's vector.
func (s *Stylizer) Folder(name string) (string, error) {
	for _, d := range s.styles {
		if _, err := os.Stat(filepath.Join(d, name, VectorFile)); err == nil {
			return filepath.Join(d, name), nil
		}
	}
	return "", fmt.Errorf("style vector %q: no folder of that name with a %s in %s: install the style there", name, VectorFile, strings.Join(s.styles, ", "))
}

// vector returns the style vector of a plan.
func (s *Stylizer) vector(p *Plan) ([]float32, error) {
	v := p.Vector
	if len(v) == 0 && p.VectorName == Identity {
		return s.identity, nil
	}
	if len(v) == 0 {
		dir, err := s.Folder(p.VectorName)
		if err != nil {
			return nil, err
		}
		var print string
		if v, print, err = ReadVector(dir); err != nil {
			return nil, err
		}
		if print != "" && s.print != "" && print != s.print {
			return nil, fmt.Errorf("style vector: %s was learnt with network %s, not %s: install the style that belongs to this network", dir, print, s.print)
		}
	}
	if len(v) != s.arch.VectorLen() {
		return nil, fmt.Errorf("style vector of %q has %d numbers, not %d: it belongs to another network", p.Style, len(v), s.arch.VectorLen())
	}
	return v, nil
}

// Paint carries out a plan on a picture of any size and returns a new one of
// the same size; alpha and metadata are kept.
//
// Intensity is from 0 to 1.5. 0 returns the picture bit for bit, 1 is the style
// as trained. Between, three things grow together and the result moves away
// from the picture monotonically: the vector from the identity style to the
// style, v(t) = id + t·(style - id); the share of every step; and the share of
// the painting over the picture, w(t) = 1 - (1-t)² up to t = 1. Beyond 1 only
// the vector goes on.
//
// Pictures above MaxPixels are refused; Memory says what a painting needs.
// Progress, which may be nil, is told the share done, from 0 to 1.
func (s *Stylizer) Paint(ctx context.Context, pic *picture.Picture, plan Plan, intensity float64, progress func(float64)) (*picture.Picture, error) {
	if err := s.check(pic, &plan, intensity); err != nil {
		return nil, fmt.Errorf("paint: %w", err)
	}
	if progress == nil {
		progress = func(float64) {}
	}
	out := pic.Clone()
	if intensity == 0 {
		progress(1)
		return out, nil
	}
	if err := applySteps(ctx, out, weaken(plan.Pre, intensity)); err != nil {
		return nil, fmt.Errorf("paint: %w", err)
	}
	if plan.Network != "" {
		target, err := s.vector(&plan)
		if err != nil {
			return nil, fmt.Errorf("paint: %w", err)
		}
		v := make([]float32, len(target))
		for i := range v {
			v[i] = s.identity[i] + float32(intensity)*(target[i]-s.identity[i])
		}
		if err := s.run(ctx, out, v, progress); err != nil {
			return nil, fmt.Errorf("paint: %w", err)
		}
	}
	if err := applySteps(ctx, out, weaken(plan.Post, intensity)); err != nil {
		return nil, fmt.Errorf("paint: %w", err)
	}
	rest := max(1-intensity, 0)
	if share := float32(1 - rest*rest); share < 1 {
		kernel.Parallel(len(out.Pix), 1<<14, func(_, lo, hi int) {
			for i := lo; i < hi; i++ {
				out.Pix[i] = pic.Pix[i] + share*(out.Pix[i]-pic.Pix[i])
			}
		})
	}
	progress(1)
	return out, nil
}

func (s *Stylizer) check(pic *picture.Picture, plan *Plan, intensity float64) error {
	if err := checkSize(pic); err != nil {
		return err
	}
	if err := pic.Check(); err != nil {
		return err
	}
	if err := plan.Validate(); err != nil {
		return err
	}
	if err := plan.CheckSteps(); err != nil {
		return err
	}
	if !(intensity >= 0 && intensity <= MaxIntensity) {
		return fmt.Errorf("intensity %g: use 0 to %g", intensity, MaxIntensity)
	}
	if plan.Network != "" && s.name != "" && plan.Network != s.name {
		return fmt.Errorf("style %q wants the network %q, but %q is loaded: install that model", plan.Style, plan.Network, s.name)
	}
	for i, v := range pic.Pix {
		if f := float64(v); math.IsNaN(f) || math.IsInf(f, 0) {
			return fmt.Errorf("value %d of the picture is %g: only finite numbers can be painted", i, v)
		}
	}
	return nil
}

// weaken lowers the amount of each step for intensities below 1.
func weaken(steps []Step, intensity float64) []Step {
	if intensity >= 1 {
		return steps
	}
	out := make([]Step, len(steps))
	for i, st := range steps {
		params := map[string]float64{"amount": 1}
		for k, v := range st.Params {
			params[k] = v
		}
		params["amount"] *= intensity
		out[i] = Step{Kernel: st.Kernel, Params: params}
	}
	return out
}
