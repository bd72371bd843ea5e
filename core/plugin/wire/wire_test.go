package wire

import (
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/proto"

	pb "github.com/atelier-engine/atelier/core/plugin/proto"
	"github.com/atelier-engine/atelier/core/sentiment"
	"github.com/atelier-engine/atelier/core/style"
)

func TestInfo(t *testing.T) {
	good := Info{Name: "a.b-c", Kind: KindStyle, Version: "1", Title: "t", Description: "d", Licence: "l",
		Languages: []string{"en"}, Credits: []string{"c"}, Options: []Option{{"o", "d", 0, 2, 1}}}
	if err := good.Validate(); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(good, InfoFrom(good.Proto())); d != "" {
		t.Errorf("there and back (-want +got):\n%s", d)
	}
	for say, change := range map[string]func(*Info){
		"is not a name":          func(i *Info) { i.Name = "A" },
		`kind is "x"`:            func(i *Info) { i.Kind = "x" },
		"not in 3 to 2":          func(i *Info) { i.Options[0].Min = 3 },
		"default NaN":            func(i *Info) { i.Options[0].Default = math.NaN() },
		"twice":                  func(i *Info) { i.Options = append(i.Options, i.Options[0]) },
		"control characters":     func(i *Info) { i.Title = "\x1b[2J" },
		"at most 64 options":     func(i *Info) { i.Languages = make([]string, 65) },
		"at most 4096 are taken": func(i *Info) { i.Description = strings.Repeat("x", 5000) },
	} {
		bad := InfoFrom(good.Proto())
		change(&bad)
		if err := bad.Validate(); err == nil || !strings.Contains(err.Error(), say) {
			t.Errorf("%v: want %q", err, say)
		}
	}
}

func TestReading(t *testing.T) {
	want := sentiment.Reading{Text: "a\xff sad man", Analyzer: "x", Language: "en", Confidence: .5,
		Emotions: [7]float64{0: .25, 2: .75}, Valence: -.5, Arousal: .5,
		Age: sentiment.Range{Min: 20, Max: 30, Best: 25, Said: true}, Gender: 1, GenderSaid: true,
		Reasons: []sentiment.Reason{{Start: 3, End: 6, Word: "sad", For: "sad", Weight: 2}}, Notes: []string{"n"}}
	got, err := ReadingFrom(want.Text, ReadingProto(&want))
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("there and back (-want +got):\n%s", d)
	}
	if _, err := ReadingFrom("", nil); err == nil {
		t.Error("an empty message is taken")
	}
}

// Whatever bytes a plugin sends, the host gets a valid plan or an error, and
// the plan survives the way there and back.
func FuzzPlan(f *testing.F) {
	good := style.Plan{Style: "a", Network: "style", Vector: []float32{1, 2}, Credits: []string{"c"},
		Pre: []style.Step{{Kernel: "k", Params: map[string]float64{"p": 1}}}}
	seed, err := proto.Marshal(PlanProto(&good))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(seed)
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, data []byte) {
		m := &pb.Plan{}
		if proto.Unmarshal(data, m) != nil {
			return
		}
		p, err := PlanFrom(m)
		if err != nil {
			return
		}
		again, err := PlanFrom(PlanProto(p))
		if err != nil {
			t.Fatalf("a valid plan does not survive: %v", err)
		}
		if len(again.Pre) != len(p.Pre) || again.Style != p.Style || len(again.Vector) != len(p.Vector) {
			t.Fatalf("%+v became %+v", p, again)
		}
		for _, s := range append(again.Pre, again.Post...) {
			for k, v := range s.Params {
				if math.IsNaN(v) || style.CheckName(k) != nil {
					t.Fatalf("bad parameter %q = %v", k, v)
				}
			}
		}
	})
}

// The same for readings, which are sliced by what they say.
func FuzzReading(f *testing.F) {
	r := sentiment.Reading{Emotions: [7]float64{1}, Age: sentiment.DefaultAge, Reasons: []sentiment.Reason{{Start: 0, End: 1}}}
	seed, err := proto.Marshal(ReadingProto(&r))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(seed, "text")
	f.Fuzz(func(t *testing.T, data []byte, text string) {
		m := &pb.Reading{}
		if proto.Unmarshal(data, m) != nil {
			return
		}
		r, err := ReadingFrom(text, m)
		if err != nil {
			return
		}
		for _, w := range r.Reasons {
			_ = text[w.Start:w.End]
		}
		sum := 0.0
		for _, e := range r.Emotions {
			sum += e
		}
		if math.Abs(sum-1) > 0.01 {
			t.Fatalf("emotions sum to %g", sum)
		}
	})
}
