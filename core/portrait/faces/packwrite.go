package faces

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"math"
	"os"
	"path/filepath"

	"github.com/atelier-engine/atelier/core/portrait"
)

// packWriter writes a packed data set face by face, beside its place; finish
// moves it there.
type packWriter struct {
	file      *os.File
	path      string
	side      int
	conds     []portrait.Condition
	files     []string
	splits    []Split
	sharpness []float32
	landmarks [][][2]float64 // of each face, nil or 68
}

func newPackWriter(path string, side int) (*packWriter, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return nil, fmt.Errorf("pack faces: %w: choose another folder", err)
	}
	f, err := os.CreateTemp(filepath.Dir(path), ".faces-*.tmp")
	if err != nil {
		return nil, fmt.Errorf("pack faces: %w: choose another folder", err)
	}
	w := &packWriter{file: f, path: path, side: side}
	if _, err := f.Write(make([]byte, packPage)); err != nil {
		w.discard()
		return nil, w.failed(err)
	}
	return w, nil
}

func (w *packWriter) failed(err error) error {
	return fmt.Errorf("pack faces: %w: free some space, or choose another disk", err)
}

// add appends a face: its side x side x 3 pixels and, where there are any, its
// 68 landmarks in pixels of the packed face.
func (w *packWriter) add(r *record, pix []byte, landmarks [][2]float64) error {
	if len(w.conds) == maxFaces {
		return fmt.Errorf("pack faces: there are more than %d: make several packs", maxFaces)
	}
	if len(r.file) > math.MaxUint16 {
		return fmt.Errorf("pack faces: a name of %d bytes: shorten it", len(r.file))
	}
	if _, err := w.file.Write(pix); err != nil {
		return w.failed(err)
	}
	w.conds, w.files = append(w.conds, r.cond), append(w.files, r.file)
	w.sharpness = append(w.sharpness, float32(sharpness(pix, w.side)))
	w.splits, w.landmarks = append(w.splits, r.split), append(w.landmarks, landmarks)
	return nil
}

// finish writes the index and the head, and moves the file to its place.
func (w *packWriter) finish(info packInfo) (err error) {
	defer w.discard()
	assignSplits(w.splits)
	index, err := w.index(info)
	if err != nil {
		return err
	}
	at, err := w.file.Seek(0, io.SeekCurrent)
	if err != nil {
		return w.failed(err)
	}
	head := bytes.NewBufferString(packMagic)
	binary.Write(head, binary.LittleEndian, packHead{
		Side: uint32(w.side), Faces: uint32(len(w.conds)),
		Index: uint64(at), Length: uint64(len(index)), Sum: crc32.ChecksumIEEE(index),
	})
	if _, err := w.file.Write(index); err != nil {
		return w.failed(err)
	}
	if err := w.file.Sync(); err != nil { // the pixels first: a head means that they are there
		return w.failed(err)
	}
	if _, err := w.file.WriteAt(head.Bytes(), 0); err != nil {
		return w.failed(err)
	}
	if err := errors.Join(w.file.Chmod(0o644), w.file.Sync(), w.file.Close()); err != nil {
		return w.failed(err)
	}
	if err := os.Rename(w.file.Name(), w.path); err != nil {
		return fmt.Errorf("pack faces: %w: choose another name", err)
	}
	return nil
}

func (w *packWriter) index(info packInfo) ([]byte, error) {
	object, err := json.Marshal(info)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	binary.Write(&b, binary.LittleEndian, uint32(len(object)))
	b.Write(object)
	for i, c := range w.conds {
		p := packFixed{Sharpness: w.sharpness[i], Split: uint8(w.splits[i]), Landmarks: uint8(len(w.landmarks[i])), NameLength: uint16(len(w.files[i]))}
		p.Condition[0], p.Condition[1] = c.Age, c.Gender
		copy(p.Condition[2:], c.Emotions[:])
		binary.Write(&b, binary.LittleEndian, p)
		b.WriteString(w.files[i])
		for _, q := range w.landmarks[i] {
			binary.Write(&b, binary.LittleEndian, [2]float32{float32(q[0]), float32(q[1])})
		}
	}
	return b.Bytes(), nil
}

// discard closes and removes what was not finished.
func (w *packWriter) discard() {
	w.file.Close()
	os.Remove(w.file.Name())
}
