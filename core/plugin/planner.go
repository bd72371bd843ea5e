package plugin

import (
	"context"
	"fmt"
	"strings"

	"github.com/atelier-engine/atelier/core/plugin/proto"
	"github.com/atelier-engine/atelier/core/plugin/wire"
	"github.com/atelier-engine/atelier/core/style"
)

// Plan asks the style plugin of this name how to paint a picture. The
// request's options are checked against those that the plugin describes and
// completed with their defaults; the plan is validated.
func (s *Supervisor) Plan(ctx context.Context, name string, r Request) (*style.Plan, error) {
	if r.Width < 0 || r.Height < 0 || !(r.Intensity >= 0 && r.Intensity <= style.MaxIntensity) {
		return nil, &Error{Name: name, Err: fmt.Errorf("%w: a picture of %dx%d pixels at intensity %g: want no negative size, and 0 to %g",
			ErrRequest, r.Width, r.Height, r.Intensity, style.MaxIntensity)}
	}
	var plan *style.Plan
	err := s.call(ctx, name, wire.KindStyle, func(ctx context.Context, p *process) error {
		full := r
		var err error
		if full.Options, err = complete(p.info.Options, r.Options); err != nil {
			return err
		}
		resp, err := proto.NewStyleClient(p.conn).Plan(ctx, full.Proto())
		if err != nil {
			return err
		}
		if plan, err = wire.PlanFrom(resp.GetPlan()); err != nil {
			return fmt.Errorf("%w: %w", ErrAnswer, err)
		}
		if plan.Style != name {
			return fmt.Errorf("%w: its plan is for style %.80q", ErrAnswer, plan.Style)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return plan, nil
}

// complete checks the given options and adds the defaults of the others.
func complete(known []Option, given map[string]float64) (map[string]float64, error) {
	full := make(map[string]float64, len(known))
	names := make([]string, len(known))
	for i, o := range known {
		full[o.Name], names[i] = o.Default, o.Name
		v, ok := given[o.Name]
		if !ok {
			continue
		}
		if !(v >= o.Min && v <= o.Max) {
			return nil, fmt.Errorf("%w: option %s is %g: want %g to %g", ErrRequest, o.Name, v, o.Min, o.Max)
		}
		full[o.Name] = v
	}
	for k := range given {
		if _, ok := full[k]; ok {
			continue
		}
		switch near := nearest(k, names); {
		case near != "":
			return nil, fmt.Errorf("%w: it has no option %.80q: did you mean %q?", ErrRequest, k, near)
		case len(names) > 0:
			return nil, fmt.Errorf("%w: it has no option %.80q: use one of %s", ErrRequest, k, strings.Join(names, ", "))
		default:
			return nil, fmt.Errorf("%w: it has no option %.80q, nor any other: leave it out", ErrRequest, k)
		}
	}
	return full, nil
}
