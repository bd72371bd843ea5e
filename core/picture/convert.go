package picture

import (
	"image"
	"image/color"
)

// FromImage converts any image to a Picture; 16-bit images keep their
// precision. An image without a transparent pixel gets no alpha.
func FromImage(img image.Image) *Picture { return fromImage(img, false) }

// fromImage converts row by row. video says that YCbCr values are in the
// narrow range that WebP uses (16 to 235 for luma), which golang.org/x/image
// hands out as if it were JPEG's full range (golang/go issue 40173).
func fromImage(img image.Image, video bool) *Picture {
	b := img.Bounds()
	p := New(b.Dx(), b.Dy())
	var alpha []float32
	if m, ok := img.(interface{ Opaque() bool }); !ok || !m.Opaque() {
		alpha = make([]float32, p.W*p.H)
	}
	row := rowReader(img, video)
	rows(p.H, 4*p.W, func(lo, hi int) {
		for y := lo; y < hi; y++ {
			var a []float32
			if alpha != nil {
				a = alpha[y*p.W : (y+1)*p.W]
			}
			row(p.Pix[3*y*p.W:3*(y+1)*p.W], a, b.Min.Y+y)
		}
	})
	for _, a := range alpha {
		if a != 1 {
			p.Alpha = alpha
			break
		}
	}
	return p
}

// rowReader returns a function that writes the row y of img: RGB to dst and,
// unless it is nil, alpha to a.
func rowReader(img image.Image, video bool) func(dst, a []float32, y int) {
	x0 := img.Bounds().Min.X
	switch m := img.(type) {
	case *image.Gray:
		return func(dst, _ []float32, y int) {
			s := m.Pix[m.PixOffset(x0, y):]
			for i := range len(dst) / 3 {
				v := float32(s[i]) / 255
				dst[3*i], dst[3*i+1], dst[3*i+2] = v, v, v
			}
		}
	case *image.Gray16:
		return func(dst, _ []float32, y int) {
			s := m.Pix[m.PixOffset(x0, y):]
			for i := range len(dst) / 3 {
				v := be16(s[2*i:])
				dst[3*i], dst[3*i+1], dst[3*i+2] = v, v, v
			}
		}
	case *image.NRGBA:
		return func(dst, a []float32, y int) { rgba8(dst, a, m.Pix[m.PixOffset(x0, y):], false) }
	case *image.RGBA:
		return func(dst, a []float32, y int) { rgba8(dst, a, m.Pix[m.PixOffset(x0, y):], true) }
	case *image.NRGBA64:
		return func(dst, a []float32, y int) { rgba16(dst, a, m.Pix[m.PixOffset(x0, y):], false) }
	case *image.RGBA64:
		return func(dst, a []float32, y int) { rgba16(dst, a, m.Pix[m.PixOffset(x0, y):], true) }
	case *image.Paletted:
		table := make([]color.NRGBA64, 256)
		for i, c := range m.Palette {
			table[i] = color.NRGBA64Model.Convert(c).(color.NRGBA64)
			if n, ok := c.(color.NRGBA); ok { // exactly: the model goes by way of multiplied alpha
				table[i] = color.NRGBA64{R: uint16(n.R) * 257, G: uint16(n.G) * 257, B: uint16(n.B) * 257, A: uint16(n.A) * 257}
			}
		}
		return func(dst, a []float32, y int) {
			s := m.Pix[m.PixOffset(x0, y):]
			for i := range len(dst) / 3 {
				nrgba64(dst[3*i:], a, i, table[s[i]])
			}
		}
	case *image.CMYK: // each colour less the black, as image/color has it
		return func(dst, _ []float32, y int) {
			s := m.Pix[m.PixOffset(x0, y):]
			for i := range len(dst) / 3 {
				q, d := s[4*i:4*i+4], dst[3*i:3*i+3]
				k := 1 - float8[q[3]]
				d[0], d[1], d[2] = (1-float8[q[0]])*k, (1-float8[q[1]])*k, (1-float8[q[2]])*k
			}
		}
	case *image.YCbCr:
		return func(dst, _ []float32, y int) { ycbcrRow(dst, m, y, video) }
	case *image.NYCbCrA:
		return func(dst, a []float32, y int) {
			ycbcrRow(dst, &m.YCbCr, y, video)
			if a != nil {
				for i, v := range m.A[m.AOffset(x0, y):][:len(a)] {
					a[i] = float32(v) / 255
				}
			}
		}
	}
	return func(dst, a []float32, y int) {
		for i := range len(dst) / 3 {
			nrgba64(dst[3*i:], a, i, color.NRGBA64Model.Convert(img.At(x0+i, y)).(color.NRGBA64))
		}
	}
}

func be16(s []byte) float32 { return float32(uint16(s[0])<<8|uint16(s[1])) / 65535 }

func nrgba64(dst, a []float32, i int, c color.NRGBA64) {
	dst[0], dst[1], dst[2] = float32(c.R)/65535, float32(c.G)/65535, float32(c.B)/65535
	if a != nil {
		a[i] = float32(c.A) / 65535
	}
}

// rgba8 reads a row of 8-bit RGBA; pre says that alpha is multiplied in.
func rgba8(dst, a []float32, s []byte, pre bool) {
	for i := range len(dst) / 3 {
		d, q := dst[3*i:3*i+3], s[4*i:4*i+4]
		d[0], d[1], d[2] = float32(q[0])/255, float32(q[1])/255, float32(q[2])/255
		if a != nil {
			a[i] = float32(q[3]) / 255
			if pre {
				unmultiply(d, a[i])
			}
		}
	}
}

func rgba16(dst, a []float32, s []byte, pre bool) {
	for i := range len(dst) / 3 {
		d, q := dst[3*i:3*i+3], s[8*i:8*i+8]
		d[0], d[1], d[2] = be16(q), be16(q[2:]), be16(q[4:])
		if a != nil {
			a[i] = be16(q[6:])
			if pre {
				unmultiply(d, a[i])
			}
		}
	}
}

func unmultiply(d []float32, a float32) {
	if a == 0 {
		d[0], d[1], d[2] = 0, 0, 0
		return
	}
	for c := range d {
		d[c] = min(d[c]/a, 1)
	}
}

// ycbcrRow converts a row by BT.601: JPEG's full range (JFIF 1.02) or, for
// video, the narrow one of RFC 9649.
func ycbcrRow(dst []float32, m *image.YCbCr, y int, video bool) {
	x0 := m.Rect.Min.X
	for i := range len(dst) / 3 {
		yo, co := m.YOffset(x0+i, y), m.COffset(x0+i, y)
		yy, cb, cr := float32(m.Y[yo]), float32(m.Cb[co])-128, float32(m.Cr[co])-128
		if video {
			yy, cb, cr = (yy-16)*(255./219), cb*(255./224), cr*(255./224)
		}
		d := dst[3*i : 3*i+3]
		d[0] = clamp01((yy + 1.402*cr) / 255)
		d[1] = clamp01((yy - 0.344136*cb - 0.714136*cr) / 255)
		d[2] = clamp01((yy + 1.772*cb) / 255)
	}
}

// ToImage converts to 8 bits a channel, rounding to nearest.
func (p *Picture) ToImage() *image.NRGBA {
	m := image.NewNRGBA(image.Rect(0, 0, p.W, p.H))
	rows(p.H, 4*p.W, func(lo, hi int) {
		for i := lo * p.W; i < hi*p.W; i++ {
			q := m.Pix[4*i : 4*i+4]
			q[0], q[1], q[2], q[3] = to8(p.Pix[3*i]), to8(p.Pix[3*i+1]), to8(p.Pix[3*i+2]), 255
			if p.Alpha != nil {
				q[3] = to8(p.Alpha[i])
			}
		}
	})
	return m
}

// ToImage16 converts to 16 bits a channel.
func (p *Picture) ToImage16() *image.NRGBA64 {
	m := image.NewNRGBA64(image.Rect(0, 0, p.W, p.H))
	rows(p.H, 4*p.W, func(lo, hi int) {
		for i := lo * p.W; i < hi*p.W; i++ {
			v := [4]uint16{to16(p.Pix[3*i]), to16(p.Pix[3*i+1]), to16(p.Pix[3*i+2]), 65535}
			if p.Alpha != nil {
				v[3] = to16(p.Alpha[i])
			}
			for c, u := range v {
				m.Pix[8*i+2*c], m.Pix[8*i+2*c+1] = byte(u>>8), byte(u)
			}
		}
	})
	return m
}

// clamp01 brings v into [0,1]; NaN becomes 0.
func clamp01(v float32) float32 {
	switch {
	case !(v > 0):
		return 0
	case v >= 1:
		return 1
	}
	return v
}

func to8(v float32) uint8 {
	switch {
	case !(v > 0):
		return 0
	case v >= 1:
		return 255
	}
	return uint8(int32(v*255 + 0.5))
}

func to16(v float32) uint16 {
	switch {
	case !(v > 0):
		return 0
	case v >= 1:
		return 65535
	}
	return uint16(int32(v*65535 + 0.5))
}
