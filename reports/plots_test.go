package reports

import (
	"bytes"
	"encoding/xml"
	"image/png"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"ipamsim/sim/result"
)

// pictures are the files that Plots leaves in a folder.
func pictures(t *testing.T, r *result.Result) map[string][]byte {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "made")
	if err := Plots(t.Context(), dir, r); err != nil {
		t.Fatal(err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	files := map[string][]byte{}
	for _, e := range entries {
		if files[e.Name()], err = os.ReadFile(filepath.Join(dir, e.Name())); err != nil {
			t.Fatal(err)
		}
	}
	return files
}

// ofBurst are the pictures of burst. Drawing takes its time.
var ofBurst struct {
	once  sync.Once
	files map[string][]byte
}

func burstPictures(t *testing.T) map[string][]byte {
	t.Helper()
	ofBurst.once.Do(func() { ofBurst.files = pictures(t, burst()) })
	return ofBurst.files
}

func TestPlotsMakesEachPictureTwice(t *testing.T) {
	files := burstPictures(t)
	for _, name := range []string{"pod-start", "addresses-default", "addresses-warm-targets", "failed-adds-default", "pods-warm-targets", "throttles-default", "api-default", "api-warm-targets", "map-default", "maps-default", "maps-warm-targets"} {
		if _, err := png.Decode(bytes.NewReader(files[name+".png"])); err != nil {
			t.Errorf("%s.png: %v", name, err)
		}
		if err := wellFormed(files[name+".svg"]); err != nil {
			t.Errorf("%s.svg: %v", name, err)
		}
	}
	if len(files) != 28 { // the other variant's result is of a time that kept no map of the end
		t.Errorf("%d files", len(files))
	}
}

func wellFormed(text []byte) error {
	decoder := xml.NewDecoder(bytes.NewReader(text))
	for {
		if _, err := decoder.Token(); err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
	}
}

func TestPicturesAreTheSameEachTime(t *testing.T) {
	first, second := burstPictures(t), pictures(t, burst())
	for name, text := range first {
		if !bytes.Equal(text, second[name]) {
			t.Errorf("%s differs", name)
		}
	}
}

func TestPicturesNameWhatTheyShow(t *testing.T) {
	files := burstPictures(t)
	for name, words := range map[string][]string{
		"pod-start.svg":                {"default (1.6 % never)", "warm-targets", "bound to a node until running (s), logarithmic", "share of pods started (%)"},
		"addresses-default.svg":        {"assigned to pods", "cooling", "warm", "primaries", "unmanaged", "others", "free", "virtual time"},
		"api-default.svg":              {"requests per second", "of these throttled", "virtual time"},
		"throttles-default.svg":        {"throttled requests per second"},
		"failed-adds-warm-targets.svg": {"no CNI ADD failed"},
		"pods-warm-targets.svg":        {"no pod lost packets"},
	} {
		for _, w := range words {
			if !strings.Contains(string(files[name]), w) {
				t.Errorf("%s does not say %q", name, w)
			}
		}
	}
}

func TestPicturesOfNothingSaySo(t *testing.T) {
	files := pictures(t, oneQuiet())
	for name, words := range map[string]string{
		"pod-start.svg":         "no pod started in the time that is measured",
		"addresses-default.svg": "there are no samples",
		"api-default.svg":       "there are no samples",
		"pods-default.svg":      "there are no samples",
	} {
		if !strings.Contains(string(files[name]), words) {
			t.Errorf("%s does not say %q", name, words)
		}
	}
}

func TestPicturesStandOddSeries(t *testing.T) {
	one := []result.SubnetSeries{{Name: "a"}}
	for name, series := range map[string]result.Series{
		"one sample":     {AtSeconds: []float64{0}, Subnets: one},
		"no addresses":   {AtSeconds: []float64{0, 1}},
		"no time passes": {AtSeconds: []float64{5, 5}, Subnets: one},
		"all at zero":    {AtSeconds: []float64{0, 1, 2}, Subnets: one, API: []result.ActionSeries{{Action: "CreateTags"}}},
		"from warm-up":   {AtSeconds: []float64{-300, 0, 300}, Subnets: one},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := oneQuiet()
			r.Variants[0].Series = series
			r.Variants[0].Distributions = distributions([]float64{0})
			pictures(t, r)
		})
	}
}

func TestFileNamesAreSafeAndDistinct(t *testing.T) {
	got := fileNames([]result.Variant{{Name: "a/b"}, {Name: "a b"}, {Name: "../x"}, {Name: "plain"}})
	if want := []string{"a-b", "a-b-2", "..-x", "plain"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}
