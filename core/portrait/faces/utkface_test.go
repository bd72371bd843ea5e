package faces

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/atelier-engine/atelier/core/portrait/faces/facestest"
)

func TestUTKFaceNames(t *testing.T) {
	m, err := LoadMapping("")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, err   string
		age, gender float64
	}{
		{"25_0_2_20170116174525125.jpg", "", 25, 1},
		{"25_1_2_20170116174525125.jpg.chip.jpg", "", 25, -1},
		{"110_1_0_20170120134639935.jpg", "", 90, -1},
		{"61_1_20170109142408075.jpg", "not AGE_GENDER_RACE_DATE", 0, 0},
		{"39_1_3_.jpg", "", 39, -1},
		{"15_0_0_2017.jpg", "below 16", 0, 0},
		{"130_0_0_2017.jpg", "not a number from 0 to 120", 0, 0},
		{"99999999999999999999_0_0_2017.jpg", "not a number", 0, 0},
		{"25_3_0_2017.jpg", "gender 3", 0, 0},
		{"25_99999999999999999999_0_2017.jpg", "gender 9", 0, 0},
		{"holiday.jpg", "not AGE_GENDER_RACE_DATE", 0, 0},
	} {
		got, err := parseUTKFace(c.name, m)
		if (err == nil) != (c.err == "") || err != nil && !strings.Contains(err.Error(), c.err) {
			t.Errorf("%s: error %v, want %q", c.name, err, c.err)
		}
		if err == nil && (got.Age != c.age || got.Gender != c.gender || got.Emotions != [7]float64{0.5, 0.5}) {
			t.Errorf("%s: %+v", c.name, got)
		}
	}
}

func TestUTKFaceFolder(t *testing.T) {
	dir := facestest.WriteUTKFace(t, 4)
	os.Mkdir(filepath.Join(dir, "part2"), 0o755)
	twice, err := filepath.Glob(filepath.Join(dir, "20_*"))
	if err != nil || len(twice) != 1 {
		t.Fatal(twice, err)
	}
	for _, name := range []string{"part2/" + filepath.Base(twice[0]), "part2/50_1_1_2017.jpg", "notes.txt", "me.png"} {
		os.WriteFile(filepath.Join(dir, name), []byte("x"), 0o644)
	}
	f, in, err := recognise(dir, "")
	if err != nil || f.name != "utkface" {
		t.Fatalf("recognised as %q: %v", f.name, err)
	}
	m, _ := LoadMapping("")
	l, err := readUTKFace(context.Background(), in, m)
	if err != nil {
		t.Fatal(err)
	}
	if len(l.records) != 5 || len(l.refused) != 2 || l.refused[0].File != "me.png" || !strings.Contains(l.refused[1].Why, "there twice: "+filepath.Base(twice[0])) {
		t.Errorf("%d records, refused %v", len(l.records), l.refused)
	}
}

func FuzzUTKFaceName(f *testing.F) {
	f.Add("25_0_2_20170116174525125.jpg.chip.jpg")
	f.Add("1_1_1_.png")
	m, err := LoadMapping("")
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, name string) {
		if c, err := parseUTKFace(name, m); err == nil && c.Check() != nil {
			t.Errorf("%q gives %v", name, c)
		}
	})
}
