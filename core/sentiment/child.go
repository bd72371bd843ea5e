package sentiment

import "fmt"

// youngest is the age in years of the youngest person that the portrait
// model makes.
const youngest = 16

// nearestAdult moves an age below the youngest that a portrait can have to
// that age; Min stays what was said. The note says so, "" where nothing had
// to move.
func nearestAdult(r Range) (Range, string) {
	if !r.Said || r.Best >= youngest {
		return r, ""
	}
	said := r.Best
	r.Best, r.Max = youngest, max(r.Max, youngest)
	return r, fmt.Sprintf("the text asks for somebody of about %.0f years: the portrait model has no children, the nearest age it has, %d, is used", said, youngest)
}
