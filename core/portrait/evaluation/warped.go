package evaluation

import (
	"context"
	"math/rand/v2"

	"github.com/atelier-engine/atelier/core/picture"
	"github.com/atelier-engine/atelier/core/portrait/expression"
	"github.com/atelier-engine/atelier/core/portrait/faces"
)

// How many held-out neutral faces are given each expression, and how strongly: a
// portrait is asked for one emotion alone.
const (
	warpedFaces = 48
	warpedLeast = 0.85 // strength, up to 1
)

// warped gives held-out neutral faces each of the emotions by package expression,
// whose labels are exact. Of sad, angry, fearful, disgusted and surprised faces
// few photographs are labelled for sure: here the judge shows what it can. No
// figure comes of a set without landmarks.
func (b *Bench) warped(ctx context.Context, held []int) (*Column, error) {
	var list []asked
	var index []int
	for _, i := range held {
		if len(index) == warpedFaces*emotions {
			break
		}
		emotion, share := emotionOf(b.set.Conds[i])
		if emotion != 0 || share < b.opts.Judge.sure || b.set.Landmarks == nil || !b.set.Aligned[i] || !expression.Suitable(b.set.Landmarks[i]) {
			continue
		}
		for k := range emotions {
			list = append(list, asked{cond: b.set.Conds[i], emotion: k, seed: uint64(i), cell: -1})
			index = append(index, i)
		}
	}
	if len(index) == 0 {
		return nil, nil
	}
	seen, err := b.eye.look(ctx, expressed(b.set, index, list, b.opts.Seed), false, b.stage("warped photographs", len(index)))
	if err != nil {
		return nil, err
	}
	return &Column{Name: "warped", Side: b.set.Side, Pictures: len(index), Agreement: agree(list, seen, nil)}, nil
}

// expressed are faces of a set with the expression that list asks for; a neutral
// one stays as it is.
func expressed(set *faces.Faces, index []int, list []asked, seed uint64) album {
	plain, last, p := photographs(set, index), -1, picture.New(set.Side, set.Side)
	made := make([]byte, set.Side*set.Side*3)
	return album{len(index), func(dst []float32, i, side int) error {
		if list[i].emotion == 0 {
			return plain.face(dst, i, side)
		}
		if i != last { // an album is asked for each picture at several sides in turn
			r := rand.New(rand.NewPCG(seed, uint64(index[i]*emotions+list[i].emotion)))
			strength := warpedLeast + (1-warpedLeast)*r.Float64()
			if err := expression.Apply(made, set.Face(index[i]), set.Side, set.Landmarks[index[i]], list[i].emotion, strength, r); err != nil {
				return err
			}
			for k, v := range made {
				p.Pix[k] = float32(v) / 255
			}
			last = i
		}
		return portraits([]*picture.Picture{p}).face(dst, 0, side)
	}}
}
