package optimise

import (
	"context"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/atelier-engine/atelier/core/picture"
)

// maxContents is how many pictures Photographs keeps in memory, about 4 MB each.
const maxContents = 48

// Photographs reads pictures of a folder, for Learn to paint, reduced to what it
// paints: at most 48, drawn by the seed. Files that cannot be read are told to
// note, which may be nil, and passed over.
func Photographs(ctx context.Context, dir string, seed uint64, note func(string)) ([]*picture.Picture, error) {
	fail := func(err error) ([]*picture.Picture, error) { return nil, fmt.Errorf("photographs: %w", err) }
	entries, err := os.ReadDir(dir)
	if err != nil {
		return fail(fmt.Errorf("%w: name a folder of pictures", err))
	}
	var names []string
	for _, e := range entries {
		ext := strings.ToLower(filepath.Ext(e.Name()))
		if e.Type().IsRegular() || e.Type()&fs.ModeSymlink != 0 {
			if slices.Contains([]string{".jpg", ".jpeg", ".png", ".webp", ".tif", ".tiff", ".gif"}, ext) {
				names = append(names, e.Name())
			}
		}
	}
	rand.New(rand.NewPCG(seed, 10)).Shuffle(len(names), func(i, j int) { names[i], names[j] = names[j], names[i] })
	var ps []*picture.Picture
	for _, name := range names {
		if ctx.Err() != nil {
			return fail(context.Cause(ctx))
		}
		if len(ps) == maxContents {
			break
		}
		p, err := picture.Open(filepath.Join(dir, name))
		if err == nil {
			p, err = scaled(p.Flatten(1, 1, 1), paintSide, 1)
		}
		if err != nil {
			if note != nil {
				note(fmt.Sprintf("left out: %v", err))
			}
			continue
		}
		p.Meta = nil
		ps = append(ps, p)
	}
	if len(ps) == 0 {
		return fail(fmt.Errorf("%s holds no picture that can be read: name a folder of pictures", dir))
	}
	return ps, nil
}

// drawnSide is the size of pictures that are drawn to be painted.
const drawnSide = paintSide

// Drawn makes pictures to paint while learning where there are no photographs:
// slopes of colour, clouds, discs and bars, with soft and hard edges.
func Drawn(many int, seed uint64) []*picture.Picture {
	var ps []*picture.Picture
	for i := range many {
		ps = append(ps, drawing(drawnSide, rand.New(rand.NewPCG(seed, uint64(i)))))
	}
	return ps
}
