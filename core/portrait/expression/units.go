package expression

import "math/rand/v2"

// units are the intensities of the action units of the facial action coding
// system (Ekman, Friesen and Hager, "Facial Action Coding System", 2002) by
// their numbers: 0 at rest, 1 the strongest seen in ordinary people, for the
// left and the right half of the picture.
type units [44]struct{ l, r float64 }

func (u *units) set(number int, l, r float64) { u[number].l, u[number].r = l, r }

// both is the mean of the two sides.
func (u *units) both(number int) float64 { return (u[number].l + u[number].r) / 2 }

// side gives the left half's intensity for -1 and the right half's for 1.
func (u *units) side(number int, s float64) float64 {
	if s < 0 {
		return u[number].l
	}
	return u[number].r
}

// part is one action unit of a prototype: with the given chance it takes part,
// with an intensity from low to high.
type part struct {
	number    int
	low, high float64
	chance    float64
}

// prototype is one way to show an emotion, taken with a share of all draws.
type prototype struct {
	share float64
	parts []part
}

// prototypes are the action units of each emotion, by portrait.Emotions, after
// the tables of Ekman and Friesen, "EMFACS-7" (1983), and of Ekman, Friesen and
// Hager, "FACS investigator's guide" (2002), chapter 12, with their variants.
var prototypes = [7][]prototype{
	1: {
		{0.5, []part{{6, 0.6, 1, 1}, {12, 0.8, 1.1, 1}}},
		{0.5, []part{{6, 0.6, 1, 1}, {12, 0.8, 1.1, 1}, {25, 0.8, 1.6, 1}, {26, 0.1, 0.5, 0.4}}},
	},
	2: {{1, []part{{1, 1.1, 1.35, 1}, {4, 0.45, 0.75, 1}, {15, 0.85, 1.2, 1}, {17, 0.3, 0.9, 0.8}, {43, 0.35, 0.8, 0.85}, {11, 0.3, 0.8, 0.6}}}},
	3: {
		{0.7, []part{{4, 0.95, 1.2, 1}, {5, 0.2, 0.6, 0.5}, {7, 0.6, 1, 1}, {23, 0.5, 0.9, 0.7}, {24, 0.7, 1.1, 0.9}, {17, 0.2, 0.7, 0.6}, {15, 0.2, 0.5, 0.5}}},
		{0.3, []part{{4, 0.95, 1.2, 1}, {5, 0.3, 0.8, 0.8}, {7, 0.5, 1, 1}, {10, 0.3, 0.6, 1}, {16, 0.7, 1.2, 1}, {25, 0.6, 1.1, 1}, {26, 0.3, 0.9, 0.7}}},
	},
	4: {
		{0.7, []part{{1, 1.1, 1.35, 1}, {2, 0.5, 0.8, 1}, {4, 0.5, 0.75, 1}, {5, 0.9, 1.2, 1}, {7, 0.2, 0.4, 0.4}, {20, 0.6, 1, 1}, {25, 0.8, 1.4, 1}, {26, 0.1, 0.4, 0.5}}},
		{0.3, []part{{1, 1.1, 1.35, 1}, {2, 0.5, 0.8, 1}, {4, 0.5, 0.75, 1}, {5, 0.9, 1.2, 1}, {20, 0.5, 0.9, 1}, {25, 0.6, 1, 1}, {26, 0.6, 1.2, 1}}},
	},
	5: {
		{0.5, []part{{9, 0.9, 1.2, 1}, {10, 0.8, 1.2, 1}, {4, 0.2, 0.4, 0.5}, {7, 0.6, 1, 1}, {6, 0.5, 1, 0.9}, {16, 0.4, 0.9, 0.6}, {25, 0.5, 1, 1}}},
		{0.5, []part{{9, 0.9, 1.2, 1}, {10, 0.8, 1.2, 1}, {4, 0.2, 0.4, 0.5}, {7, 0.6, 1, 1}, {6, 0.5, 1, 0.9}, {17, 0.4, 0.9, 0.9}, {15, 0.1, 0.4, 0.3}}},
	},
	6: {
		{0.7, []part{{1, 0.9, 1.15, 1}, {2, 0.9, 1.15, 1}, {5, 0.8, 1.1, 1}, {25, 0.3, 0.5, 1}, {26, 0.4, 1, 0.6}, {27, 0.6, 1.05, 1}}},
		{0.3, []part{{1, 0.9, 1.15, 1}, {2, 0.9, 1.15, 1}, {5, 0.9, 1.15, 1}, {25, 0.3, 0.6, 1}, {26, 0.8, 1.3, 1}}},
	},
}

// draw makes one person's version of an emotion: which units take part, how
// strongly, and how evenly on both sides.
func draw(emotion int, strength float64, r *rand.Rand) (u units) {
	x := r.Float64()
	for _, way := range prototypes[emotion] {
		if x -= way.share; x >= 0 {
			continue
		}
		for _, p := range way.parts {
			take, level, tilt := r.Float64(), r.Float64(), r.NormFloat64()
			if take >= p.chance {
				continue
			}
			v := strength * mix(p.low, p.high, level)
			tilt = 0.1 * max(-2, min(2, tilt))
			u.set(p.number, v*(1+tilt), v*(1-tilt))
		}
		break
	}
	return u
}
