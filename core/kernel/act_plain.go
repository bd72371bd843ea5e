package kernel

import "math"

// ActivatePlain is the plain twin of Activate.
func ActivatePlain(y, x []float32, a Act) {
	for i, v := range x {
		y[i] = activateOne(v, a)
	}
}

func activateOne(v float32, a Act) float32 {
	switch a {
	case ActReLU:
		if v < 0 {
			return 0
		}
	case ActLeakyReLU:
		if v < 0 {
			return LeakySlope * v
		}
	case ActTanh:
		return float32(math.Tanh(float64(v)))
	case ActSigmoid:
		return float32(1 / (1 + math.Exp(-float64(v))))
	}
	return v
}

// ActivateGradPlain is the plain twin of ActivateGrad.
func ActivateGradPlain(dx, y, dy []float32, a Act) {
	for i, d := range dy {
		v := y[i]
		switch a {
		case ActReLU:
			if !(v > 0) {
				d = 0
			}
		case ActLeakyReLU:
			if !(v > 0) {
				d *= LeakySlope
			}
		case ActTanh:
			d *= 1 - v*v
		case ActSigmoid:
			d *= v * (1 - v)
		}
		dx[i] = d
	}
}
