package queryapi

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"ipamsim/ec2model"
)

// Instance metadata, as the user guide describes the second version:
// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/configuring-instance-metadata-service.html
const (
	tokenPath   = "api/token"
	tokenHeader = "X-aws-ec2-metadata-token"
	ttlHeader   = "X-aws-ec2-metadata-token-ttl-seconds"
	longestTTL  = 6 * time.Hour
	usualHops   = 1 // of a client whose path does not say it: a process of the host
)

// metadataOptions are an instance's.
type metadataOptions struct {
	required bool // of a token
	hops     int  // that the answer to a PUT goes
	disabled bool
}

// metadataRequest is one to the service of an instance.
type metadataRequest struct {
	instance string
	put      bool
	path     string // below /latest/
	ttl      string // of the token that is asked for
	token    string
	hops     int
}

// metadataAnswer is what comes back. One that is lost never does.
type metadataAnswer struct {
	status int
	text   string
	ttl    time.Duration // of a token; 0 for others
	lost   bool
}

func plain(status int) metadataAnswer { return metadataAnswer{status: status, text: failures[status]} }

// failures are the pages of errors, which clients do not read.
var failures = map[int]string{}

func init() {
	for _, status := range []int{http.StatusBadRequest, http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound, http.StatusMethodNotAllowed} {
		title := fmt.Sprintf("%d - %s", status, http.StatusText(status))
		failures[status] = `<?xml version="1.0" encoding="iso-8859-1"?>` + "\n<html><head><title>" + title + "</title></head><body><h1>" + title + "</h1></body></html>\n"
	}
}

// metadata answers at this moment: it takes no time, see sim/awssdk.
func (s *Service) metadata(r metadataRequest) metadataAnswer {
	identity, ok := s.account.Identity(r.instance)
	if !ok {
		return plain(http.StatusNotFound)
	}
	o := s.metadataOptions(r.instance)
	switch {
	case o.disabled:
		return plain(http.StatusForbidden)
	case r.put && r.path == tokenPath:
		return s.issue(r, o)
	case r.put:
		return plain(http.StatusMethodNotAllowed)
	case r.token == "" && o.required, r.token != "" && !s.valid(r.instance, r.token):
		return plain(http.StatusUnauthorized)
	}
	text, ok := s.metadataTree(identity, r.path)
	if !ok {
		return plain(http.StatusNotFound)
	}
	return metadataAnswer{status: http.StatusOK, text: text}
}

// usualOptions are those of instances whose launch says nothing.
var usualOptions = metadataOptions{required: true, hops: tokenHops}

func (s *Service) metadataOptions(instance string) metadataOptions {
	if o, ok := s.metadataOf[instance]; ok {
		return o
	}
	return usualOptions
}

// shape is how the API answers them.
func (o metadataOptions) shape() *types.InstanceMetadataOptionsResponse {
	shape := &types.InstanceMetadataOptionsResponse{
		State: types.InstanceMetadataOptionsStateApplied, HttpTokens: types.HttpTokensStateOptional, HttpPutResponseHopLimit: new(int32(o.hops)),
		HttpEndpoint: types.InstanceMetadataEndpointStateEnabled, HttpProtocolIpv6: types.InstanceMetadataProtocolStateDisabled,
		InstanceMetadataTags: types.InstanceMetadataTagsStateDisabled,
	}
	if o.required {
		shape.HttpTokens = types.HttpTokensStateRequired
	}
	if o.disabled {
		shape.HttpEndpoint = types.InstanceMetadataEndpointStateDisabled
	}
	return shape
}

// mostHops is the largest hop limit (API reference, InstanceMetadataOptionsRequest).
const mostHops = 64

// options are those of a request, on top of what holds.
func (p *param) options(o metadataOptions) metadataOptions {
	if p.given("HttpTokens") {
		o.required = p.oneOf("HttpTokens", "required", "optional") == "required"
	}
	o.hops = p.number("HttpPutResponseHopLimit", 1, mostHops, o.hops)
	if p.given("HttpEndpoint") {
		o.disabled = p.oneOf("HttpEndpoint", "disabled", "enabled") == "disabled"
	}
	p.oneOf("HttpProtocolIpv6", "disabled")
	p.oneOf("InstanceMetadataTags", "disabled")
	return o
}

func modifyInstanceMetadataOptions(s *Service, p *param) send {
	id := p.id("InstanceId", instanceID)
	p.options(usualOptions) // reports what is wrong
	return func(caller ec2model.Caller, done func(*body, error)) {
		s.account.Ask(caller, ec2model.ModifyInstanceMetadataOptions, false, s.exists(id), func(err error) {
			var b body
			if err == nil {
				o := p.options(s.metadataOptions(id))
				s.metadataOf[id] = o
				b.add("instanceId", id)
				b.add("instanceMetadataOptions", o.shape())
			}
			done(&b, err)
		})
	}
}

// exists is a check that an instance runs.
func (s *Service) exists(instance string) func() *ec2model.Error {
	return func() *ec2model.Error {
		_, err := s.account.InstancesNow([]string{instance})
		return rejection(err)
	}
}

// issue makes a token.
func (s *Service) issue(r metadataRequest, o metadataOptions) metadataAnswer {
	seconds, err := strconv.Atoi(r.ttl)
	ttl := time.Duration(seconds) * time.Second
	switch {
	case r.hops > o.hops:
		return metadataAnswer{lost: true} // its packet dies on the way
	case err != nil || seconds < 1 || ttl > longestTTL:
		return plain(http.StatusBadRequest)
	}
	return metadataAnswer{status: http.StatusOK, text: tokenOf(r.instance, s.clock.Now()+ttl), ttl: ttl}
}

// tokenOf carries its own end, so that none needs to be remembered.
func tokenOf(instance string, end time.Duration) string {
	text := strconv.FormatInt(int64(end), 36)
	return "AQAAA" + text + "-" + checksum(instance+text) + "=="
}

func checksum(text string) string {
	h := uint64(len(text))
	for i := range len(text) {
		h = scrambled(h ^ uint64(text[i]))
	}
	return fmt.Sprintf("%016x%016x", h, scrambled(h))
}

// valid: a token is good up to and including its last instant, as the SDK holds it
// to be (feature/ec2/imds, apiToken.Expired), which reckons from the answer that
// brought it.
func (s *Service) valid(instance, token string) bool {
	text, _, _ := strings.Cut(strings.TrimPrefix(token, "AQAAA"), "-")
	end, err := strconv.ParseInt(text, 36, 64)
	return err == nil && token == tokenOf(instance, time.Duration(end)) && s.clock.Now() <= time.Duration(end)
}

// metadataTree answers a path below /latest/; a directory is the list of what is
// in it.
func (s *Service) metadataTree(identity ec2model.Identity, path string) (string, bool) {
	tree := s.treeOf(identity)
	path = strings.Trim(path, "/")
	if text, ok := tree[path]; ok {
		return text, true
	}
	if path != "" {
		path += "/"
	}
	var below []string
	for name := range tree {
		rest, is := strings.CutPrefix(name, path)
		if !is {
			continue
		}
		part, _, deeper := strings.Cut(rest, "/")
		if deeper {
			part += "/"
		}
		below = append(below, part)
	}
	slices.Sort(below)
	return strings.Join(slices.Compact(below), "\n"), len(below) > 0
}

// treeOf are the leaves of an instance's metadata at this moment.
func (s *Service) treeOf(identity ec2model.Identity) map[string]string {
	seen := s.account.Metadata(identity.InstanceID)
	primary := slices.IndexFunc(seen, func(m ec2model.InterfaceMetadata) bool { return m.Primary })
	tree := map[string]string{
		"meta-data/instance-id":                          identity.InstanceID,
		"meta-data/instance-type":                        identity.InstanceType,
		"meta-data/placement/availability-zone":          identity.AvailabilityZone,
		"meta-data/placement/availability-zone-id":       s.zoneID(identity.AvailabilityZone),
		"meta-data/placement/region":                     s.options.Region,
		"meta-data/services/domain":                      "amazonaws.com",
		"meta-data/services/partition":                   "aws",
		"meta-data/reservation-id":                       "r-" + identity.InstanceID[len("i-"):],
		"meta-data/instance-life-cycle":                  "on-demand",
		"meta-data/ami-id":                               imageID,
		"meta-data/security-groups":                      "default",
		"meta-data/iam/security-credentials/" + roleName: s.roleCredentials(identity.InstanceID),
	}
	if primary >= 0 {
		address := seen[primary].PrivateIPs[0].String()
		tree["meta-data/local-ipv4"], tree["meta-data/mac"] = address, seen[primary].MAC
		tree["meta-data/local-hostname"] = dnsName(address, s.options.Region)
		tree["meta-data/hostname"] = tree["meta-data/local-hostname"]
		tree["dynamic/instance-identity/document"] = s.document(identity, address)
	}
	for _, m := range seen {
		s.interfaceLeaves(tree, "meta-data/network/interfaces/macs/"+m.MAC+"/", &m)
	}
	return tree
}

// interfaceLeaves are those of one interface.
func (s *Service) interfaceLeaves(tree map[string]string, at string, m *ec2model.InterfaceMetadata) {
	tree[at+"device-number"] = strconv.Itoa(m.DeviceIndex)
	tree[at+"interface-id"] = m.ID
	tree[at+"mac"] = m.MAC
	tree[at+"owner-id"] = s.options.Owner
	tree[at+"subnet-id"] = m.SubnetID
	tree[at+"vpc-id"] = s.account.VPCID()
	tree[at+"vpc-ipv4-cidr-block"] = s.account.VPCCIDRs()[0].String()
	tree[at+"vpc-ipv4-cidr-blocks"] = lines(s.account.VPCCIDRs())
	if len(m.PrivateIPs) > 0 { // an EFA-only interface has none
		tree[at+"subnet-ipv4-cidr-block"] = m.SubnetCIDR.String()
		tree[at+"local-ipv4s"] = lines(m.PrivateIPs)
		tree[at+"local-hostname"] = dnsName(m.PrivateIPs[0].String(), s.options.Region)
	}
	if len(m.IPv4Prefixes) > 0 {
		tree[at+"ipv4-prefix"] = lines(m.IPv4Prefixes)
	}
	ids := []string{s.account.SecurityGroupID()}
	if now, err := s.account.InterfacesNow([]string{m.ID}); err == nil {
		ids = ids[:0]
		for _, g := range now[0].Groups {
			ids = append(ids, *g.GroupId)
		}
	}
	if m.NetworkCard != 0 {
		tree[at+"network-card"] = strconv.Itoa(m.NetworkCard)
	}
	tree[at+"security-group-ids"] = strings.Join(ids, "\n")
	tree[at+"security-groups"] = "default"
}

func lines[T fmt.Stringer](list []T) string {
	texts := make([]string, len(list))
	for i := range list {
		texts[i] = list[i].String()
	}
	return strings.Join(texts, "\n")
}

// imageID is that of all instances: the account knows no images.
const imageID = "ami-00000000000000001"

// roleName is that of the role of all instances.
const roleName = "ipamsim-node"

// roleCredentials are those of an instance: requests that are signed with them
// are the instance's own, see [Handler].
func (s *Service) roleCredentials(instance string) string {
	return object(map[string]string{
		"Code": "Success", "Type": "AWS-HMAC", "AccessKeyId": instance, "SecretAccessKey": "none", "Token": "none",
		"LastUpdated": s.date(s.clock.Now()).Format(time.RFC3339), "Expiration": s.date(s.clock.Now() + longestTTL).Format(time.RFC3339),
	})
}

// document is the instance identity document.
func (s *Service) document(identity ec2model.Identity, address string) string {
	return object(map[string]string{
		"accountId": s.options.Owner, "architecture": string(architectureOf(identity.InstanceType)), "availabilityZone": identity.AvailabilityZone,
		"imageId": imageID, "instanceId": identity.InstanceID, "instanceType": identity.InstanceType,
		"pendingTime": s.date(0).Format(time.RFC3339), "privateIp": address, "region": s.options.Region, "version": "2017-09-30",
	})
}

func object(members map[string]string) string {
	text, err := json.MarshalIndent(members, "", "  ")
	if err != nil {
		panic("queryapi: " + err.Error())
	}
	return string(text)
}

// serveMetadata answers a path that begins with an instance's ID.
func (h *Handler) serveMetadata(w http.ResponseWriter, r *http.Request, path string) {
	request, refused := readMetadata(r, path)
	var answer metadataAnswer
	entry := Entry{Caller: ec2model.Caller(shortened(request.instance)), Action: shortened(r.Method + " /latest/" + request.path)}
	err := h.timeline.Act(func(now time.Duration) {
		entry.Start, entry.End = now, now
		if answer = plain(refused); refused == 0 {
			answer = h.service.metadata(request)
		}
	})
	switch {
	case err != nil:
		http.Error(w, err.Error(), http.StatusServiceUnavailable)
		return
	case answer.lost:
		h.log(entry)
		h.lose(r)
	default:
		entry.Status = answer.status
		Ready(w)
		w.Header().Set("Content-Type", "text/plain")
		w.Header().Set("Server", "EC2ws")
		if answer.ttl > 0 {
			w.Header().Set(ttlHeader, strconv.Itoa(int(answer.ttl/time.Second)))
		}
		w.WriteHeader(answer.status)
		_, _ = w.Write([]byte(answer.text))
	}
	h.log(entry)
}

// silence is for how long a client whose answer is lost waits at most for it,
// before its connection ends: clients give up after some seconds.
const silence = 30 * time.Second

// lose lets a client wait for an answer that does not come.
func (h *Handler) lose(r *http.Request) {
	over, cancel := context.WithTimeout(r.Context(), silence)
	defer cancel()
	<-over.Done()
	panic(http.ErrAbortHandler) // ends the connection without an answer
}

// readMetadata understands a path below /instances, or refuses it with a status.
func readMetadata(r *http.Request, path string) (request metadataRequest, refused int) {
	request = metadataRequest{put: r.Method == http.MethodPut, ttl: r.Header.Get(ttlHeader), token: r.Header.Get(tokenHeader), hops: usualHops}
	request.instance, path, _ = strings.Cut(path, "/")
	if rest, is := strings.CutPrefix(path, "hops/"); is {
		text, rest, _ := strings.Cut(rest, "/")
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 || n > mostHops {
			return request, http.StatusNotFound
		}
		request.hops, path = n, rest
	}
	version, path, _ := strings.Cut(path, "/")
	request.path = path
	switch {
	case !request.put && r.Method != http.MethodGet:
		return request, http.StatusMethodNotAllowed
	case request.put && r.Header.Get("X-Forwarded-For") != "":
		return request, http.StatusForbidden // the user guide: no token for what comes through a proxy
	case version != "latest":
		return request, http.StatusNotFound
	}
	return request, 0
}

// place is where an instance's metadata is.
type place struct {
	InstanceID       string `json:"instanceId"`
	InstanceType     string `json:"instanceType"`
	AvailabilityZone string `json:"availabilityZone"`
	PrivateIP        string `json:"privateIpAddress"`
	Metadata         string `json:"metadata"` // path of what is AWS_EC2_METADATA_SERVICE_ENDPOINT for it
}

func (h *Handler) serveIndex(w http.ResponseWriter) {
	list := []place{}
	err := h.timeline.Act(func(time.Duration) {
		all, _ := h.service.account.InstancesNow(nil)
		for _, i := range all {
			list = append(list, place{*i.InstanceId, string(i.InstanceType), *i.Placement.AvailabilityZone, *i.PrivateIpAddress, "/instances/" + *i.InstanceId})
		}
	})
	if err != nil {
		http.Error(w, err.Error(), http.StatusServiceUnavailable)
		return
	}
	Ready(w)
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(map[string]any{"instances": list})
}
