package faces

import (
	"bufio"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/atelier-engine/atelier/core/plan"
	"github.com/atelier-engine/atelier/core/portrait"
)

var manifestFormat = format{
	name: "manifest", title: "a table labels.csv and a folder images",
	find: func(dir string) inputs {
		table := filepath.Join(dir, "labels.csv")
		if !isFile(table) {
			return inputs{}
		}
		return inputs{dir: dir, sign: "labels.csv", labels: map[string]string{"labels": table}, folders: []string{filepath.Join(dir, "images")}}
	},
	read: func(ctx context.Context, in inputs, _ *Mapping) (*labelled, error) {
		f, err := os.Open(in.labels["labels"])
		if err != nil {
			return nil, fmt.Errorf("read manifest: %w: give the folder that holds labels.csv", err)
		}
		defer f.Close()
		l, err := readManifest(ctx, f)
		if err != nil {
			return nil, fmt.Errorf("read manifest: %s: %w", in.labels["labels"], err)
		}
		for i := range l.records {
			l.records[i].path = filepath.Join(in.dir, "images", filepath.FromSlash(l.records[i].file))
		}
		return l, nil
	},
}

// readManifest reads a CSV table: file, age, gender, columns p_<emotion>, and
// where there are any split and x0,y0 ... x67,y67. The order of the columns is
// free; rows that make no sense are refused one by one.
func readManifest(ctx context.Context, f io.Reader) (*labelled, error) {
	r := csv.NewReader(bufio.NewReaderSize(f, 1<<16))
	r.FieldsPerRecord = -1
	r.TrimLeadingSpace = true
	head, err := r.Read()
	if err != nil {
		return nil, fmt.Errorf("it has no header: %w: its first line must name file, age, gender and p_<emotion>", err)
	}
	l := &labelled{}
	column, err := l.columns(head)
	if err != nil {
		return nil, err
	}
	for {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		row, err := r.Read()
		if errors.Is(err, io.EOF) {
			return l, nil
		}
		if err != nil { // it names the line
			return nil, fmt.Errorf("%w: repair the line", err)
		}
		rec, err := parseRow(row, column)
		if err == nil && len(row) != len(head) {
			err = refusef(reasonRow, "the row has %d values, the header names %d", len(row), len(head))
		}
		rec.labels = "labels.csv"
		rec.line, _ = r.FieldPos(0)
		l.add(rec, err)
	}
}

// columns finds the places of the columns by their names.
func (l *labelled) columns(head []string) (map[string]int, error) {
	known := []string{"file", "age", "gender", "split"}
	emotions := []string{}
	for _, e := range portrait.Emotions {
		emotions = append(emotions, "p_"+e)
	}
	known = append(known, emotions...)
	for i := range 68 {
		known = append(known, fmt.Sprint("x", i), fmt.Sprint("y", i))
	}
	column := map[string]int{}
	for i, name := range head {
		name = strings.ToLower(strings.TrimSpace(strings.TrimPrefix(name, "\ufeff")))
		switch _, twice := column[name]; {
		case twice:
			return nil, fmt.Errorf("column %q is there twice: remove one", name)
		case slices.Contains(known, name):
		case strings.HasPrefix(name, "p_"):
			return nil, fmt.Errorf("column %q is no emotion%s", name, plan.Hint(name, emotions))
		case len(head) > 1:
			l.notes = append(l.notes, fmt.Sprintf("labels.csv: column %q is not used", oneLine(name)))
		}
		column[name] = i
	}
	for _, name := range known[:3] {
		if _, ok := column[name]; !ok {
			return nil, fmt.Errorf("it has no column %q: its first line must name file, age, gender and p_<emotion>, with commas between", name)
		}
	}
	for _, name := range emotions {
		if _, ok := column[name]; ok {
			return column, nil
		}
	}
	return nil, fmt.Errorf("it has no column of an emotion: add at least one of %s", strings.Join(emotions, ", "))
}

func parseRow(row []string, column map[string]int) (record, error) {
	cell := func(name string) string {
		if i, ok := column[name]; ok && i < len(row) {
			return strings.TrimSpace(row[i])
		}
		return ""
	}
	rec := record{file: filepath.ToSlash(cell("file")), split: unsplit}
	var err error
	if rec.cond.Age, err = parseAge(cell("age")); err != nil {
		return rec, err
	}
	switch strings.ToLower(cell("gender")) {
	case "male", "man", "m", "1":
		rec.cond.Gender = 1
	case "female", "woman", "f", "-1":
		rec.cond.Gender = -1
	default:
		return rec, refusef(reasonGender, "gender %q is neither male nor female", cell("gender"))
	}
	sum := 0.0
	for i, name := range portrait.Emotions {
		v := cell("p_" + name)
		if v == "" {
			continue
		}
		w, err := strconv.ParseFloat(v, 64)
		if err != nil || !(w >= 0 && w <= 1e6) {
			return rec, refusef(reasonEmotion, "p_%s is %q, not a weight of 0 or more", name, v)
		}
		rec.cond.Emotions[i] = w
		sum += w
	}
	if sum == 0 {
		return rec, refusef(reasonEmotion, "all emotion weights are zero")
	}
	switch v := strings.ToLower(cell("split")); v {
	case "":
	case "train", "valid", "test":
		rec.split = Split(slices.Index(splitNames[:], v))
	default:
		return rec, refusef(reasonSplit, "split %q is none%s", v, plan.Hint(v, splitNames[:]))
	}
	if cell("x0") == "" {
		return rec, nil
	}
	rec.points = make([][2]float64, 68)
	for i := range rec.points {
		for k, axis := range []string{"x", "y"} {
			v, err := strconv.ParseFloat(cell(axis+strconv.Itoa(i)), 64)
			if err != nil || !(math.Abs(v) < 1e6) {
				return rec, refusef(reasonLandmarks, "landmark %s%d is %q, not a place in a picture", axis, i, cell(axis+strconv.Itoa(i)))
			}
			rec.points[i][k] = v
		}
	}
	return rec, nil
}

func isFile(path string) bool {
	st, err := os.Stat(path)
	return err == nil && st.Mode().IsRegular()
}

func isFolder(path string) bool {
	st, err := os.Stat(path)
	return err == nil && st.IsDir()
}
