package clusterimport_test

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"io"
	"strings"
	"testing"
	"unicode/utf16"

	"ipamsim/scenarios/clusterimport"
)

func zipped(text string) string {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	io.WriteString(w, text)
	w.Close()
	return b.String()
}

// wide is a text in UTF-16 with a byte order mark.
func wide(text string, order binary.AppendByteOrder) string {
	b := order.AppendUint16(nil, 0xfeff)
	for _, u := range utf16.Encode([]rune(text)) {
		b = order.AppendUint16(b, u)
	}
	return string(b)
}

const oneSubnet = `{"Subnets": [{"SubnetId": "subnet-1", "VpcId": "vpc-1", "CidrBlock": "10.0.0.0/24", "AvailabilityZone": "us-east-1a", "AvailableIpAddressCount": 251}]}`

// What is no part of a cluster is refused, with its place and what was expected.
func TestWhatIsNoInputIsRefused(t *testing.T) {
	for name, c := range map[string]struct{ text, want string }{
		"nothing":                 {"", "f:1:1: empty: `ipamsim import --print-commands`"},
		"white space":             {" \n\t\n", "f:1:1: empty"},
		"a text":                  {"Collected on Monday.\n", "f:1:1: text, and neither JSON nor YAML"},
		"cut short":               {oneSubnet[:60], "f:1:61: the text ends in the middle: it was cut short"},
		"cut in a list":           {`{"Subnets": [`, "f:1:14: the text ends in the middle"},
		"cut between":             {`{"Subnets": [{"SubnetId": "s"}`, "f:1:14: s: a subnet with CidrBlock"},
		"a missing comma":         {"{\n\"Subnets\": []\n\"NextToken\": null}", `f:3:1: not JSON: found '"' where ',' or '}' was expected`},
		"a missing colon":         {`{"Subnets" []}`, `f:1:12: not JSON: found '[' where ':' was expected`},
		"a key without quotes":    {`{Subnets: []}`, `f:1:2: not JSON: found 'S' where a key was expected`},
		"another quote":           {"{\"Subnets\": [\n  {'SubnetId': 1}]}", `f:2:4: not JSON: invalid character '\''`},
		"brackets that mismatch":  {`{"Subnets": [{"SubnetId": "s"]]}`, `f:1:30: not JSON: invalid character ']'`},
		"something behind":        {oneSubnet + " x", "f:1:153: not JSON: invalid character 'x'"},
		"a wrong kind of row":     {`{"Subnets": ["subnet-1"]}`, "f:1:14: Subnets: an object was expected, found a string"},
		"no list":                 {`{"Subnets": {"SubnetId": "s"}}`, "f:1:13: Subnets: a list was expected, found an object"},
		"a wrong kind of value":   {`{"Subnets": [{"SubnetId": "s", "CidrBlock": 7}]}`, "f:1:45: CidrBlock: a string was expected, found number"},
		"no block":                {strings.Replace(oneSubnet, "10.0.0.0/24", "10.0.0.1/24", 1), "f:1:14: subnet-1: 10.0.0.1/24 is no IPv4 block"},
		"a tiny block":            {strings.Replace(oneSubnet, "10.0.0.0/24", "10.0.0.0/30", 1), "f:1:14: subnet-1: 10.0.0.0/30 is a /30, and subnets of AWS are /16 to /28"},
		"more free than there is": {strings.Replace(oneSubnet, "251}", "252}", 1), "f:1:14: subnet-1: 252 addresses are said to be available, and 10.0.0.0/24 has 251"},
		"a page":                  {`{"Subnets": [], "NextToken": "eyJ="}`, "f: one page of several (NextToken is set)"},
		"a page of Kubernetes'":   {`{"apiVersion": "v1", "items": [], "kind": "List", "metadata": {"continue": "x", "remainingItemCount": 70}}`, "f: one page of several (metadata.continue is set, 70 more rows)"},
		"a projection":            {`[["subnet-1", 17]]`, "f:1:2: a list of what is no object, as --query reshapes an answer"},
		"one value":               {`"vpc-1"`, "f:1:1: one value that is no object"},
		"an empty list":           {`[]`, "f:1:1: an empty list"},
		"something else":          {`{"name": "package", "version": "1.0.0"}`, "f:1:1: an object with name and version, which is none of those that are read"},
		"a table":                 {"-----------\n| DescribeSubnets |\n", "f:1:1: a table for people, of --output table: --output json was expected"},
		"columns":                 {"SUBNETS\tFalse\t251\n", "f:1:1: the columns of --output text"},
		"kubectl's table":         {"NAME      STATUS   ROLES\nip-1  Ready <none>\n", "f:1:1: a table of `kubectl get` for people"},
		"kubectl describe":        {"Name:               ip-10-0-0-1\nRoles:              <none>\n", "f:1:1: what `kubectl describe` prints"},
		"a terminal":              {"[me@here ~]$ aws ec2 describe-subnets\n{}\n", "f:1:1: copied from a terminal"},
		"a command":               {"kubectl get nodes -o json\n", "f:1:1: a command"},
		"an error":                {"An error occurred (UnauthorizedOperation) when calling\n", "f:1:1: the message of an error"},
		"a zip archive":           {"PK\x03\x04xxxxxxxx", "f: a zip archive: unpack it first"},
		"gzip twice":              {zipped(zipped(oneSubnet)), "f: packed with gzip twice"},
		"gzip cut short":          {zipped(oneSubnet)[:60], "f: the packed text ends in the middle"},
		"broken gzip":             {"\x1f\x8b\x08\x00xxxxxxxxxxxxxxxxxxxxx", "f: gzip that cannot be unpacked"},
		"half a UTF-16 character": {wide(oneSubnet, binary.LittleEndian) + "x", "f: UTF-16 with an odd number of bytes"},
		"YAML cut short":          {"kind: Node\nmetadata: {name: x", "f: neither JSON nor YAML"},
		"YAML with a wrong value": {"apiVersion: v1\nkind: Node\nmetadata: {name: [x]}\n", "f:1:1: in the document that begins here: metadata.name: a string was expected, found array"},
		"a bomb of aliases":       {"a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c]\ne: &e [*d,*d,*d,*d,*d,*d,*d,*d,*d]\nf: &f [*e,*e,*e,*e,*e,*e,*e,*e,*e]\ng: &g [*f,*f,*f,*f,*f,*f,*f,*f,*f]\nh: [*g,*g,*g,*g,*g,*g,*g,*g,*g]\n", "f:1:1: YAML that does not stand for JSON: yaml: document contains excessive aliasing"},
		"a List within a list":    {`{"apiVersion": "v1", "kind": "List", "items": [{"kind": "List", "items": []}]}`, "f: a List within a list"},
		"deep":                    {`{"Subnets": [` + strings.Repeat(`{"a":[`, 20000) + strings.Repeat("]}", 20000) + "]}", "f:"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := clusterimport.Import([]clusterimport.Source{{Name: "f", Reader: strings.NewReader(c.text)}}, clusterimport.Options{})
			if err == nil || !strings.HasPrefix(err.Error(), c.want) {
				t.Errorf("the error is\n%v\nnot\n%s", err, c.want)
			}
		})
	}
}

// endless is a text without an end.
type endless struct {
	head string
	rest string
	read int
}

func (e *endless) Read(p []byte) (n int, err error) {
	if e.head != "" {
		n = copy(p, e.head)
		e.head = e.head[n:]
	}
	for n < len(p) {
		n += copy(p[n:], e.rest)
	}
	e.read += n
	return n, nil
}

// A text without an end is read up to a bound, be it one value or many, packed or
// not.
func TestTextsWithoutAnEndAreRefused(t *testing.T) {
	pack := func(r io.Reader) io.Reader {
		from, to := io.Pipe()
		go func() {
			w, _ := gzip.NewWriterLevel(to, gzip.BestSpeed)
			_, err := io.Copy(w, r)
			to.CloseWithError(err)
		}()
		t.Cleanup(func() { from.Close() })
		return from
	}
	for name, c := range map[string]struct {
		r    io.Reader
		want string
	}{
		"a string":        {&endless{head: `{"Subnets": [{"SubnetId": "`, rest: "aaaaaaaaaaaaaaaa"}, "f:1:1: one value of more than 64 MiB begins here"},
		"white space":     {&endless{head: "{", rest: "          \n"}, "f:1:1: one value of more than 64 MiB begins here"},
		"brackets":        {&endless{head: `{"items": [`, rest: "[[[["}, "f:1:1: one value of more than 64 MiB begins here"},
		"YAML":            {&endless{head: "kind: Node\n", rest: "# a comment\n"}, "f: more than 32 MiB, the most that a YAML file"},
		"a bomb, of gzip": {pack(&endless{head: `{"Subnets": [{"SubnetId": "`, rest: strings.Repeat("a", 4096)}), "f:1:1: one value of more than 64 MiB begins here"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := clusterimport.Import([]clusterimport.Source{{Name: "f", Reader: c.r}}, clusterimport.Options{})
			if err == nil || !strings.HasPrefix(err.Error(), c.want) {
				t.Errorf("the error is\n%v\nnot\n%s", err, c.want)
			}
		})
	}
}

// Whatever a text comes as, it says the same.
func TestAnyFormOfATextSaysTheSame(t *testing.T) {
	files := some().files()
	want := imported(t, files, clusterimport.Options{}).Scenario
	bare := func(text, key string) string {
		from := strings.Index(text, "[")
		return text[from : strings.LastIndex(text, "]")+1]
	}
	lines := func(text string) string {
		var b strings.Builder
		for _, row := range rowsOf(text) {
			b.WriteString(row + "\n")
		}
		return b.String()
	}
	for name, change := range map[string]func(map[string]string){
		"UTF-16":                func(f map[string]string) { f["nodes.json"] = wide(f["nodes.json"], binary.LittleEndian) },
		"UTF-16, the other way": func(f map[string]string) { f["nodes.json"] = wide(f["nodes.json"], binary.BigEndian) },
		"UTF-16, no mark":       func(f map[string]string) { f["nodes.json"] = wide(f["nodes.json"], binary.LittleEndian)[2:] },
		"UTF-8 with a mark":     func(f map[string]string) { f["nodes.json"] = "\xef\xbb\xbf" + f["nodes.json"] },
		"CRLF": func(f map[string]string) {
			f["interfaces.json"] = strings.ReplaceAll(f["interfaces.json"], "\n", "\r\n")
		},
		"gzip": func(f map[string]string) { f["pods.json"] = zipped(f["pods.json"]) },
		"other names": func(f map[string]string) {
			f["a"], f["b.txt"] = f["pods.json"], f["nodes.json"]
			delete(f, "pods.json")
			delete(f, "nodes.json")
		},
		"one file": func(f map[string]string) {
			f["pods.json"] += f["nodes.json"] + f["subnets.json"]
			delete(f, "nodes.json")
			delete(f, "subnets.json")
		},
		"bare lists": func(f map[string]string) {
			f["nodes.json"], f["interfaces.json"], f["subnets.json"] = bare(f["nodes.json"], "items"), bare(f["interfaces.json"], "NetworkInterfaces"), bare(f["subnets.json"], "Subnets")
		},
		"JSON Lines": func(f map[string]string) {
			f["pods.json"], f["interfaces.json"] = lines(f["pods.json"]), lines(f["interfaces.json"])
		},
		"YAML, which JSON is": func(f map[string]string) {
			f["aws-node.json"] = "# a comment\n" + f["aws-node.json"]
			f["pods.json"] = "---\n" + f["pods.json"] + "---\n"
		},
		"a recorded answer": func(f map[string]string) {
			f["subnets.json"] = `{"status_code": 200, "data": ` + f["subnets.json"] + "}"
		},
		"rows without kinds": func(f map[string]string) {
			for _, name := range []string{"nodes.json", "pods.json"} {
				f[name] = strings.ReplaceAll(strings.ReplaceAll(f[name], `"kind": "Pod",`, ""), `"kind": "Node",`, "")
			}
		},
		"everything twice": func(f map[string]string) { f["again.json"] = f["nodes.json"] + f["pods.json"] + f["interfaces.json"] },
	} {
		t.Run(name, func(t *testing.T) {
			changed := some().files()
			change(changed)
			r, err := clusterimport.Import(sources(changed), clusterimport.Options{})
			if err != nil {
				t.Fatal(err)
			}
			if string(r.Scenario) != string(want) {
				t.Errorf("the scenario is another one:\n%s\nnot\n%s", r.Scenario, want)
			}
		})
	}
}

// rowsOf are the rows of a list, a line each.
func rowsOf(document string) (rows []string) {
	depth, from := 0, 0
	flat := strings.Join(strings.Fields(document), " ")
	for i, c := range flat {
		switch c {
		case '{', '[':
			if depth++; depth == 3 && c == '{' {
				from = i
			}
		case '}', ']':
			if depth--; depth == 2 && c == '}' {
				rows = append(rows, flat[from:i+1])
			}
		}
	}
	return rows
}

// What contradicts itself is refused.
func TestContradictionsAreRefused(t *testing.T) {
	replace := func(file, old, new string) func(map[string]string) {
		return func(f map[string]string) {
			if !strings.Contains(f[file], old) {
				panic(file + " has no " + old)
			}
			f[file] = strings.Replace(f[file], old, new, 1)
		}
	}
	for name, c := range map[string]struct {
		change func(map[string]string)
		want   string
	}{
		"two versions of a node": {func(f map[string]string) {
			f["other.json"] = strings.ReplaceAll(f["nodes.json"], "m5.large", "m5.xlarge")
		}, "other.json: the node ip-10-0-0-1.us-west-2.compute.internal is in nodes.json, too, and they differ"},
		"overlapping subnets":      {replace("subnets.json", "10.0.2.0/24", "10.0.0.0/24"), "the subnets subnet-00000000000000001 and subnet-00000000000000002 overlap"},
		"an address twice":         {replace("interfaces.json", `"10.0.0.5"`, `"10.0.0.15"`), "10.0.0.15 is on two interfaces, eni-"},
		"an address elsewhere":     {replace("interfaces.json", `"10.0.0.5"`, `"10.9.0.5"`), "has 10.9.0.5, which is outside of its subnet, subnet-00000000000000001, 10.0.0.0/23"},
		"an address that is AWS's": {replace("interfaces.json", `"10.0.0.5"`, `"10.0.0.3"`), "has 10.0.0.3, which AWS reserves in subnet-00000000000000001, 10.0.0.0/23"},
		"no first interface":       {replace("interfaces.json", `"DeviceIndex": 0`, `"DeviceIndex": 4`), "the node ip-10-0-0-1.us-west-2.compute.internal has no first interface"},
		"a subnet that is missing": {replace("subnets.json", "subnet-00000000000000002", "subnet-9"), "an interface of the node ip-10-0-2-1.us-west-2.compute.internal is in subnet-00000000000000002, which is not among the subnets"},
		"a type that nobody knows": {replace("nodes.json", "m5.large", "m99.large"), "is a m99.large, which is not in the table of instance types: give what `aws ec2 describe-instance-types --instance-types m99.large"},
		"no type at all": {func(f map[string]string) {
			replace("nodes.json", `"node.kubernetes.io/instance-type": "m5.large",`, "")(f)
			delete(f, "instances.json")
		}, "has no label node.kubernetes.io/instance-type: give what `aws ec2 describe-instances"},
		"nodes of others": {func(f map[string]string) {
			f["nodes.json"] = strings.ReplaceAll(f["nodes.json"], "aws:///", "digitalocean://")
		}, "2 nodes without an instance of EC2 in spec.providerID"},
		"interfaces of others":    {func(f map[string]string) { f["nodes.json"] = strings.ReplaceAll(f["nodes.json"], "/i-0", "/i-f") }, "no interface is attached to the instances of 2 nodes"},
		"a quantity that is none": {replace("pods.json", "64Mi", "64MiB"), `memory: "64MiB" is no quantity of Kubernetes`},
		"an address that is none": {replace("interfaces.json", `"10.0.0.5"`, `"10.0.0.500"`), "10.0.0.500 is no IPv4 address"},
	} {
		t.Run(name, func(t *testing.T) {
			files := some().files()
			c.change(files)
			_, err := clusterimport.Import(sources(files), clusterimport.Options{})
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("the error is\n%v\nnot\n%s", err, c.want)
			}
		})
	}
}

// A list of exactly 100 or 1,000 rows may be a page: it is refused, unless it
// shows that nothing is missing.
func TestAListThatMayBeAPageShowsThatItIsNone(t *testing.T) {
	m := newMade("10.0.0.0/22")
	n := m.node("ip-10-0-0-1.ec2.internal", "m5.large", m.subnets[0], 29, nil)
	n.attach(n.subnet, 3, 0, nil)
	for range 99 {
		m.iface(m.subnets[0], 0, 0, object{"Description": "ELB x"})
	}
	if r := imported(t, m.files(), clusterimport.Options{}); r.Report.Subnets[0].Known != 103 {
		t.Errorf("%+v", r.Report.Subnets[0])
	}
	m.subnets[0].hidden = 5
	_, err := clusterimport.Import(sources(m.files()), clusterimport.Options{})
	if want := "interfaces.json: exactly 100 rows of NetworkInterfaces, as a page has them, and nothing shows that it is the last"; err == nil || !strings.HasPrefix(err.Error(), want) {
		t.Error(err)
	}
}
