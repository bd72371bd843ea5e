package picture

import (
	"math"
	"testing"

	"pgregory.net/rapid"
)

func TestFlipCropTurn(t *testing.T) {
	p := grey(3, 2, 1, 2, 3, 4, 5, 6)
	p.Alpha = []float32{1, 2, 3, 4, 5, 6}
	part, err := p.Crop(1, 0, 2, 2)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name string
		got  *Picture
		w, h int
		want []float32
	}{
		{"FlipH", p.FlipH(), 3, 2, []float32{3, 2, 1, 6, 5, 4}},
		{"FlipV", p.FlipV(), 3, 2, []float32{4, 5, 6, 1, 2, 3}},
		{"Crop", part, 2, 2, []float32{2, 3, 5, 6}},
		{"CropSquare", p.CropSquare(), 2, 2, []float32{1, 2, 4, 5}},
		{"right", p.orientInto(new(Picture), 6), 2, 3, []float32{4, 1, 5, 2, 6, 3}},
		{"round", p.orientInto(new(Picture), 3), 3, 2, []float32{6, 5, 4, 3, 2, 1}},
		{"left", p.orientInto(new(Picture), 8), 2, 3, []float32{3, 6, 2, 5, 1, 4}},
	} {
		if c.got.W != c.w || c.got.H != c.h || near(c.got.Alpha, c.want) != 0 || near(c.got.Pix, grey(c.w, c.h, c.want...).Pix) != 0 {
			t.Errorf("%s: %+v", c.name, c.got)
		}
	}
	for _, r := range [][4]int{{-1, 0, 1, 1}, {0, 0, 4, 1}, {0, 0, 0, 1}, {2, 1, 1, 2}, {1, 0, math.MaxInt, 1}} {
		if _, err := p.Crop(r[0], r[1], r[2], r[3]); err == nil {
			t.Errorf("crop %v was taken", r)
		}
	}
}

func TestRotate(t *testing.T) {
	p := noise(21, 21, 4)
	if d := near(p.Rotate(0).Pix, p.Pix); d != 0 {
		t.Errorf("no turn changes the picture by %v", d)
	}
	if d := near(p.Rotate(math.Pi/2).Pix, p.orientInto(new(Picture), 6).Pix); d > 1e-5 {
		t.Errorf("a quarter turn is off by %v", d)
	}
	flat := Filled(17, 9, .3, .6, .9)
	flat.Alpha = flat.Luma()
	q := flat.Rotate(0.2)
	if near(q.Pix, flat.Pix) > 1e-6 || near(q.Alpha, flat.Alpha) > 1e-6 {
		t.Error("a constant picture changes")
	}
}

func TestMirror(t *testing.T) {
	for i, want := range map[int]int{-4: 2, -3: 2, -2: 1, -1: 0, 0: 0, 2: 2, 3: 2, 5: 0, 6: 0, 600: 0} {
		if got := mirror(i, 3); got != want {
			t.Errorf("mirror(%d,3) = %d, want %d", i, got, want)
		}
	}
}

func TestKeepColours(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		painting, photo := noise(9, 7, rapid.Uint64().Draw(t, "a")), noise(9, 7, rapid.Uint64().Draw(t, "b"))
		q, err := KeepColours(painting, photo)
		if err != nil {
			t.Fatal(err)
		}
		if d := near(q.Luma(), painting.Luma()); d > 1e-5 {
			t.Fatalf("luma off by %v", d)
		}
		cb, cr := q.Chroma()
		pb, pr := photo.Chroma()
		for i := range cb { // the same hue, never stronger
			if math.Abs(float64(cb[i]*pr[i]-cr[i]*pb[i])) > 1e-5 || cb[i]*cb[i]+cr[i]*cr[i] > pb[i]*pb[i]+pr[i]*pr[i]+1e-5 || cb[i]*pb[i] < -1e-6 {
				t.Fatalf("colour (%v,%v) became (%v,%v)", pb[i], pr[i], cb[i], cr[i])
			}
		}
	})
	p := noise(6, 6, 1)
	if q, err := KeepColours(p, p); err != nil || near(q.Pix, p.Pix) > 1e-6 {
		t.Error("a picture with its own colours changes", err)
	}
	if q, err := KeepColours(p, noise(12, 12, 2)); err != nil || q.W != 6 {
		t.Error(err)
	}
	if _, err := KeepColours(p, nil); err == nil {
		t.Error("no photo was taken")
	}
}

func TestBlend(t *testing.T) {
	a, b := noise(5, 4, 1), noise(5, 4, 2)
	b.Alpha = b.Luma()
	for _, c := range []struct {
		t    float64
		want *Picture
	}{{0, a}, {1, b}} {
		q, err := Blend(a, b, c.t)
		if err != nil || near(q.Pix, c.want.Pix) != 0 {
			t.Errorf("t=%v is not exact: %v", c.t, err)
		}
	}
	q, err := Blend(grey(1, 1, .2), grey(1, 1, .6), .25)
	if err != nil || math.Abs(float64(q.Pix[0])-.3) > 1e-6 || q.Alpha != nil {
		t.Error(q, err)
	}
	for _, err := range []error{
		errOf(Blend(a, New(4, 4), .5)), errOf(Blend(a, nil, .5)), errOf(Blend(nil, a, .5)), errOf(Blend(a, b, math.NaN())),
	} {
		if err == nil {
			t.Error("nonsense was taken")
		}
	}
}

func errOf(_ *Picture, err error) error { return err }

func TestTensor(t *testing.T) {
	a, b := noise(3, 2, 1), noise(3, 2, 2)
	data, h, w, err := ToNHWC(a, b)
	if err != nil || h != 2 || w != 3 || len(data) != 36 || data[(1*2+1)*9+2*3+1] != b.Pix[(1*3+2)*3+1] {
		t.Fatal(h, w, len(data), err)
	}
	pics, err := FromNHWC(data, 2, h, w)
	if err != nil || near(pics[0].Pix, a.Pix) != 0 || near(pics[1].Pix, b.Pix) != 0 {
		t.Fatal(err)
	}
	data[0] = 99
	if pics[0].Pix[0] == 99 || a.Pix[0] == 99 {
		t.Error("memory is shared")
	}
	if _, _, _, err := ToNHWC(a, New(2, 2)); err == nil {
		t.Error("two sizes were taken")
	}
	if _, _, _, err := ToNHWC(); err == nil {
		t.Error("no picture was taken")
	}
	if _, err := FromNHWC(data, 3, h, w); err == nil {
		t.Error("a wrong shape was taken")
	}
}

func TestSmallThings(t *testing.T) {
	nan := float32(math.NaN())
	p := &Picture{W: 1, H: 1, Pix: []float32{-1, nan, 3}, Alpha: []float32{2}}
	c := p.Clone()
	c.SetMeta("a", "b")
	if p.Clamp(); near(p.Pix, []float32{0, 0, 1}) != 0 || p.Alpha[0] != 1 || p.Meta != nil || c.Alpha[0] != 2 {
		t.Error(p, c)
	}
	for v := float32(0); v <= 1; v += 1. / 255 {
		if math.Abs(float64(FromLinear(ToLinear(v))-v)) > 1e-6 {
			t.Errorf("linear light: %v", v)
		}
	}
	if g := Filled(2, 2, 1, 0, 0).Grey(); math.Abs(float64(g.Pix[0])-.299) > 1e-6 || g.Pix[0] != g.Pix[2] {
		t.Error(g.Pix)
	}
	half := &Picture{W: 1, H: 1, Pix: []float32{1, 0, 0}, Alpha: []float32{.5}}
	if f := half.Flatten(1, 1, 1); near(f.Pix, []float32{1, .5, .5}) > 1e-6 || f.Alpha != nil {
		t.Error(f)
	}
	if n := New(-3, 4); n.W != 0 || n.Check() == nil {
		t.Error(n)
	}
}
