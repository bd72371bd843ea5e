package picture

import "fmt"

// ToNHWC lays pictures of one size behind each other as an (N,H,W,3) tensor of
// RGB in [0,1]. Alpha is left out.
func ToNHWC(pics ...*Picture) (data []float32, h, w int, err error) {
	if len(pics) == 0 {
		return nil, 0, 0, fmt.Errorf("tensor: no pictures: give at least one")
	}
	for i, p := range pics {
		if err := p.Check(); err != nil {
			return nil, 0, 0, fmt.Errorf("tensor: picture %d: %w", i, err)
		}
		if i == 0 {
			h, w = p.H, p.W
			data = make([]float32, 0, len(pics)*len(p.Pix))
		}
		if p.H != h || p.W != w {
			return nil, 0, 0, fmt.Errorf("tensor: picture %d is %dx%d, the first %dx%d: resize them to one size", i, p.W, p.H, w, h)
		}
		data = append(data, p.Pix...)
	}
	return data, h, w, nil
}

// FromNHWC cuts an (N,H,W,3) tensor of RGB in [0,1] into n pictures, copying
// the values as they are; call Clamp where they may leave [0,1].
func FromNHWC(data []float32, n, h, w int) ([]*Picture, error) {
	if n < 0 || h <= 0 || w <= 0 || len(data) != n*h*w*3 {
		return nil, fmt.Errorf("tensor: %d values are not (%d,%d,%d,3): check the shape", len(data), n, h, w)
	}
	pics := make([]*Picture, n)
	size := h * w * 3
	for i := range pics {
		pics[i] = &Picture{W: w, H: h, Pix: append([]float32(nil), data[i*size:(i+1)*size]...)}
	}
	return pics, nil
}
