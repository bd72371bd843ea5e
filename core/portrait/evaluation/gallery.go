package evaluation

import (
	"context"
	"crypto/sha256"
	"fmt"
	"maps"
	"path/filepath"
	"slices"

	"github.com/atelier-engine/atelier/core/device"
	"github.com/atelier-engine/atelier/core/nn"
	"github.com/atelier-engine/atelier/core/portrait/faces"
)

// gallery holds what is searched of all training photographs, a column each.
type gallery struct {
	size     int
	identity []float32 // (identityLen, size)
	grey     []float32 // (greySide·greySide, size)
}

// add puts photograph i into its columns.
func (g *gallery) add(i int, identity, grey []float32) {
	for k, v := range identity {
		g.identity[k*g.size+i] = v
	}
	for k, v := range grey {
		g.grey[k*g.size+i] = v
	}
}

func newGallery(size int) *gallery {
	return &gallery{size, make([]float32, identityLen*size), make([]float32, greySide*greySide*size)}
}

// galleryFile holds the identities of all faces of a data set, beside the judge
// that told them.
const galleryFile = "identities.safetensors"

// hang makes the gallery of the faces index of a set. What the judge sees of them
// is kept beside it: it is the same for every generator.
func hang(ctx context.Context, j *Judge, set *faces.Faces, index []int, tick func(n int)) (*gallery, error) {
	identity, err := identities(ctx, j, photographs(set, index), fmt.Sprintf("%x", sha256.Sum256(fmt.Append(nil, index))), tick)
	if err != nil {
		return nil, err
	}
	g, a, small := newGallery(len(index)), photographs(set, index), make([]float32, greySide*greySide*3)
	for i := range index {
		if err := a.face(small, i, greySide); err != nil {
			return nil, err
		}
		g.add(i, identity[i*identityLen:][:identityLen], grey(small))
	}
	return g, nil
}

// identities are those of the photographs of an album, (len,identityLen), which
// name names.
func identities(ctx context.Context, j *Judge, a album, name string, tick func(n int)) ([]float32, error) {
	path, of := filepath.Join(j.dir, galleryFile), map[string]string{"judge": j.hash, "faces": name}
	if j.on != "" {
		of["device"] = j.on
	}
	if w, meta, err := nn.ReadSafetensors(path); err == nil && maps.Equal(meta, of) && slices.Equal(w["identity"].Shape, []int{a.len, identityLen}) {
		return w["identity"].Data, nil
	}
	t, all := newTray(a.len, j.side), make([]float32, 0, a.len*identityLen)
	for lo := 0; lo < a.len; lo += trayLen {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		t.resize(min(trayLen, a.len-lo))
		for i := range t.N {
			if err := a.face(t.at(i), lo+i, j.side); err != nil {
				return nil, err
			}
		}
		seen, err := j.see(t)
		if err != nil {
			return nil, err
		}
		for _, v := range seen {
			all = append(all, v.Identity...)
		}
		tick(t.N)
	}
	if j.dir == "" {
		return all, nil
	}
	w := device.Weights{"identity": {Shape: []int{a.len, identityLen}, Data: all}}
	if err := nn.WriteSafetensors(path, w, of, false); err != nil {
		return nil, fmt.Errorf("evaluate portraits: %w", err)
	}
	return all, nil
}
