package ec2model

import (
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// Ask sends a request that changes nothing and whose answer the caller works
// out by himself, with the functions of this file, when done is called without
// an error: then is the moment of the answer. check finds what rejects it; it
// may be asked more than once. broad says that the request names neither
// filters nor IDs nor a page; see Profile.Unfiltered.
//
// The wire protocol in front of an account knows more filters, more ways to
// write a bad request and more pages than the callers of a simulation: all of
// it passes the same door.
func (a *Account) Ask(caller Caller, action Action, broad bool, check func() *Error, done func(error)) (answered time.Duration) {
	return request(a, caller, action, cost{unfiltered: broad}, question{check}, func(_ Nothing, err error) { done(err) })
}

type question struct{ find func() *Error }

func (in question) check(*Account) *Error { return in.find() }

func (in question) apply(*Account, Caller) (Nothing, *Error) { return Nothing{}, nil }

// Broad says whether a describe draws from the bucket of requests that name
// neither filters nor a page: one by so many IDs, filters and results per page.
func (a *Account) Broad(ids, filters, page int) bool { return a.unfiltered(ids, filters, page) }

// InterfacesNow are interfaces as they are at this moment, without API traffic:
// those with the IDs, in that order, or all in the order of creation. They
// share memory with the account: do not modify them. The error is an *Error
// about the first unknown ID.
func (a *Account) InterfacesNow(ids []string) ([]*types.NetworkInterface, error) {
	if len(ids) == 0 {
		return a.describePage(DescribeNetworkInterfacesInput{}).NetworkInterfaces, nil
	}
	in := DescribeNetworkInterfacesInput{NetworkInterfaceIDs: ids}
	if err := in.check(a); err != nil {
		return nil, err
	}
	return a.describeByID(in).NetworkInterfaces, nil
}

// InstancesNow are running instances at this moment, as InterfacesNow has
// interfaces.
func (a *Account) InstancesNow(ids []string) ([]*types.Instance, error) {
	in := describeInstances{ids}
	if err := in.check(a); err != nil {
		return nil, err
	}
	list, _ := in.apply(a, "")
	return list, nil
}

// SubnetsNow are subnets at this moment, as InterfacesNow has interfaces.
func (a *Account) SubnetsNow(ids []string) ([]*types.Subnet, error) {
	if len(ids) == 0 {
		list, _ := describeSubnets{}.apply(a, "")
		return list, nil
	}
	list := make([]*types.Subnet, len(ids))
	for i, id := range ids {
		s, err := a.subnetOf(id)
		if err != nil {
			return nil, err
		}
		list[i] = a.describeSubnet(s)
	}
	return list, nil
}
