package style

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"

	"github.com/atelier-engine/atelier/core/device"
	"github.com/atelier-engine/atelier/core/nn"
)

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
// that it was learnt with. A hash in the style's description is then to be set
// anew, see SetHash.
func WriteVector(dir string, v []float32, network string) error {
	w := device.Weights{"vector": {Shape: []int{len(v)}, Data: v}}
	return nn.WriteSafetensors(filepath.Join(dir, VectorFile), w, map[string]string{"network": network}, false)
}

// hashOf is the SHA-256 of the vector's file in dir, in hexadecimal.
func hashOf(dir string) (string, error) {
	b, err := os.ReadFile(filepath.Join(dir, VectorFile))
	if err != nil {
		return "", fmt.Errorf("style vector: %w", err)
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:]), nil
}

// CheckVector returns an error if the file of the vector in the package's folder
// is missing or is not the one whose hash the package gives. A package without a
// network has none to check.
func (p *Package) CheckVector() error {
	if p.Network == "" {
		return nil
	}
	sum, err := hashOf(p.Dir)
	if err != nil {
		return err
	}
	if p.Hash != "" && sum != p.Hash {
		return fmt.Errorf("style vector: %s has the hash %s, but %s says %s: the style is damaged or was changed by half: install it again",
			filepath.Join(p.Dir, VectorFile), sum[:16], PackageFile, p.Hash[:16])
	}
	return nil
}

// vouched checks the vector in dir against the description beside it, if there is
// one, and returns the ground that it was trained for, 0 if that is not said.
func vouched(dir string) (base int, err error) {
	p, err := ReadPackage(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	return p.Base, p.CheckVector()
}

var (
	hashLine    = regexp.MustCompile(`(?m)^hash[ \t]*=.*$`)
	networkLine = regexp.MustCompile(`(?m)^network[ \t]*=.*$`)
)

// SetHash writes the hash of the vector in dir into the description beside it,
// after the line of the network if there was none. The rest stays as it is.
func SetHash(dir string) error {
	p, err := ReadPackage(dir)
	if err != nil {
		return err
	}
	sum, err := hashOf(dir)
	if err != nil {
		return err
	}
	path := filepath.Join(dir, PackageFile)
	text, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("style: set hash: %w", err)
	}
	line := []byte(fmt.Sprintf("hash = %q", sum))
	switch {
	case p.Hash != "" && hashLine.Match(text):
		text = hashLine.ReplaceAll(text, line)
	case p.Hash == "" && networkLine.Match(text):
		text = networkLine.ReplaceAll(text, append([]byte("$0\n"), line...))
	default:
		return fmt.Errorf("style: set hash: %s: its network or its hash is not on a line of its own: write hash = %q there", path, sum)
	}
	tmp := path + ".new"
	if err := os.WriteFile(tmp, text, 0o644); err != nil {
		return fmt.Errorf("style: set hash: %w", err)
	}
	if err := os.Rename(tmp, path); err != nil {
		return errors.Join(fmt.Errorf("style: set hash: %w", err), os.Remove(tmp))
	}
	return nil
}
