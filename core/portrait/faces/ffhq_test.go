package faces

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/atelier-engine/atelier/core/portrait"
	"github.com/atelier-engine/atelier/core/portrait/faces/facestest"
)

// features is a features file of one face.
func features(attributes, landmarks string) string {
	return fmt.Sprintf(`[{"faceRectangle": {"width": 500, "height": 500}, "faceLandmarks": {%s}, "faceAttributes": {%s}}]`, landmarks, attributes)
}

const (
	fiveLandmarks = `"pupilLeft": {"x": 380, "y": 480}, "pupilRight": {"x": 640, "y": 480}, "noseTip": {"x": 512, "y": 600}, "mouthLeft": {"x": 420, "y": 720}, "mouthRight": {"x": 600, "y": 720}`
	woman30       = `"age": 30.0, "gender": "female", "emotion": {"contempt": 0.5, "happiness": 0.5}`
)

func TestFFHQFeatures(t *testing.T) {
	m, err := LoadMapping("")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ name, text, err string }{
		{"a face", features(woman30, fiveLandmarks), ""},
		{"two faces", `[{"faceRectangle": {"width": 9, "height": 9}},` + features(woman30, fiveLandmarks)[1:], ""},
		{"no face", "[]", "no face was found"},
		{"null", "null", "no face was found"},
		{"null faces", "[null]", "no face was found"},
		{"no attributes", `[{"faceRectangle": {"width": 9, "height": 9}}]`, "no face was found"},
		{"broken", features(woman30, fiveLandmarks)[:100], "the features are broken"},
		{"another kind of file", `{"a": 1}`, "the features are broken"},
		{"no age", features(`"gender": "male", "emotion": {"neutral": 1}`, fiveLandmarks), "say no age"},
		{"a child", features(`"age": 3.0, "gender": "male", "emotion": {"neutral": 1}`, fiveLandmarks), "below 16"},
		{"no gender", features(`"age": 30, "emotion": {"neutral": 1}`, fiveLandmarks), `gender ""`},
		{"no emotion", features(`"age": 30, "gender": "male"`, fiveLandmarks), "say no emotion"},
		{"an unknown emotion", features(`"age": 30, "gender": "male", "emotion": {"angry": 1}`, fiveLandmarks), `no emotion "angry": did you mean "anger"?`},
		{"a negative weight", features(`"age": 30, "gender": "male", "emotion": {"anger": -1}`, fiveLandmarks), "anger has a weight of -1"},
		{"no landmarks", features(woman30, ""), "landmark pupilLeft is not there"},
		{"a landmark far away", features(woman30, strings.Replace(fiveLandmarks, "512", "1e9", 1)), "landmark noseTip"},
	} {
		r := record{file: "00000.png"}
		err := parseFFHQ([]byte(c.text), m, &r)
		if (err == nil) != (c.err == "") || err != nil && !strings.Contains(err.Error(), c.err) {
			t.Errorf("%s: error %v, want %q", c.name, err, c.err)
		}
		want := portrait.Condition{Age: 30, Gender: -1, Emotions: [7]float64{0.25, 0.5, 0, 0, 0, 0.25}}
		if err == nil && (r.cond != want || len(r.points) != 5 || r.points[3] != [2]float64{420, 720} || r.frame[0] != 1024) {
			t.Errorf("%s: %+v", c.name, r)
		}
	}
}

func TestFFHQFolder(t *testing.T) {
	dir := facestest.WriteFFHQ(t, 4)
	write := func(name, text string) {
		os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o755)
		os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644)
	}
	write("json/00008.json", features(woman30, fiveLandmarks))
	write("thumbnails128x128/00000/00009.png", "a picture without features")
	write("images1024x1024/00000/00002.png", "the larger edition of a picture")
	write("in-the-wild-images/00000/00000.png", "not aligned")
	f, in, err := recognise(dir, "")
	if err != nil || f.name != "ffhq" {
		t.Fatalf("recognised as %q: %v", f.name, err)
	}
	m, _ := LoadMapping("")
	l, err := readFFHQ(context.Background(), in, m)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, r := range l.records {
		got = append(got, r.file+" "+r.split.String())
	}
	want := []string{"thumbnails128x128/00000/00000.png train", "images1024x1024/00000/00002.png train", "thumbnails128x128/60000/60001.png valid", "thumbnails128x128/60000/60003.png valid"}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	if len(l.refused) != 2 || !strings.Contains(l.refused[0].Why, "no picture 00008") || !strings.Contains(l.refused[1].Why, "no 00009.json") {
		t.Errorf("refused %v", l.refused)
	}
}

func FuzzFFHQ(f *testing.F) {
	f.Add(features(woman30, fiveLandmarks))
	f.Add("[{}]")
	m, err := LoadMapping("")
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, text string) {
		l, r := &labelled{}, record{file: "00000.png"}
		err := parseFFHQ([]byte(text), m, &r)
		l.add(r, err)
		sane(t, l)
	})
}
