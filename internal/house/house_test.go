// Package house holds the rules that the layout of this repository keeps.
package house

import (
	"bytes"
	"encoding/json"
	"errors"
	"go/format"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const module = "ipamsim"

// floors lists the packages from the roof down. A package imports only from
// floors below its own.
var floors = [][]string{
	{"cmd/ipamsim", "validation/live/realdaemon", "validation/live/judge"},
	{"reports/ci", "serving"},
	{"reports/html", "reports/openmetrics", "reports/cloudtrail", "reports/answers", "reports/incidents", "reports/comparison", "reports/calibration", "reports/tables"},
	{"reports"},
	{"reports/page", "reports/chart"},
	{"scenarios/calibration"},
	{"scenarios/clusterimport"},
	{"model", "limits", "sim/clusterexport", "validation/live"},
	{"sim/suite"},
	{"sim/tuning"},
	{"sim/remedy", "sim/experiment", "sim/planning", "sim/incident", "sim/compare", "sim/sensitivity"},
	{"sim", "sim/explain", "sim/inspect", "sim/scrape"},
	{"sim/jobs"},
	{"sim/recording"},
	{"sim/fleet"},
	{"sim/measure"},
	{"sim/machine"},
	{"sim/findings", "sim/fault"},
	{"scenarios/scenariotest"},
	{"validation", "scenarios", "sim/cluster", "sim/awscni"},
	{"sim/controller"},
	{"ec2model/queryapi", "sim/result", "sim/kubelet", "sim/ami", "sim/nodeadm", "sim/controlplane", "sim/awssdk", "sim/hostnet/iproute2", "scenarios/awsnode", "scenarios/calibration/fit"},
	{"sim/ipamd", "sim/hostnet", "ec2model", "sim/des"},
}

// leaves know nothing of the simulation, and every package may use them.
var leaves = []string{module + "/internal/words", module + "/internal/source", module + "/internal/portable", module + "/internal/input", module + "/internal/schema", module + "/internal/jsonlines"}

type pkg struct {
	ImportPath                string
	Imports                   []string
	TestImports, XTestImports []string
}

func listed(t *testing.T) []pkg {
	t.Helper()
	out, err := exec.Command("go", "list", "-json=ImportPath,Imports,TestImports,XTestImports", module+"/...").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	var list []pkg
	decoder := json.NewDecoder(bytes.NewReader(out))
	for {
		var p pkg
		if err := decoder.Decode(&p); errors.Is(err, io.EOF) {
			return list
		} else if err != nil {
			t.Fatal(err)
		}
		list = append(list, p)
	}
}

func floorOf(path string) int {
	return slices.IndexFunc(floors, func(f []string) bool {
		return slices.Contains(f, strings.TrimPrefix(path, module+"/"))
	})
}

func TestImportsPointDown(t *testing.T) {
	for _, p := range listed(t) {
		if strings.HasPrefix(p.ImportPath, module+"/internal/") {
			continue
		}
		floor := floorOf(p.ImportPath)
		if floor < 0 {
			t.Errorf("%s has no floor: give it one in this test", p.ImportPath)
			continue
		}
		for _, i := range p.Imports {
			if strings.HasPrefix(i, module+"/") && !strings.HasPrefix(i, module+"/internal/") && floorOf(i) <= floor {
				t.Errorf("%s imports %s, which is not below it", p.ImportPath, i)
			}
		}
	}
}

// The page that tells newcomers of the floors has them as they are asserted here,
// the packages that only tests use aside.
func TestThePageHasEachFloor(t *testing.T) {
	page, err := os.ReadFile("../../ARCHITECTURE.md")
	if err != nil {
		t.Fatal(err)
	}
	_, table, _ := strings.Cut(string(page), "|---|---|\n")
	table, _, _ = strings.Cut(table, "\n\n")
	var told [][]string
	for row := range strings.Lines(table) {
		var floor []string
		for _, name := range strings.Split(strings.Split(row, "|")[1], ",") {
			floor = append(floor, strings.Trim(name, " `"))
		}
		slices.Sort(floor)
		told = append(told, floor)
	}
	var asserted [][]string
	for _, floor := range floors {
		floor = slices.DeleteFunc(slices.Clone(floor), func(name string) bool { return strings.HasSuffix(name, "test") })
		if slices.Sort(floor); len(floor) > 0 {
			asserted = append(asserted, floor)
		}
	}
	for i := range max(len(told), len(asserted)) {
		if i >= len(told) || i >= len(asserted) || !slices.Equal(told[i], asserted[i]) {
			t.Fatalf("floor %d from the roof down: the page has\n%s\nand asserted are\n%s", i+1, told[min(i, len(told)-1)], asserted[min(i, len(asserted)-1)])
		}
	}
}

func TestTheDaemonKnowsNothingOfTheSimulation(t *testing.T) {
	for _, p := range listed(t) {
		if p.ImportPath != module+"/sim/ipamd" {
			continue
		}
		for _, i := range p.Imports {
			if !standard(i) && i != "github.com/aws/aws-sdk-go-v2/service/ec2/types" && !slices.Contains(leaves, i) {
				t.Errorf("sim/ipamd imports %s", i)
			}
		}
	}
}

func TestPropertiesTryTheSameCasesInEveryRun(t *testing.T) {
	for _, p := range listed(t) {
		tests := slices.Concat(p.TestImports, p.XTestImports)
		if slices.Contains(tests, "pgregory.net/rapid") && !slices.Contains(tests, module+"/internal/properties") && p.ImportPath != module+"/internal/properties" {
			t.Errorf("the tests of %s import rapid without %s/internal/properties", p.ImportPath, module)
		}
	}
}

// A wall is what a package may import of ours besides the leaves.
var walls = []struct {
	pkg, why string
	may      []string
}{
	{"sim/kubelet", "it runs any plugin", []string{"sim/des"}},
	{"sim/result", "a result is plain data", nil},
	{"reports", "a report is a function of documents, and never sees a fleet that runs",
		[]string{"sim/result", "sim/recording", "sim/explain", "sim/inspect", "sim/planning", "sim/compare", "sim/sensitivity", "model", "limits", "scenarios/clusterimport", "reports/page", "reports/chart"}},
	{"reports/html", "it sets what reports says", []string{"reports", "reports/page", "reports/chart", "sim/result", "sim/planning", "sim/compare", "sim/suite", "model"}},
}

func TestWallsHold(t *testing.T) {
	list := listed(t)
	for _, w := range walls {
		i := slices.IndexFunc(list, func(p pkg) bool { return p.ImportPath == module+"/"+w.pkg })
		if i < 0 {
			t.Errorf("there is no package %s", w.pkg)
			continue
		}
		for _, path := range list[i].Imports {
			ours, is := strings.CutPrefix(path, module+"/")
			if is && !slices.Contains(w.may, ours) && !slices.Contains(leaves, path) {
				t.Errorf("%s imports %s: %s", w.pkg, path, w.why)
			}
		}
	}
}

func TestLeavesImportTheStandardLibraryOnly(t *testing.T) {
	found := 0
	for _, p := range listed(t) {
		if !slices.Contains(leaves, p.ImportPath) {
			continue
		}
		found++
		for _, i := range p.Imports {
			if !standard(i) {
				t.Errorf("%s imports %s", p.ImportPath, i)
			}
		}
	}
	if found != len(leaves) {
		t.Errorf("%d of the %d leaves exist", found, len(leaves))
	}
}

// standard says whether a package is of Go itself.
func standard(path string) bool {
	first, _, _ := strings.Cut(path, "/")
	return first != module && !strings.Contains(first, ".")
}

func TestSourcesAreFormatted(t *testing.T) {
	err := filepath.WalkDir("../..", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Ext(path) != ".go" {
			return err
		}
		source, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		formatted, err := format.Source(source)
		if err != nil {
			return err
		}
		if !bytes.Equal(source, formatted) {
			t.Errorf("gofmt would change %s", path)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
