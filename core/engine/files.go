package engine

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/atelier-engine/atelier/core/picture"
	"github.com/atelier-engine/atelier/core/plan"
	"github.com/atelier-engine/atelier/core/recipe"
)

// imageKind opens a picture file.
func (e *Engine) imageKind() plan.Kind {
	limits := picture.Limits{Pixels: e.Config.Limits.Pixels}
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
				Time: time.Duration(pixels) * pixelTime, Memory: pixels * 16,
			}, mark(err, ErrInput)
		},
		Run: func(_ context.Context, c *plan.Call) (any, error) {
			return e.openImage(limits, c)
		},
	}
}

// openImage decodes the file and hashes the very bytes that are decoded: a file
// that changed since the plan was checked must not go under the old checksum.
func (e *Engine) openImage(limits picture.Limits, c *plan.Call) (*picture.Picture, error) {
	path := c.Step.Text("path")
	f, err := os.Open(path)
	if err != nil {
		if _, worded := limits.Stat(path); worded != nil {
			err = worded
		}
		return nil, mark(err, ErrInput)
	}
	defer f.Close()
	sum := sha256.New()
	p, err := limits.Decode(io.TeeReader(f, sum), path)
	if err != nil {
		return nil, err
	}
	if hex.EncodeToString(sum.Sum(nil)) != c.Facts.Digests["file"] || p.W != c.Facts.W || p.H != c.Facts.H {
		e.forget(path)
		return nil, Inputf("%s changed while it was being used: run it again", path)
	}
	return p, nil
}

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
			return plan.Facts{Time: time.Duration(pixels) * pixelTime, Memory: pixels * 8}, nil
		},
		Run: func(ctx context.Context, c *plan.Call) (any, error) {
			path := c.Step.Text("path")
			doc, err := c.Provenance()
			if err != nil {
				return nil, err
			}
			p := *c.Inputs[0].(*picture.Picture)
			p.Meta = cloneMeta(p.Meta)
			p.Meta["atelier:plan"] = string(doc)
			p.Meta["Software"] = "Atelier " + Version()
			if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
				return nil, mark(fmt.Errorf("%w: choose a folder that can be written", err), errOutput)
			}
			if err := picture.SaveContext(ctx, path, &p, picture.SaveOptions{}); err != nil {
				return nil, err
			}
			return path, nil
		},
	}
}
