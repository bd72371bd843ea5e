// Package faces reads data sets of labelled photographs of faces, aligns and
// packs them into one indexed file, and draws batches from it.
package faces

import (
	"github.com/atelier-engine/atelier/core/portrait"
)

// Split says what a face is for.
type Split uint8

// Train faces are learnt from, Valid ones judge while training goes on, Test
// ones are for the last judgement and drawn by no sampler.
const (
	Train Split = iota
	Valid
	Test
	unsplit // the data set does not say: see assignSplits
)

var splitNames = [...]string{"train", "valid", "test"}

func (s Split) String() string { return splitNames[s] }

// Faces is a packed data set: aligned faces of Side x Side pixels. The pixels
// are mapped from the file, not read: they cost address space and come as they
// are needed, shared by all processes that train on them. All slices have one
// entry a face and must not be changed.
type Faces struct {
	Side  int
	Conds []portrait.Condition
	Files []string // as the data set names them

	// Landmarks are the 68 points of iBUG's order, in pixels of the packed face,
	// x to the right and y down, (0,0) the upper left corner of the picture.
	// They are there where Aligned says so, else all zero; nil when no face has
	// any.
	Landmarks [][68][2]float64
	Aligned   []bool
	Splits    []Split

	// Sharpness is high for crisp faces and low for blurred ones; see
	// sharpness. Only faces of one side can be compared.
	Sharpness []float64

	Format string // of the data set, such as "manifest"
	Source string // SHA-256 of the data set and of how it was packed
	Terms  string // what may be done with it, if the format says so

	pix   []byte
	sums  []uint64
	unmap func() error
}

// Face is the picture of face i: Side rows of Side pixels of RGB in bytes. It
// is part of the mapping: it must not be changed, nor used after Close.
func (f *Faces) Face(i int) []byte {
	n := f.Side * f.Side * 3
	return f.pix[i*n : (i+1)*n : (i+1)*n]
}

// Len is the number of faces.
func (f *Faces) Len() int { return len(f.Conds) }

// Close gives the mapping back. Without it the mapping ends with the program.
func (f *Faces) Close() error {
	if f.unmap == nil {
		return nil
	}
	unmap := f.unmap
	f.pix, f.unmap = nil, nil
	return unmap()
}

// assignSplits gives a split to the faces of a data set that says none: every
// twentieth is kept for validation. So it does with a part of a data set whose
// official split leaves nothing to learn from or nothing to judge by.
func assignSplits(s []Split) {
	var count [unsplit + 1]int
	for _, v := range s {
		count[v]++
	}
	whole := count[Train] > 0 && count[Valid] > 0
	for i, v := range s {
		if whole && v != unsplit || v == Test {
			continue
		}
		s[i] = Train
		if i%20 == 7 {
			s[i] = Valid
		}
	}
}
