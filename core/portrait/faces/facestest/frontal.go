package facestest

// Frontal is a face that can be warped, its 68 landmarks in iBUG's order in pixels of a picture of the side.
func Frontal(side float64) *[68][2]float64 {
	var l [68][2]float64
	arc := func(from, to int, x0, x1, y, bend float64) { // points from x0 to x1, bent down in the middle
		for i := from; i <= to; i++ {
			t := float64(i-from) / float64(to-from)
			l[i] = [2]float64{side * (x0 + (x1-x0)*t), side * (y + bend*4*t*(1-t))}
		}
	}
	arc(0, 16, 0.12, 0.88, 0.31, 0.59)
	arc(17, 21, 0.2, 0.4, 0.22, -0.03)
	arc(22, 26, 0.6, 0.8, 0.22, -0.03)
	for i := range 4 {
		l[27+i] = [2]float64{side * 0.5, side * (0.32 + 0.063*float64(i))}
	}
	arc(31, 35, 0.44, 0.56, 0.55, 0.016)
	for eye, x := range []float64{0.335, 0.665} {
		for i, p := range [][2]float64{{-0.06, 0}, {-0.025, -0.022}, {0.025, -0.022}, {0.06, 0}, {0.025, 0.022}, {-0.025, 0.022}} {
			l[36+6*eye+i] = [2]float64{side * (x + p[0]), side * (0.31 + p[1])}
		}
	}
	arc(48, 54, 0.37, 0.63, 0.675, -0.035)
	arc(54, 59, 0.63, 0.41, 0.675, 0.055)
	arc(60, 64, 0.38, 0.62, 0.675, -0.005)
	arc(64, 67, 0.62, 0.46, 0.675, 0.01)
	return &l
}
