package faces

import (
	"context"
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"sync"

	"github.com/atelier-engine/atelier/core/picture"
)

// DefaultSide is the side of packed faces: half as much again as pictures of
// 128 pixels, so that rotating and scaling them costs no sharpness.
const DefaultSide = 192

// recipe names what the pixels of a pack depend on beside the options. Another
// value makes packs anew.
const recipe = "cubic, mirrored"

// Options say what is prepared and how.
type Options struct {
	Dir   string // the data set's folder, or a packed data set
	Cache string // the packed file
	Side  int    // of packed faces in pixels; 0: DefaultSide
}

// Refused is a row or a picture that cannot be used, and why.
type Refused struct {
	Row  int // line of the file of labels; 0: none
	File string
	Why  string
}

// Prepare reads the data set in o.Dir and packs it into the file o.Cache; when
// that holds it already it is only opened. Pictures that cannot be used are
// returned with the reason. It decodes on all processors, holds a few pictures
// in memory at a time, and leaves nothing behind when ctx ends.
func Prepare(ctx context.Context, o Options, progress func(done, total int)) (*Faces, []Refused, error) {
	if o.Side == 0 {
		o.Side = DefaultSide
	}
	if o.Side < minSide || o.Side > maxSide {
		return nil, nil, fmt.Errorf("prepare faces: a side of %d pixels: give %d to %d", o.Side, minSide, maxSide)
	}
	manifest := filepath.Join(o.Dir, "labels.csv")
	raw, err := os.ReadFile(manifest)
	if err != nil {
		return nil, nil, fmt.Errorf("prepare faces: %w: give the folder that holds labels.csv", err)
	}
	sum := sha256.Sum256(append(raw, fmt.Sprint(packMagic, recipe, o.Side, alignTo)...))
	source := fmt.Sprintf("%x", sum)
	if f, err := Open(o.Cache); err == nil {
		if f.Source == source {
			return f, nil, nil
		}
		f.Close()
	}
	records, refused, err := readManifest(manifest)
	if err != nil {
		return nil, nil, err
	}
	w, err := newPackWriter(o.Cache, o.Side)
	if err != nil {
		return nil, nil, err
	}
	bad, err := w.addAll(ctx, filepath.Join(o.Dir, "images"), records, progress)
	if err != nil {
		w.discard()
		return nil, nil, err
	}
	refused = append(refused, bad...)
	if len(w.conds) == 0 {
		w.discard()
		return nil, refused, fmt.Errorf("prepare faces: none of the %d pictures of %s can be used: see the reasons above", len(records), o.Dir)
	}
	if err := w.finish(packInfo{Format: "manifest", Source: source}); err != nil {
		return nil, nil, err
	}
	f, err := Open(o.Cache)
	return f, refused, err
}

// job is a photograph on its way into the pack.
type job struct {
	r         *record
	pix       []byte // side x side x 3
	landmarks [][2]float64
	err       error
	done      chan struct{}
}

// addAll decodes and aligns photographs on all processors and adds them in
// order. As many jobs as there are wander from free to work and order and back,
// so that no channel of theirs can be full.
func (w *packWriter) addAll(ctx context.Context, dir string, records []record, progress func(done, total int)) ([]Refused, error) {
	ctx, cancel := context.WithCancel(ctx)
	var wg sync.WaitGroup
	defer wg.Wait()
	defer cancel()
	ahead := 4 * runtime.GOMAXPROCS(0)
	free, work, order := make(chan *job, ahead), make(chan *job, ahead), make(chan *job, ahead)
	for range ahead {
		free <- &job{pix: make([]byte, w.side*w.side*3)}
	}
	wg.Go(func() {
		defer close(work)
		defer close(order)
		for i := range records {
			select {
			case j := <-free:
				j.r, j.done = &records[i], make(chan struct{})
				work <- j
				order <- j
			case <-ctx.Done():
				return
			}
		}
	})
	for range runtime.GOMAXPROCS(0) {
		wg.Go(func() {
			for j := range work {
				if ctx.Err() == nil {
					j.landmarks, j.err = readFace(filepath.Join(dir, j.r.file), j.r, j.pix, w.side)
				}
				close(j.done)
			}
		})
	}
	var refused []Refused
	done := 0
	for j := range order {
		<-j.done
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if j.err != nil {
			refused = append(refused, Refused{Row: j.r.line, File: j.r.file, Why: j.err.Error()})
		} else if err := w.add(j.r, j.pix, j.landmarks); err != nil {
			return nil, err
		}
		free <- j
		if done++; progress != nil && (done%256 == 0 || done == len(records)) {
			progress(done, len(records))
		}
	}
	return refused, ctx.Err()
}

// readFace decodes a photograph and aligns its face into pix. It returns the
// landmarks in pixels of the aligned face.
func readFace(path string, r *record, pix []byte, side int) ([][2]float64, error) {
	p, err := picture.Limits{Pixels: 50_000_000}.Open(path)
	if err != nil {
		return nil, err
	}
	m, err := r.place(side, p.W, p.H)
	if err != nil {
		return nil, err
	}
	resample(pix, side, p.Pix, p.W, p.H, m)
	if len(r.points) != 68 {
		return nil, nil
	}
	back := m.inverse()
	landmarks := make([][2]float64, 68)
	for i, q := range r.points {
		landmarks[i][0], landmarks[i][1] = back.apply(q[0], q[1])
	}
	return landmarks, nil
}
