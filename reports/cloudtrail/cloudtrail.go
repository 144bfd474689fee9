// Package cloudtrail writes the requests of a run as the records that CloudTrail keeps of
// them, as far as a simulation knows: when, who, what, and with which error.
package cloudtrail

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"

	"ipamsim/sim/scrape"
)

// record has the keys in the order in which CloudTrail writes them.
// https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
type record struct {
	EventVersion       string       `json:"eventVersion"`
	UserIdentity       userIdentity `json:"userIdentity"`
	EventTime          string       `json:"eventTime"`
	EventSource        string       `json:"eventSource"`
	EventName          string       `json:"eventName"`
	AwsRegion          string       `json:"awsRegion"`
	UserAgent          string       `json:"userAgent"`
	ErrorCode          string       `json:"errorCode,omitempty"`
	RequestParameters  *parameters  `json:"requestParameters"`
	ResponseElements   *parameters  `json:"responseElements"`
	EventID            string       `json:"eventID"`
	EventType          string       `json:"eventType"`
	ManagementEvent    bool         `json:"managementEvent"`
	RecipientAccountID string       `json:"recipientAccountId"`
}

type userIdentity struct {
	Type        string `json:"type"`
	PrincipalID string `json:"principalId"`
}

// parameters are those of requests that name interfaces and instances, and of their
// answers.
type parameters struct {
	NetworkInterfaceID string     `json:"networkInterfaceId,omitempty"`
	InstanceID         string     `json:"instanceId,omitempty"`
	AttachmentID       string     `json:"attachmentId,omitempty"`
	InstancesSet       *instances `json:"instancesSet,omitempty"`
}

type instances struct {
	Items []struct {
		InstanceID string `json:"instanceId"`
	} `json:"items"`
}

// parts are the parameters of a request and the elements of its answer.
func parts(r *scrape.Request) (asked, answered *parameters) {
	if r.Of == nil {
		return nil, nil
	}
	asked = &parameters{NetworkInterfaceID: r.Of.NetworkInterfaceID}
	switch {
	case r.Action == "AttachNetworkInterface":
		asked.InstanceID = r.Of.InstanceIDs[0]
		if r.Code == "" {
			answered = &parameters{AttachmentID: r.Of.AttachmentID}
		}
	case len(r.Of.InstanceIDs) > 0:
		asked.InstancesSet = new(instances)
		for _, id := range r.Of.InstanceIDs {
			asked.InstancesSet.Items = append(asked.InstancesSet.Items, struct {
				InstanceID string `json:"instanceId"`
			}{id})
		}
	default:
		asked.AttachmentID = r.Of.AttachmentID
	}
	return asked, answered
}

// account is the number that the AWS documentation has in its examples, and region its
// first Region.
const (
	account = "111122223333"
	region  = "us-east-1"
)

// Write writes the requests as one log file of CloudTrail.
func Write(w io.Writer, s *scrape.Scrapes) error {
	out := bufio.NewWriter(w)
	out.WriteString(`{"Records":[`)
	for i, r := range s.Requests {
		if i > 0 {
			out.WriteByte(',')
		}
		asked, answered := parts(&r)
		text, err := json.Marshal(record{
			EventVersion: "1.11", UserIdentity: userIdentity{"AssumedRole", "AROAEXAMPLE:" + r.Caller},
			EventTime: r.At.UTC().Format(time.RFC3339), EventSource: "ec2.amazonaws.com", EventName: r.Action, AwsRegion: region,
			UserAgent: agent(&r), ErrorCode: code(r.Code), RequestParameters: asked, ResponseElements: answered, EventID: fmt.Sprintf("00000000-0000-4000-8000-%012x", i+1),
			EventType: "AwsApiCall", ManagementEvent: true, RecipientAccountID: account,
		})
		if err != nil {
			return err
		}
		out.WriteByte('\n')
		out.Write(text)
	}
	out.WriteString("\n]}\n")
	return out.Flush()
}

// agent is what the caller's SDK calls itself.
func agent(r *scrape.Request) string {
	switch {
	case r.Other:
		return "aws-cli/2.31.0 md/awscrt#0.28.1"
	case strings.HasPrefix(r.Caller, "i-"):
		return "aws-sdk-go-v2/1.43.4 amazon-vpc-cni-k8s/v1.23.1"
	case strings.Contains(r.Caller, "karpenter"):
		return "aws-sdk-go-v2/1.43.4 karpenter.sh-1.14.2"
	}
	return "autoscaling.amazonaws.com"
}

// code is an error as CloudTrail has it: what is the caller's fault begins with Client.
func code(of string) string {
	if of == "" {
		return ""
	}
	return "Client." + of
}
