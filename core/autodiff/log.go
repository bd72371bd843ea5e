package autodiff

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"strconv"
	"strings"
)

// lossLog is a file of losses: a line of column names, then one line a report,
// separated by tabs. A line "#STEP<tab>text" is a warning that was given then. A
// resumed run drops the lines after its step and goes on.
type lossLog struct {
	path    string
	file    *os.File
	columns []string
}

// openLog opens or makes a log for a run that stands at step.
func openLog(path string, step int) (*lossLog, error) {
	l := &lossLog{path: path}
	if err := l.truncate(step); err != nil {
		return nil, err
	}
	return l, nil
}

// truncate drops the lines of later steps, and what a crash left of a line.
func (l *lossLog) truncate(step int) error {
	if l.file != nil {
		l.file.Close()
		l.file = nil
	}
	old, err := os.ReadFile(l.path)
	if err != nil && !os.IsNotExist(err) {
		return fmt.Errorf("train: log %s: %w", l.path, err)
	}
	var keep bytes.Buffer
	l.columns = nil
	for len(old) > 0 {
		end := bytes.IndexByte(old, '\n')
		if end < 0 {
			break
		}
		line := string(old[:end])
		old = old[end+1:]
		cells := strings.Split(line, "\t")
		if cells[0] == "step" {
			l.columns = cells[min(2, len(cells)):]
		} else if n, err := strconv.Atoi(strings.TrimPrefix(cells[0], "#")); err != nil || n > step {
			continue
		}
		keep.WriteString(line + "\n")
	}
	tmp := l.path + ".tmp"
	if err := os.WriteFile(tmp, keep.Bytes(), 0o644); err != nil {
		os.Remove(tmp)
		return fmt.Errorf("train: log: %w: choose a folder that can be written", err)
	}
	if err := os.Rename(tmp, l.path); err != nil {
		return fmt.Errorf("train: log: %w", err)
	}
	if l.file, err = os.OpenFile(l.path, os.O_APPEND|os.O_WRONLY, 0o644); err != nil {
		return fmt.Errorf("train: log: %w", err)
	}
	return nil
}

// write adds a line; a new set of columns gets a new line of names.
func (l *lossLog) write(p Progress) error {
	w := bufio.NewWriter(l.file)
	names := sortedKeys(p.Losses)
	if l.columns == nil || strings.Join(names, "\t") != strings.Join(l.columns, "\t") {
		l.columns = names
		fmt.Fprintf(w, "step\tseconds\t%s\n", strings.Join(names, "\t"))
	}
	fmt.Fprintf(w, "%d\t%.1f", p.Step, p.Elapsed.Seconds())
	for _, n := range names {
		fmt.Fprintf(w, "\t%.6g", p.Losses[n])
	}
	w.WriteByte('\n')
	if err := w.Flush(); err != nil {
		return fmt.Errorf("train: log %s: %w", l.path, err)
	}
	return nil
}

// note adds a warning.
func (l *lossLog) note(step int, text string) error {
	if _, err := fmt.Fprintf(l.file, "#%d\t%s\n", step, strings.Join(strings.Fields(text), " ")); err != nil {
		return fmt.Errorf("train: log %s: %w", l.path, err)
	}
	return nil
}

// Close closes the file.
func (l *lossLog) Close() error {
	if l.file == nil {
		return nil
	}
	return l.file.Close()
}
