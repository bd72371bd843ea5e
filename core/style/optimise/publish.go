package optimise

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math"
	"os"
	"path/filepath"

	"github.com/BurntSushi/toml"

	"github.com/atelier-engine/atelier/core/picture"
	"github.com/atelier-engine/atelier/core/style"
)

// MaxPackage is the most bytes that the files of a learnt style may have together.
const MaxPackage = 100_000

// previewSides are the sizes that a preview may have, the first that fits.
var previewSides = []int{384, 320, 256, 192, 128}

// publish writes the style package: in a hidden folder beside its place first, so
// that what is in the place is whole at any time.
func (a *apprentice) publish(ctx context.Context) error {
	place := filepath.Clean(a.Out)
	if err := os.MkdirAll(filepath.Dir(place), 0o755); err != nil {
		return fmt.Errorf("publish: %w: choose a folder that can be written", err)
	}
	tmp, err := os.MkdirTemp(filepath.Dir(place), ".new-*")
	if err != nil {
		return fmt.Errorf("publish: %w: choose a folder that can be written", err)
	}
	defer os.RemoveAll(tmp)
	if err := a.write(ctx, tmp); err != nil {
		return fmt.Errorf("publish: %w", err)
	}
	if err := os.MkdirAll(place, 0o755); err != nil {
		return fmt.Errorf("publish: %w", err)
	}
	// The description names the hash of the vector, so half a replacement is noticed.
	for _, name := range []string{style.PreviewFile, style.VectorFile, style.PackageFile} {
		if err := os.Rename(filepath.Join(tmp, name), filepath.Join(place, name)); err != nil {
			return fmt.Errorf("publish: %w", err)
		}
	}
	a.Note("the style is in " + place)
	return nil
}

func (a *apprentice) write(ctx context.Context, dir string) error {
	if err := style.WriteVector(dir, a.vector(), a.Network.Print); err != nil {
		return err
	}
	var text bytes.Buffer
	short := struct {
		Name        string         `toml:"name"`
		Title       string         `toml:"title"`
		Description string         `toml:"description"`
		Version     string         `toml:"version"`
		Network     string         `toml:"network"`
		Credits     []style.Credit `toml:"credits"`
	}{a.Name, a.Title, fmt.Sprintf("Learnt from one picture by atelier style train, %d steps.", a.state.Step), "1", style.Network, nil}
	if a.Credit != (style.Credit{}) {
		short.Credits = []style.Credit{a.Credit}
	}
	if err := toml.NewEncoder(&text).Encode(short); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(dir, style.PackageFile), text.Bytes(), 0o644); err != nil {
		return err
	}
	if err := style.SetHash(dir); err != nil {
		return err
	}
	if _, err := style.ReadPackage(dir); err != nil {
		return err
	}
	painted, err := a.sample(ctx)
	if err != nil {
		return err
	}
	for _, side := range previewSides {
		p, err := painted.Thumb(min(side, painted.W, painted.H))
		if err != nil {
			return err
		}
		if err := picture.Save(filepath.Join(dir, style.PreviewFile), p); err != nil {
			return err
		}
		if all, err := weigh(dir); err != nil || all < MaxPackage {
			return err
		}
	}
	return fmt.Errorf("the files of the style have more than %d bytes: give a shorter credit", MaxPackage)
}

// weigh adds the sizes of the files of a folder.
func weigh(dir string) (all int64, err error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return 0, err
	}
	for _, e := range entries {
		info, err := e.Info()
		if err != nil {
			return 0, err
		}
		all += info.Size()
	}
	return all, nil
}

// sample paints the first content with the style as learnt so far.
func (a *apprentice) sample(ctx context.Context) (*picture.Picture, error) {
	plan := style.Plan{Style: a.Name, Network: style.Network, Vector: append([]float32(nil), a.vector()...)}
	return a.painter.Paint(ctx, a.pupil.contents[0], plan, style.Options{Intensity: 1})
}

// digest is the beginning of the SHA-256 of numbers.
func digest(x []float32) string {
	h := sha256.New()
	var b [4]byte
	for _, v := range x {
		binary.LittleEndian.PutUint32(b[:], math.Float32bits(v))
		h.Write(b[:])
	}
	return hex.EncodeToString(h.Sum(nil)[:8])
}
