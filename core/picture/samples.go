package picture

import "encoding/binary"

// float8 holds v/255 for every byte.
var float8 = func() (t [256]float32) {
	for i := range t {
		t[i] = float32(i) / 255
	}
	return t
}()

// unpack turns stored samples into floats: channels 3 or 4, depth 8 or 16 bits
// (big endian). a may be nil.
func unpack(pix, a []float32, b []byte, channels, depth int) {
	n := len(pix) / 3
	switch {
	case depth == 8 && channels == 3:
		pix = pix[:3*n]
		for i, v := range b[:len(pix)] {
			pix[i] = float8[v]
		}
	case channels == 3:
		pix = pix[:3*n]
		b = b[:2*len(pix)]
		for i := range pix {
			pix[i] = be16(b[2*i : 2*i+2])
		}
	case depth == 8:
		for i := range n {
			s, d := b[4*i:4*i+4], pix[3*i:3*i+3]
			d[0], d[1], d[2] = float8[s[0]], float8[s[1]], float8[s[2]]
			if a != nil {
				a[i] = float8[s[3]]
			}
		}
	default:
		for i := range n {
			s, d := b[2*channels*i:2*channels*(i+1)], pix[3*i:3*i+3]
			d[0], d[1], d[2] = be16(s), be16(s[2:]), be16(s[4:])
			if a != nil && channels == 4 {
				a[i] = be16(s[6:])
			}
		}
	}
}

// pack is the inverse of unpack, rounding to nearest; without a the fourth
// channel is opaque.
func pack(b []byte, pix, a []float32, channels, depth int) {
	n := len(pix) / 3
	switch {
	case depth == 8 && channels == 3:
		b = b[:len(pix)]
		for i, v := range pix {
			b[i] = to8(v)
		}
	case depth == 16 && channels == 3:
		b = b[:2*len(pix)]
		for i, v := range pix {
			binary.BigEndian.PutUint16(b[2*i:2*i+2], to16(v))
		}
	case depth == 8:
		for i := range n {
			d, s := b[4*i:4*i+4], pix[3*i:3*i+3]
			d[0], d[1], d[2], d[3] = to8(s[0]), to8(s[1]), to8(s[2]), 255
			if a != nil {
				d[3] = to8(a[i])
			}
		}
	default:
		for i := range n {
			d := b[2*channels*i : 2*channels*(i+1)]
			for c, v := range pix[3*i : 3*i+3] {
				binary.BigEndian.PutUint16(d[2*c:], to16(v))
			}
			if channels == 4 {
				v := uint16(65535)
				if a != nil {
					v = to16(a[i])
				}
				binary.BigEndian.PutUint16(d[6:], v)
			}
		}
	}
}
