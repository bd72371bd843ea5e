package faces

import (
	"context"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/atelier-engine/atelier/core/portrait"
)

// record is one labelled photograph of a data set.
type record struct {
	file   string // as the data set names it, with slashes
	path   string // where it is
	labels string // the file that labels it, for messages; may be empty
	line   int    // of that file
	cond   portrait.Condition
	split  Split

	// Landmarks in pixels of the photograph: 68 in iBUG's order, or 5 (the left
	// eye in the picture, the right one, nose, left and right corner of the
	// mouth), or nil.
	points [][2]float64
	frame  [2]float64 // width and height that the landmarks are measured in; 0: the photograph's
}

// format is a kind of data set.
type format struct {
	name, title string
	terms       string // what may be done with it
	mapped      bool   // whether its labels go through the mapping

	// find looks for what belongs to such a data set in a folder; without a sign
	// there is none.
	find func(dir string) inputs
	read func(ctx context.Context, in inputs, m *Mapping) (*labelled, error)
}

// inputs are the files of a data set.
type inputs struct {
	dir     string
	sign    string            // by which it is recognised; empty: this is no such data set
	labels  map[string]string // paths of the files of labels by role; an absent one is empty
	folders []string          // of pictures, and of labels that are a file each
}

// labelled is what the labels of a data set say.
type labelled struct {
	records []record
	refused []Refused
	notes   []string // what a person should know of the labels as a whole
	seen    map[string]bool
}

// add keeps a record, or says why not.
func (l *labelled) add(r record, err error) {
	if l.seen == nil {
		l.seen = map[string]bool{}
	}
	if err == nil {
		switch key := filepath.ToSlash(r.file); {
		case r.file == "" || !filepath.IsLocal(filepath.FromSlash(key)):
			err = refusef(reasonName, "the file name %q is empty or leads out of the folder", r.file)
		case len(key) > maxName:
			err = refusef(reasonName, "the file name has %d bytes: at most %d can be kept", len(key), maxName)
		case l.seen[key]:
			err = refusef(reasonTwice, "named twice: the first one is used")
		default:
			l.seen[key] = true
			err = r.cond.Check()
		}
	}
	if err != nil {
		l.refused = append(l.refused, r.refuse(err))
		return
	}
	l.records = append(l.records, r)
}

// formats are the kinds of data sets, in the order of messages.
var formats = []format{manifestFormat, celebaFormat, utkfaceFormat, ffhqFormat}

// Formats names them.
func Formats() []string {
	var names []string
	for _, f := range formats {
		names = append(names, f.name)
	}
	return names
}

// parseAge reads years; those over the oldest that a portrait can have count
// as it.
func parseAge(text string) (float64, error) {
	age, err := strconv.ParseFloat(text, 64)
	if err != nil || !(age >= 0 && age <= 120) {
		return 0, refusef(reasonAge, "age %q is not a number from 0 to 120", text)
	}
	if age < portrait.MinAge {
		return 0, refusef(reasonAge, "age %q is below %d: the model makes no children", text, portrait.MinAge)
	}
	return min(age, portrait.MaxAge), nil
}

// isPicture tells from a name whether it is one of a picture.
func isPicture(name string) bool {
	switch strings.ToLower(filepath.Ext(name)) {
	case ".jpg", ".jpeg", ".png", ".webp", ".tif", ".tiff", ".bmp":
		return true
	}
	return false
}
