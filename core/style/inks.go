package style

// Ink is an sRGB colour in [0,1].
type Ink = [3]float32

// Inks are the colours of a cheap four-colour press, paper first, black last.
var Inks = []Ink{
	{.98, .96, .90}, // paper
	{.90, .13, .15}, // red
	{1.0, .85, .10}, // yellow
	{.10, .33, .74}, // blue
	{.38, .74, .90}, // light blue
	{.96, .47, .60}, // pink
	{.98, .57, .13}, // orange
	{.99, .80, .66}, // skin
	{.16, .62, .36}, // green
	{.06, .05, .07}, // black
}
