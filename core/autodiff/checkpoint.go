package autodiff

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"math"
	"os"
	"path/filepath"

	"github.com/atelier-engine/atelier/core/kernel"
)

// A checkpoint is one file, little-endian:
//
//	8 bytes   "ATELCKP1"
//	8 bytes   length of the header
//	header    JSON: step, values, random states, names and lengths of the arrays
//	arrays    float32, in the order of the header
//	32 bytes  SHA-256 of all before
//
// It is written beside its place and renamed, so it is there whole or not at all.
const (
	checkpointMagic = "ATELCKP1"
	maxHeader       = 1 << 26 // bytes
)

// fileHeader is the JSON part.
type fileHeader struct {
	Step   int               `json:"step"`
	Values map[string]string `json:"values,omitempty"`
	Random map[string][]byte `json:"random,omitempty"`
	Scales map[string]uint64 `json:"scales,omitempty"` // of optimisers, as float64 bits
	Arrays []fileArray       `json:"arrays"`
}

// fileArray is one array: a parameter, or one moment of an optimiser.
type fileArray struct {
	Name string `json:"name"`
	Len  int    `json:"len"`
	Step int    `json:"step,omitempty"`

	data []float32
}

// writeCheckpoint writes a file atomically.
func writeCheckpoint(path string, h *fileHeader) (err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("save checkpoint %s: %w: free some space or choose a folder that can be written", path, err)
		}
	}()
	f, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*.tmp")
	if err != nil {
		return err
	}
	defer func() {
		f.Close()
		if err != nil {
			os.Remove(f.Name())
		}
	}()
	if err := encodeCheckpoint(f, h); err != nil {
		return err
	}
	if err := f.Sync(); err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	if err := os.Chmod(f.Name(), 0o644); err != nil {
		return err
	}
	if err := os.Rename(f.Name(), path); err != nil {
		return err
	}
	syncFolder(filepath.Dir(path))
	return nil
}

// syncFolder makes a rename last through a power cut. Not every system can; the
// file itself is safe by then, so its errors are none of ours.
func syncFolder(dir string) {
	if d, err := os.Open(dir); err == nil {
		d.Sync()
		d.Close()
	}
}

// encodeCheckpoint writes the bytes of a checkpoint.
func encodeCheckpoint(f io.Writer, h *fileHeader) error {
	sum := sha256.New()
	w := bufio.NewWriterSize(io.MultiWriter(f, sum), 1<<20)
	head, err := json.Marshal(h)
	if err != nil {
		return err
	}
	w.WriteString(checkpointMagic)
	w.Write(binary.LittleEndian.AppendUint64(nil, uint64(len(head))))
	w.Write(head)
	var chunk []byte
	for _, a := range h.Arrays {
		for x := a.data; len(x) > 0; {
			n := min(len(x), 1<<14)
			chunk = chunk[:0]
			for _, v := range x[:n] {
				chunk = binary.LittleEndian.AppendUint32(chunk, math.Float32bits(v))
			}
			if _, err := w.Write(chunk); err != nil {
				return err
			}
			x = x[n:]
		}
	}
	if err := w.Flush(); err != nil {
		return err
	}
	_, err = f.Write(sum.Sum(nil))
	return err
}

// errDamaged marks a checkpoint that was cut short or altered.
var errDamaged = errors.New("the file is damaged")

// readCheckpoint reads and checks a whole file.
func readCheckpoint(path string) (*fileHeader, error) {
	h, err := func() (*fileHeader, error) {
		f, err := os.Open(path)
		if err != nil {
			return nil, err
		}
		defer f.Close()
		info, err := f.Stat()
		if err != nil {
			return nil, err
		}
		return decodeCheckpoint(f, info.Size())
	}()
	if err != nil {
		return nil, fmt.Errorf("read checkpoint %s: %w", path, err)
	}
	return h, nil
}

// decodeCheckpoint reads a checkpoint of size bytes. It never allocates more than
// the file can fill.
func decodeCheckpoint(from io.Reader, size int64) (*fileHeader, error) {
	damaged := func(why string, a ...any) error { return fmt.Errorf("%w: %s", errDamaged, fmt.Sprintf(why, a...)) }
	const fixed = int64(len(checkpointMagic) + 8 + sha256.Size)
	if size < fixed {
		return nil, damaged("it has %d bytes", size)
	}
	sum := sha256.New()
	r := bufio.NewReaderSize(from, 1<<20)
	start := make([]byte, len(checkpointMagic)+8)
	if err := readFull(r, sum, start); err != nil {
		return nil, err
	}
	if string(start[:8]) != checkpointMagic {
		return nil, damaged("it does not begin as a checkpoint does")
	}
	n := binary.LittleEndian.Uint64(start[8:])
	if n > maxHeader || int64(n) > size-fixed {
		return nil, damaged("its header claims %d bytes", n)
	}
	head := make([]byte, n)
	if err := readFull(r, sum, head); err != nil {
		return nil, err
	}
	h := &fileHeader{}
	d := json.NewDecoder(bytes.NewReader(head))
	if err := d.Decode(h); err != nil {
		return nil, damaged("its header: %v", err)
	}
	left := (size - fixed - int64(n)) / 4
	for _, a := range h.Arrays {
		if a.Len < 0 || int64(a.Len) > left {
			return nil, damaged("array %q claims %d values", a.Name, a.Len)
		}
		left -= int64(a.Len)
	}
	if left != 0 || (size-fixed-int64(n))%4 != 0 {
		return nil, damaged("its length does not fit its header")
	}
	var chunk [1 << 16]byte
	for i := range h.Arrays {
		a := &h.Arrays[i]
		a.data = kernel.Aligned(a.Len)
		for x := a.data; len(x) > 0; {
			b := chunk[:4*min(len(x), len(chunk)/4)]
			if err := readFull(r, sum, b); err != nil {
				return nil, err
			}
			for j := 0; j < len(b); j += 4 {
				x[j/4] = math.Float32frombits(binary.LittleEndian.Uint32(b[j:]))
			}
			x = x[len(b)/4:]
		}
	}
	want := sum.Sum(nil)
	got := make([]byte, sha256.Size)
	if _, err := io.ReadFull(r, got); err != nil {
		return nil, damaged("it ends too early")
	}
	if !bytes.Equal(want, got) {
		return nil, damaged("its checksum does not agree")
	}
	return h, nil
}

// readFull fills b and adds it to the checksum.
func readFull(r io.Reader, sum hash.Hash, b []byte) error {
	if _, err := io.ReadFull(r, b); err != nil {
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			return fmt.Errorf("%w: it ends too early", errDamaged)
		}
		return err
	}
	sum.Write(b)
	return nil
}
