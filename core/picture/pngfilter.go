package picture

// Filters of a row (PNG specification, 9.2). What follows them compresses
// bytes near zero, of either sign, best: the filter with the least sum of
// absolute values is a good guess (section 12.7).

// filter returns the row behind its filter's number; n is the bytes a pixel.
// small tries all filters, otherwise the two that pay off for their time.
func (s *pngSegmentWriter) filter(row, up []byte, n int, small bool) []byte {
	best, least := 0, int(^uint(0)>>1)
	for _, k := range pngFilters(small) {
		if len(s.try[k]) != len(row)+1 {
			s.try[k] = make([]byte, len(row)+1)
			s.try[k][0] = byte(k)
		}
		out := s.try[k][1:]
		applyFilter(k, out, row, up, n)
		sum := 0
		for _, v := range out {
			sum += abs(int(int8(v)))
		}
		if sum < least {
			best, least = k, sum
		}
	}
	return s.try[best]
}

func pngFilters(small bool) []int {
	if small {
		return []int{2, 4, 3, 1, 0}
	}
	return []int{1, 2}
}

func applyFilter(k int, out, row, up []byte, n int) {
	m := min(n, len(row))
	up = up[:len(row)]
	out = out[:len(row)]
	switch k {
	case 0:
		copy(out, row)
	case 1:
		copy(out, row[:m])
		left := row[:len(row)-m]
		for i, v := range row[m:] {
			out[i+m] = v - left[i]
		}
	case 2:
		for i, v := range row {
			out[i] = v - up[i]
		}
	case 3:
		for i := range m {
			out[i] = row[i] - up[i]/2
		}
		for i := m; i < len(row); i++ {
			out[i] = row[i] - byte((int(row[i-m])+int(up[i]))/2)
		}
	case 4:
		for i := range m {
			out[i] = row[i] - up[i]
		}
		for i := m; i < len(row); i++ {
			a, b, c := int(row[i-m]), int(up[i]), int(up[i-m])
			pa, pb := b-c, a-c
			pc := abs(pa + pb)
			pa, pb = abs(pa), abs(pb)
			if pa > pb || pa > pc {
				a = b
				if pb > pc {
					a = c
				}
			}
			out[i] = row[i] - byte(a)
		}
	}
}
