package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/atelier-engine/atelier/core/portrait/faces/facestest"
)

func TestDataPrepare(t *testing.T) {
	dir := empty(t)
	data := facestest.WriteCelebA(t, 12)
	picture := filepath.Join(data, "img_align_celeba", "000004.jpg")
	if err := os.Truncate(picture, 0); err != nil {
		t.Fatal(err)
	}
	code, out, errs := try(t, "data", "prepare", data, "-o", "sub/faces.pack", "--side", "32", "--sheet", "sheet.png")
	if code != 0 {
		t.Fatalf("exit code %d: %s", code, errs)
	}
	want := `sub/faces.pack  11 faces of 32x32 pixels  0 with landmarks
CelebA is for non-commercial research only

SPLIT  FACES  MEN  WOMEN
train  3      0    3
valid  4      4    0
test   4      0    4

AGE          FACES  MEN  WOMEN
16 to 24     0      0    0
25 to 34     3      0    3
35 to 44     1      0    1
45 to 59     3      1    2
60 to 74     4      3    1
75 and over  0      0    0

EMOTION    FACES  MEN  WOMEN
neutral    7      4    3
happy      4      0    4
sad        0      0    0
angry      0      0    0
fearful    0      0    0
disgusted  0      0    0
surprised  0      0    0

sheet.png
`
	if d := cmp.Diff(want, out); d != "" {
		t.Error(d)
	}
	for _, want := range []string{"left out 1, an empty file: list_attr_celeba.txt:6: 000004.jpg: it is empty (0 bytes)", "sub/faces.refused.tsv"} {
		if !strings.Contains(errs, want) {
			t.Errorf("%q lacks %q", errs, want)
		}
	}
	if st, err := os.Stat(filepath.Join(dir, "sheet.png")); err != nil || st.Size() == 0 {
		t.Errorf("no sheet: %v", err)
	}
	if code, again, _ := try(t, "data", "show", "sub/faces.pack", "--verify"); code != 0 || !strings.HasPrefix(out, again) {
		t.Errorf("shown, exit code %d:\n%s", code, again)
	}
	if code, out, _ := try(t, "data", "mapping"); code != 0 || !strings.Contains(out, "[[attributes.age]]") {
		t.Errorf("the mapping: exit code %d, %.200s", code, out)
	}
}

func TestDataBadInput(t *testing.T) {
	dir := empty(t)
	for name, text := range map[string]string{"bad.toml": "[emotion]", "other.toml": "[attributes]\ndrop = [\"Blury\"]", "text": "text", "short.pack": "atelier faces 3\n", "old.pack": "atelier faces 1\n" + strings.Repeat("x", 5000)} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	data := facestest.WriteCelebA(t, 3)
	for _, c := range []struct {
		args string
		code int
		want string
	}{
		{"data prepare DATA --format celebra", 2, `--format is "celebra": did you mean "celeba"?`},
		{"data prepare DATA --mapping bad.toml", 2, `bad.toml: unknown key "emotion": did you mean "emotions"?`},
		{"data prepare DATA --mapping none.toml", 2, "none.toml"},
		{"data prepare DATA --mapping other.toml", 3, `attribute "Blury", which list_attr_celeba.txt lacks: did you mean "Blurry"?`},
		{"data prepare DATA --side 5", 3, "a side of 5 pixels"},
		{"data prepare none", 3, "give the folder of a data set"},
		{"data prepare .", 3, "holds no data set"},
		{"data prepare text", 3, "is no packed data set"},
		{"data prepare short.pack", 3, "is cut short"},
		{"data prepare DATA -o text/faces.pack", 5, "choose another folder"},
		{"data show old.pack", 3, "was made by another version"},
		{"train portrait --data none", 2, "none"},
		{"train portrait --data old.pack --lossnet text --source mine --licence CC0 -o m", 4, "text"},
	} {
		args := strings.Fields(strings.ReplaceAll(c.args, "DATA", data))
		code, out, errs := try(t, args...)
		if code != c.code || out != "" || !strings.Contains(errs, c.want) || strings.Count(strings.TrimSpace(errs), "\n") > 0 {
			t.Errorf("%s: exit code %d, want %d; %q %q", c.args, code, c.code, out, errs)
		}
	}
	if left, _ := filepath.Glob("*.p*"); len(left) != 2 { // the two that were there
		t.Errorf("left over: %v", left)
	}
}
