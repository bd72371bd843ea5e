package kernel

import "math"

// paramRow returns the c parameters of sample s: its own row if perSample, else the shared one.
func paramRow(p []float32, s, c int, perSample bool) []float32 {
	if perSample {
		return p[s*c:][:c]
	}
	return p[:c]
}

// InstanceNormPlain is the plain twin of InstanceNorm.
func InstanceNormPlain(y, x, residual, gamma, beta []float32, n, hw, c int, perSample bool, mean, invstd []float32, eps float32, act Act) {
	for s := range n {
		g, b := paramRow(gamma, s, c, perSample), paramRow(beta, s, c, perSample)
		for j := range c {
			var sum, sq float64
			for i := range hw {
				sum += float64(x[(s*hw+i)*c+j])
			}
			mu := sum / float64(hw)
			for i := range hw {
				d := float64(x[(s*hw+i)*c+j]) - mu
				sq += d * d
			}
			inv := 1 / math.Sqrt(sq/float64(hw)+float64(eps))
			mean[s*c+j], invstd[s*c+j] = float32(mu), float32(inv)
			for i := range hw {
				k := (s*hw+i)*c + j
				v := float32((float64(x[k])-mu)*inv)*g[j] + b[j]
				v = activateOne(v, act)
				if residual != nil {
					v += residual[k]
				}
				y[k] = v
			}
		}
	}
}

// InstanceNormGradPlain is the plain twin of InstanceNormGrad.
func InstanceNormGradPlain(dx, dgamma, dbeta, x, dy, gamma, mean, invstd []float32, n, hw, c int, perSample bool) {
	for j := range c {
		var shG, shB float64
		for s := range n {
			g := float64(paramRow(gamma, s, c, perSample)[j])
			mu, inv := float64(mean[s*c+j]), float64(invstd[s*c+j])
			var db, dg float64
			for i := range hw {
				k := (s*hw+i)*c + j
				db += float64(dy[k])
				dg += float64(dy[k]) * (float64(x[k]) - mu) * inv
			}
			for i := range hw {
				k := (s*hw+i)*c + j
				xhat := (float64(x[k]) - mu) * inv
				dx[k] = float32(g * inv * (float64(dy[k]) - db/float64(hw) - xhat*dg/float64(hw)))
			}
			shG, shB = shG+dg, shB+db
			if perSample {
				dgamma[s*c+j], dbeta[s*c+j] = float32(dg), float32(db)
			}
		}
		if !perSample {
			dgamma[j], dbeta[j] = float32(shG), float32(shB)
		}
	}
}

// BatchNormPlain is the plain twin of BatchNorm.
func BatchNormPlain(y, x, gamma, beta []float32, rows, c int, mean, invstd []float32, eps float32, act Act) {
	InstanceNormPlain(y, x, nil, gamma, beta, 1, rows, c, false, mean, invstd, eps, act)
}

// BatchNormGradPlain is the plain twin of BatchNormGrad.
func BatchNormGradPlain(dx, dgamma, dbeta, x, dy, gamma, mean, invstd []float32, rows, c int) {
	InstanceNormGradPlain(dx, dgamma, dbeta, x, dy, gamma, mean, invstd, 1, rows, c, false)
}

// ScaleShiftPlain is the plain twin of ScaleShift.
func ScaleShiftPlain(y, x, residual, scale, shift []float32, rows, c int, act Act) {
	for i := range rows {
		for j := range c {
			k := i*c + j
			v := activateOne(x[k]*scale[j]+shift[j], act)
			if residual != nil {
				v += residual[k]
			}
			y[k] = v
		}
	}
}
