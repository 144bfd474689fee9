package clients

import (
	"bytes"
	"flag"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"testing"

	"ipamsim/ec2model"
)

var update = flag.Bool("update", false, "write docs/serve-conformance.md anew")

// page is where the table is.
const page = "../../docs/serve-conformance.md"

// shown is what each client has shown of each action. It is filled by the tests
// of this package, each line only after its check has passed.
var shown = struct {
	sync.Mutex
	rows  map[string]map[client][]string
	tries []string
}{rows: map[string]map[client][]string{}}

type client int

const (
	sdk client = iota
	cli
)

// show enters that a client has shown something of an action.
func show(by client, action string, what ...string) {
	shown.Lock()
	defer shown.Unlock()
	if shown.rows[action] == nil {
		shown.rows[action] = map[client][]string{}
	}
	for _, w := range what {
		if !slices.Contains(shown.rows[action][by], w) {
			shown.rows[action][by] = append(shown.rows[action][by], w)
		}
	}
}

// tried enters a line about retries.
func tried(line string) {
	shown.Lock()
	defer shown.Unlock()
	shown.tries = append(shown.tries, line)
}

func TestMain(m *testing.M) {
	flag.Parse()
	code := m.Run()
	if only := flag.Lookup("test.run").Value.String(); code == 0 && only == "" {
		code = compare()
	}
	os.Exit(code)
}

// compare holds the page to what was shown, or writes it, and says which actions
// lack something.
func compare() int {
	gaps := lacking()
	for _, gap := range gaps {
		fmt.Println(gap)
	}
	if _, err := exec.LookPath(awsCLI); err != nil {
		fmt.Println("the AWS CLI is not there: the page is not compared")
		return min(1, len(gaps))
	}
	text := table()
	if *update {
		if err := os.WriteFile(page, text, 0o644); err != nil {
			fmt.Println(err)
			return 1
		}
		return min(1, len(gaps))
	}
	if have, err := os.ReadFile(page); err != nil || !bytes.Equal(have, text) {
		fmt.Printf("%s is not what was shown (%v); go test . -update writes it\n", page, err)
		return 1
	}
	return min(1, len(gaps))
}

// lacking are the actions that are served and of which something is not shown
// that the SDK's client has; both clients have to have an answer of each.
func lacking() (gaps []string) {
	for _, action := range actions() {
		row := shown.rows[action]
		has := func(by client, what string) bool { return len(columns[what](row[by])) > 0 }
		for _, want := range wants(action) {
			if !has(sdk, want) {
				gaps = append(gaps, fmt.Sprintf("%s: the SDK's client has not shown %s", action, want))
			}
		}
		if _, err := exec.LookPath(awsCLI); err == nil && !has(cli, "answer") {
			gaps = append(gaps, action+": the AWS CLI has not shown answer")
		}
	}
	return gaps
}

// actions are the names of those of the account, all of which are served, in the
// order of the alphabet.
func actions() (names []string) {
	for _, a := range ec2model.Actions() {
		names = append(names, a.String())
	}
	slices.Sort(names)
	return names
}

// columns of the page: which of the entries of an action belong there.
var columns = map[string]func([]string) []string{
	"answer":  only(func(s string) bool { return s == "answer" }),
	"pages":   only(func(s string) bool { return strings.HasSuffix(s, "page") || s == "pages" }),
	"filters": only(func(s string) bool { return s == "filters" }),
	"waiters": only(isWaiter),
	"errors":  only(isError), "an error": only(isError),
	"besides": only(func(s string) bool {
		return !isWaiter(s) && !isError(s) && !slices.Contains([]string{"answer", "pages", "one page", "filters"}, s)
	}),
}

func isWaiter(s string) bool { return strings.HasPrefix(s, "waiter ") }
func isError(s string) bool  { return strings.HasPrefix(s, "`") }

func only(keep func(string) bool) func([]string) []string {
	return func(list []string) []string {
		return slices.DeleteFunc(slices.Clone(list), func(s string) bool { return !keep(s) })
	}
}

// table is the page.
func table() []byte {
	var b bytes.Buffer
	b.WriteString(`<!-- Written by "go test . -update" in validation/liveclients. Do not edit. -->

# Clients of the served account, action by action

What clients that nobody here wrote have made of [the account as a server](serve.md): the EC2 client of aws-sdk-go-v2 (service/ec2 v1.347.0), in virtual time together
with the server, and the AWS CLI 2 (Debian's awscli) against a port. Each entry is a check of ` + "`validation/liveclients`" + ` that has passed; ` + "`make clients`" + ` runs them, and fails when this
page says anything else, or when of an action that is served something is missing that the SDK's client has: an answer, an error, pages where its input has a token for them, filters where it has them.

An answer is shown when the client has parsed it and its fields are the account's. "both" is the SDK and the CLI, – that the action has no such thing.

| action | answer | pages | filters | waiters | errors | besides |
|---|---|---|---|---|---|---|
`)
	for _, action := range actions() {
		fmt.Fprintf(&b, "| %s |", action)
		for _, column := range []string{"answer", "pages", "filters", "waiters", "errors", "besides"} {
			fmt.Fprintf(&b, " %s |", cell(shown.rows[action], column))
		}
		b.WriteByte('\n')
	}
	b.WriteString("\n## Instance metadata\n\nThe SDK's metadata client (feature/ec2/imds) has shown: " + strings.Join(slices.Sorted(slices.Values(shown.rows[metadata][sdk])), ", ") + ".\n")
	b.WriteString("\n## Retries under throttling\n\n| client | what was done | what came of it |\n|---|---|---|\n")
	slices.Sort(shown.tries)
	for _, line := range shown.tries {
		fmt.Fprintln(&b, line)
	}
	return b.Bytes()
}

// metadata is the row of what is no action.
const metadata = "(instance metadata)"

// cell is what the clients have shown of an action in a column, each entry once.
func cell(row map[client][]string, column string) string {
	by := map[string][]string{}
	for _, c := range []client{sdk, cli} {
		for _, what := range columns[column](row[c]) {
			by[camel(what)] = append(by[camel(what)], [...]string{sdk: "SDK", cli: "CLI"}[c])
		}
	}
	var entries []string
	for _, what := range slices.Sorted(maps.Keys(by)) {
		who := by[what][0]
		if len(by[what]) == 2 {
			who = "both"
		}
		switch column {
		case "answer", "pages", "filters":
			if what == "one page" {
				who += ", one page"
			}
			entries = append(entries, who)
		default:
			entries = append(entries, strings.TrimPrefix(what, "waiter ")+": "+who)
		}
	}
	if len(entries) == 0 {
		return "–"
	}
	return strings.Join(entries, ", ")
}

// camel is a waiter's name as the SDK has it: the CLI says instance-running.
func camel(what string) string {
	name, is := strings.CutPrefix(what, "waiter ")
	if !is {
		return what
	}
	parts := strings.Split(name, "-")
	for i := range parts {
		parts[i] = strings.ToUpper(parts[i][:1]) + parts[i][1:]
	}
	return "waiter " + strings.Join(parts, "")
}
