package picture

import "context"

// OpenRaster reads the picture in a file into a raster: orientation applied,
// metadata read. Errors are of type *Error.
func OpenRaster(ctx context.Context, path string, l Limits, o RasterOptions) (*Raster, error) {
	p, err := l.Open(path)
	if err != nil {
		return nil, err
	}
	r, err := NewRaster(p.W, p.H, 16, p.Alpha != nil, o)
	if err != nil {
		return nil, err
	}
	r.Meta, r.Notes = p.Meta, p.Notes
	if err := r.Write(0, 0, p); err != nil {
		r.Close()
		return nil, err
	}
	return r, ctx.Err()
}

// SaveRaster writes the raster as PNG or JPEG by the ending of path, with its
// metadata, atomically.
func SaveRaster(ctx context.Context, path string, r *Raster, o SaveOptions) error {
	p, err := r.Picture()
	if err != nil {
		return err
	}
	o.Deep = o.Deep || r.depth == 16
	return SaveContext(ctx, path, p, o)
}
