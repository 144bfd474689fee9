package ec2model

import (
	"errors"
	"fmt"
)

// Error is a rejected request, with EC2's own code.
type Error struct {
	Code       string
	Message    string
	HTTPStatus int // see NewError
}

func (e *Error) Error() string {
	return fmt.Sprintf("%s: %s (HTTP %d)", e.Code, e.Message, e.HTTPStatus)
}

// ErrorCode is the code alone, as the SDK's API errors offer it.
func (e *Error) ErrorCode() string { return e.Code }

// CodeOf finds EC2's code in an error or in what it wraps. It is empty, and ok
// may be false, when EC2 has not answered.
func CodeOf(err error) (code string, ok bool) {
	if e, is := err.(*Error); is { // next to always
		return e.Code, true
	}
	var coded interface{ ErrorCode() string }
	if !errors.As(err, &coded) {
		return "", false
	}
	return coded.ErrorCode(), true
}

// HTTPStatusCode is the answer's, as the SDK's response errors offer it.
func (e *Error) HTTPStatusCode() int { return e.HTTPStatus }

// The codes that an account answers with. Where they appear in public logs is
// said on the model page; the others are from the EC2 API reference,
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html
const (
	CodeRequestLimitExceeded          = "RequestLimitExceeded"
	CodeInsufficientFreeAddresses     = "InsufficientFreeAddressesInSubnet"
	CodeInsufficientCidrBlocks        = "InsufficientCidrBlocks"
	CodePrivateIPAddressLimitExceeded = "PrivateIpAddressLimitExceeded"
	CodeInterfaceAddressLimitExceeded = "InvalidInterface.IpAddressLimitExceeded"
	CodeAttachmentLimitExceeded       = "AttachmentLimitExceeded"
	CodeNetworkInterfaceLimitExceeded = "NetworkInterfaceLimitExceeded"
	CodeNetworkAddressUsageExceeded   = "NetworkAddressUsageLimitExceeded"
	CodeTagLimitExceeded              = "TagLimitExceeded"
	CodeInvalidParameterValue         = "InvalidParameterValue"
	CodeInvalidParameterCombination   = "InvalidParameterCombination"
	CodeInvalidNextToken              = "InvalidNextToken"
	CodeNetworkInterfaceInUse         = "InvalidNetworkInterface.InUse"
	CodeNetworkInterfaceNotFound      = "InvalidNetworkInterfaceID.NotFound"
	CodeAttachmentNotFound            = "InvalidAttachmentID.NotFound"
	CodeInstanceNotFound              = "InvalidInstanceID.NotFound"
	CodeSubnetNotFound                = "InvalidSubnetID.NotFound"
	CodeAddressInUse                  = "InvalidIPAddress.InUse"
	CodeReservationNotFound           = "InvalidSubnetCidrReservationID.NotFound"
	CodeInvalidID                     = "InvalidID"
	CodeInsufficientInstanceCapacity  = "InsufficientInstanceCapacity"
	CodeUnavailable                   = "Unavailable"
	CodeOperationNotPermitted         = "OperationNotPermitted"
	CodeUnsupportedOperation          = "UnsupportedOperation"
)

// Side is whose fault an error is, as EC2 sees it. CloudTrail shows it before
// the code.
type Side string

// The sides.
const (
	ClientSide Side = "Client"
	ServerSide Side = "Server"
)

// verdict is what EC2 says with a code.
type verdict struct {
	status int
	side   Side
}

// verdicts are those of all codes that are not the client's with status 400.
// The server's are in the API reference's list of server errors; a throttled
// request is the client's, with a status of the server's
// (https://github.com/aws/amazon-vpc-cni-k8s/issues/123 and 405).
var verdicts = map[string]verdict{
	CodeRequestLimitExceeded:         {503, ClientSide},
	"UnauthorizedOperation":          {403, ClientSide},
	CodeInsufficientInstanceCapacity: {500, ServerSide},
	"InternalError":                  {500, ServerSide},
	"InternalFailure":                {500, ServerSide},
	"ServiceUnavailable":             {503, ServerSide},
	CodeUnavailable:                  {503, ServerSide},
}

func verdictOn(code string) verdict {
	if v, ok := verdicts[code]; ok {
		return v
	}
	return verdict{400, ClientSide}
}

// SideOf is whose fault an error of that code is.
func SideOf(code string) Side { return verdictOn(code).side }

// NewError is an answer with a code and the status that goes with it.
func NewError(code, message string) *Error {
	return &Error{Code: code, Message: message, HTTPStatus: verdictOn(code).status}
}

func reject(code, format string, args ...any) *Error {
	return NewError(code, fmt.Sprintf(format, args...))
}

// throttled is shared: it carries nothing of the request.
var throttled = [actionCount]*Error{}

func init() {
	for _, action := range Actions() {
		throttled[action] = NewError(CodeRequestLimitExceeded, "request limit exceeded: ec2:"+action.String())
	}
}

// noCapacity and unavailable are the answers about a closed subnet. Both codes
// are in the API reference's list of server errors; that an impaired zone
// answers with the first to launches is documented, that it does with the
// second to interfaces and addresses is our assumption.
func noCapacity(s *subnet) *Error {
	return reject(CodeInsufficientInstanceCapacity, "there is no capacity in the availability zone '%s' of subnet '%s'", s.az, s.id)
}

func unavailable(s *subnet) *Error {
	return reject(CodeUnavailable, "the availability zone '%s' of subnet '%s' is unavailable", s.az, s.id)
}

func interfaceNotFound(id string) *Error {
	return reject(CodeNetworkInterfaceNotFound, "the network interface '%s' does not exist", id)
}

func instanceNotFound(id string) *Error {
	return reject(CodeInstanceNotFound, "the instance '%s' does not exist", id)
}
