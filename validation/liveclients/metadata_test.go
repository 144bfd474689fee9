package clients

import (
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/ec2/imds"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

func tagged(key, value string) []types.Tag { return []types.Tag{{Key: &key, Value: &value}} }

// The SDK's metadata client gets tokens and reads the tree of its instance; what
// changes in EC2 shows after the lag.
func TestSDKMetadata(t *testing.T) {
	inBubble(t, func(w *world) {
		c := w.ec2()
		i := w.launch(c, 1).Instances[0]
		m := w.imds(*i.InstanceId)
		get := func(path string) string {
			w.Helper()
			out, err := m.GetMetadata(w.ctx, &imds.GetMetadataInput{Path: path})
			text, err2 := io.ReadAll(must(w, out, err).Content)
			must(w, 0, err2)
			return string(text)
		}
		document, err := m.GetInstanceIdentityDocument(w.ctx, &imds.GetInstanceIdentityDocumentInput{})
		must(w, document, err)
		region, err := m.GetRegion(w.ctx, &imds.GetRegionInput{})
		check(w, document.InstanceID == *i.InstanceId && document.InstanceType == "m5.large" && must(w, region, err).Region == "us-west-2", sdk, metadata, "identity document")
		mac := get("mac")
		at := "network/interfaces/macs/" + mac + "/"
		check(w, strings.TrimRight(get("network/interfaces/macs/"), "/\n") == mac && get(at+"subnet-id") == subnetA && get(at+"device-number") == "0" && get(at+"vpc-ipv4-cidr-blocks") == "10.0.0.0/16", sdk, metadata, "tree of interfaces")
		before := len(strings.Fields(get(at + "local-ipv4s")))
		_, err = c.AssignPrivateIpAddresses(w.ctx, &ec2.AssignPrivateIpAddressesInput{NetworkInterfaceId: i.NetworkInterfaces[0].NetworkInterfaceId, SecondaryPrivateIpAddressCount: aws.Int32(4)})
		must(w, 0, err)
		at0 := len(strings.Fields(get(at + "local-ipv4s")))
		time.Sleep(time.Second)
		check(w, before == 1 && at0 == 1 && len(strings.Fields(get(at+"local-ipv4s"))) == 5, sdk, metadata, "lag of changes")
		_, err = m.GetMetadata(w.ctx, &imds.GetMetadataInput{Path: "no/such/key"})
		var answer *smithyhttp.ResponseError
		check(w, errors.As(err, &answer) && answer.HTTPStatusCode() == 404, sdk, metadata, "404")
		unsigned, err := w.http.Get(w.url + "/instances/" + *i.InstanceId + "/latest/meta-data/mac")
		must(w, 0, err)
		unsigned.Body.Close()
		check(w, unsigned.StatusCode == 401, sdk, metadata, "401 without a token")
	})
}
