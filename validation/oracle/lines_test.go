package oracle

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"ipamsim/sim/awscni"
	"ipamsim/sim/ipamd"
)

// call is a function call in the real source: which one, and from where.
type call struct{ name, within string }

// source is what the daemon's log and the plugin's can be made of: every line with a call on
// it, and every log call by its format.
type source struct {
	calls map[string][]call // by "directory/file.go:line"
	logs  map[string][]logCall
}

type logCall struct {
	level, function string
	closure         bool
}

// Every line of the table is in the real source with its level and format,
// and the place that it names as its caller calls the function that the line
// is in. Releases without a table write no log, and their plugin is that of the
// default one (DEVIATIONS.md).
func TestEveryLogLineIsInTheSource(t *testing.T) {
	logging := slices.DeleteFunc(ipamd.Releases(), func(version string) bool { return len(ipamd.Lines(version)) == 0 })
	if !slices.Equal(logging, []string{"v1.23.1", "v1.23.2"}) {
		t.Errorf("releases with a log: %v", logging)
	}
	for _, version := range logging {
		t.Run(version, func(t *testing.T) {
			s := readSource(t, version)
			plugin := slices.Clone(awscni.Lines())
			for i := range plugin {
				plugin[i].Caller = ipamd.Caller(version, plugin[i].Caller)
			}
			for _, l := range slices.Concat(ipamd.Lines(version), plugin) {
				found := s.logs[l.Message]
				i := slices.IndexFunc(found, func(c logCall) bool { return c.level == l.Level && s.called(l.Caller, c) })
				if i < 0 {
					t.Errorf("%s %s %q: the source has %+v, and on that line %+v", l.Level, l.Caller, l.Message, found, s.calls[l.Caller])
				}
			}
		})
	}
}

// called says whether the caller is one of the function around a log call. A
// closure's is not in the source as such: the retry package calls it, or a
// goroutine begins with it.
func (s *source) called(caller string, c logCall) bool {
	switch caller {
	case "retry/retry.go:70":
		return c.closure
	case "runtime/asm_amd64.s:1771":
		return c.function == "StartNodeIPPoolManager" || c.function == "deallocateEmptyCIDR"
	}
	if c.closure && c.function == "getLeakedENIs" { // filters, handed down to where pages are read
		return slices.ContainsFunc(s.calls[caller], func(on call) bool { return on.within == "getENIsFromPaginatedDescribeNetworkInterfaces" })
	}
	return !c.closure && slices.ContainsFunc(s.calls[caller], func(on call) bool { return on.name == c.function })
}

func readSource(t *testing.T, version string) *source {
	t.Helper()
	out, err := exec.Command("go", "mod", "download", "-json", "github.com/aws/amazon-vpc-cni-k8s@"+version).Output()
	if err != nil {
		t.Fatal(err)
	}
	var module struct{ Dir string }
	if err := json.Unmarshal(out, &module); err != nil {
		t.Fatal(err)
	}
	root := module.Dir
	s := &source{calls: map[string][]call{}, logs: map[string][]logCall{}}
	for _, dir := range []string{"cmd/aws-k8s-agent", "pkg/ipamd", "pkg/awsutils", "pkg/networkutils", "pkg/utils/retry", "pkg/utils/logger", "pkg/utils/eventrecorder", "rpc", "cmd/routed-eni-cni-plugin"} {
		err := filepath.WalkDir(filepath.Join(root, dir), func(path string, e fs.DirEntry, err error) error {
			if err == nil && strings.HasSuffix(path, ".go") && !strings.HasSuffix(path, "_test.go") {
				s.read(t, path)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return s
}

func (s *source) read(t *testing.T, path string) {
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	files := token.NewFileSet()
	file, err := parser.ParseFile(files, path, text, 0)
	if err != nil {
		t.Fatal(err)
	}
	place := filepath.Base(filepath.Dir(path)) + "/" + filepath.Base(path) + ":"
	for _, d := range file.Decls {
		f, ok := d.(*ast.FuncDecl)
		if !ok || f.Body == nil {
			continue
		}
		s.walk(f.Body, f.Name.Name, false, func(p token.Pos) string { return place + strconv.Itoa(files.Position(p).Line) })
	}
}

func (s *source) walk(n ast.Node, function string, closure bool, place func(token.Pos) string) {
	ast.Inspect(n, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			s.walk(n.Body, function, true, place)
			return false
		case *ast.CallExpr:
			s.call(n, function, closure, place)
		}
		return true
	})
}

func (s *source) call(n *ast.CallExpr, function string, closure bool, place func(token.Pos) string) {
	name := ""
	switch f := n.Fun.(type) {
	case *ast.Ident:
		name = f.Name
	case *ast.SelectorExpr:
		name = f.Sel.Name
	}
	at := place(n.Pos())
	s.calls[at] = append(s.calls[at], call{name, function})
	level := strings.ToLower(strings.TrimSuffix(name, "f"))
	if !slices.Contains([]string{"debug", "info", "warn", "error"}, level) || len(n.Args) == 0 {
		return
	}
	if format, ok := literal(n.Args[0]); ok {
		s.logs[format] = append(s.logs[format], logCall{level, function, closure})
	}
}

// literal is a string literal, or several with pluses between them.
func literal(e ast.Expr) (string, bool) {
	switch e := e.(type) {
	case *ast.BasicLit:
		text, err := strconv.Unquote(e.Value)
		return text, err == nil && e.Kind == token.STRING
	case *ast.BinaryExpr:
		left, ok := literal(e.X)
		right, also := literal(e.Y)
		return left + right, ok && also
	}
	return "", false
}
