package evaluation

import (
	"fmt"
	"image/color"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"

	"github.com/atelier-engine/atelier/core/picture"
	"github.com/atelier-engine/atelier/core/portrait"
)

// Colours of charts: photographs are grey, warped ones sand, each model has its own.
var (
	photoColour  = color.RGBA{0x9a, 0x9a, 0x9a, 255}
	warpedColour = color.RGBA{0xc9, 0xb4, 0x8a, 255}
	modelColours = []color.Color{color.RGBA{0x1b, 0x6c, 0xa8, 255}, color.RGBA{0xc8, 0x4b, 0x31, 255}, color.RGBA{0x3b, 0x8b, 0x57, 255}, color.RGBA{0x6a, 0x4c, 0x93, 255}}
)

const (
	chartHeight = 340 // pixels
	chartWidth  = 460
)

// Draw shows the report: for each model a sheet of portraits, a row for each
// emotion and a column for each age, women and men, and its confusion matrix;
// then bars of the shares seen as asked, beside those of photographs.
func (r *Report) Draw() (*picture.Picture, error) {
	var rows []*picture.Picture
	for i := range r.Models {
		c := &r.Models[i]
		sheet, err := c.sheet()
		if err != nil {
			return nil, err
		}
		matrix, err := c.matrix()
		if err != nil {
			return nil, err
		}
		rows = append(rows, beside(sheet, matrix))
	}
	bars, err := r.bars()
	if err != nil {
		return nil, err
	}
	groups, err := r.groups()
	if err != nil {
		return nil, err
	}
	return below(append(rows, beside(bars, groups))...), nil
}

// sheet is a contact sheet of the person of the first seed.
func (c *Column) sheet() (*picture.Picture, error) {
	s := picture.Sheet{Title: c.Name, Rows: portrait.Emotions[:], Size: 96}
	for _, age := range gridAges {
		s.Columns = append(s.Columns, fmt.Sprintf("woman %g", age), fmt.Sprintf("man %g", age))
	}
	each := gridCells / emotions
	for k := range emotions {
		s.Cells = append(s.Cells, c.shown[k*each:(k+1)*each])
	}
	return s.Draw()
}

// shares is a confusion matrix as a grid of plotter.HeatMap; rows go up.
type shares struct{ c *Confusion }

func (s shares) Dims() (int, int) { return emotions, emotions }
func (s shares) X(c int) float64  { return float64(c) }
func (s shares) Y(r int) float64  { return float64(r) }
func (s shares) Z(c, r int) float64 {
	asked := emotions - 1 - r
	return float64(s.c[asked][c]) / float64(max(1, s.c.Asked(asked)))
}

// blues is a palette from white to the colour of the first model.
type blues struct{}

func (blues) Colors() []color.Color {
	out := make([]color.Color, 64)
	for i := range out {
		t := float64(i) / 63
		out[i] = color.RGBA{uint8(255 - t*(255-0x1b)), uint8(255 - t*(255-0x6c)), uint8(255 - t*(255-0xa8)), 255}
	}
	return out
}

func (c *Column) matrix() (*picture.Picture, error) {
	p := plot.New()
	p.Title.Text, p.X.Label.Text, p.Y.Label.Text = "emotion asked and seen, percent", "seen", "asked"
	grid := shares{&c.Agreement.Emotions}
	h := plotter.NewHeatMap(grid, blues{})
	h.Min, h.Max = 0, 1
	var at plotter.XYLabels
	for r := range emotions {
		for k := range emotions {
			at.XYs = append(at.XYs, plotter.XY{X: float64(k) - 0.3, Y: float64(r) - 0.1})
			at.Labels = append(at.Labels, fmt.Sprintf("%3.0f", 100*grid.Z(k, r)))
		}
	}
	labels, err := plotter.NewLabels(at)
	if err != nil {
		return nil, fmt.Errorf("draw report: %w", err)
	}
	for i := range labels.TextStyle {
		if grid.Z(i%emotions, i/emotions) > 0.6 {
			labels.TextStyle[i].Color = color.White
		}
	}
	p.Add(h, labels)
	var across, up []plot.Tick
	for k := range emotions {
		across = append(across, plot.Tick{Value: float64(k), Label: emotionName(k)})
		up = append(up, plot.Tick{Value: float64(emotions - 1 - k), Label: emotionName(k)})
	}
	p.X.Tick.Marker, p.Y.Tick.Marker = plot.ConstantTicks(across), plot.ConstantTicks(up)
	return render(p, chartWidth+120, chartHeight+60), nil
}

// bars shows how often each emotion is seen as asked.
func (r *Report) bars() (*picture.Picture, error) {
	names := portrait.Emotions[:]
	return r.chart("emotion seen as asked, share", names, func(c *Column, k int) float64 { return c.Agreement.Emotions.Recall(k) })
}

// groups shows how often the emotion is seen as asked by age band and gender.
func (r *Report) groups() (*picture.Picture, error) {
	var names []string
	for _, b := range bands {
		names = append(names, "w "+b.Name, "m "+b.Name)
	}
	return r.chart("emotion seen as asked, by age and gender", names, func(c *Column, k int) float64 {
		if g := c.Agreement.Groups[k]; g.Pictures > 0 {
			return g.Emotion
		}
		return 0
	})
}

// chart draws groups of bars, one for the photographs and one for each model.
func (r *Report) chart(title string, names []string, value func(c *Column, k int) float64) (*picture.Picture, error) {
	p := plot.New()
	p.Title.Text, p.Y.Min, p.Y.Max, p.Legend.Top = title, 0, 1+0.1*float64(2+len(r.Models)), true
	columns, colours := []*Column{&r.Photographs}, []color.Color{photoColour}
	if r.Warped != nil {
		columns, colours = append(columns, r.Warped), append(colours, warpedColour)
	}
	for i := range r.Models {
		columns, colours = append(columns, &r.Models[i]), append(colours, modelColours[i%len(modelColours)])
	}
	width := vg.Points(36 / float64(len(columns)))
	for i, c := range columns {
		v := make(plotter.Values, len(names))
		for k := range v {
			v[k] = max(0, value(c, k))
		}
		b, err := plotter.NewBarChart(v, width)
		if err != nil {
			return nil, fmt.Errorf("draw report: %w", err)
		}
		b.Color, b.LineStyle.Width = colours[i], 0
		b.Offset = width * vg.Length(float64(i)-float64(len(columns)-1)/2)
		p.Add(b)
		p.Legend.Add(c.Name, b)
	}
	p.NominalX(names...)
	p.Y.Tick.Marker = plot.ConstantTicks{{Value: 0, Label: "0"}, {Value: 0.25, Label: "0.25"}, {Value: 0.5, Label: "0.5"}, {Value: 0.75, Label: "0.75"}, {Value: 1, Label: "1"}}
	return render(p, chartWidth+240, chartHeight), nil
}

// render draws a plot of a size in pixels.
func render(p *plot.Plot, w, h int) *picture.Picture {
	c := vgimg.NewWith(vgimg.UseWH(vg.Length(w)*vg.Inch/96, vg.Length(h)*vg.Inch/96), vgimg.UseDPI(96))
	p.Draw(draw.New(c))
	return picture.FromImage(c.Image())
}

// beside puts pictures next to each other on white.
func beside(pics ...*picture.Picture) *picture.Picture {
	w, h := 0, 0
	for _, p := range pics {
		w, h = w+p.W, max(h, p.H)
	}
	out, x := picture.Filled(w, h, 1, 1, 1), 0
	for _, p := range pics {
		paste(out, p, x, 0)
		x += p.W
	}
	return out
}

// below puts pictures under each other on white.
func below(pics ...*picture.Picture) *picture.Picture {
	w, h := 0, 0
	for _, p := range pics {
		w, h = max(w, p.W), h+p.H
	}
	out, y := picture.Filled(w, h, 1, 1, 1), 0
	for _, p := range pics {
		paste(out, p, 0, y)
		y += p.H
	}
	return out
}

func paste(to, p *picture.Picture, x, y int) {
	for row := range p.H {
		copy(to.Pix[((y+row)*to.W+x)*3:][:p.W*3], p.Pix[row*p.W*3:])
	}
}
