package expression

import (
	"flag"
	"fmt"
	"math"
	"math/rand/v2"
	"path/filepath"
	"testing"

	"github.com/atelier-engine/atelier/core/picture"
	"github.com/atelier-engine/atelier/core/portrait"
)

var update = flag.Bool("update", false, "draw docs/pictures/expressions.png anew")

// drawn is a drawing of the mean face: there are no photographs in this
// repository.
func drawn(side int) []byte {
	pix := make([]byte, side*side*3)
	const n = 3 // samples a pixel along each axis
	for y := range side {
		for x := range side {
			var sum [3]float64
			for s := range n * n {
				p := point{
					((float64(x)+(float64(s%n)+0.5)/n)/float64(side) - 0.5) / 0.33,
					((float64(y)+(float64(s/n)+0.5)/n)/float64(side) - 0.31) / 0.33,
				}
				c := drawnAt(p)
				for k := range sum {
					sum[k] += c[k] / (n * n)
				}
			}
			for k, v := range sum {
				pix[(y*side+x)*3+k] = byte(v + 0.5)
			}
		}
	}
	return pix
}

// drawnAt is the drawing's colour at a place of the face's frame.
func drawnAt(p point) [3]float64 {
	skin := [3]float64{224, 176, 148}
	light := 1 - 0.12*math.Abs(p.x) - 0.05*math.Max(0, p.y-1)
	shade := func(c [3]float64, k float64) [3]float64 { return [3]float64{c[0] * k, c[1] * k, c[2] * k} }
	c := [3]float64{150, 168, 176} // behind the head
	head := math.Hypot(p.x/1.08, (p.y-0.45)/1.42)
	if math.Hypot(p.x/1.2, (p.y+0.1)/1.15) < 1 && p.y < 0.9 {
		c = [3]float64{62, 44, 36} // hair
	}
	if p.y > 1.5 && math.Abs(p.x) < 0.55 {
		c = shade(skin, 0.78) // neck
	}
	if head < 1 && p.y > -0.72+0.5*p.x*p.x {
		c = shade(skin, light)
	}
	l := neutral
	for i := range 2 {
		eye := l[eyeL+6*i : eyeL+6*i+6]
		if inside(p, eye) {
			c = [3]float64{236, 232, 226}
			m := eye[0].towards(eye[3], 0.5)
			if d := math.Hypot(p.x-m.x, p.y-m.y); d < 0.04 {
				c = [3]float64{20, 16, 16}
			} else if d < irisRadius {
				c = [3]float64{86, 108, 96}
			}
		}
		if alongLine(p, eye[:4]) < 0.016 {
			c = [3]float64{40, 28, 26}
		}
		brow := l[browFirst+5*i : browFirst+5*i+5]
		if alongLine(point{p.x, p.y - 0.04}, brow) < 0.045 {
			c = [3]float64{70, 48, 40}
		}
	}
	if alongLine(p, l[nostrilL:nostrilR+1]) < 0.018 {
		c = shade(skin, 0.66)
	}
	if d := math.Abs(p.x + 0.09); p.y > 0 && p.y < 0.6 && d < 0.03 {
		c = shade(c, 0.9+3*d)
	}
	if inside(p, l[mouthL:mouthL+12]) {
		c = [3]float64{190, 100, 96}
	}
	if alongLine(point{p.x, p.y - mouthDrop}, []point{l[48], l[61].towards(l[67], 0.5), l[62].towards(l[66], 0.5), l[63].towards(l[65], 0.5), l[54]}) < 0.014 {
		c = [3]float64{104, 48, 48}
	}
	return c
}

func inside(p point, polygon []point) (in bool) {
	for i, a := range polygon {
		b := polygon[(i+1)%len(polygon)]
		if (a.y > p.y) != (b.y > p.y) && p.x < a.x+(b.x-a.x)*(p.y-a.y)/(b.y-a.y) {
			in = !in
		}
	}
	return in
}

func alongLine(p point, line []point) float64 {
	least := math.Inf(1)
	for i := range len(line) - 1 {
		a, d := line[i], line[i+1].minus(line[i])
		q := p.minus(a)
		t := max(0, min(1, (q.x*d.x+q.y*d.y)/(d.x*d.x+d.y*d.y)))
		e := q.minus(d.times(t))
		least = min(least, math.Hypot(e.x, e.y))
	}
	return least
}

// goldenTolerance is the mean difference, in 256ths, that the drawing may have
// from the one in the handbook: other processors fuse other multiplications.
const goldenTolerance = 0.5

func TestDrawnExpressions(t *testing.T) {
	src := drawn(testSide)
	sheet := picture.Sheet{Size: 128, Names: [][]string{portrait.Emotions[:]}, Cells: make([][]*picture.Picture, 1)}
	for e := range portrait.Emotions {
		dst := make([]byte, len(src))
		if err := Apply(dst, src, testSide, meanFace(testSide), e, 0.9, rand.New(rand.NewPCG(3, uint64(e)))); err != nil {
			t.Fatal(err)
		}
		p := picture.New(testSide, testSide)
		for k, v := range dst {
			p.Pix[k] = float32(v) / 255
		}
		sheet.Cells[0] = append(sheet.Cells[0], p)
	}
	got, err := sheet.Draw()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join("..", "..", "..", "docs", "pictures", "expressions.png")
	if *update {
		if err := picture.Save(path, got); err != nil {
			t.Fatal(err)
		}
	}
	want, err := picture.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	if got.W != want.W || got.H != want.H {
		t.Fatalf("%dx%d, want %dx%d: run the test with -update", got.W, got.H, want.W, want.H)
	}
	sum := 0.0
	for i, v := range got.Pix {
		sum += math.Abs(float64(v-want.Pix[i])) * 255
	}
	if mean := sum / float64(len(got.Pix)); mean > goldenTolerance {
		t.Errorf("the drawing differs by %s: look at it, then run the test with -update", fmt.Sprintf("%.2f/256", mean))
	}
}

// What See finds in the drawing is where it was drawn.
func TestSee(t *testing.T) {
	w, ok := New(meanFace(testSide), testSide)
	if !ok {
		t.Fatal("the mean face is refused")
	}
	w.See(drawn(testSide))
	for i := range 2 {
		want := neutral[eyeL+6*i].towards(neutral[eyeL+6*i+3], 0.5)
		if d := w.sight.iris[i].minus(want); math.Hypot(d.x, d.y) > 0.05 {
			t.Errorf("iris %d at %v, drawn at %v", i, w.sight.iris[i], want)
		}
		if luma(w.sight.sclera[i]) < 150 {
			t.Errorf("the white of eye %d is %v", i, w.sight.sclera[i])
		}
	}
	for i, d := range w.sight.seam[3 : seamKnots-3] {
		if math.Abs(d) > 0.025 { // the landmarks are exact here
			t.Errorf("the lips' line is off by %.3f at knot %d", d, i+3)
		}
	}
	if c := w.sight.skin; math.Abs(luma(c)-185) > 30 {
		t.Errorf("skin %v", c)
	}
	if w.sight.sharp < 0.5 {
		t.Errorf("the drawing is called blurred: %g", w.sight.sharp)
	}
	// A face that See saw wrongly, in another place, must not break the warp.
	w.See(make([]byte, testSide*testSide*3))
	f := w.Field(6, 1, rand.New(rand.NewPCG(1, 1)))
	for _, c := range f.cells {
		if v := float64(c.dx + c.dy + c.light + c.cover + c.paint[0]); math.IsNaN(v) || math.IsInf(v, 0) {
			t.Fatalf("a black picture gives %+v", c)
		}
	}
}
