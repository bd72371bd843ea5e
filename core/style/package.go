package style

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/BurntSushi/toml"

	"github.com/atelier-engine/atelier/core/device"
	"github.com/atelier-engine/atelier/core/nn"
)

// The files of a style's folder.
const (
	PackageFile = "style.toml"
	VectorFile  = "vector.safetensors"
	PreviewFile = "preview.jpg"
)

// maxStyleFile is the most that style.toml may hold, in bytes.
const maxStyleFile = 1 << 20

// Package is a style as a folder: style.toml, vector.safetensors and a preview.
type Package struct {
	Name        string   `toml:"name"`
	Title       string   `toml:"title"`
	Description string   `toml:"description"`
	Network     string   `toml:"network"`
	Credits     []Credit `toml:"credits"`
	Pre         []Step   `toml:"pre"`
	Post        []Step   `toml:"post"`

	// Dir is the folder that the package was read from.
	Dir string `toml:"-"`
}

// Credit names a work that a style was learnt from.
type Credit struct {
	Artist string `toml:"artist"`
	Title  string `toml:"title"`
	Year   string `toml:"year"`
	Rights string `toml:"rights"`
}

// String is the credit on one line.
func (c Credit) String() string {
	var parts []string
	for _, p := range []string{c.Artist, c.Title, c.Year, c.Rights} {
		if p != "" {
			parts = append(parts, p)
		}
	}
	return strings.Join(parts, ", ")
}

// ParsePackage reads the text of a style.toml. Errors carry the line where
// there is one.
func ParsePackage(text string) (*Package, error) {
	var p Package
	meta, err := toml.Decode(text, &p)
	if err != nil {
		var pe toml.ParseError
		if errors.As(err, &pe) {
			return nil, fmt.Errorf("line %d: %s", pe.Position.Line, pe.Message)
		}
		return nil, err
	}
	if u := meta.Undecoded(); len(u) > 0 {
		return nil, fmt.Errorf("key %q is unknown: use name, title, description, network, credits (artist, title, year, rights), pre and post (kernel, params)", u[0].String())
	}
	plan := p.Plan()
	if err := plan.Validate(); err != nil {
		return nil, err
	}
	return &p, plan.CheckSteps()
}

// ReadPackage reads the style.toml of a style's folder.
func ReadPackage(dir string) (*Package, error) {
	path := filepath.Join(dir, PackageFile)
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("read style: %w: a style's folder holds %s", err, PackageFile)
	}
	if info.Size() > maxStyleFile {
		return nil, fmt.Errorf("read style: %s has %d bytes: at most %d are read", path, info.Size(), maxStyleFile)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read style: %w", err)
	}
	p, err := ParsePackage(string(b))
	if err != nil {
		return nil, fmt.Errorf("read style: %s: %w", path, err)
	}
	p.Dir = dir
	return p, nil
}

// ReadPackages reads every style in the folders of dir, by name. A folder
// without style.toml is passed over; a broken one is an error beside the rest.
func ReadPackages(dir string) ([]*Package, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, fmt.Errorf("read styles: %w", err)
	}
	var ps []*Package
	var bad []error
	for _, e := range entries {
		sub := filepath.Join(dir, e.Name())
		if _, err := os.Stat(filepath.Join(sub, PackageFile)); err != nil {
			continue
		}
		p, err := ReadPackage(sub)
		if err != nil {
			bad = append(bad, err)
			continue
		}
		ps = append(ps, p)
	}
	return ps, errors.Join(bad...)
}

// Plan is what the style does to a picture; the vector is named, not held.
func (p *Package) Plan() Plan {
	plan := Plan{Style: p.Name, Title: p.Title, Description: p.Description, Network: p.Network, Pre: p.Pre, Post: p.Post}
	if p.Network != "" {
		plan.VectorName = p.Name
	}
	for _, c := range p.Credits {
		plan.Credits = append(plan.Credits, c.String())
	}
	return plan
}

// ReadVector reads the style vector in dir and the fingerprint of the network
// that it was learnt with.
func ReadVector(dir string) (v []float32, network string, err error) {
	path := filepath.Join(dir, VectorFile)
	w, meta, err := nn.ReadSafetensors(path)
	if err != nil {
		return nil, "", fmt.Errorf("style vector: %w", err)
	}
	a, ok := w["vector"]
	if !ok || len(w) != 1 || len(a.Shape) != 1 {
		return nil, "", fmt.Errorf("style vector: %s: it must hold one tensor, vector, of one dimension: make it with atelier train style", path)
	}
	plan := Plan{Vector: a.Data}
	if err := plan.checkVector(); err != nil {
		return nil, "", fmt.Errorf("style vector: %s: %w", path, err)
	}
	return a.Data, meta["network"], nil
}

// WriteVector writes a style vector to dir with the fingerprint of the network
// that it was learnt with.
func WriteVector(dir string, v []float32, network string) error {
	w := device.Weights{"vector": {Shape: []int{len(v)}, Data: v}}
	return nn.WriteSafetensors(filepath.Join(dir, VectorFile), w, map[string]string{"network": network}, false)
}
