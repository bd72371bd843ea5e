package training

import (
	"fmt"
	"image/color"
	"os"
	"strconv"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
)

// plotLosses draws the losses in a log (see autodiff.Loop) over the steps, on a
// logarithmic scale. A log with fewer than two lines draws nothing.
func plotLosses(log, png string) error {
	b, err := os.ReadFile(log)
	if os.IsNotExist(err) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("plot losses: %w", err)
	}
	lines := map[string]plotter.XYs{}
	var names, order []string
	for _, text := range strings.Split(string(b), "\n") {
		cells := strings.Split(text, "\t")
		if cells[0] == "step" {
			names = cells
			continue
		}
		step, err := strconv.ParseFloat(cells[0], 64)
		if err != nil || len(cells) != len(names) {
			continue
		}
		for i, cell := range cells[min(2, len(cells)):] {
			name := names[i+2]
			if v, err := strconv.ParseFloat(cell, 64); err == nil && v > 0 && name != "gradient" {
				if lines[name] == nil {
					order = append(order, name)
				}
				lines[name] = append(lines[name], plotter.XY{X: step, Y: v})
			}
		}
	}
	p := plot.New()
	p.X.Label.Text, p.Y.Label.Text = "step", "loss"
	p.Y.Scale, p.Y.Tick.Marker = plot.LogScale{}, plot.LogTicks{Prec: -1}
	p.Legend.Top = true
	colours := []color.Color{color.RGBA{0x1b, 0x6c, 0xa8, 255}, color.RGBA{0xc8, 0x4b, 0x31, 255}, color.RGBA{0x3b, 0x8b, 0x57, 255}, color.RGBA{0x6a, 0x4c, 0x93, 255}}
	drawn := 0
	for i, name := range order {
		if len(lines[name]) < 2 {
			continue
		}
		l, err := plotter.NewLine(lines[name])
		if err != nil {
			return fmt.Errorf("plot losses: %s: %w", name, err)
		}
		l.Color, l.Width = colours[i%len(colours)], vg.Points(1.2)
		p.Add(l)
		p.Legend.Add(name, l)
		drawn++
	}
	if drawn == 0 {
		return nil
	}
	tmp := png + ".new.png"
	if err := p.Save(9*vg.Inch, 5*vg.Inch, tmp); err != nil {
		return fmt.Errorf("plot losses: %w", err)
	}
	return os.Rename(tmp, png)
}
