package faces

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"sync"

	"github.com/atelier-engine/atelier/core/picture"
	"github.com/atelier-engine/atelier/core/portrait"
)

// Faces is a data set in memory: aligned faces of Side x Side pixels, RGB in
// bytes, each with its condition.
type Faces struct {
	Side  int
	Conds []portrait.Condition
	Pix   []byte // (len(Conds), Side, Side, 3)
	Files []string
}

// packSide is the side of packed faces: half as much again as the network's
// pictures, so that rotating and scaling them costs no sharpness.
const packSide = 96

const packMagic = "atelier faces 1\n"

// packHeader precedes the pixels of a packed data set.
type packHeader struct {
	Source string // SHA-256 of the manifest and the packing's parameters
	Side   int
	Conds  []portrait.Condition
	Files  []string
}

// Prepare reads the data set in dir (labels.csv and images/) and packs it into
// the file cache; when cache holds it already it is only read. Pictures that
// cannot be used are returned with the reason.
func Prepare(ctx context.Context, dir, cache string, progress func(done, total int)) (*Faces, []Refused, error) {
	manifest := filepath.Join(dir, "labels.csv")
	raw, err := os.ReadFile(manifest)
	if err != nil {
		return nil, nil, fmt.Errorf("prepare faces: %w: give the folder that holds labels.csv", err)
	}
	sum := sha256.Sum256(append(raw, fmt.Sprint(packMagic, packSide, alignTo)...))
	source := fmt.Sprintf("%x", sum)
	if f, err := openPack(cache, source); err == nil {
		return f, nil, nil
	}
	records, refused, err := readManifest(manifest)
	if err != nil {
		return nil, nil, err
	}
	f, bad, err := readFaces(ctx, filepath.Join(dir, "images"), records, progress)
	if err != nil {
		return nil, nil, err
	}
	if len(f.Conds) == 0 {
		return nil, nil, fmt.Errorf("prepare faces: none of the %d pictures of %s can be used: see the reasons above", len(records), dir)
	}
	return f, append(refused, bad...), f.save(cache, source)
}

// readFaces decodes and aligns all pictures on all processors, in order.
func readFaces(ctx context.Context, dir string, records []record, progress func(done, total int)) (*Faces, []Refused, error) {
	const size = packSide * packSide * 3
	pix := make([]byte, len(records)*size)
	errs := make([]error, len(records))
	var mu sync.Mutex
	next, done := 0, 0
	var wg sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		wg.Go(func() {
			face := make([]float32, size)
			for ctx.Err() == nil {
				mu.Lock()
				i := next
				next++
				mu.Unlock()
				if i >= len(records) {
					return
				}
				errs[i] = readFace(filepath.Join(dir, records[i].file), &records[i], face)
				for k, v := range face {
					pix[i*size+k] = byte(v*255 + 0.5)
				}
				mu.Lock()
				if done++; progress != nil && (done%256 == 0 || done == len(records)) {
					progress(done, len(records))
				}
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	if err := ctx.Err(); err != nil {
		return nil, nil, err
	}
	f := &Faces{Side: packSide}
	var refused []Refused
	for i, err := range errs {
		if err != nil {
			refused = append(refused, Refused{File: records[i].file, Why: err.Error()})
			continue
		}
		f.Conds = append(f.Conds, records[i].cond)
		f.Files = append(f.Files, records[i].file)
		copy(pix[len(f.Conds)*size-size:], pix[i*size:(i+1)*size])
	}
	f.Pix = pix[:len(f.Conds)*size]
	return f, refused, nil
}

func readFace(path string, r *record, face []float32) error {
	p, err := picture.Limits{Pixels: 50_000_000}.Open(path)
	if err != nil {
		return err
	}
	if p.W < packSide/2 || p.H < packSide/2 {
		return fmt.Errorf("%s is %dx%d pixels: at least %d are needed", path, p.W, p.H, packSide/2)
	}
	warp(face, packSide, p.Pix, p.W, p.H, faceAffine(r, packSide, p.W, p.H), 1, 0)
	return nil
}

// save writes the packed file beside its place and renames it.
func (f *Faces) save(path, source string) (err error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return fmt.Errorf("pack faces: %w: choose another folder", err)
	}
	tmp, err := os.CreateTemp(filepath.Dir(path), ".faces-*")
	if err != nil {
		return fmt.Errorf("pack faces: %w: choose another folder", err)
	}
	defer os.Remove(tmp.Name())
	defer tmp.Close()
	head, err := json.Marshal(packHeader{Source: source, Side: f.Side, Conds: f.Conds, Files: f.Files})
	if err != nil {
		return err
	}
	w := bufio.NewWriterSize(tmp, 1<<20)
	w.WriteString(packMagic)
	binary.Write(w, binary.LittleEndian, uint64(len(head)))
	w.Write(head)
	w.Write(f.Pix)
	if err := errors.Join(w.Flush(), tmp.Sync(), tmp.Close()); err != nil {
		return fmt.Errorf("pack faces: %w: free some space", err)
	}
	return os.Rename(tmp.Name(), path)
}

// openPack reads a packed data set that was made from source.
func openPack(path, source string) (*Faces, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return nil, err
	}
	magic := make([]byte, len(packMagic))
	var n uint64
	if _, err := io.ReadFull(file, magic); err != nil || string(magic) != packMagic {
		return nil, fmt.Errorf("open packed faces: %s is another kind of file", path)
	}
	if err := binary.Read(file, binary.LittleEndian, &n); err != nil || n > uint64(info.Size()) {
		return nil, fmt.Errorf("open packed faces: %s is cut short", path)
	}
	raw := make([]byte, n)
	var head packHeader
	if _, err := io.ReadFull(file, raw); err != nil {
		return nil, err
	}
	if err := json.Unmarshal(raw, &head); err != nil {
		return nil, err
	}
	if head.Source != source || head.Side != packSide || len(head.Files) != len(head.Conds) {
		return nil, fmt.Errorf("open packed faces: %s was made from other data", path)
	}
	f := &Faces{Side: head.Side, Conds: head.Conds, Files: head.Files, Pix: make([]byte, len(head.Conds)*packSide*packSide*3)}
	if _, err := io.ReadFull(file, f.Pix); err != nil {
		return nil, fmt.Errorf("open packed faces: %s is cut short: %w", path, err)
	}
	return f, nil
}
