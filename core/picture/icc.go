package picture

type conversion struct{}

func (c *conversion) convert(p *Picture) {}

func conversionOf(f Format, s source) (*conversion, []string) { return nil, nil }
