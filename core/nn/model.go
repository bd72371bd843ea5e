package nn

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"sort"
	"strings"

	"github.com/atelier-engine/atelier/core/device"
)

// The files of a model folder.
const (
	WeightsFile = "weights.safetensors"
	CardFile    = "card.md"
)

// Model is what a model folder holds.
type Model struct {
	Dir     string
	Card    Card
	Weights device.Weights
	Meta    map[string]string // of the weights file
	Hash    string            // SHA-256 of the weights file, hexadecimal: what provenance records
}

// Open reads a model folder. Weights that are not finite are refused, naming the tensor.
func Open(dir string) (*Model, error) {
	m := &Model{Dir: dir}
	var err error
	if m.Card, err = ReadCard(filepath.Join(dir, CardFile)); err != nil {
		return nil, fmt.Errorf("open model: %w", err)
	}
	path := filepath.Join(dir, WeightsFile)
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("open model: %w", err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, fmt.Errorf("open model: %w", err)
	}
	hash := sha256.New()
	if m.Weights, m.Meta, err = DecodeSafetensors(io.TeeReader(f, hash), info.Size()); err != nil {
		return nil, fmt.Errorf("open model: %s: %w", path, err)
	}
	m.Hash = hex.EncodeToString(hash.Sum(nil))
	if name := notFinite(m.Weights); name != "" {
		return nil, fmt.Errorf("open model: %s: tensor %q holds a value that is not finite: train the model again", path, name)
	}
	return m, nil
}

// Save writes a model folder, making it if needed: the weights, in half precision if asked, then the card.
func Save(dir string, c Card, w device.Weights, half bool) error {
	if err := c.Check(); err != nil {
		return fmt.Errorf("save model %s: card: %w", dir, err)
	}
	if name := notFinite(w); name != "" {
		return fmt.Errorf("save model %s: tensor %q holds a value that is not finite: the training has failed", dir, name)
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("save model: %w", err)
	}
	meta := map[string]string{"name": c.Name, "kind": c.Kind}
	if err := WriteSafetensors(filepath.Join(dir, WeightsFile), w, meta, half); err != nil {
		return fmt.Errorf("save model: %w", err)
	}
	if err := WriteCard(filepath.Join(dir, CardFile), c); err != nil {
		return fmt.Errorf("save model: %w", err)
	}
	return nil
}

// notFinite returns the first name, in order, of an array with an infinity or NaN.
func notFinite(w device.Weights) string {
	var bad []string
	for name, a := range w {
		for _, v := range a.Data {
			if math.Float32bits(v)>>23&255 == 255 {
				bad = append(bad, name)
				break
			}
		}
	}
	sort.Strings(bad)
	if bad == nil {
		return ""
	}
	return bad[0]
}

// Pick returns the weights whose names begin with prefix, without it: the part of one network among several in
// a file. The arrays are shared.
func Pick(w device.Weights, prefix string) device.Weights {
	part := device.Weights{}
	for name, a := range w {
		if rest, ok := strings.CutPrefix(name, prefix); ok {
			part[rest] = a
		}
	}
	return part
}

// Join adds the weights of src to dst, each name with prefix in front. It is the opposite of Pick.
func Join(dst device.Weights, prefix string, src device.Weights) {
	for name, a := range src {
		dst[prefix+name] = a
	}
}
