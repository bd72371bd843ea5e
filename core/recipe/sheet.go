package recipe

import (
	"strings"

	"github.com/atelier-engine/atelier/core/plan"
)

// MaxCells bounds the pictures of a contact sheet.
const MaxCells = 400

// Sheet is a contact sheet: pictures row by row, with captions.
type Sheet struct {
	Pictures []*plan.Step
	Across   int      // pictures in a row
	Columns  []string // over each column
	Rows     []string // left of each row
	Names    []string // under each picture
	Title    string
	Note     string
	Size     uint64 // longest side of a picture in pixels; 0: as they are
}

// Contact makes the step that lays pictures out on a sheet.
func Contact(o plan.Origin, s Sheet) *plan.Step {
	p := plan.Params{"across": uint64(s.Across)}
	for name, text := range map[string]string{
		"columns": JoinCaptions(s.Columns), "rows": JoinCaptions(s.Rows), "names": JoinCaptions(s.Names), "title": s.Title, "note": s.Note,
	} {
		if text != "" {
			p[name] = text
		}
	}
	if s.Size > 0 {
		p["size"] = s.Size
	}
	return plan.New(KindSheet, p, o, s.Pictures...)
}

// JoinCaptions writes captions as one parameter of a step, a line each; "" for
// none.
func JoinCaptions(list []string) string {
	lines := make([]string, len(list))
	for i, text := range list {
		lines[i] = strings.Join(strings.Fields(text), " ")
	}
	return strings.TrimRight(strings.Join(lines, "\n"), "\n")
}

// SplitCaptions reads what JoinCaptions wrote.
func SplitCaptions(text string) []string {
	if text == "" {
		return nil
	}
	return strings.Split(text, "\n")
}

// Film is a number of pictures shown one after the other.
type Film struct {
	Frames []*plan.Step
	Rate   float64 // frames a second
	Loops  uint64  // how often it is shown; 0: for ever
	Bounce bool    // and back to the first frame
	Dither string  // of a GIF; "": ordered
}

// filmPart is how many frames a step adds to a film: so many wait as pictures,
// the others are held small.
const filmPart = 16

// Shoot makes the steps that join pictures to a film.
func Shoot(o plan.Origin, f Film) *plan.Step {
	p := plan.Params{"rate": f.Rate, "loops": f.Loops, "bounce": f.Bounce}
	if f.Dither != "" {
		p["dither"] = f.Dither
	}
	first := min(filmPart, len(f.Frames))
	film := plan.New(KindFilm, p, o, f.Frames[:first]...)
	for at := first; at < len(f.Frames); at += filmPart {
		film = plan.New(KindFilmOn, p, o, append([]*plan.Step{film}, f.Frames[at:min(at+filmPart, len(f.Frames))]...)...)
	}
	return film
}

// SaveFilm makes the step that writes a film to a file or a folder.
func SaveFilm(o plan.Origin, film *plan.Step, path string) *plan.Step {
	return plan.New(KindSaveFilm, plan.Params{"path": path}, o, film)
}
