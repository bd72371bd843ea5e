package engine

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/atelier-engine/atelier/core/picture"
	"github.com/atelier-engine/atelier/core/plan"
	"github.com/atelier-engine/atelier/core/recipe"
)

// imageKind opens a picture file.
func (e *Engine) imageKind() plan.Kind {
	limits := e.Config.pictureLimits()
	return plan.Kind{
		Name: recipe.KindImage, Version: 1, Output: recipe.TypePicture, Where: []string{"path"},
		Prepare: func(_ context.Context, s *plan.Step, _ []plan.Facts) (plan.Facts, error) {
			info, err := limits.Stat(s.Text("path"))
			if err != nil {
				return plan.Facts{}, err
			}
			sum, err := e.digest(s.Text("path"))
			pixels := int64(info.W) * int64(info.H)
			return plan.Facts{
				Digests: map[string]string{"file": sum}, W: info.W, H: info.H,
				Time: time.Duration(pixels) * pixelTime, Memory: decodeMemory(info, pixels), Held: rasterHeld(info.W, info.H),
			}, mark(err, ErrInput)
		},
		Run: func(ctx context.Context, c *plan.Call) (any, error) {
			return e.openImage(ctx, limits, c)
		},
	}
}

// openImage decodes the file, and hashes it again: a file that changed since the
// plan was checked must not go under the old checksum.
func (e *Engine) openImage(ctx context.Context, limits picture.Limits, c *plan.Call) (any, error) {
	path := c.Step.Text("path")
	changed := Inputf("%s changed while it was being used: run it again", path)
	r, err := picture.OpenRaster(ctx, path, limits, rasters())
	if err != nil {
		return nil, err
	}
	e.forget(path)
	if w, h := r.Size(); w != c.Facts.W || h != c.Facts.H || e.unchanged(path, c.Facts.Digests["file"]) != nil {
		r.Close()
		return nil, changed
	}
	noted(c, filepath.Base(path), r.Notes)
	return r, nil
}

// encodeMemory is what the streamed encoders need, in bytes.
const encodeMemory = 32 << 20

// decodeMemory estimates what opening a file takes beside its raster, in bytes:
// PNG is read row by row, the others are decoded whole, a JPEG in 3 bytes a pixel
// at most.
func decodeMemory(info picture.Info, pixels int64) int64 {
	switch info.Format {
	case picture.PNG:
		return min(8*pixels, encodeMemory)
	case picture.JPEG:
		return 3 * pixels
	}
	return 8 * pixels
}

// planKey is the metadata that holds the plan which made a picture.
const planKey = "atelier:plan"

// saveKind writes a picture to a file, with the plan that made it.
func (e *Engine) saveKind() plan.Kind {
	return plan.Kind{
		Name: recipe.KindSave, Version: 1, Output: recipe.TypeSaved, Effect: true,
		Takes: []plan.Input{{Type: recipe.TypePicture}},
		Prepare: func(_ context.Context, s *plan.Step, in []plan.Facts) (plan.Facts, error) {
			path := s.Text("path")
			if _, err := picture.FormatOf(path); err != nil {
				return plan.Facts{}, err
			}
			if info, err := os.Stat(path); err == nil && info.IsDir() {
				return plan.Facts{}, mark(fmt.Errorf("%s is a folder: name a file in it", path), ErrUsage)
			}
			pixels := int64(in[0].W) * int64(in[0].H)
			return plan.Facts{Time: time.Duration(pixels) * pixelTime, Memory: min(8*pixels, encodeMemory), Held: 1}, nil
		},
		Run: func(ctx context.Context, c *plan.Call) (any, error) {
			path := c.Step.Text("path")
			doc, err := c.Provenance()
			if err != nil {
				return nil, err
			}
			r := withMeta(raster(c.Inputs[0]))
			r.SetMeta(planKey, string(doc))
			r.SetMeta("Software", "Atelier "+Version())
			if f, _ := picture.FormatOf(path); r.Depth() == 16 && f == picture.JPEG {
				c.Note(filepath.Base(path) + ": a JPEG holds 8 bits a channel, the picture has 16: name a .png to keep them")
			}
			if err := makeFolder(path); err != nil {
				return nil, err
			}
			if err := picture.SaveRaster(ctx, path, r, picture.SaveOptions{}); err != nil {
				return nil, err
			}
			return path, nil
		},
	}
}

// makeFolder makes the folder of a file that is to be written.
func makeFolder(path string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return mark(fmt.Errorf("%w: choose a folder that can be written", err), errOutput)
	}
	return nil
}
