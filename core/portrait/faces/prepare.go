package faces

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"syscall"

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
	Dir     string            // the data set's folder, or a packed data set, which is only opened
	Cache   string            // the packed file
	Side    int               // of packed faces in pixels; 0: DefaultSide
	Format  string            // one of Formats; empty: recognised by what is there
	Mapping *Mapping          // nil: DefaultMapping
	Note    func(text string) // told what a person should know; may be nil
}

// Prepare reads the data set in o.Dir and packs it into the file o.Cache; when
// that holds it already it is only opened. Pictures that cannot be used are
// returned with the reason, and written to RefusedFile(o.Cache). It decodes on
// all processors and holds a few pictures in memory at a time. When ctx ends or
// a disk is full, what is done stays beside o.Cache and a second call goes on
// there; o.Cache itself is whole or as before.
func Prepare(ctx context.Context, o Options, progress func(done, total int)) (*Faces, []Refused, error) {
	side := cmp.Or(o.Side, DefaultSide)
	if side < minSide || side > maxSide {
		return nil, nil, fmt.Errorf("prepare faces: a side of %d pixels: give %d to %d", side, minSide, maxSide)
	}
	if isFile(o.Dir) {
		f, err := Open(o.Dir)
		return f, nil, err
	}
	m := o.Mapping
	if m == nil {
		var err error
		if m, err = LoadMapping(""); err != nil {
			return nil, nil, err
		}
	}
	kind, in, err := recognise(o.Dir, o.Format)
	if err != nil {
		return nil, nil, err
	}
	source, err := fingerprint(ctx, kind, in, m, side)
	if err != nil {
		return nil, nil, err
	}
	if f, err := Open(o.Cache); err == nil {
		if f.Source == source {
			return f, nil, nil
		}
		f.Close()
	}
	l, err := kind.read(ctx, in, m)
	if err != nil {
		return nil, nil, err
	}
	if o.Note != nil {
		for _, n := range l.notes {
			o.Note(n)
		}
	}
	refused, err := pack(ctx, o.Cache, side, packInfo{Format: kind.name, Source: source, Terms: kind.terms}, l, progress)
	if err != nil {
		return nil, refused, err
	}
	f, err := Open(o.Cache)
	return f, refused, err
}

// pack makes the packed file of what the labels say.
func pack(ctx context.Context, path string, side int, info packInfo, l *labelled, progress func(done, total int)) ([]Refused, error) {
	unusable := func(all []Refused) error {
		return fmt.Errorf("prepare faces: none of %d faces can be used: %s", len(all), strings.Join(append(Summary(all), "mend the data set"), "; "))
	}
	if len(l.records) == 0 {
		return l.refused, unusable(l.refused)
	}
	w, err := startPack(path, side, info)
	if err != nil {
		return nil, err
	}
	need := int64(len(l.records)-w.done) * int64(side*side*3)
	for i := range l.records { // the index, and the journal that it is made of
		need += 2 * int64(entrySize+len(l.records[i].file)+8*len(l.records[i].points))
	}
	if room := freeSpace(filepath.Dir(path)); room >= 0 && room < need {
		return nil, errors.Join(&noRoom{fmt.Sprintf("pack faces: %s needs %d MB, its disk has %d: choose another disk or a smaller side", path, need/1e6+1, room/1e6)}, w.close())
	}
	if err := w.addAll(ctx, l.records, progress); err != nil {
		kept := w.close()
		if ctx.Err() != nil { // else err says why nothing can be written
			err = errors.Join(err, kept)
		}
		if w.done > 0 && ctx.Err() != nil && kept == nil {
			err = errors.Join(err, fmt.Errorf("prepare faces: %d of %d are done: the same command goes on there", w.done, len(l.records)))
		}
		return nil, err
	}
	refused := append(slices.Clone(l.refused), w.refused...)
	slices.SortStableFunc(refused, func(a, b Refused) int { return cmp.Or(cmp.Compare(a.Labels, b.Labels), cmp.Compare(a.Row, b.Row)) })
	if w.kept == 0 {
		w.done = 0 // nothing to go on with
		return refused, errors.Join(unusable(refused), w.close())
	}
	if err := writeRefused(RefusedFile(path), refused); err != nil {
		return refused, errors.Join(err, w.close())
	}
	if err := w.finish(); err != nil {
		return refused, errors.Join(err, w.close())
	}
	return refused, nil
}

// noRoom is a full disk, before anything is written.
type noRoom struct{ text string }

func (e *noRoom) Error() string { return e.text }

func (e *noRoom) Unwrap() error { return syscall.ENOSPC }

// job is a photograph on its way into the pack.
type job struct {
	r         *record
	pix       []byte // side x side x 3
	landmarks [][2]float64
	err       error
	done      chan struct{}
}

// addAll decodes and aligns photographs on all processors and adds them in
// order, from where the pack ends. As many jobs as there are wander from free
// to work and order and back, so that no channel of theirs can be full.
func (w *packWriter) addAll(ctx context.Context, records []record, progress func(done, total int)) error {
	ctx, cancel := context.WithCancel(ctx)
	var wg sync.WaitGroup
	defer wg.Wait()
	defer cancel()
	ahead := 4 * runtime.GOMAXPROCS(0)
	free, work, order := make(chan *job, ahead), make(chan *job, ahead), make(chan *job, ahead)
	for range ahead {
		free <- &job{pix: make([]byte, w.side*w.side*3)}
	}
	begin := w.done
	if progress != nil {
		progress(begin, len(records))
	}
	wg.Go(func() {
		defer close(work)
		defer close(order)
		for i := begin; i < len(records); i++ {
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
					j.landmarks, j.err = readFace(j.r, j.pix, w.side)
				}
				close(j.done)
			}
		})
	}
	for j := range order {
		<-j.done
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := w.add(j.r, j.pix, j.landmarks, j.err); err != nil {
			return err
		}
		free <- j
		if progress != nil && (w.done%64 == 0 || w.done == len(records)) {
			progress(w.done, len(records))
		}
	}
	return ctx.Err()
}

// readFace decodes a photograph and aligns its face into pix. It returns the
// landmarks in pixels of the aligned face.
func readFace(r *record, pix []byte, side int) ([][2]float64, error) {
	p, err := picture.Limits{Pixels: 50_000_000}.Open(r.path)
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
