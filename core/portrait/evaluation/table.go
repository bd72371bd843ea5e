package evaluation

import (
	"fmt"
)

// Table gives the figures as text: a head of "figure", "photographs", "warped" if
// there are such and the models, then a row for each figure. A dash stands where
// there is none.
func (r *Report) Table() (head []string, rows [][]string) {
	columns := []*Column{&r.Photographs}
	if r.Warped != nil {
		columns = append(columns, r.Warped)
	}
	for i := range r.Models {
		columns = append(columns, &r.Models[i])
	}
	head = []string{"figure"}
	for _, c := range columns {
		head = append(head, c.Name)
	}
	// Of warped photographs only what the judge sees is told.
	only := func(seen bool, name string, f func(c *Column) string) {
		cells := []string{name}
		for _, c := range columns {
			if c == r.Warped && !seen {
				cells = append(cells, "-")
				continue
			}
			cells = append(cells, f(c))
		}
		rows = append(rows, cells)
	}
	row := func(name string, f func(c *Column) string) { only(false, name, f) }
	number := func(name string, f func(c *Column) float64) {
		row(name, func(c *Column) string { return fmt.Sprintf("%.3g", f(c)) })
	}
	share := func(name string, f func(c *Column) float64) {
		row(name, func(c *Column) string { return percent(f(c)) })
	}
	only(true, "pictures", func(c *Column) string { return fmt.Sprint(c.Pictures) })
	only(true, "side", func(c *Column) string { return fmt.Sprint(c.Side) })
	number("Fréchet distance, loss network", func(c *Column) float64 { return c.Frechet })
	number("Fréchet distance, judge", func(c *Column) float64 { return c.FaceFrechet })
	number("density", func(c *Column) float64 { return c.Density })
	number("coverage", func(c *Column) float64 { return c.Coverage })
	only(true, "emotion as asked, mean of those asked", func(c *Column) string { return percent(c.Agreement.Emotion) })
	for k := range emotions {
		only(true, "  "+emotionName(k), func(c *Column) string {
			return fmt.Sprintf("%s of %d", percent(c.Agreement.Emotions.Recall(k)), c.Agreement.Emotions.Asked(k))
		})
	}
	only(true, "gender as asked", func(c *Column) string { return percent(c.Agreement.Gender) })
	only(true, "correlation of age seen and asked", func(c *Column) string { return fmt.Sprintf("%.3g", c.Agreement.Age) })
	only(true, "mean error of age, years", func(c *Column) string { return fmt.Sprintf("%.3g", c.Agreement.AgeError) })
	number("variety within a condition", func(c *Column) float64 { return c.Variety.Within })
	number("the two most alike, distance", func(c *Column) float64 { return c.Variety.Closest })
	number("same person, distance", func(c *Column) float64 { return c.Identity.Same })
	number("another person, distance", func(c *Column) float64 { return c.Identity.Other })
	number("same nearer than another", func(c *Column) float64 { return c.Identity.AUC })
	for _, k := range []struct {
		name string
		of   func(m *Memory) *Copying
	}{{"person", func(m *Memory) *Copying { return &m.Person }}, {"pixels", func(m *Memory) *Copying { return &m.Pixels }}} {
		number("nearest training photograph, "+k.name, func(c *Column) float64 { return k.of(&c.Memory).Nearest })
		share("  nearer than 99% of held-out ones", func(c *Column) float64 { return k.of(&c.Memory).Closer })
		number("  smallest ratio, a copy below "+fmt.Sprint(copyRatio), func(c *Column) float64 { return k.of(&c.Memory).Lowest })
		row("  copies", func(c *Column) string { return fmt.Sprint(k.of(&c.Memory).Copies) })
	}
	return head, rows
}

// Groups gives the figures by age band and gender as text, one table for a
// column: who is seen as asked, and who less.
func (c *Column) Groups() (head []string, rows [][]string) {
	head = []string{c.Name, "pictures", "emotion", "gender", "age seen - asked"}
	for _, g := range c.Agreement.Groups {
		if g.Pictures > 0 {
			rows = append(rows, []string{g.Name, fmt.Sprint(g.Pictures), percent(g.Emotion), percent(g.Gender), fmt.Sprintf("%+.1f years", g.AgeBias)})
		}
	}
	return head, rows
}

// Matrix gives the emotions seen (columns) of those asked (rows), in percent.
func (c *Column) Matrix() (head []string, rows [][]string) {
	head = []string{c.Name + ": asked"}
	for k := range emotions {
		head = append(head, emotionName(k))
		row := []string{emotionName(k)}
		asked := c.Agreement.Emotions.Asked(k)
		for seen := range emotions {
			text := "-"
			if asked > 0 {
				text = fmt.Sprintf("%.0f", 100*float64(c.Agreement.Emotions[k][seen])/float64(asked))
			}
			row = append(row, text)
		}
		rows = append(rows, row)
	}
	return head, rows
}

// percent writes a share; a negative one is none.
func percent(v float64) string {
	if v < 0 {
		return "-"
	}
	return fmt.Sprintf("%.1f%%", 100*v)
}
