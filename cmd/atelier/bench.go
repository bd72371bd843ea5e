package main

import (
	"errors"
	"fmt"

	"github.com/atelier-engine/atelier/core/engine"
)

type benchCmd struct {
	Rounds int `help:"Repeat each case so often and count the best." default:"5" placeholder:"N"`
}

func (c *benchCmd) Run(s *session) error {
	if c.Rounds < 1 {
		return engine.Usagef("--rounds is %d: it must be at least 1", c.Rounds)
	}
	return s.with(func(e *engine.Engine) error {
		on, err := e.BenchDevice()
		if err != nil {
			return err
		}
		s.printf("%s\n%s", e.BenchMachine(), on)
		var rows [][]string
		err = e.Bench(s.ctx, c.Rounds, func(r engine.BenchResult) {
			rows = append(rows, []string{r.Name, figure(r.Rate / 1e9), r.Share(), fmt.Sprintf("%.3g ms", 1e3*r.Seconds)})
			if s.interactive {
				s.note("%s", r.Name)
			}
		})
		return errors.Join(s.table([]string{"what", "GFLOP/s", "of peak", "time"}, rows), err)
	})
}

func figure(v float64) string { return fmt.Sprintf("%.4g", v) }

// figures writes names and numbers in two columns.
func (s *session) figures(list [][2]any) error {
	var rows [][]string
	for _, f := range list {
		text := fmt.Sprint(f[1])
		if v, ok := f[1].(float64); ok {
			text = figure(v)
		}
		rows = append(rows, []string{fmt.Sprint(f[0]), text})
	}
	return s.table(nil, rows)
}
