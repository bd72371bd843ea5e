package expression

// curve is a function of one variable through knots with rising x, made of
// cubics with the slopes of Fritsch and Butland, "A method for constructing
// local monotone piecewise cubic interpolants" (1984): it never overshoots its
// knots. Outside it keeps its end values.
type curve struct{ x, y, slope []float64 }

// curveThrough returns ok false when the knots' x do not rise.
func curveThrough(ps ...point) (c curve, ok bool) {
	n := len(ps)
	c = curve{make([]float64, n), make([]float64, n), make([]float64, n)}
	for i, p := range ps {
		c.x[i], c.y[i] = p.x, p.y
		if i > 0 && !(p.x-ps[i-1].x > 1e-3) {
			return c, false
		}
	}
	for i := 1; i < n-1; i++ {
		a := (c.y[i] - c.y[i-1]) / (c.x[i] - c.x[i-1])
		b := (c.y[i+1] - c.y[i]) / (c.x[i+1] - c.x[i])
		if a*b > 0 {
			c.slope[i] = 2 * a * b / (a + b)
		}
	}
	c.slope[0] = (c.y[1] - c.y[0]) / (c.x[1] - c.x[0])
	c.slope[n-1] = (c.y[n-1] - c.y[n-2]) / (c.x[n-1] - c.x[n-2])
	return c, true
}

func (c *curve) at(x float64) float64 {
	n := len(c.x)
	if x <= c.x[0] {
		return c.y[0]
	}
	if x >= c.x[n-1] {
		return c.y[n-1]
	}
	i := 1
	for c.x[i] < x {
		i++
	}
	h := c.x[i] - c.x[i-1]
	t := (x - c.x[i-1]) / h
	s := 1 - t
	return c.y[i-1]*s*s*(1+2*t) + c.y[i]*t*t*(3-2*t) + h*t*s*(c.slope[i-1]*s-c.slope[i]*t)
}
