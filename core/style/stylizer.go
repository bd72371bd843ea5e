package style

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/atelier-engine/atelier/core/device"
	"github.com/atelier-engine/atelier/core/nn"
)

// Identity is the name of the style that leaves a picture as it is. Its
// vector is kept with the network.
const Identity = "identity"

// Network is the folder of the shared network below models.
const Network = "style"

// Stylizer paints pictures with one network and any number of styles. Its
// methods may be called from several goroutines; the network paints one picture
// at a time. The zero value has no network: it carries out plans that are made of
// steps only, and so loads nothing.
type Stylizer struct {
	name     string // of the model's folder, which plans name
	arch     Architecture
	print    string // fingerprint of the weights
	identity []float32
	styles   []string // folders of style packages

	mu     sync.Mutex // held while the network paints a picture
	device device.Device
	prog   device.Program
	tiles  *tiler

	window int // what the network sees at most, pixels a side; 0: what suits the device
}

// Load reads the network of a model's folder. Styles that plans name are looked
// for in the given folders, each of which holds one folder a style, in their
// order.
func Load(modelDir string, styleDirs ...string) (*Stylizer, error) {
	return LoadOn(device.NewCPU(), modelDir, styleDirs...)
}

// LoadOn is Load for a device.
func LoadOn(d device.Device, modelDir string, styleDirs ...string) (*Stylizer, error) {
	m, err := nn.Open(modelDir)
	if err != nil {
		return nil, fmt.Errorf("load style network: %w", err)
	}
	abs, err := filepath.Abs(modelDir)
	if err != nil {
		return nil, fmt.Errorf("load style network: %w", err)
	}
	s, err := NewOn(d, m.Weights)
	if err != nil {
		return nil, fmt.Errorf("load style network: %s: %w", modelDir, err)
	}
	s.name, s.print, s.styles = filepath.Base(abs), Fingerprint(m.Hash), styleDirs
	return s, nil
}

// New takes the weights of the network and its identity style.
func New(w device.Weights) (*Stylizer, error) { return NewOn(device.NewCPU(), w) }

// NewOn is New for a device.
func NewOn(d device.Device, w device.Weights) (*Stylizer, error) {
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
	prog, err := d.Compile(g, net)
	if err != nil {
		return nil, err
	}
	return &Stylizer{arch: arch, identity: id.Data, device: d, prog: prog}, nil
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

// vector returns the style vector of a plan and the shorter side of the ground
// that it was trained for.
func (s *Stylizer) vector(p *Plan) (v []float32, base int, err error) {
	v, base = p.Vector, p.Base
	switch {
	case len(v) > 0:
	case p.VectorName == Identity:
		v = s.identity
	default:
		dir, err := s.Folder(p.VectorName)
		if err != nil {
			return nil, 0, err
		}
		trained, err := vouched(dir)
		if err != nil {
			return nil, 0, err
		}
		if base == 0 {
			base = trained
		}
		var print string
		if v, print, err = ReadVector(dir); err != nil {
			return nil, 0, err
		}
		if print != "" && s.print != "" && print != s.print {
			return nil, 0, fmt.Errorf("style vector: %s was learnt with network %s, not %s: install the style that belongs to this network", dir, print, s.print)
		}
	}
	if len(v) != s.arch.VectorLen() {
		return nil, 0, fmt.Errorf("style vector of %q has %d numbers, not %d: it belongs to another network", p.Style, len(v), s.arch.VectorLen())
	}
	if base == 0 {
		base = BaseSide
	}
	return v, base, nil
}
