package picture

import (
	"fmt"
	"image"
	"image/color"
	"image/draw"

	"golang.org/x/image/font"
)

// Sheet is a contact sheet: rows of pictures with captions. Margins and
// letters grow with the cells. The zero value of every field but Cells is
// ready for use.
type Sheet struct {
	Title   string
	Note    string       // small line under the pictures
	Columns []string     // caption over each column; may be shorter than the rows
	Rows    []string     // caption left of each row
	Cells   [][]*Picture // rows of pictures; nil leaves a gap
	Names   [][]string   // caption under each picture; may be shorter than the cells
	Size    int          // longest side of a picture in pixels; 0: as they are
	Letters int          // least height of the letters in pixels; 0: 11
	Dark    bool         // dark background, light letters
}

// sheetLayout is measured in pixels.
type sheetLayout struct {
	w, h               int
	cellW, cellH, cols int
	rowH               []int // of the pictures of each row: standing and lying ones may meet
	rowY               []int // top of each row below the first
	unit, gap, margin  int
	labelW, headH      int // row captions and column captions
	titleH, noteH      int
	head, rows         [][]string
	names              [][][]string
	title, note        []string
}

// Draw lays the sheet out. It errs when there is no picture, one is broken, or
// the sheet would be over 150 megapixels.
func (s Sheet) Draw() (*Picture, error) {
	cells, sizes, err := s.fit()
	if err != nil {
		return nil, err
	}
	l, faces, err := s.lay(sizes)
	if err != nil {
		return nil, err
	}
	defer faces.close()
	w, h := l.w, l.h
	bg, ink := color.RGBA{255, 255, 255, 255}, color.RGBA{28, 28, 30, 255}
	if s.Dark {
		bg, ink = color.RGBA{22, 22, 24, 255}, color.RGBA{236, 236, 238, 255}
	}
	m := image.NewRGBA(image.Rect(0, 0, w, h))
	draw.Draw(m, m.Bounds(), image.NewUniform(bg), image.Point{}, draw.Src)
	pen := pen{m, image.NewUniform(ink)}

	pen.lines(faces.title, l.margin, l.margin, w-2*l.margin, l.title, left)
	top := l.margin + l.titleH
	for c := range l.cols {
		if c < len(l.head) {
			n := len(l.head[c]) * lineHeight(faces.text)
			pen.lines(faces.text, l.x(c), top+l.headH-n-l.unit/3, l.cellW, l.head[c], centre)
		}
	}
	top += l.headH
	for r, row := range cells {
		y := top + l.rowY[r]
		if r < len(l.rows) {
			n := len(l.rows[r]) * lineHeight(faces.text)
			pen.lines(faces.text, l.margin, y+(l.rowH[r]-n)/2, l.labelW-l.unit, l.rows[r], right)
		}
		for c, p := range row {
			if p != nil {
				at := image.Pt(l.x(c)+(l.cellW-p.W)/2, y+(l.rowH[r]-p.H)/2)
				draw.Draw(m, image.Rect(0, 0, p.W, p.H).Add(at), p.ToImage(), image.Point{}, draw.Over)
			}
			if r < len(l.names) && c < len(l.names[r]) {
				pen.lines(faces.text, l.x(c), y+l.rowH[r]+l.unit/4, l.cellW, l.names[r][c], centre)
			}
		}
	}
	pen.lines(faces.note, l.margin, h-l.margin-l.noteH+l.unit/2, w-2*l.margin, l.note, left)
	return FromImage(m), nil
}

// Bounds is the size in pixels that the sheet has with pictures of the given
// sizes in the place of its cells. It errs as Draw does.
func (s Sheet) Bounds(sizes [][]image.Point) (w, h int, err error) {
	l, faces, err := s.lay(sizes)
	if err != nil {
		return 0, 0, err
	}
	faces.close()
	return l.w, l.h, nil
}

// lay finds the place of everything for pictures of the given sizes; a size of
// 0 is a gap.
func (s Sheet) lay(sizes [][]image.Point) (sheetLayout, *faces, error) {
	l := sheetLayout{rowH: make([]int, len(sizes))}
	for r, row := range sizes {
		l.cols = max(l.cols, len(row))
		for _, p := range row {
			l.cellW, l.cellH = max(l.cellW, p.X), max(l.cellH, p.Y)
			l.rowH[r] = max(l.rowH[r], p.Y)
		}
	}
	if l.cellW == 0 {
		return l, nil, fmt.Errorf("sheet: there is no picture in it: give at least one")
	}
	l.unit = max(11, s.Letters, max(l.cellW, l.cellH)/14)
	l.gap, l.margin = max(2, l.unit/2), l.unit+l.unit/2
	f, err := newFaces(l.unit)
	if err != nil {
		return l, nil, err
	}
	s.measure(&l, f)
	l.w = 2*l.margin + l.labelW + l.cols*l.cellW + (l.cols-1)*l.gap
	l.h = 2*l.margin + l.titleH + l.headH + l.rowY[len(sizes)] - l.gap + l.noteH
	if l.w > maxPicturePixels/l.h {
		f.close()
		return l, nil, fmt.Errorf("sheet: it would be %dx%d pixels, over the limit of %s megapixels: set a smaller Size", l.w, l.h, mega(maxPicturePixels))
	}
	return l, f, nil
}

// x is the left edge of a column.
func (l *sheetLayout) x(c int) int { return l.margin + l.labelW + c*(l.cellW+l.gap) }

// fit checks and resizes the pictures, and gives their sizes.
func (s Sheet) fit() ([][]*Picture, [][]image.Point, error) {
	if s.Size < 0 || s.Size > 1<<14 {
		return nil, nil, fmt.Errorf("sheet: a picture size of %d: give up to %d pixels, or 0 to keep them as they are", s.Size, 1<<14)
	}
	cells, sizes := make([][]*Picture, len(s.Cells)), make([][]image.Point, len(s.Cells))
	for r, row := range s.Cells {
		cells[r], sizes[r] = make([]*Picture, len(row)), make([]image.Point, len(row))
		for c, p := range row {
			if p == nil {
				continue
			}
			if err := p.Check(); err != nil {
				return nil, nil, fmt.Errorf("sheet: row %d, column %d: %w", r+1, c+1, err)
			}
			if s.Size > 0 {
				k := float64(s.Size) / float64(max(p.W, p.H))
				var err error
				if p, err = p.Resize(max(1, int(float64(p.W)*k+0.5)), max(1, int(float64(p.H)*k+0.5))); err != nil {
					return nil, nil, err
				}
			}
			cells[r][c], sizes[r][c] = p, image.Pt(p.W, p.H)
		}
	}
	return cells, sizes, nil
}

// measure wraps all texts and reserves their room.
func (s Sheet) measure(l *sheetLayout, f *faces) {
	if anyText(s.Rows) {
		widest := 0
		for _, t := range s.Rows {
			widest = max(widest, font.MeasureString(f.text, t).Ceil())
		}
		l.labelW = min(widest, max(l.cellW, 12*l.unit)) + l.unit
		for r, t := range s.Rows[:min(len(s.Rows), len(l.rowH))] {
			l.rows = append(l.rows, wrap(f.text, t, l.labelW-l.unit, max(1, l.rowH[r]/lineHeight(f.text))))
		}
	}
	l.rowY = make([]int, len(l.rowH)+1)
	for r, h := range l.rowH {
		l.rowY[r+1] = l.rowY[r] + max(h, l.unit) + l.gap
		if r < len(s.Names) && anyText(s.Names[r]) {
			most := 0
			var names [][]string
			for _, t := range s.Names[r][:min(len(s.Names[r]), l.cols)] {
				names = append(names, wrap(f.text, t, l.cellW, 3))
				most = max(most, len(names[len(names)-1]))
			}
			l.names = append(l.names, names)
			l.rowY[r+1] += most*lineHeight(f.text) + l.unit/2
		} else {
			l.names = append(l.names, nil)
		}
	}
	if anyText(s.Columns) {
		most := 0
		for _, t := range s.Columns {
			l.head = append(l.head, wrap(f.text, t, l.cellW, 4))
			most = max(most, len(l.head[len(l.head)-1]))
		}
		l.headH = most*lineHeight(f.text) + l.unit/3
	}
	width := l.labelW + l.cols*l.cellW + (l.cols-1)*l.gap
	if s.Title != "" {
		l.title = wrap(f.title, s.Title, width, 4)
		l.titleH = len(l.title)*lineHeight(f.title) + l.unit/2
	}
	if s.Note != "" {
		l.note = wrap(f.note, s.Note, width, 6)
		l.noteH = len(l.note)*lineHeight(f.note) + l.unit/2
	}
}

func anyText(ts []string) bool {
	for _, t := range ts {
		if t != "" {
			return true
		}
	}
	return false
}
