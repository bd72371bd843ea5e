package expression

import "math"

// gape is how the mouth opens.
type gape struct {
	jaw    float64 // how far the chin goes down
	part   float64 // how far the lips part at the middle beyond the jaw's share
	upper  float64 // share of the parting that lifts the upper lip
	round  float64 // 0.5 an ellipse; smaller: squarer
	bared  bool    // the upper lip is drawn off the teeth
	first  float64 // y of the first level
	levels []level
}

// level is a height of the face: the jaw's share of the movement there, the
// middle of the face and half the width that moves. Below the mouth that stays,
// though the face narrows: the chin does not go down without the jaw beside it.
type level struct{ carried, middle, width float64 }

// levelStep is the distance of levels in the frame of the face.
const levelStep = 0.0125

func (g *gape) opens() bool { return g.jaw > 0 || g.part > 0 }

// setJaw bounds the drop by what the face has room for, so that no skin folds,
// and prepares the levels: half of the drop at the corners of the mouth, all
// of it at the chin.
func (g *gape) setJaw(m *mouth, jaw float64) {
	g.jaw = max(0, min(jaw, 0.6*(m.chin-m.rest), 1.1*(m.rest-m.nose)))
	g.first = m.nose
	g.levels = make([]level, 200)
	for i := range g.levels {
		y := g.first + levelStep*float64(i)
		share := 0.45*smooth(m.nose, m.rest, y) + 0.55*smooth(m.rest+0.4*g.jaw, m.chin+g.jaw, y)
		before := y - 0.5*g.jaw
		g.levels[i] = level{share, m.middle.at(before), m.contour.at(min(before, m.bottom))}
	}
}

func (g *gape) level(y float64) level {
	u := max(0, min((y-g.first)/levelStep, float64(len(g.levels))-1.001))
	i := int(u)
	a, b, f := g.levels[i], g.levels[i+1], u-float64(i)
	return level{mix(a.carried, b.carried, f), mix(a.middle, b.middle, f), mix(a.width, b.width, f)}
}

// drop is how far the jaw carries the skin at p, a place after opening: the
// whole way at the chin, nothing at the nose and beyond the face's contour.
func (g *gape) drop(p point) float64 {
	if g.jaw == 0 || p.y < g.first {
		return 0
	}
	l := g.level(p.y)
	return g.jaw * l.carried * (1 - smooth(0.6, 1.35, math.Abs(p.x-l.middle)/l.width))
}
