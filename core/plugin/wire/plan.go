package wire

import (
	"github.com/atelier-engine/atelier/core/plugin/proto"
	"github.com/atelier-engine/atelier/core/style"
)

// Request is what a style is asked: how to paint a picture of Width x Height
// pixels, both 0 where the size is not known yet, at Intensity: 0 nothing
// changes, 1 the whole style, and up to style.MaxIntensity beyond it; the host
// scales the plan by it itself. Options holds every option of the plugin's
// Info, in its range.
type Request struct {
	Width, Height int
	Intensity     float64
	Options       map[string]float64
}

// Proto translates the request.
func (r *Request) Proto() *proto.PlanRequest {
	return &proto.PlanRequest{
		Width: int64(r.Width), Height: int64(r.Height), Intensity: r.Intensity, Options: r.Options,
	}
}

// RequestFrom is Proto's inverse.
func RequestFrom(m *proto.PlanRequest) Request {
	return Request{
		Width: int(m.GetWidth()), Height: int(m.GetHeight()), Intensity: m.GetIntensity(), Options: m.GetOptions(),
	}
}

// PlanProto translates a plan.
func PlanProto(p *style.Plan) *proto.Plan {
	return &proto.Plan{
		Style: valid(p.Style), Title: valid(p.Title), Description: valid(p.Description),
		Pre: stepsProto(p.Pre), Post: stepsProto(p.Post),
		Network: valid(p.Network), Vector: p.Vector, VectorName: valid(p.VectorName),
		Credits: allValid(p.Credits),
	}
}

// PlanFrom translates an answer and validates it.
func PlanFrom(m *proto.Plan) (*style.Plan, error) {
	p := &style.Plan{
		Style: m.GetStyle(), Title: m.GetTitle(), Description: m.GetDescription(),
		Pre: stepsFrom(m.GetPre()), Post: stepsFrom(m.GetPost()),
		Network: m.GetNetwork(), Vector: m.GetVector(), VectorName: m.GetVectorName(),
		Credits: m.GetCredits(),
	}
	return p, p.Validate()
}

func stepsProto(steps []style.Step) []*proto.Step {
	var out []*proto.Step
	for _, s := range steps {
		params := make(map[string]float64, len(s.Params))
		for k, v := range s.Params {
			params[valid(k)] = v
		}
		out = append(out, &proto.Step{Kernel: valid(s.Kernel), Params: params})
	}
	return out
}

func stepsFrom(steps []*proto.Step) []style.Step {
	var out []style.Step
	for _, s := range steps {
		out = append(out, style.Step{Kernel: s.GetKernel(), Params: s.GetParams()})
	}
	return out
}
