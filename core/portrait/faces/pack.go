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
	"strings"

	"github.com/atelier-engine/atelier/core/portrait"
)

// A packed data set is one file, all numbers little endian:
//
//	0     page of 4096 bytes: magic, packHead, zeros
//	4096  pixels: faces of side x side x 3 bytes
//	...   index: a JSON object with its length before it, then each face's
//	      condition, split, name and, where there are any, landmarks
//
// The pixels begin at a page, so that they can be mapped. The head is written
// last: a file that was not finished has none.
const (
	packFamily = "atelier faces "
	packMagic  = packFamily + "2\n"
	packPage   = 4096
	maxFaces   = 1 << 24
	maxSide    = 1024
	minSide    = 16
)

type packHead struct {
	Side, Faces   uint32
	Index, Length uint64 // where the index is
	Sum           uint32 // CRC-32 of the index
}

// packInfo is the JSON object of the index.
type packInfo struct {
	Format, Source string
}

// packFixed is what every face has in the index.
type packFixed struct {
	Condition  [2 + portrait.EmotionDims]float64
	Sharpness  float32
	Split      uint8
	Landmarks  uint8 // 68 or 0
	NameLength uint16
}

// Open opens a packed data set.
func Open(path string) (f *Faces, err error) {
	wrong := func(what string) error {
		return fmt.Errorf("open packed faces: %s %s: prepare it anew with atelier data prepare", path, what)
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("open packed faces: %w: check the name, or prepare it with atelier data prepare", err)
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return nil, fmt.Errorf("open packed faces: %w: check the disk", err)
	}
	page := make([]byte, packPage)
	if n, err := io.ReadFull(file, page); err != nil {
		if strings.HasPrefix(string(page[:n]), packFamily) {
			return nil, wrong("is cut short")
		}
		return nil, wrong("is no packed data set")
	}
	switch {
	case !bytes.HasPrefix(page, []byte(packFamily)):
		return nil, wrong("is no packed data set")
	case !bytes.HasPrefix(page, []byte(packMagic)):
		return nil, wrong("was made by another version of the program")
	}
	var head packHead
	if _, err := binary.Decode(page[len(packMagic):], binary.LittleEndian, &head); err != nil {
		return nil, wrong("is damaged")
	}
	pixels := uint64(head.Faces) * uint64(head.Side) * uint64(head.Side) * 3
	if head.Side < minSide || head.Side > maxSide || head.Faces == 0 || head.Faces > maxFaces || head.Index != packPage+pixels || head.Length > math.MaxInt64-head.Index {
		return nil, wrong("is damaged")
	}
	if uint64(info.Size()) != head.Index+head.Length {
		return nil, wrong(fmt.Sprintf("is cut short: it has %d of %d bytes", info.Size(), head.Index+head.Length))
	}
	index := make([]byte, head.Length)
	if _, err := file.ReadAt(index, int64(head.Index)); err != nil {
		return nil, fmt.Errorf("open packed faces: %s: %w: check the disk", path, err)
	}
	if crc32.ChecksumIEEE(index) != head.Sum {
		return nil, wrong("is damaged: its index does not fit its checksum")
	}
	f = &Faces{Side: int(head.Side)}
	if err := f.parseIndex(index, int(head.Faces)); err != nil {
		return nil, wrong("is damaged: " + err.Error())
	}
	if f.pix, f.unmap, err = mapFile(file, packPage, int(pixels)); err != nil {
		return nil, fmt.Errorf("open packed faces: %s: %w: close other programs, or use a 64-bit system", path, err)
	}
	return f, nil
}

// parseIndex reads the index of n faces.
func (f *Faces) parseIndex(index []byte, n int) error {
	short := errors.New("its index ends too early")
	take := func(k int) []byte {
		if k > len(index) {
			return nil
		}
		part := index[:k]
		index = index[k:]
		return part
	}
	b := take(4)
	if b == nil {
		return short
	}
	var info packInfo
	if b = take(int(binary.LittleEndian.Uint32(b))); b == nil {
		return short
	}
	if err := json.Unmarshal(b, &info); err != nil {
		return err
	}
	f.Format, f.Source = info.Format, info.Source
	fixed := binary.Size(packFixed{})
	if len(index)/fixed < n {
		return short
	}
	f.Conds, f.Files = make([]portrait.Condition, n), make([]string, n)
	f.Splits, f.Aligned, f.Sharpness = make([]Split, n), make([]bool, n), make([]float64, n)
	for i := range n {
		var p packFixed
		if b = take(fixed); b == nil {
			return short
		}
		p.decode(b)
		c := &f.Conds[i]
		c.Age, c.Gender = p.Condition[0], p.Condition[1]
		copy(c.Emotions[:], p.Condition[2:])
		f.Sharpness[i], f.Splits[i] = float64(p.Sharpness), Split(p.Split)
		if err := c.Check(); err != nil || p.Split >= uint8(unsplit) || !(p.Sharpness >= 0 && p.Sharpness < 1e6) {
			return fmt.Errorf("face %d has no condition, split or sharpness", i)
		}
		if b = take(int(p.NameLength)); b == nil {
			return short
		}
		f.Files[i] = string(b)
		if p.Landmarks == 0 {
			continue
		}
		if b = take(68 * 2 * 4); b == nil || p.Landmarks != 68 {
			return short
		}
		if f.Landmarks == nil {
			f.Landmarks = make([][68][2]float64, n)
		}
		f.Aligned[i] = true
		for k := range 136 {
			v := float64(math.Float32frombits(binary.LittleEndian.Uint32(b[4*k:])))
			if !(math.Abs(v) < 1e6) {
				return fmt.Errorf("a landmark of face %d is no place", i)
			}
			f.Landmarks[i][k/2][k%2] = v
		}
	}
	if len(index) > 0 {
		return errors.New("its index is too long")
	}
	return nil
}

// decode reads a packFixed; encoding/binary would take a second for a large
// set.
func (p *packFixed) decode(b []byte) {
	for i := range p.Condition {
		p.Condition[i] = math.Float64frombits(binary.LittleEndian.Uint64(b[8*i:]))
	}
	b = b[8*len(p.Condition):]
	p.Sharpness = math.Float32frombits(binary.LittleEndian.Uint32(b))
	p.Split, p.Landmarks, p.NameLength = b[4], b[5], binary.LittleEndian.Uint16(b[6:])
}
