package ec2model_test

import (
	"testing"

	"ipamsim/ec2model"
)

// A throttled request is the client's fault with the status of an overloaded
// server, and a code that nobody knows is the client's.
func TestACodeHasItsStatusAndItsSide(t *testing.T) {
	for _, c := range []struct {
		code   string
		status int
		side   ec2model.Side
	}{
		{ec2model.CodeRequestLimitExceeded, 503, ec2model.ClientSide},
		{ec2model.CodeUnavailable, 503, ec2model.ServerSide},
		{ec2model.CodeInsufficientInstanceCapacity, 500, ec2model.ServerSide},
		{"InternalError", 500, ec2model.ServerSide},
		{"UnauthorizedOperation", 403, ec2model.ClientSide},
		{ec2model.CodeInsufficientFreeAddresses, 400, ec2model.ClientSide},
		{"Whatever", 400, ec2model.ClientSide},
	} {
		if e := ec2model.NewError(c.code, "m"); e.HTTPStatus != c.status || e.ErrorCode() != c.code || e.Message != "m" || ec2model.SideOf(c.code) != c.side {
			t.Errorf("%+v of the side %s, want %+v", e, ec2model.SideOf(c.code), c)
		}
	}
}
