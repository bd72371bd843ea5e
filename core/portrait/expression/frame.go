package expression

import "math"

// The 68 landmarks in iBUG order (Sagonas et al., "300 faces in-the-wild
// challenge", 2013). Left and right here are those of the picture.
const (
	jawFirst, chin, jawLast = 0, 8, 16
	browFirst, browInnerL   = 17, 21
	browInnerR, browLast    = 22, 26
	noseTop, noseTip        = 27, 30
	nostrilL, noseBase      = 31, 33
	nostrilR                = 35
	eyeL, eyeR              = 36, 42 // six points each, from the left corner over the upper lid
	mouthL, lipTop          = 48, 51
	mouthR, lipBottom       = 54, 57
	innerL, innerTop        = 60, 62
	innerR, innerBottom     = 64, 66
)

// point is a place in the frame of a face: its origin lies between the eyes,
// x runs along the line through them to the right of the picture, y down the
// face, and the distance between the eyes' centres is 1.
type point struct{ x, y float64 }

func (p point) plus(q point) point               { return point{p.x + q.x, p.y + q.y} }
func (p point) minus(q point) point              { return point{p.x - q.x, p.y - q.y} }
func (p point) times(k float64) point            { return point{p.x * k, p.y * k} }
func (p point) towards(q point, t float64) point { return p.plus(q.minus(p).times(t)) }

// frame is the similarity between pixels of a picture and the face's frame.
type frame struct {
	ox, oy   float64 // pixels: the origin
	cos, sin float64 // of the angle of the line through the eyes
	unit     float64 // pixels: the distance between the eyes
}

// frameOf measures the frame; ok is false when the eyes coincide.
func frameOf(landmarks *[68][2]float64) (f frame, ok bool) {
	l, r := centre(landmarks[eyeL:eyeL+6]), centre(landmarks[eyeR:eyeR+6])
	d := r.minus(l)
	f.unit = math.Hypot(d.x, d.y)
	if !(f.unit > 1) || math.IsInf(f.unit, 0) {
		return f, false
	}
	f.cos, f.sin = d.x/f.unit, d.y/f.unit
	f.ox, f.oy = (l.x+r.x)/2, (l.y+r.y)/2
	return f, true
}

func centre(ps [][2]float64) (c point) {
	for _, p := range ps {
		c.x, c.y = c.x+p[0]/float64(len(ps)), c.y+p[1]/float64(len(ps))
	}
	return c
}

// in takes pixels into the frame, out takes the frame into pixels.
func (f *frame) in(x, y float64) point {
	x, y = (x-f.ox)/f.unit, (y-f.oy)/f.unit
	return point{x*f.cos + y*f.sin, -x*f.sin + y*f.cos}
}

func (f *frame) out(p point) (x, y float64) {
	return f.ox + f.unit*(p.x*f.cos-p.y*f.sin), f.oy + f.unit*(p.x*f.sin+p.y*f.cos)
}

// smooth rises from 0 at a to 1 at b with level ends: 3t² - 2t³.
func smooth(a, b, x float64) float64 {
	t := max(0, min(1, (x-a)/(b-a)))
	return t * t * (3 - 2*t)
}

func mix(a, b, t float64) float64 { return a + t*(b-a) }
