package plan

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/atelier-engine/atelier/core/picture"
)

// diskMagic begins each file of a disk cache.
const diskMagic = "atelier picture 1\n"

// Disk is a Cache of pictures in a folder, one file each, kept exactly (float32)
// and under a checksum: a file that was cut short or changed is no hit. It is
// a cache: a file that cannot be written is left out without an error.
//
// File: magic, length of the header (uint32), header (JSON), samples (float32,
// little endian: colours, then alpha), SHA-256 of all before.
type Disk struct {
	dir   string
	limit int64
	mu    sync.Mutex
}

type diskHeader struct {
	W, H  int
	Alpha bool
	Meta  map[string]string `json:",omitempty"`
}

// NewDisk opens a cache in dir (made if missing) that holds up to limit bytes.
func NewDisk(dir string, limit int64) (*Disk, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, fmt.Errorf("open the disk cache: %w: name another folder under [cache] or switch it off", err)
	}
	return &Disk{dir: dir, limit: limit}, nil
}

func (d *Disk) path(h Hash) string { return filepath.Join(d.dir, h.String()+".pic") }

// Has tells whether there is a file for the step with the hash; only Get looks
// into it.
func (d *Disk) Has(h Hash) bool {
	_, err := os.Stat(d.path(h))
	return err == nil
}

// Get gives the picture of the step with the hash. A damaged file is removed,
// so that the picture can be kept again.
func (d *Disk) Get(h Hash) (any, bool) {
	data, err := os.ReadFile(d.path(h))
	if err != nil {
		return nil, false
	}
	p, err := decodePicture(data)
	if err != nil {
		os.Remove(d.path(h))
		return nil, false
	}
	now := time.Now() // the time of the file is the time of its last use
	_ = os.Chtimes(d.path(h), now, now)
	return p, true
}

// Put keeps a picture, or a raster in memory of 8 bits a sample, which comes
// back as a picture of the same values; results of other types are not kept.
func (d *Disk) Put(h Hash, value any) {
	var p *picture.Picture
	switch v := value.(type) {
	case *picture.Picture:
		p = v
	case *picture.Raster:
		w, rows := v.Size()
		if v.Held() > 0 && v.Depth() == 8 && 16*int64(w)*int64(rows) <= d.limit {
			p, _ = v.Picture() // memory does not fail
		}
	}
	if p == nil || sizeOf(p) > d.limit || d.Has(h) {
		return
	}
	data, err := encodePicture(p)
	if err != nil {
		return
	}
	tmp, err := os.CreateTemp(d.dir, "new-*.tmp")
	if err != nil {
		return
	}
	_, err = tmp.Write(data)
	if err = errors.Join(err, tmp.Close()); err == nil {
		err = os.Rename(tmp.Name(), d.path(h))
	}
	if err != nil {
		os.Remove(tmp.Name())
		return
	}
	d.prune()
}

// prune removes the files used longest ago until the folder is within its limit.
func (d *Disk) prune() {
	d.mu.Lock()
	defer d.mu.Unlock()
	entries, err := os.ReadDir(d.dir)
	if err != nil {
		return
	}
	var files []fs.FileInfo
	var used int64
	for _, e := range entries {
		if info, err := e.Info(); err == nil && filepath.Ext(e.Name()) == ".pic" {
			files = append(files, info)
			used += info.Size()
		}
	}
	slices.SortFunc(files, func(a, b fs.FileInfo) int { return a.ModTime().Compare(b.ModTime()) })
	for _, f := range files {
		if used <= d.limit {
			return
		}
		if os.Remove(filepath.Join(d.dir, f.Name())) == nil {
			used -= f.Size()
		}
	}
}

func encodePicture(p *picture.Picture) ([]byte, error) {
	header, err := json.Marshal(diskHeader{W: p.W, H: p.H, Alpha: p.Alpha != nil, Meta: p.Meta})
	if err != nil {
		return nil, err
	}
	out := bytes.NewBufferString(diskMagic)
	out.Grow(len(header) + 4*(len(p.Pix)+len(p.Alpha)) + 64)
	out.Write(binary.LittleEndian.AppendUint32(nil, uint32(len(header))))
	out.Write(header)
	for _, samples := range [][]float32{p.Pix, p.Alpha} {
		var word [4]byte
		for _, v := range samples {
			binary.LittleEndian.PutUint32(word[:], math.Float32bits(v))
			out.Write(word[:])
		}
	}
	sum := sha256.Sum256(out.Bytes())
	out.Write(sum[:])
	return out.Bytes(), nil
}

func decodePicture(data []byte) (*picture.Picture, error) {
	bad := errors.New("not a file of this cache")
	body := len(data) - sha256.Size
	if body < len(diskMagic)+4 || string(data[:len(diskMagic)]) != diskMagic {
		return nil, bad
	}
	if sha256.Sum256(data[:body]) != [sha256.Size]byte(data[body:]) {
		return nil, bad
	}
	rest := data[len(diskMagic):body]
	size := int(binary.LittleEndian.Uint32(rest))
	rest = rest[4:]
	var h diskHeader
	if size > len(rest) || json.Unmarshal(rest[:size], &h) != nil {
		return nil, bad
	}
	rest = rest[size:]
	planes := 3
	if h.Alpha {
		planes = 4
	}
	if h.W <= 0 || h.H <= 0 || h.W > len(rest) || h.H > len(rest) || h.W*h.H*planes*4 != len(rest) {
		return nil, bad
	}
	samples := make([]float32, h.W*h.H*planes)
	for i := range samples {
		samples[i] = math.Float32frombits(binary.LittleEndian.Uint32(rest[4*i:]))
	}
	p := &picture.Picture{W: h.W, H: h.H, Pix: samples[: h.W*h.H*3 : h.W*h.H*3], Meta: h.Meta}
	if h.Alpha {
		p.Alpha = samples[h.W*h.H*3:]
	}
	return p, nil
}
