package queryapi

import (
	"strconv"
	"time"

	"ipamsim/internal/source"
)

// What EC2 does over the wire that the account has no notion of.
const (
	describedFor = time.Hour       // a terminated instance
	pendingFor   = 5 * time.Second // a launched one
	tokenHops    = 2               // that the answer to a request for a token goes, unless the launch says otherwise
	leastPage    = 5
	pageOf1000   = 1000
	pageOf100    = 100
)

// Constants are those of this package, with their sources.
func Constants() []source.Constant {
	seconds := func(d time.Duration) string { return strconv.Itoa(int(d / time.Second)) }
	return []source.Constant{
		{Name: "instance.describedFor", Value: seconds(describedFor), Unit: "s", Kind: source.FromDocs,
			Source: "https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeInstances.html (recently terminated instances might appear in the results, usually less than one hour)"},
		{Name: "instance.pendingFor", Value: seconds(pendingFor), Unit: "s", Kind: source.Assumption,
			Source: "how long a launched instance is pending is not published: our choice"},
		{Name: "instance.hopLimit", Value: strconv.Itoa(tokenHops), Unit: "hops", Kind: source.Assumption,
			Source: "launch templates decide: our choice is 2, so that pods without host network get tokens; Karpenter's nodes have 1, https://karpenter.sh/docs/concepts/nodeclasses/"},
		{Name: "page.least", Value: strconv.Itoa(leastPage), Unit: "results", Kind: source.FromDocs,
			Source: "https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeNetworkInterfaces.html (MaxResults)"},
		{Name: "page.most", Value: strconv.Itoa(pageOf1000), Unit: "results", Kind: source.FromDocs,
			Source: "https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeNetworkInterfaces.html (MaxResults)"},
		{Name: "page.ofTypes", Value: strconv.Itoa(pageOf100), Unit: "results", Kind: source.FromDocs,
			Source: "https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeInstanceTypes.html (MaxResults)"},
	}
}
