package style

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/BurntSushi/toml"
)

// The files of a style's folder.
const (
	PackageFile = "style.toml"
	VectorFile  = "vector.safetensors"
	PreviewFile = "preview.jpg"
)

// maxStyleFile is the most that style.toml may hold, in bytes.
const maxStyleFile = 1 << 20

// maxVersion is the most that a version may hold, in bytes.
const maxVersion = 64

// Package is a style as a folder: style.toml, vector.safetensors and a preview.
type Package struct {
	Name        string `toml:"name"`
	Title       string `toml:"title"`
	Description string `toml:"description"`
	Version     string `toml:"version"`
	Network     string `toml:"network"`
	// Hash is the SHA-256 of the vector's file, in hexadecimal: a style whose
	// vector is another is refused. Empty: not checked.
	Hash string `toml:"hash"`
	// Preview is the name of a picture in the folder that shows the style.
	// Empty: preview.jpg, if it is there.
	Preview string `toml:"preview"`
	// Base is the shorter side, in pixels, of the pictures that the style was
	// trained for. 0: BaseSide.
	Base    int      `toml:"base"`
	Credits []Credit `toml:"credits"`
	Pre     []Step   `toml:"pre"`
	Post    []Step   `toml:"post"`

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
		return nil, fmt.Errorf("key %q is unknown: use name, title, description, version, network, hash, preview, base, credits (artist, title, year, rights), pre and post (kernel, params)", u[0].String())
	}
	if err := p.check(); err != nil {
		return nil, err
	}
	plan := p.Plan()
	if err := plan.Validate(); err != nil {
		return nil, err
	}
	return &p, plan.CheckSteps()
}

var hashForm = regexp.MustCompile(`^[0-9a-f]{64}$`)

// check looks at what is not part of the plan.
func (p *Package) check() error {
	switch {
	case len(p.Version) > maxVersion || strings.ContainsAny(p.Version, "\n\r"):
		return fmt.Errorf("version %.80q: use one line of at most %d bytes", p.Version, maxVersion)
	case p.Hash != "" && !hashForm.MatchString(p.Hash):
		return fmt.Errorf("hash %.80q: use the 64 hexadecimal digits of the SHA-256 of %s", p.Hash, VectorFile)
	case p.Hash != "" && p.Network == "":
		return errors.New("a hash without a network: name the network")
	case p.Preview != "" && (!filepath.IsLocal(p.Preview) || filepath.Base(p.Preview) != p.Preview):
		return fmt.Errorf("preview %.80q: use the name of a picture in the style's folder", p.Preview)
	}
	return nil
}

// PreviewPath is the file that shows the style, "" if the package has none.
func (p *Package) PreviewPath() string {
	name := p.Preview
	if name == "" {
		name = PreviewFile
	}
	path := filepath.Join(p.Dir, name)
	if _, err := os.Stat(path); err != nil {
		return ""
	}
	return path
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
	plan := Plan{Style: p.Name, Title: p.Title, Description: p.Description, Network: p.Network, Base: p.Base, Pre: p.Pre, Post: p.Post}
	if p.Network != "" {
		plan.VectorName = p.Name
	}
	for _, c := range p.Credits {
		plan.Credits = append(plan.Credits, c.String())
	}
	return plan
}
