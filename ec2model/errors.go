package ec2model

import (
	"errors"
	"fmt"
)

// Error is a rejected request, with EC2's own code.
type Error struct {
	Code       string
	Message    string
	HTTPStatus int // 400; 503 for a throttled request; 500 or 503 where a subnet is closed
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
	CodeInvalidID                     = "InvalidID"
	CodeInsufficientInstanceCapacity  = "InsufficientInstanceCapacity"
	CodeUnavailable                   = "Unavailable"
	CodeOperationNotPermitted         = "OperationNotPermitted"
	CodeUnsupportedOperation          = "UnsupportedOperation"
)

const (
	httpBadRequest  = 400
	httpServerError = 500
	httpUnavailable = 503
)

func reject(code, format string, args ...any) *Error {
	return &Error{Code: code, Message: fmt.Sprintf(format, args...), HTTPStatus: httpBadRequest}
}

// throttled is shared: it carries nothing of the request.
var throttled = [actionCount]*Error{}

func init() {
	for _, action := range Actions() {
		throttled[action] = &Error{Code: CodeRequestLimitExceeded, HTTPStatus: httpUnavailable,
			Message: "request limit exceeded: ec2:" + action.String()}
	}
}

// noCapacity and unavailable are the answers about a closed subnet. Both codes
// are in the API reference's list of server errors; that an impaired zone
// answers with the first to launches is documented, that it does with the
// second to interfaces and addresses is our assumption.
func noCapacity(s *subnet) *Error {
	return &Error{Code: CodeInsufficientInstanceCapacity, HTTPStatus: httpServerError,
		Message: fmt.Sprintf("there is no capacity in the availability zone '%s' of subnet '%s'", s.az, s.id)}
}

func unavailable(s *subnet) *Error {
	return &Error{Code: CodeUnavailable, HTTPStatus: httpUnavailable,
		Message: fmt.Sprintf("the availability zone '%s' of subnet '%s' is unavailable", s.az, s.id)}
}

func interfaceNotFound(id string) *Error {
	return reject(CodeNetworkInterfaceNotFound, "the network interface '%s' does not exist", id)
}

func instanceNotFound(id string) *Error {
	return reject(CodeInstanceNotFound, "the instance '%s' does not exist", id)
}
