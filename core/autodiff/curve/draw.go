package curve

import (
	"bytes"
	"fmt"
	"image/color"
	"os"
	"path/filepath"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"

	"github.com/atelier-engine/atelier/core/autodiff"
)

// The size of a panel, and what lies around the panels.
const (
	panelWidth, panelHeight = 4 * vg.Inch, 2.3 * vg.Inch
	head, gap               = 0.45 * vg.Inch, 0.16 * vg.Inch
	dots                    = 96 // an inch
)

// The colours of the networks, of a guide and of a warning.
var (
	colours = map[string]color.RGBA{"discriminator": {0xc8, 0x4b, 0x31, 255}, "generator": {0x1b, 0x6c, 0xa8, 255}, "": {0x33, 0x55, 0x77, 255}}
	grey    = color.RGBA{0xb0, 0xb0, 0xb0, 255}
	red     = color.RGBA{0xd0, 0x10, 0x30, 255}
)

// Save draws the log of a training (see autodiff.LoopConfig) into a PNG. It is
// written beside its place and renamed. A log with fewer than two reports draws
// nothing, and shown is false.
func Save(log, png string) (shown bool, err error) {
	t, err := autodiff.ReadTrace(log)
	if err != nil {
		return false, err
	}
	b, err := Draw(t, filepath.Base(filepath.Dir(log)))
	if err != nil || b == nil {
		return false, err
	}
	tmp, err := os.CreateTemp(filepath.Dir(png), filepath.Base(png)+".*.tmp")
	if err != nil {
		return false, fmt.Errorf("plot losses: %w: choose a folder that can be written", err)
	}
	defer os.Remove(tmp.Name()) // gone already when all went well
	defer tmp.Close()
	_, err = tmp.Write(b)
	for _, next := range []func() error{tmp.Sync, tmp.Close, func() error { return os.Chmod(tmp.Name(), 0o644) }, func() error { return os.Rename(tmp.Name(), png) }} {
		if err == nil {
			err = next()
		}
	}
	if err != nil {
		return false, fmt.Errorf("plot losses: %w: free some space or choose another folder", err)
	}
	return true, nil
}

// Draw gives the PNG of a trace; nil if there is too little to show.
func Draw(t *autodiff.Trace, name string) ([]byte, error) {
	var plots []*plot.Plot
	for _, p := range panels(t) {
		if drawn, err := p.draw(t); err != nil {
			return nil, fmt.Errorf("plot losses: %s: %w", p.title, err)
		} else if drawn != nil {
			plots = append(plots, drawn)
		}
	}
	if len(plots) == 0 {
		return nil, nil
	}
	columns := min(3, len(plots))
	rows := (len(plots) + columns - 1) / columns
	grid := make([][]*plot.Plot, rows)
	for i := range grid {
		grid[i] = make([]*plot.Plot, columns)
		copy(grid[i], plots[i*columns:min(len(plots), (i+1)*columns)])
	}
	w := vg.Length(columns)*panelWidth + vg.Length(columns+1)*gap
	h := vg.Length(rows)*panelHeight + vg.Length(rows)*gap + head
	canvas := vgimg.NewWith(vgimg.UseWH(w, h), vgimg.UseDPI(dots))
	dc := draw.New(canvas)
	title := fmt.Sprintf("%s, step %d", name, t.Steps[len(t.Steps)-1])
	if n := len(t.Notes); n > 0 {
		title += fmt.Sprintf("; a red line is a warning: the last of %d at step %d", n, t.Notes[n-1].Step)
	}
	dc.FillText(style(12), vg.Point{X: gap, Y: h - 0.3*vg.Inch}, title)
	tiles := draw.Tiles{Rows: rows, Cols: columns, PadX: gap, PadY: gap, PadTop: head, PadBottom: gap, PadLeft: gap, PadRight: gap}
	for i, line := range plot.Align(grid, tiles, dc) {
		for k, c := range line {
			if grid[i][k] != nil {
				grid[i][k].Draw(c)
			}
		}
	}
	var b bytes.Buffer
	if _, err := (vgimg.PngCanvas{Canvas: canvas}).WriteTo(&b); err != nil {
		return nil, fmt.Errorf("plot losses: %w", err)
	}
	return b.Bytes(), nil
}

func style(size font.Length) draw.TextStyle {
	p := plot.New()
	s := p.Title.TextStyle
	s.Font.Size = size
	s.XAlign, s.YAlign = draw.XLeft, draw.YBottom
	return s
}

// draw makes the plot of a panel; nil if no line has two points.
func (p panel) draw(t *autodiff.Trace) (*plot.Plot, error) {
	var lines []line
	for _, l := range p.lines {
		if l.points = finite(l.points); len(l.points) > 1 {
			lines = append(lines, l)
		}
	}
	if len(lines) == 0 {
		return nil, nil
	}
	s := spanOf(lines, p.guides)
	if p.span != nil {
		s = *p.span
	}
	first, end := float64(t.Steps[0]), float64(t.Steps[len(t.Steps)-1])
	out := plot.New()
	out.Title.TextStyle.Font.Size, out.X.Tick.Label.Font.Size, out.Y.Tick.Label.Font.Size, out.Legend.TextStyle.Font.Size = 10, 8, 8, 8
	out.Legend.Top = true
	out.X.Tick.Marker, out.Y.Tick.Marker = ticks{4}, ticks{4}
	if s.log {
		out.Y.Scale, out.Y.Tick.Marker = plot.LogScale{}, plot.LogTicks{Prec: -1}
	}
	for _, n := range t.Notes {
		if err := add(out, red, 0.6, "", plotter.XYs{{X: float64(n.Step), Y: s.lo}, {X: float64(n.Step), Y: s.hi}}); err != nil {
			return nil, err
		}
	}
	for _, g := range p.guides {
		if err := add(out, grey, 0.5, "", plotter.XYs{{X: first, Y: g}, {X: end, Y: g}}); err != nil {
			return nil, err
		}
	}
	const across = 320 // as many pixels as a panel's lines have, or so
	for _, l := range lines {
		c := colours[l.network]
		pale := color.RGBA{pale(c.R), pale(c.G), pale(c.B), 255}
		if err := add(out, pale, 0.5, "", xys(thin(l.points, across), s)); err != nil {
			return nil, err
		}
	}
	out.Title.Text = p.title + ": "
	for i, l := range lines {
		smoothed, label := smooth(l.points), ""
		if len(lines) > 1 {
			label = l.network
		}
		if err := add(out, colours[l.network], 1.4, label, xys(thin(smoothed, across), s)); err != nil {
			return nil, err
		}
		if i > 0 {
			out.Title.Text += ", "
		}
		out.Title.Text += fmt.Sprintf("%.3g", recent(l.points))
	}
	out.X.Min, out.X.Max, out.Y.Min, out.Y.Max = first, max(end, first+1), s.lo, s.hi
	return out, nil
}

func pale(v uint8) uint8 { return uint8(255 - (255-int(v))*3/10) }

// recent is the mean of the last fiftieth of the points, at least five.
func recent(points []autodiff.Point) float64 {
	tail := points[max(0, len(points)-max(5, len(points)/50)):]
	sum := 0.0
	for _, p := range tail {
		sum += p.Value
	}
	return sum / float64(len(tail))
}

// xys are points for a plotter, held within the panel.
func xys(points []autodiff.Point, s span) plotter.XYs {
	out := make(plotter.XYs, len(points))
	for i, p := range points {
		out[i] = plotter.XY{X: float64(p.Step), Y: max(s.lo, min(s.hi, p.Value))}
	}
	return out
}

func add(p *plot.Plot, c color.Color, width vg.Length, label string, points plotter.XYs) error {
	l, err := plotter.NewLine(points)
	if err != nil {
		return err
	}
	l.Color, l.Width = c, vg.Points(float64(width))
	p.Add(l)
	if label != "" {
		p.Legend.Add(label, l)
	}
	return nil
}

// ticks asks the default for few marks with short labels.
type ticks struct{ most int }

func (t ticks) Ticks(lo, hi float64) []plot.Tick {
	all := plot.DefaultTicks{}.Ticks(lo, hi)
	labelled := 0
	for _, k := range all {
		if k.Label != "" {
			labelled++
		}
	}
	every := (labelled + t.most - 1) / max(1, t.most)
	n := 0
	for i := range all {
		if all[i].Label == "" {
			continue
		}
		if n%max(1, every) != 0 {
			all[i].Label = ""
		} else if all[i].Value >= 1000 {
			all[i].Label = fmt.Sprintf("%gk", all[i].Value/1000)
		}
		n++
	}
	return all
}
