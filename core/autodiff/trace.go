package autodiff

import (
	"bufio"
	"fmt"
	"os"
	"strconv"
	"strings"
)

// Trace is what the log of a run tells: see LoopConfig.Log.
type Trace struct {
	Names  []string           // of the losses, in the order of their first lines
	Points map[string][]Point // the values of each, by step
	Steps  []int              // of the reports
	Pace   []Point            // seconds that a step took, from report to report
	Notes  []Note             // the warnings that were given
}

// Point is the value of a loss at a step.
type Point struct {
	Step  int
	Value float64
}

// Note is a warning.
type Note struct {
	Step int
	Text string
}

// ReadTrace reads a log. What a crash left of its last line, and lines that are
// none of a log, are passed over.
func ReadTrace(path string) (*Trace, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("read the log of losses: %w: give the folder of a training", err)
	}
	defer f.Close()
	t := &Trace{Points: map[string][]Point{}}
	var columns []string
	var lastStep int
	var lastSeconds float64
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		cells := strings.Split(lines.Text(), "\t")
		if cells[0] == "step" {
			columns = cells
			continue
		}
		mark, isNote := strings.CutPrefix(cells[0], "#")
		step, err := strconv.Atoi(mark)
		switch {
		case err != nil || step < 0:
			continue
		case isNote:
			t.Notes = append(t.Notes, Note{step, strings.Join(cells[1:], " ")})
			continue
		case len(cells) != len(columns) || len(cells) < 2:
			continue
		}
		t.Steps = append(t.Steps, step)
		for i, cell := range cells[2:] {
			if v, err := strconv.ParseFloat(cell, 64); err == nil {
				t.add(columns[i+2], Point{step, v})
			}
		}
		if seconds, err := strconv.ParseFloat(cells[1], 64); err == nil {
			// The clock begins anew with each call; the first report of one has no beginning.
			if took := seconds - lastSeconds; took > 0 && step > lastStep && lastSeconds > 0 {
				t.Pace = append(t.Pace, Point{step, took / float64(step-lastStep)})
			}
			lastStep, lastSeconds = step, seconds
		}
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("read the log of losses: %s: %w: is it a log?", path, err)
	}
	return t, nil
}

func (t *Trace) add(name string, p Point) {
	if t.Points[name] == nil {
		t.Names = append(t.Names, name)
	}
	t.Points[name] = append(t.Points[name], p)
}
