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
//	...   index: a JSON object with its length before it, then an entry a face
//
// The pixels begin at a page, so that they can be mapped. The head is written
// last: a file that was not finished has none.
const (
	packFamily = "atelier faces "
	packMagic  = packFamily + "3\n"
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
	Format, Source, Terms string
}

// IsPack tells whether a file is a packed data set, of whatever version.
func IsPack(path string) bool {
	f, err := os.Open(path)
	if err != nil {
		return false
	}
	defer f.Close()
	b := make([]byte, len(packFamily))
	_, err = io.ReadFull(f, b)
	return err == nil && string(b) == packFamily
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
	head, what := parseHead(page)
	if what != "" {
		return nil, wrong(what)
	}
	switch whole := head.Index + head.Length; {
	case uint64(info.Size()) < whole:
		return nil, wrong(fmt.Sprintf("is cut short: it has %d of %d bytes", info.Size(), whole))
	case uint64(info.Size()) > whole:
		return nil, wrong(fmt.Sprintf("is damaged: it has %d bytes, %d too many", info.Size(), uint64(info.Size())-whole))
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
	if f.pix, f.unmap, err = mapFile(file, packPage, int(head.Index-packPage)); err != nil {
		return nil, fmt.Errorf("open packed faces: %s: %w: close other programs, or use a 64-bit system", path, err)
	}
	return f, nil
}

// parseHead reads the first page of a pack. Otherwise it says what is wrong.
func parseHead(page []byte) (head packHead, what string) {
	switch {
	case !bytes.HasPrefix(page, []byte(packFamily)):
		return head, "is no packed data set"
	case !bytes.HasPrefix(page, []byte(packMagic)):
		return head, "was made by another version of the program"
	}
	if _, err := binary.Decode(page[len(packMagic):], binary.LittleEndian, &head); err != nil {
		return head, "is damaged"
	}
	pixels := uint64(head.Faces) * uint64(head.Side) * uint64(head.Side) * 3
	if head.Side < minSide || head.Side > maxSide || head.Faces == 0 || head.Faces > maxFaces || head.Index != packPage+pixels || head.Length > math.MaxInt64-head.Index {
		return head, "is damaged"
	}
	return head, ""
}

// parseIndex reads the index of n faces.
func (f *Faces) parseIndex(index []byte, n int) error {
	short := errors.New("its index ends too early")
	if len(index) < 4 {
		return short
	}
	length := binary.LittleEndian.Uint32(index)
	index = index[4:]
	if uint64(length) > uint64(len(index)) {
		return short
	}
	var info packInfo
	if err := json.Unmarshal(index[:length], &info); err != nil {
		return err
	}
	f.Format, f.Source, f.Terms = info.Format, info.Source, info.Terms
	r, buf := bytes.NewReader(index[length:]), entryBuffer()
	if r.Len()/entrySize < n {
		return short
	}
	f.Conds, f.Files = make([]portrait.Condition, n), make([]string, n)
	f.Splits, f.Aligned, f.Sharpness, f.sums = make([]Split, n), make([]bool, n), make([]float64, n), make([]uint64, n)
	for i := range n {
		e, _, err := readEntry(r, buf)
		if err != nil {
			return err
		}
		if e.refused != nil || e.split == unsplit {
			return fmt.Errorf("face %d has no split", i)
		}
		f.Conds[i], f.Files[i], f.Splits[i], f.Sharpness[i], f.sums[i] = e.cond, e.file, e.split, float64(e.sharpness), e.sum
		if e.points != nil {
			if f.Landmarks == nil {
				f.Landmarks = make([][68][2]float64, n)
			}
			f.Aligned[i] = true
			copy(f.Landmarks[i][:], e.points)
		}
	}
	if r.Len() > 0 {
		return errors.New("its index is too long")
	}
	return nil
}

// Verify reads all pixels and gives the first face whose pixels are not those
// that were packed.
func (f *Faces) Verify() error {
	for i, sum := range f.sums {
		if pixelSum(f.Face(i)) != sum {
			return fmt.Errorf("verify faces: the pixels of %s are damaged: prepare the data set anew", f.Files[i])
		}
	}
	return nil
}
