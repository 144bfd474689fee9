package calibration_test

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"strings"
	"testing"
	"unicode/utf16"

	"pgregory.net/rapid"

	_ "ipamsim/internal/properties"
	"ipamsim/scenarios"
	"ipamsim/scenarios/calibration"
	"ipamsim/scenarios/clusterimport"
	"ipamsim/sim/cluster"
)

func source(name, text string) clusterimport.Source {
	return clusterimport.Source{Name: name, Reader: strings.NewReader(text)}
}

const attach = `awscni_aws_api_latency_ms_%s{api="AttachNetworkInterface",error="false",status="200"} %d` + "\n"

// scraped is so many scrapes of one daemon, with one more call in each.
func scraped(n int) string {
	text, sum := "# TYPE awscni_aws_api_latency_ms summary\n", 0
	for i := range n {
		sum += 400 + 37*(i%11)
		text += fmt.Sprintf(attach, "sum", sum) + fmt.Sprintf(attach, "count", i+1)
	}
	return text
}

func record(id, more string) string {
	return `{"eventTime":"2026-11-30T10:00:00Z","eventSource":"ec2.amazonaws.com","eventName":"DescribeVpcs","awsRegion":"us-east-1","recipientAccountId":"1","eventID":"` + id + `"` + more + `}`
}

const noon = "2026-11-30T12:00:00Z"

func lineOf(at, rest string) string {
	if at == "" {
		return `{"time":null,` + rest + "}\n"
	}
	return `{"time":"` + at + `",` + rest + "}\n"
}

func enisAt(at, eni string) string {
	return lineOf(at, `"node":"a","enis":{"0":{"ENIs":{"`+eni+`":{}}}}`)
}

func listAt(at, instance string) string {
	return lineOf(at, `"NetworkInterfaces":[{"NetworkInterfaceId":"e","Attachment":{"InstanceId":"`+instance+`"}}]`)
}

func TestMistakesAreNamedWithTheirPlace(t *testing.T) {
	bad := strings.Replace
	for _, c := range []struct{ name, text, want string }{
		{"empty", "", "f:1:1: empty"},
		{"prose", "hello\n", "f: nothing that is read: `ipamsim calibrate --print-commands`"},
		{"one long line", strings.Repeat("x", 2<<20), "f: nothing that is read"},
		{"a number", bad(scraped(9), " 400\n", " 4O0\n", 1), `f:2:1: a number from 0 on was expected, got "4O0"`},
		{"not a number", bad(scraped(9), " 400\n", " NaN\n", 1), "f:2:1: a number from 0 on was expected"},
		{"cut", "awscni_aws_api_latency_ms_sum{api=\"Att", "f:1:1: labels that do not end"},
		{"cut before the value", `awscni_aws_api_latency_ms_sum{api="A"}`, "f:1:1: a sample without a value"},
		{"sum without count", strings.ReplaceAll(scraped(9), "_count", "_other"), "awscni_aws_api_latency_ms of AttachNetworkInterface: 9 samples of the sum and 0 of the count"},
		{"JSON that ends", `{"items":[{"kind":"Node"`, "f:1:25: the text ends in the middle"},
		{"no object", `["a"]`, "f:1:4: an object was expected, found string"},
		{"a list of a list", `{"items":[[1]]}`, "f:1:11: an object was expected, found array"},
		{"a time", `{"items":[{"kind":"Node","metadata":{"creationTimestamp":"soon"}}]}`, "f: parsing time"},
		{"rate", `{"status":"success","data":{"resultType":"matrix","result":[{"metric":{"api":"A"},"values":[[1,"2"]]}]}}`, "f:1:61: a series without a name, as rate() and sum() leave it"},
		{"Prometheus refuses", `{"status":"error","error":"x"}`, "f: Prometheus has answered with an error"},
		{"a sample", `{"data":{"result":[{"metric":{"__name__":"awscni_aws_api_latency_ms_sum"},"values":[[1,2]]}]}}`, "f:1:20: a sample that is no pair of a time and a text"},
		{"no time", `{"Records":[{"eventSource":"ec2.amazonaws.com","eventName":"DescribeVpcs"}]}`, "f:1:13: a record without eventTime or eventName"},
		{"two Regions", `{"Records":[` + record("a", "") + "," + bad(record("b", ""), "us-east-1", "eu-west-1", 1) + `]}`, "CloudTrail's records are of several accounts or Regions"},
		{"a long trail", `{"Records":[` + record("a", "") + "," + bad(record("b", ""), "2026-11-30", "2024-11-30", 1) + `]}`, "f:1:"},
		{"a page", `{"Reservations":[{"Instances":[]}],"NextToken":"x"}`, "f: one page of several"},
		{"zip", "PK\x03\x04xxxxx", "f: a zip archive: unpack it first"},
		{"a time that is none", `{"time":"soon","node":"a","enis":{"0":{"ENIs":{"e":{}}}}}`, "f:1:1: parsing time"},
		{"no time", lineOf("", `"node":"a","enis":{"0":{"ENIs":{"e":{}}}}`), "f:1:1: an answer without its time"},
		{"no node", lineOf(noon, `"enis":{"0":{"ENIs":{"e":{}}}}`), "f:1:1: an answer of ipamd without its node"},
		{"neither", lineOf(noon, `"node":"a"`), "f:1:1: enis or NetworkInterfaces was expected beside the time"},
		{"a line that ends", enisAt(noon, "e") + lineOf("2026-11-30T12:00:01Z", "")[:20], "f:2:20: the line ends in the middle: it was cut short"},
		{"a line of prose", enisAt(noon, "e") + "curl: (7) Failed to connect\n", "f:2:1: invalid character 'c'"},
		{"no interfaces", lineOf(noon, `"node":"a","enis":{"0":{"ENIs":{}}}`), "f:1:1: no answer of /v1/enis: network cards with ENIs were expected"},
		{"the error of another end point", lineOf(noon, `"node":"a","enis":{"AvailableCommands":["/v1/enis"]}`), "f:1:1: no answer of /v1/enis, which is an object of network cards"},
		{"a list for ENIs", lineOf(noon, `"node":"a","enis":{"0":{"ENIs":[]}}`), "f:1:1: no answer of /v1/enis, which is an object of network cards, each with ENIs"},
		{"back in time", enisAt("2026-11-30T12:00:01Z", "e") + enisAt(noon, "e"), "f:2:1: an answer of a at 2026-11-30T12:00:00Z, and the one before is of 2026-11-30T12:00:01Z"},
		{"twice", listAt(noon, "i") + listAt(noon, "i"), "f:2:1: a list of interfaces at 2026-11-30T12:00:00Z, and the one before is of 2026-11-30T12:00:00Z"},
		{"no list", lineOf(noon, `"NetworkInterfaces":{"Groups":[]}`), "f:1:52: NetworkInterfaces: unexpected object"},
		{"an interface without a name", lineOf(noon, `"NetworkInterfaces":[{"Attachment":null}]`), "f:1:1: an interface without NetworkInterfaceId"},
		{"/v1/enis without its time", `{"0":{"TotalIPs":1,"ENIs":{"e":{}}}}`, "f: an answer of /v1/enis without its time"},
		{"an event's time", `{"items":[{"kind":"Event","firstTimestamp":"soon"}]}`, "f: parsing time"},
		{"a lookup", `{"Events":[{"CloudTrailEvent":"{"}]}`, "f:1:12: CloudTrailEvent is not the record"},
	} {
		_, err := calibration.Calibrate([]clusterimport.Source{source("f", c.text)}, nil)
		var faults clusterimport.Faults
		if !errors.As(err, &faults) || !strings.HasPrefix(faults[0], c.want) {
			t.Errorf("%s: %v, want %s", c.name, err, c.want)
		}
	}
	r, err := calibration.Calibrate([]clusterimport.Source{source("f", scraped(7))}, nil)
	if !errors.Is(err, calibration.ErrNothing) || !strings.Contains(fmt.Sprint(r.Report.Left), "7 observations of it (awscni_aws_api_latency_ms), and a fit takes 8") {
		t.Errorf("%v: %v", err, r.Report.Left)
	}
	r, err = calibration.Calibrate([]clusterimport.Source{source("f", scraped(9)), {Name: "d/readme.md", Reader: strings.NewReader("hello"), Related: true}}, nil)
	if err != nil || r.Report.Files[1].Note != "passed over: nothing that is read" {
		t.Errorf("%v: %+v", err, r.Report.Files)
	}
}

// However the same figures come, the profile is the same.
func TestEveryFormOfAScrapeSaysTheSame(t *testing.T) {
	const n = 20
	text := scraped(n)
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	z.Write([]byte(text))
	z.Close()
	wide := []byte{0xff, 0xfe}
	for _, u := range utf16.Encode([]rune(text)) {
		wide = append(wide, byte(u), byte(u>>8))
	}
	var files []clusterimport.Source
	var sums, counts []string
	open := text[:strings.IndexByte(text, '\n')+1]
	lines := strings.SplitAfter(strings.TrimPrefix(text, open), "\n")
	for i := range n {
		files = append(files, source(fmt.Sprintf("scrapes/node@%d.prom", 1767225600+15*i), lines[2*i]+lines[2*i+1]))
		value := func(line string) string {
			return fmt.Sprintf("[%d,%q]", 1767225600+15*i, strings.TrimSpace(line[strings.LastIndexByte(line, ' ')+1:]))
		}
		sums, counts = append(sums, value(lines[2*i])), append(counts, value(lines[2*i+1]))
	}
	series := func(name string, values []string) string {
		return `{"metric":{"__name__":"awscni_aws_api_latency_ms_` + name + `","api":"AttachNetworkInterface","error":"false","status":"200","instance":"a"},"values":[` + strings.Join(values, ",") + "]}"
	}
	matrix := `{"status":"success","data":{"resultType":"matrix","result":[` + series("sum", sums) + "," + series("count", counts) + "]}}"
	reversed := append([]clusterimport.Source{}, files...)
	for i, f := range files { // files come in any order; their names have the time
		b := new(bytes.Buffer)
		b.ReadFrom(f.Reader)
		files[i].Reader = strings.NewReader(b.String())
		reversed[n-1-i] = source(f.Name, b.String())
	}
	var want string
	for name, sources := range map[string][]clusterimport.Source{
		"one file": {source("f", text)}, "gzip": {{Name: "f", Reader: &packed}}, "UTF-16": {{Name: "f", Reader: bytes.NewReader(wide)}},
		"range": {source("f", matrix)}, "files": files, "reversed": reversed,
	} {
		r, err := calibration.Calibrate(sources, nil)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		l := r.Report.Latencies[0]
		got := fmt.Sprint(l.Key, l.Draws, l.Observations, l.MeanSeconds.Value, l.Sigma.Value, l.Distance)
		if want == "" {
			want = got
		}
		if got != want || l.Draws != n {
			t.Errorf("%s: %s, another form: %s", name, got, want)
		}
	}
}

// Hostile bytes are refused or passed over: nothing panics, and what is made can be read.
func TestAnythingIsReadOrRefused(t *testing.T) {
	seeds := []string{scraped(9), enisAt(noon, "e") + enisAt("2026-11-30T12:00:01Z", "g"), listAt(noon, "i") + listAt("2026-11-30T12:00:01Z", "j"), `{"Records":[` + record("a", "") + `]}`, `{"items":[{"kind":"Node","spec":{"providerID":"aws:///a/i-1"}},{"kind":"Event","reason":"Pulled","message":"Successfully pulled image \"x/kube-proxy:v1\" in 2s (2s including"}]}`,
		`{"status":"success","data":{"resultType":"matrix","result":[{"metric":{"__name__":"awscni_aws_api_latency_ms_sum"},"values":[[1,"2"]]}]}}`}
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.SampledFrom(seeds).Draw(t, "seed")
		from := rapid.IntRange(0, len(text)).Draw(t, "from")
		to := rapid.IntRange(from, min(len(text), from+20)).Draw(t, "to")
		text = text[:from] + rapid.SampledFrom([]string{"", "{", "}", "[", "\"", "-1", "1e308", "\x00", "null", "\n", "\\"}).Draw(t, "in") + text[to:]
		r, err := calibration.Calibrate([]clusterimport.Source{source("f", text)}, nil)
		if err == nil {
			if err := scenarios.CheckProfile("p", r.Profile); err != nil {
				t.Fatal(err)
			}
		}
	})
}

// A record that is delivered twice counts once, and lookup-events says the same as a log.
func TestARecordCountsOnce(t *testing.T) {
	var log, events []string
	for i := range 100 {
		text := strings.Replace(record(fmt.Sprint(i), ""), "10:00:00", fmt.Sprintf("10:%02d:00", i/2), 1)
		log = append(log, text)
		events = append(events, fmt.Sprintf(`{"EventName":"DescribeVpcs","CloudTrailEvent":%q}`, text))
	}
	trail := `{"Records":[` + strings.Join(append(log, log...), ",") + "]}"
	var want string
	for _, sources := range [][]clusterimport.Source{{source("f", trail)}, {source("f", `{"Events":[`+strings.Join(events, ",")+"]}")}, {source("f", "["+strings.Join(log, ",")+"]"), source("g", trail)}} {
		r, err := calibration.Calibrate(sources, nil)
		if err != nil {
			t.Fatal(err)
		}
		got := fmt.Sprintf("%+v", r.Report.Background[0].Calls)
		if want == "" {
			want = "100"
		}
		if got != want {
			t.Errorf("%s calls, want %s", got, want)
		}
	}
}

// Times of pulls come from kubelet's events, of the images of the system alone.
func TestPullsAreThoseOfSystemImages(t *testing.T) {
	var items []string
	for i := range 12 {
		for _, image := range []string{"602401143452.dkr.ecr.us-east-1.amazonaws.com/amazon-k8s-cni:v1.23.1", "r:5000/eks/kube-proxy@sha256:0", "nginx:1", "r/my-kube-proxy:1"} {
			items = append(items, fmt.Sprintf(`{"kind":"Event","reason":"Pulled","message":"Successfully pulled image \"%s\" in %d.5s (9s including waiting). Image size: 1 bytes."}`, image, 1+i%3))
		}
	}
	r, err := calibration.Calibrate([]clusterimport.Source{source("f", `{"apiVersion":"v1","kind":"List","items":[`+strings.Join(items, ",")+"]}")}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if l := r.Report.Latencies; len(l) != 1 || l[0].Key != "launch.systemImagePull" || l[0].Draws != 24 {
		t.Errorf("%+v", l)
	}
}

// Where requests were throttled, the daemon's figures have the SDK's pauses in them: such
// an action is left out.
func TestThrottledActionsAreLeftOut(t *testing.T) {
	denied := strings.NewReplacer(`error="false",status="200"} %d`, `error="true",status="RequestLimitExceeded"} %d`).Replace(attach)
	text := scraped(20)
	for i := range 20 {
		text += fmt.Sprintf(denied, "sum", 3000) + fmt.Sprintf(denied, "count", 1+i/20)
	}
	_, err := calibration.Calibrate([]clusterimport.Source{source("f", text)}, nil)
	if !errors.Is(err, calibration.ErrNothing) {
		t.Errorf("%v", err)
	}
}

// What is taken off a boot is what the model puts on it.
func TestTheRegistrationIsTheModels(t *testing.T) {
	for _, c := range cluster.Constants() {
		if c.Name == "boot.registration" {
			if c.Value != "1" || c.Unit != "s" || calibration.Registration != 1 {
				t.Errorf("the model has %s %s", c.Value, c.Unit)
			}
			return
		}
	}
	t.Error("the model has no such constant")
}
