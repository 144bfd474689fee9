package calibration

// Commands is a script that collects what a calibration reads. It reads only.
func Commands() string {
	return `# What ipamsim calibrate reads, collected into ./measured. Each command only reads: it
# needs port-forward and proxy to the pods of aws-node, get and list on these objects of
# Kubernetes, cloudtrail:LookupEvents, ec2:DescribeInstances and
# ec2:DescribeNetworkInterfaces; and curl and GNU date.
# Set AWS_REGION if the AWS CLI has no default, and run it while nodes join and pods
# start: what nobody does nobody can measure.
mkdir -p measured/scrapes

# what the ipamd of five nodes has, every second, and which instances have interfaces,
# every other second: a line of JSON each. Of EC2 that is a request in two seconds.
end=$(($(date +%s) + 600))
port=21000 forwards=
for pod in $(kubectl get pods -n kube-system -l k8s-app=aws-node -o name | head -n 5); do
  node=$(kubectl get -n kube-system "$pod" -o jsonpath='{.spec.nodeName}')
  port=$((port + 1))
  kubectl port-forward -n kube-system "$pod" $port:61679 > /dev/null &
  forwards="$forwards $!"
  while [ "$(date +%s)" -lt $end ]; do
    enis=$(curl -sf http://localhost:$port/v1/enis) &&
      printf '{"time":"%s","node":"%s","enis":%s}\n' "$(date -u +%FT%T.%3NZ)" "$node" "$enis"
    sleep 1
  done > "measured/$node.jsonl" &
done
while [ "$(date +%s)" -lt $end ]; do
  list=$(aws ec2 describe-network-interfaces --filters Name=attachment.device-index,Values=0 \
    --query 'NetworkInterfaces[].{NetworkInterfaceId: NetworkInterfaceId, Attachment: {InstanceId: Attachment.InstanceId}}' --output json) &&
    printf '{"time":"%s","NetworkInterfaces":%s}\n' "$(date -u +%FT%T.%3NZ)" "$(printf %s "$list" | tr -d '\n')"
  sleep 2
done > measured/interfaces.jsonl &

# ipamd's own figures, every 15 s for 10 minutes: node@time.prom. Where Prometheus has
# them already, its answer is enough:
#   curl -sG $PROMETHEUS/api/v1/query_range --data-urlencode 'query={__name__=~"awscni_aws_api_latency_ms_(sum|count)"}' \
#     -d start=... -d end=... -d step=15 > measured/range.json
for round in $(seq 40); do
  for pod in $(kubectl get pods -n kube-system -l k8s-app=aws-node -o name); do
    node=$(kubectl get -n kube-system "$pod" -o jsonpath='{.spec.nodeName}')
    kubectl get --raw "/api/v1/namespaces/kube-system/pods/${pod#pod/}:61678/proxy/metrics" > "measured/scrapes/$node@$(date +%s).prom"
  done
  sleep 15
done
kill $forwards

# how long nodes boot, images are pulled, pods and nodes start; events live for an hour
kubectl get nodes -o json > measured/nodes.json
if claims=$(kubectl get nodeclaims -o json 2> /dev/null); then # with Karpenter
  printf '%s\n' "$claims" > measured/nodeclaims.json
fi
for reason in Scheduled Pulled Started NodeReady; do
  kubectl get events -A --field-selector reason=$reason -o json > measured/$reason.json
done
aws ec2 describe-instances --filters Name=instance-state-name,Values=pending,running --output json > measured/instances.json

# who asks EC2, and whom it refuses: the files that a trail delivers are better than these,
# of which there are 90 days and two requests a second
aws cloudtrail lookup-events --lookup-attributes AttributeKey=EventSource,AttributeValue=ec2.amazonaws.com \
  --start-time "$(date -u -d '1 hour ago' +%FT%TZ)" --output json > measured/trail.json

ipamsim calibrate measured > profile.yaml
`
}
