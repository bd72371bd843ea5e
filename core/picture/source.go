package picture

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"io"
)

// source is a picture file, or bytes that stand for one, read in any order: a
// large file is never held in memory as a whole.
type source struct {
	r    io.ReaderAt
	size int64
	name string // in errors
}

func sourceOf(b []byte, name string) source {
	return source{bytes.NewReader(b), int64(len(b)), name}
}

// bytes returns up to n bytes at off: fewer at the end or where reading fails.
func (s source) bytes(off, n int64) []byte {
	if off < 0 || off >= s.size || n <= 0 {
		return nil
	}
	b := make([]byte, min(n, s.size-off))
	k, _ := s.r.ReadAt(b, off) // what cannot be read is missed by the decoder, which says so
	return b[:k]
}

// reader reads the source from its start; digest, unless nil, gets every byte.
func (s source) reader(digest io.Writer) *bufio.Reader {
	var r io.Reader = io.NewSectionReader(s.r, 0, s.size)
	if digest != nil {
		r = io.TeeReader(r, digest)
	}
	return bufio.NewReaderSize(r, 1<<16)
}

// chunk is a part of a source that is read on demand.
type chunk struct {
	s         source
	off, size int64
}

// bytes returns the chunk, nil if it is larger than limit or cut.
func (c chunk) bytes(limit int64) []byte {
	if c.size > limit {
		return nil
	}
	b := c.s.bytes(c.off, c.size)
	if int64(len(b)) < c.size {
		return nil
	}
	return b
}

// pngChunks calls f with each whole chunk until it returns false.
func pngChunks(s source, f func(id string, c chunk) bool) {
	for off := int64(len(pngSignature)); ; {
		b := s.bytes(off, 8)
		if len(b) < 8 {
			return
		}
		n := int64(binary.BigEndian.Uint32(b))
		if off+12+n > s.size || !f(string(b[4:8]), chunk{s, off + 8, n}) {
			return
		}
		off += 12 + n
	}
}

// jpegSegments calls f with the segments before the first scan until it
// returns false.
func jpegSegments(s source, f func(marker byte, data []byte) bool) {
	for off := int64(2); ; {
		b := s.bytes(off, 4)
		if len(b) < 4 || b[0] != 0xff {
			return
		}
		m := b[1]
		if m == 0xff { // fill byte
			off++
			continue
		}
		if m == 0xda || m == 0xd9 {
			return
		}
		n := int64(binary.BigEndian.Uint16(b[2:]))
		if n < 2 {
			return
		}
		d := chunk{s, off + 4, n - 2}.bytes(1 << 16)
		if n > 2 && d == nil || !f(m, d) {
			return
		}
		off += 2 + n
	}
}

// webpChunks calls f with each chunk of a WebP file until f returns false. It
// reports a file shorter than a chunk says.
func webpChunks(s source, f func(id string, c chunk) bool) error {
	for off := int64(12); ; {
		b := s.bytes(off, 8)
		if len(b) < 8 {
			return io.ErrUnexpectedEOF
		}
		n := int64(binary.LittleEndian.Uint32(b[4:]))
		end := off + 8 + n
		if !f(string(b[:4]), chunk{s, off + 8, min(n, s.size-off-8)}) {
			return nil
		}
		if end > s.size {
			return io.ErrUnexpectedEOF
		}
		off = end + n&1
	}
}
