package faces

import (
	"bufio"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/atelier-engine/atelier/core/portrait"
)

// record is one labelled photograph of a data set.
type record struct {
	file  string
	line  int // of the file of labels
	cond  portrait.Condition
	split Split

	// Landmarks in pixels of the photograph: 68 in iBUG's order, or 5 (the left
	// eye in the picture, the right one, nose, left and right corner of the
	// mouth), or nil.
	points [][2]float64
}

// readManifest reads a CSV manifest: file, age, gender, p_<emotion> columns,
// and optionally x0,y0 ... x67,y67. The order of the columns is free; rows
// that make no sense are refused one by one.
func readManifest(path string) ([]record, []Refused, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, nil, fmt.Errorf("read manifest: %w: give the folder that holds labels.csv", err)
	}
	defer f.Close()
	r := csv.NewReader(bufio.NewReaderSize(f, 1<<20))
	r.FieldsPerRecord = -1
	r.TrimLeadingSpace = true
	head, err := r.Read()
	if err != nil {
		return nil, nil, fmt.Errorf("read manifest: %s has no header: %w", path, err)
	}
	column := map[string]int{}
	for i, name := range head {
		column[strings.ToLower(strings.TrimSpace(strings.TrimPrefix(name, "\ufeff")))] = i
	}
	for _, name := range []string{"file", "age", "gender"} {
		if _, ok := column[name]; !ok {
			return nil, nil, fmt.Errorf("read manifest: %s has no column %q: its first line must name file, age, gender and p_<emotion>", path, name)
		}
	}
	var all []record
	var refused []Refused
	seen := map[string]bool{}
	for {
		row, err := r.Read()
		if errors.Is(err, io.EOF) {
			return all, refused, nil
		}
		if err != nil { // it names the line
			return nil, nil, fmt.Errorf("read manifest: %s: %w: repair the line", path, err)
		}
		line, _ := r.FieldPos(0)
		rec, err := parseRow(row, column)
		if err == nil && seen[rec.file] {
			err = errors.New("named twice")
		}
		if err != nil {
			refused = append(refused, Refused{Row: line, File: rec.file, Why: err.Error()})
			continue
		}
		seen[rec.file], rec.line = true, line
		all = append(all, rec)
	}
}

func parseRow(row []string, column map[string]int) (record, error) {
	cell := func(name string) string {
		if i, ok := column[name]; ok && i < len(row) {
			return strings.TrimSpace(row[i])
		}
		return ""
	}
	rec := record{file: cell("file"), split: unsplit}
	if rec.file == "" || !filepath.IsLocal(rec.file) {
		return rec, fmt.Errorf("file name %q is empty or leads out of the folder", rec.file)
	}
	var err error
	if rec.cond.Age, err = strconv.ParseFloat(cell("age"), 64); err != nil || rec.cond.Age < portrait.MinAge || rec.cond.Age > 120 {
		return rec, fmt.Errorf("age %q is not a number from %d to 120", cell("age"), portrait.MinAge)
	}
	rec.cond.Age = min(rec.cond.Age, portrait.MaxAge)
	switch strings.ToLower(cell("gender")) {
	case "male", "man", "1":
		rec.cond.Gender = 1
	case "female", "woman", "-1":
		rec.cond.Gender = -1
	default:
		return rec, fmt.Errorf("gender %q is neither male nor female", cell("gender"))
	}
	for i, name := range portrait.Emotions {
		v := cell("p_" + name)
		if v == "" {
			continue
		}
		if rec.cond.Emotions[i], err = strconv.ParseFloat(v, 64); err != nil {
			return rec, fmt.Errorf("p_%s is %q, not a number", name, v)
		}
	}
	if err := rec.cond.Check(); err != nil {
		return rec, err
	}
	if cell("x0") == "" {
		return rec, nil
	}
	rec.points = make([][2]float64, 68)
	for i := range rec.points {
		for k, axis := range []string{"x", "y"} {
			v, err := strconv.ParseFloat(cell(axis+strconv.Itoa(i)), 64)
			if err != nil || !(math.Abs(v) < 1e6) {
				return rec, fmt.Errorf("landmark %s%d is %q, not a place in a picture", axis, i, cell(axis+strconv.Itoa(i)))
			}
			rec.points[i][k] = v
		}
	}
	return rec, nil
}
