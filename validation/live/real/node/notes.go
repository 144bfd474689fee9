package main

import (
	"bytes"
	"context"
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// notes writes down the requests to EC2 on their way. An operation of the SDK may
// be several requests, which carry one number.
type notes struct {
	node    *node
	process int // of the daemon
	next    http.Handler
	calls   map[string]int // by the SDK's number of the operation
}

func (n *notes) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	form, err := url.ParseQuery(string(body))
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	var call *request
	n.act(func() { call = n.begin(r.Header.Get("Amz-Sdk-Invocation-Id"), form) })
	answer := httptest.NewRecorder()
	asking := r.Context() // which ends when nobody waits for the answer any more; what EC2 has begun goes on
	n.next.ServeHTTP(answer, r.WithContext(context.WithoutCancel(asking)))
	n.act(func() { call.end(answer.Body.Bytes(), n.process == n.node.processes && asking.Err() == nil) })
	for name, values := range answer.Header() {
		w.Header()[name] = values
	}
	w.WriteHeader(answer.Code)
	w.Write(answer.Body.Bytes())
}

func (n *notes) act(fn func()) {
	if err := n.node.pump.Act(func(time.Duration) { fn() }); err != nil {
		fail(err)
	}
}

// request is one that is under way.
type request struct {
	node   *node
	call   int // in the list
	op     string
	form   url.Values
	before int // addresses and prefixes of its interface
}

// begin enters a request: as a new call, or as one more of one that is tried
// again.
func (n *notes) begin(number string, form url.Values) *request {
	r := &request{node: n.node, op: form.Get("Action"), form: form}
	stage, eni := n.node.stage, form.Get("NetworkInterfaceId")
	if r.op == "UnassignPrivateIpAddresses" {
		r.before = stage.Slots(eni)
	}
	call, again := n.calls[number]
	if again {
		stage.Again(call)
	} else {
		eni, what, asked := r.about()
		call = stage.Begin(r.op, eni, what, asked)
		n.calls[number] = call
	}
	r.call = call
	return r
}

// about is what a request is about, in the traces' terms.
func (r *request) about() (eni, what string, asked int) {
	f, stage := r.form, r.node.stage
	eni = f.Get("NetworkInterfaceId")
	switch r.op {
	case "DescribeNetworkInterfaces":
		if f.Has("Filter.1.Name") {
			return "", "filter", 0
		}
		if asked = r.count("NetworkInterfaceId"); asked == 1 {
			eni = f.Get("NetworkInterfaceId.1")
		}
		return eni, "", asked
	case "DescribeSubnets":
		return "", "", 0
	case "DescribeInstances":
		return "", "", r.count("InstanceId")
	case "CreateTags":
		return f.Get("ResourceId.1"), "", r.count("Tag", "Key")
	case "CreateNetworkInterface":
		prefixes := r.number("Ipv4PrefixCount")
		return "", stage.WhatOfCreate(f.Get("SubnetId"), prefixes > 0), prefixes + r.number("SecondaryPrivateIpAddressCount")
	case "AttachNetworkInterface":
		return eni, "device=" + f.Get("DeviceIndex"), 1
	case "DetachNetworkInterface":
		return stage.Attachment(f.Get("AttachmentId")), "", 1
	case "DeleteNetworkInterface":
		return eni, "", 1
	case "ModifyNetworkInterfaceAttribute":
		if f.Has("Attachment.AttachmentId") {
			return eni, "delete_on_termination", 1
		}
		return eni, "groups", r.count("SecurityGroupId")
	case "AssignPrivateIpAddresses":
		if prefixes := r.number("Ipv4PrefixCount"); prefixes > 0 {
			return eni, "prefixes", prefixes
		}
		return eni, "ips", r.number("SecondaryPrivateIpAddressCount")
	case "UnassignPrivateIpAddresses":
		if prefixes := r.count("Ipv4Prefix"); prefixes > 0 {
			return eni, "prefixes", prefixes
		}
		return eni, "ips", r.count("PrivateIpAddress")
	}
	return eni, "", 0
}

// count is the length of a list of parameters.
func (r *request) count(name string, member ...string) int {
	n := 0
	for r.form.Has(strings.Join(append([]string{fmt.Sprintf("%s.%d", name, n+1)}, member...), ".")) {
		n++
	}
	return n
}

func (r *request) number(name string) int {
	n, _ := strconv.Atoi(r.form.Get(name))
	return n
}

// answer is what the notes want to know of any answer.
type answer struct {
	Code       string `xml:"Errors>Error>Code"`
	Interfaces []struct {
		ID         string `xml:"networkInterfaceId"`
		Attachment string `xml:"attachment>attachmentId"`
	} `xml:"networkInterfaceSet>item"`
	Subnets    []struct{} `xml:"subnetSet>item"`
	OfInstance []struct{} `xml:"reservationSet>item>instancesSet>item>networkInterfaceSet>item"`
	Addresses  []struct{} `xml:"assignedPrivateIpAddressesSet>item"`
	Prefixes   []struct{} `xml:"assignedIpv4PrefixSet>item"`
	Made       struct {
		ID        string     `xml:"networkInterfaceId"`
		Addresses []struct{} `xml:"privateIpAddressesSet>item"`
		Prefixes  []struct{} `xml:"ipv4PrefixSet>item"`
	} `xml:"networkInterface"`
}

// end completes a request with its answer, if somebody is still there to hear it.
func (r *request) end(body []byte, heard bool) {
	var a answer
	if err := xml.Unmarshal(body, &a); err != nil {
		fail(fmt.Errorf("the answer to %s is not XML: %w", r.op, err))
	}
	stage := r.node.stage
	for _, e := range a.Interfaces {
		stage.Attached(e.Attachment, e.ID)
	}
	if !heard {
		return
	}
	if a.Made.ID != "" {
		stage.Made(r.call, a.Made.ID)
	}
	stage.End(r.call, r.got(&a), a.Code)
}

func (r *request) got(a *answer) int {
	_, _, asked := r.about()
	switch r.op {
	case "DescribeNetworkInterfaces":
		return len(a.Interfaces)
	case "DescribeSubnets":
		return len(a.Subnets)
	case "DescribeInstances":
		return len(a.OfInstance)
	case "AssignPrivateIpAddresses":
		return len(a.Addresses) + len(a.Prefixes)
	case "UnassignPrivateIpAddresses":
		return r.before - r.node.stage.Slots(r.form.Get("NetworkInterfaceId"))
	case "CreateNetworkInterface":
		if r.number("Ipv4PrefixCount") > 0 {
			return len(a.Made.Prefixes)
		}
		return len(a.Made.Addresses) - 1
	}
	return asked
}
