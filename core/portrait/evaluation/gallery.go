package evaluation

import (
	"context"
	"crypto/sha256"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"github.com/atelier-engine/atelier/core/device"
	"github.com/atelier-engine/atelier/core/nn"
	"github.com/atelier-engine/atelier/core/portrait/faces"
)

// gallery holds what is searched of all training photographs.
type gallery struct {
	identity [][]float32
	grey     [][]float64
}

// galleryFile holds the identities of all faces of a data set, beside the judge
// that told them.
const galleryFile = "identities.safetensors"

// hang makes the gallery of the faces index of a set. What the judge sees is
// kept beside it: it is the same for every generator.
func hang(ctx context.Context, j *Judge, set *faces.Faces, index []int, tick func(n int)) (*gallery, error) {
	g, a := &gallery{}, photographs(set, index)
	small := make([]float32, greySide*greySide*3)
	for i := range index {
		if err := a.face(small, i, greySide); err != nil {
			return nil, err
		}
		g.grey = append(g.grey, grey(small))
	}
	path, of := filepath.Join(j.dir, galleryFile), map[string]string{"judge": j.hash, "faces": fmt.Sprintf("%x", sha256.Sum256(fmt.Append(nil, index)))}
	if w, meta, err := nn.ReadSafetensors(path); err == nil && maps.Equal(meta, of) && slices.Equal(w["identity"].Shape, []int{len(index), identityLen}) {
		for i := range index {
			g.identity = append(g.identity, w["identity"].Data[i*identityLen:][:identityLen])
		}
		return g, nil
	}
	t, all := newTray(len(index), j.side), make([]float32, 0, len(index)*identityLen)
	for lo := 0; lo < len(index); lo += trayLen {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		t.resize(min(trayLen, len(index)-lo))
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
			g.identity, all = append(g.identity, v.Identity), append(all, v.Identity...)
		}
		tick(t.N)
	}
	if j.dir == "" {
		return g, nil
	}
	w := device.Weights{"identity": {Shape: []int{len(index), identityLen}, Data: all}}
	if err := nn.WriteSafetensors(path, w, of, false); err != nil {
		os.Remove(path)
		return nil, fmt.Errorf("evaluate portraits: %w", err)
	}
	return g, nil
}
