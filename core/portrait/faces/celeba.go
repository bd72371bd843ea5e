package faces

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// CelebA (Liu et al., Deep Learning Face Attributes in the Wild, 2015) comes as
// a folder of aligned photographs and three tables of text: 40 attributes of 1
// or -1, five landmarks, and the official split. They may lie together, or in
// the folders Anno, Eval and Img of the download, or as the .csv files of some
// mirrors.
var celebaFormat = format{
	name: "celeba", title: "CelebA: img_align_celeba and list_attr_celeba.txt", mapped: true,
	terms: "CelebA is for non-commercial research only",
	find: func(dir string) inputs {
		in := inputs{dir: dir, labels: map[string]string{
			"attributes": celebaFile(dir, "list_attr_celeba"),
			"landmarks":  celebaFile(dir, "list_landmarks_align_celeba"),
			"partition":  celebaFile(dir, "list_eval_partition"),
		}}
		if in.labels["attributes"] == "" {
			return inputs{}
		}
		in.sign = filepath.Base(in.labels["attributes"])
		pictures := filepath.Join(dir, "img_align_celeba")
		for _, sub := range []string{"img_align_celeba/img_align_celeba", "img_align_celeba", "Img/img_align_celeba"} {
			if path := filepath.Join(dir, filepath.FromSlash(sub)); isFolder(path) {
				pictures = path
				break
			}
		}
		in.folders = []string{pictures}
		return in
	},
	read: readCelebA,
}

func celebaFile(dir, stem string) string {
	for _, sub := range []string{".", "Anno", "Eval"} {
		for _, end := range []string{".txt", ".csv"} {
			if path := filepath.Join(dir, sub, stem+end); isFile(path) {
				return path
			}
		}
	}
	return ""
}

// celebaSize and celebaPoints are the size of the aligned photographs and the
// mean places of their eyes, nose and corners of the mouth: for photographs
// whose own landmarks are not there.
var (
	celebaSize   = [2]float64{178, 218}
	celebaPoints = [][2]float64{{69, 111}, {108, 111}, {88, 136}, {72, 152}, {105, 152}}
)

func readCelebA(ctx context.Context, in inputs, m *Mapping) (*labelled, error) {
	l := &labelled{}
	points, splits := map[string][][2]float64{}, map[string]Split{}
	for _, part := range []struct {
		role, without string
		parse         func(name string, values []string) error
	}{
		{"landmarks", "there are no landmarks: faces are placed as img_align_celeba has them on average", func(name string, values []string) (err error) {
			points[name], err = celebaLandmarks(values)
			return err
		}},
		{"partition", "there is no official split: every twentieth face is for validation", func(name string, values []string) error {
			i := slices.Index([]string{"0", "1", "2"}, strings.Join(values, " "))
			if i < 0 {
				return refusef(reasonSplit, "split %q is none of 0, 1 and 2", strings.Join(values, " "))
			}
			splits[name] = Split(i)
			return nil
		}},
	} {
		path := in.labels[part.role]
		if path == "" {
			l.notes = append(l.notes, part.without)
			continue
		}
		bad, first := 0, ""
		_, err := l.table(ctx, path, func(line int, name string, values []string) {
			if err := part.parse(name, values); err != nil {
				if bad++; bad == 1 {
					first = fmt.Sprintf("%s:%d: %s: %v", filepath.Base(path), line, oneLine(name), err)
				}
			}
		})
		if err != nil {
			return nil, err
		}
		if bad > 0 {
			l.notes = append(l.notes, fmt.Sprintf("%d rows cannot be read, their pictures are used as if they had none: %s", bad, first))
		}
	}
	path := in.labels["attributes"]
	var names []string
	var bound *boundMapping
	_, err := l.table(ctx, path, func(line int, name string, values []string) {
		r := record{file: name, path: filepath.Join(in.folders[0], filepath.FromSlash(name)), labels: filepath.Base(path), line: line, split: unsplit,
			points: celebaPoints, frame: celebaSize}
		if p, ok := points[name]; ok && p != nil {
			r.points = p
		}
		if s, ok := splits[name]; ok {
			r.split = s
		}
		var err error
		r.cond, err = celebaCondition(bound, names, name, values)
		l.add(r, err)
	}, func(head []string) (err error) {
		names = head
		bound, err = m.bind(filepath.Base(path), head)
		return err
	})
	return l, err
}

// celebaCondition reads the attributes of a row.
func celebaCondition(m *boundMapping, names []string, file string, values []string) (c condition, err error) {
	if len(values) != len(names) {
		return c, refusef(reasonRow, "the row has %d attributes, the header names %d", len(values), len(names))
	}
	there := make([]bool, len(values))
	for i, v := range values {
		switch v {
		case "1", "+1":
			there[i] = true
		case "-1":
		default:
			return c, refusef(reasonAttribute, "%s is %q, neither 1 nor -1", names[i], v)
		}
	}
	return m.condition(file, there)
}

func celebaLandmarks(values []string) ([][2]float64, error) {
	if len(values) != 10 {
		return nil, refusef(reasonLandmarks, "it has %d numbers, not the 10 of five landmarks", len(values))
	}
	points := make([][2]float64, 5)
	for i, v := range values {
		x, err := strconv.ParseFloat(v, 64)
		if err != nil || !(x > -1e6 && x < 1e6) {
			return nil, refusef(reasonLandmarks, "landmark %q is not a place in a picture", v)
		}
		points[i/2][i%2] = x
	}
	return points, nil
}

// table reads one of CelebA's tables: the number of rows, the names of the
// columns (neither in the partition), then a row a line, its values parted by
// any spaces, or commas in a .csv. A count that is wrong is said and not
// believed. It returns the number of rows.
func (l *labelled) table(ctx context.Context, path string, row func(line int, name string, values []string), head ...func([]string) error) (int, error) {
	f, err := os.Open(path)
	if err != nil {
		return 0, fmt.Errorf("read CelebA: %w: check the file", err)
	}
	defer f.Close()
	rows, claimed, err := scanTable(ctx, f, row, head...)
	if err != nil {
		return 0, fmt.Errorf("read CelebA: %s: %w", path, err)
	}
	if claimed >= 0 && claimed != rows {
		l.notes = append(l.notes, fmt.Sprintf("%s: its first line says %d rows, it has %d: those are used", filepath.Base(path), claimed, rows))
	}
	return rows, nil
}

// scanTable is table on a stream. It also returns the number of rows that the
// first line claims, -1 if it claims none.
func scanTable(ctx context.Context, f io.Reader, row func(line int, name string, values []string), head ...func([]string) error) (rows, claimed int, err error) {
	claimed = -1
	s := bufio.NewScanner(f)
	s.Buffer(make([]byte, 0, 1<<16), 1<<20)
	needsHead, blank := len(head) > 0, true
	for line := 1; s.Scan(); line++ {
		if err := ctx.Err(); err != nil {
			return 0, 0, err
		}
		fields := strings.FieldsFunc(strings.TrimPrefix(s.Text(), "\ufeff"), func(r rune) bool { return r == ' ' || r == '\t' || r == '\r' || r == ',' })
		switch {
		case len(fields) == 0:
			continue
		case blank && len(fields) == 1 && !isPicture(fields[0]):
			if claimed, err = strconv.Atoi(fields[0]); err != nil || claimed < 0 {
				return 0, 0, fmt.Errorf("line %d is %q, not the number of rows: is it the right file?", line, oneLine(fields[0]))
			}
		case rows == 0 && !isPicture(fields[0]):
			if fields[0] == "image_id" {
				fields = fields[1:]
			}
			if needsHead {
				if err := head[0](fields); err != nil {
					return 0, 0, fmt.Errorf("line %d: %w", line, err)
				}
			}
			needsHead = false
		case needsHead:
			return 0, 0, fmt.Errorf("line %d: the names of the attributes are not there: copy the file again", line)
		default:
			rows++
			row(line, fields[0], fields[1:])
		}
		blank = false
	}
	if errors.Is(s.Err(), bufio.ErrTooLong) {
		return 0, 0, errors.New("a line has over a megabyte: is it the right file?")
	}
	if err := s.Err(); err != nil {
		return 0, 0, fmt.Errorf("%w: check the disk", err)
	}
	if needsHead {
		return 0, 0, errors.New("it has no header: copy the file again")
	}
	return rows, claimed, nil
}
