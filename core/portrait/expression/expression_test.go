package expression

import (
	"bytes"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

const testSide = 192

// moved finds where the warp brings a place of the photograph: the pixel whose
// source is nearest, refined by what is left.
func moved(f *Field, x, y float64) point {
	best, at := math.Inf(1), point{}
	look := func(cx, cy, reach, step float64) {
		for j := cy - reach; j <= cy+reach; j += step {
			for i := cx - reach; i <= cx+reach; i += step {
				sx, sy := f.Source(i, j)
				if d := (sx-x)*(sx-x) + (sy-y)*(sy-y); d < best {
					best, at = d, point{i + x - sx, j + y - sy}
				}
			}
		}
	}
	look(x, y, 40, 2)
	best = math.Inf(1)
	look(at.x, at.y, 2, 0.5)
	return at
}

// features are measured on landmarks: what the action units change.
type features struct {
	inner, outer, apart, lids, corners, width, lips, upper, chin, nose float64
}

func measure(l [68][2]float64) (m features) {
	fr, _ := frameOf(&l)
	var p [68]point
	for i := range l {
		p[i] = fr.in(l[i][0], l[i][1])
	}
	y := func(is ...int) (s float64) {
		for _, i := range is {
			s += p[i].y / float64(len(is))
		}
		return s
	}
	return features{
		inner: -y(21, 22), outer: -y(18, 25), apart: p[22].x - p[21].x,
		lids:    y(40, 41, 46, 47) - y(37, 38, 43, 44),
		corners: -y(48, 54), width: p[54].x - p[48].x,
		lips: y(65, 66, 67) - y(61, 62, 63), upper: -y(50, 52), chin: y(8), nose: -y(31, 35),
	}
}

// shown is the mean change of the features of the mean face over many draws.
func shown(t *testing.T, emotion int, strength float64) (d features) {
	t.Helper()
	l := meanFace(testSide)
	for i := 61; i < 64; i++ { // close the lips: the mean is not quite
		mid := (l[i][1] + l[128-i][1]) / 2
		l[i][1], l[128-i][1] = mid-0.6, mid+2.2
	}
	w, ok := New(l, testSide)
	if !ok {
		t.Fatal("the mean face is refused")
	}
	before := measure(l)
	const draws = 6
	for seed := range draws {
		f := w.Field(emotion, strength, rand.New(rand.NewPCG(uint64(seed), 5)))
		m := l
		for i := range l {
			q := moved(f, l[i][0], l[i][1])
			m[i] = [2]float64{q.x, q.y}
		}
		after := measure(m)
		d.inner += (after.inner - before.inner) / draws
		d.outer += (after.outer - before.outer) / draws
		d.apart += (after.apart - before.apart) / draws
		d.lids += (after.lids - before.lids) / draws
		d.corners += (after.corners - before.corners) / draws
		d.width += (after.width - before.width) / draws
		d.lips += (after.lips - before.lips) / draws
		d.upper += (after.upper - before.upper) / draws
		d.chin += (after.chin - before.chin) / draws
		d.nose += (after.nose - before.nose) / draws
	}
	return d
}

func TestActionUnits(t *testing.T) {
	const unmoved = 0.02
	within := func(name string, got, low, high float64) {
		t.Helper()
		if !(got >= low && got <= high) {
			t.Errorf("%s: %+.3f, want %+.3f to %+.3f", name, got, low, high)
		}
	}
	happy, sad, angry, fearful, disgusted, surprised := shown(t, 1, 1), shown(t, 2, 1), shown(t, 3, 1), shown(t, 4, 1), shown(t, 5, 1), shown(t, 6, 1)
	within("happy: corners up", happy.corners, 0.05, 0.2)
	within("happy: mouth wider", happy.width, 0.08, 0.3)
	within("sad: inner brows up", sad.inner, 0.03, 0.15)
	within("sad: more than the outer", sad.inner-sad.outer, 0.03, 0.2)
	within("sad: brows together", sad.apart, -0.15, -0.02)
	within("sad: corners down", sad.corners, -0.2, -0.05)
	within("sad: lids droop", sad.lids, -0.08, -0.005)
	within("angry: brows down", angry.inner, -0.2, -0.05)
	within("angry: brows together", angry.apart, -0.2, -0.05)
	within("angry: lids tight", angry.lids, -0.1, -0.005)
	within("angry: chin stays", angry.chin, -0.1, 0.08)
	within("fearful: inner brows up", fearful.inner, 0.03, 0.15)
	within("fearful: brows together", fearful.apart, -0.15, -0.03)
	within("fearful: eyes wide", fearful.lids, 0.015, 0.12)
	within("fearful: mouth stretched", fearful.width, 0.05, 0.3)
	within("fearful: lips part", fearful.lips, 0.02, 0.2)
	within("disgusted: brows down", disgusted.inner, -0.2, -0.04)
	within("disgusted: upper lip up", disgusted.upper, 0.03, 0.2)
	within("disgusted: nose up", disgusted.nose, 0.02, 0.15)
	within("disgusted: eyes narrow", disgusted.lids, -0.1, -0.01)
	within("surprised: inner brows up", surprised.inner, 0.07, 0.25)
	within("surprised: outer brows up", surprised.outer, 0.05, 0.25)
	within("surprised: brows not together", surprised.apart, -unmoved, unmoved)
	within("surprised: eyes wide", surprised.lids, 0.02, 0.12)
	within("surprised: mouth open", surprised.lips, 0.1, 0.5)
	within("surprised: chin down", surprised.chin, 0.1, 0.5)
}

func TestStrengthIsMonotone(t *testing.T) {
	for e, pick := range map[int]func(features) float64{
		1: func(f features) float64 { return f.corners },
		2: func(f features) float64 { return -f.corners },
		3: func(f features) float64 { return -f.inner },
		4: func(f features) float64 { return f.width },
		5: func(f features) float64 { return f.upper },
		6: func(f features) float64 { return f.chin },
	} {
		last := 0.0
		for _, s := range []float64{0.3, 0.6, 1} {
			v := pick(shown(t, e, s))
			if v <= last {
				t.Errorf("emotion %d: %g at strength %g, %g before", e, v, s, last)
			}
			last = v
		}
	}
}

func TestNothingIsTheIdentity(t *testing.T) {
	src := noise(testSide)
	dst := make([]byte, len(src))
	for e := range 7 {
		for _, s := range []float64{0, -1, math.NaN()} {
			if err := Apply(dst, src, testSide, meanFace(testSide), e, s, rand.New(rand.NewPCG(1, 2))); err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(dst, src) {
				t.Errorf("emotion %d at strength %g changes the picture", e, s)
			}
		}
	}
	if err := Apply(dst, src, testSide, meanFace(testSide), 0, 1, rand.New(rand.NewPCG(1, 2))); err != nil || !bytes.Equal(dst, src) {
		t.Errorf("neutral changes the picture: %v", err)
	}
}

func TestSameSeedSamePicture(t *testing.T) {
	src := noise(testSide)
	made := func(seed uint64) []byte {
		dst := make([]byte, len(src))
		if err := Apply(dst, src, testSide, meanFace(testSide), 4, 0.9, rand.New(rand.NewPCG(seed, 2))); err != nil {
			t.Fatal(err)
		}
		return dst
	}
	if !bytes.Equal(made(3), made(3)) {
		t.Error("one seed, two pictures")
	}
	if bytes.Equal(made(3), made(4)) {
		t.Error("two seeds, one picture")
	}
}

// The top and the sides of the picture stay; at the bottom the jaw may leave
// it, but nothing is taken from outside the photograph.
func TestBorders(t *testing.T) {
	w, _ := New(meanFace(testSide), testSide)
	for e := 1; e < 7; e++ {
		f := w.Field(e, 1, rand.New(rand.NewPCG(9, 2)))
		for i := range testSide {
			for _, p := range [][2]float64{{float64(i) + 0.5, 0.5}, {0.5, float64(i) + 0.5}, {testSide - 0.5, float64(i) + 0.5}} {
				if x, y := f.Source(p[0], p[1]); math.Hypot(x-p[0], y-p[1]) > 0.35 {
					t.Errorf("emotion %d moves the border at %v to (%.2f, %.2f)", e, p, x, y)
				}
			}
			if x, y := f.Source(float64(i)+0.5, testSide-0.5); y > testSide || x < 0 || x > testSide {
				t.Errorf("emotion %d takes (%.1f, %.1f) from outside", e, x, y)
			}
		}
	}
}

func TestIrisStaysRound(t *testing.T) {
	w, _ := New(meanFace(testSide), testSide)
	for _, l := range []lids{{up: 0.06, down: 0.01}, {up: -0.05, down: -0.03}} {
		for i := range w.eyes {
			e := &w.eyes[i]
			for a := range 16 {
				s, c := math.Sincos(float64(a) * math.Pi / 8)
				p := e.at(0, 0).plus(point{0.07 * c, 0.07 * s})
				q, _ := e.source(p, l, w.iris(i))
				// What is seen of the iris is where it was, but under the upper lid
				// when that goes up: there it is stretched a little.
				if y := e.at(0, 0).y; p.y > y-0.02 && p.y < y+0.02 && math.Abs(q.y-p.y) > 0.003 {
					t.Errorf("lids %v move the iris at %v to %v", l, p, q)
				}
			}
		}
	}
}

func TestRefusals(t *testing.T) {
	l := meanFace(testSide)
	turned, nan, flat, upside := l, l, l, l
	for i := 27; i < 36; i++ {
		turned[i][0] += 25
	}
	nan[40][0] = math.NaN()
	for i := range flat {
		flat[i] = [2]float64{5, 5}
		upside[i][1] = testSide - l[i][1]
	}
	for name, bad := range map[string][68][2]float64{"turned": turned, "nan": nan, "flat": flat, "upside": upside, "zero": {}} {
		if _, ok := New(bad, testSide); ok {
			t.Errorf("%s landmarks are accepted", name)
		}
		if Suitable(bad) {
			t.Errorf("%s landmarks are suitable", name)
		}
		buf := make([]byte, testSide*testSide*3)
		if err := Apply(buf, buf, testSide, bad, 2, 1, rand.New(rand.NewPCG(1, 2))); err == nil {
			t.Errorf("%s landmarks are applied", name)
		}
	}
	if !Suitable(l) {
		t.Error("the mean face is not suitable")
	}
	buf := make([]byte, testSide*testSide*3)
	for _, e := range []int{-1, 7} {
		if err := Apply(buf, buf, testSide, l, e, 1, rand.New(rand.NewPCG(1, 2))); err == nil {
			t.Errorf("emotion %d is applied", e)
		}
	}
	if err := Apply(buf[1:], buf, testSide, l, 2, 1, rand.New(rand.NewPCG(1, 2))); err == nil {
		t.Error("a short picture is written")
	}
}

func noise(side int) []byte {
	r := rand.New(rand.NewPCG(7, 7))
	b := make([]byte, side*side*3)
	for i := range b {
		b[i] = byte(r.IntN(256))
	}
	return b
}

// checkFolds fails when a movement of the face turns the skin over: the smooth
// part by its determinant, eyes and mouth, which move along y alone, by order.
func checkFolds(t *testing.T, l [68][2]float64, emotion int, strength float64, seed uint64) {
	t.Helper()
	w, ok := New(l, testSide)
	if !ok {
		return
	}
	w.See(noise(testSide))
	u := draw(emotion, strength, rand.New(rand.NewPCG(seed, 1)))
	m := w.muscles(&u)
	grid, n := w.grid(&m)
	h := gridStep / w.frame.unit
	for j := range n - 1 {
		for i := range n - 1 {
			a, b, c := grid[j*n+i], grid[j*n+i+1], grid[(j+1)*n+i]
			ex := point{w.frame.cos * h, -w.frame.sin * h}.minus(b.minus(a))
			ey := point{w.frame.sin * h, w.frame.cos * h}.minus(c.minus(a))
			if d := ex.x*ey.y - ex.y*ey.x; !(d > 0) {
				t.Fatalf("emotion %d, seed %d: folded at (%d, %d): %g", emotion, seed, i*gridStep, j*gridStep, d)
			}
		}
	}
	for x := -1.2; x <= 1.2; x += 0.05 {
		last := math.Inf(-1)
		for y := -0.8; y < 2.6; y += 0.01 {
			q, _ := w.eyes[0].source(point{x, y}, m.lids[0], w.iris(0))
			q, _ = w.eyes[1].source(q, m.lids[1], w.iris(1))
			q, _, _ = w.openSource(q, &m.gape)
			if !(q.y >= last-1e-9) {
				t.Fatalf("emotion %d, seed %d: at (%.2f, %.2f) the source goes back from %g to %g", emotion, seed, x, y, last, q.y)
			}
			last = q.y
		}
	}
}

// plausible moves the mean face: every landmark a little, the whole by a
// similarity.
func plausible(seed uint64) [68][2]float64 {
	r := rand.New(rand.NewPCG(seed, 3))
	l := meanFace(testSide)
	spread := 5 * r.Float64()
	sin, cos := math.Sincos(0.5 * (r.Float64() - 0.5))
	scale := mix(0.7, 1.15, r.Float64())
	squeeze := mix(0.8, 1.2, r.Float64())
	for i := range l {
		x := (l[i][0] - testSide/2 + spread*r.NormFloat64()/2) * scale * squeeze
		y := (l[i][1] - testSide/2 + spread*r.NormFloat64()/2) * scale
		l[i] = [2]float64{testSide/2 + x*cos - y*sin, testSide/2 + x*sin + y*cos}
	}
	return l
}

func TestNoFolds(t *testing.T) {
	for seed := range uint64(150) {
		checkFolds(t, plausible(seed), 1+int(seed%6), 1.2, seed)
	}
	accepted := 0
	for seed := range uint64(150) {
		if _, ok := New(plausible(seed), testSide); ok {
			accepted++
		}
	}
	if accepted < 50 {
		t.Errorf("only %d of 150 plausible faces are accepted", accepted)
	}
}

func FuzzFolds(f *testing.F) {
	f.Add(uint64(1), 2, 1.0)
	f.Add(uint64(77), 6, 1.2)
	f.Fuzz(func(t *testing.T, seed uint64, emotion int, strength float64) {
		if emotion < 0 || emotion > 6 || !(strength >= 0 && strength <= 1.3) {
			t.Skip()
		}
		checkFolds(t, plausible(seed), emotion, strength, seed)
	})
}

func TestPrototypesShares(t *testing.T) {
	for e, ways := range prototypes {
		if e == 0 {
			continue
		}
		sum := 0.0
		for _, way := range ways {
			sum += way.share
			numbers := map[int]bool{}
			for _, p := range way.parts {
				if numbers[p.number] || p.low > p.high || p.chance <= 0 {
					t.Errorf("emotion %d: AU %d is named twice or has no range", e, p.number)
				}
				numbers[p.number] = true
			}
		}
		if math.Abs(sum-1) > 1e-9 {
			t.Errorf("emotion %d: the shares sum to %g", e, sum)
		}
	}
	if !slices.ContainsFunc(prototypes[6][0].parts, func(p part) bool { return p.number == 27 }) {
		t.Error("surprise drops no jaw")
	}
}
