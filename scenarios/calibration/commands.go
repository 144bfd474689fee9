package calibration

// Commands is a script that collects what a calibration reads. It reads only.
func Commands() string {
	return `# What ipamsim calibrate reads, collected into ./measured. Each command only reads: it
# needs exec on the pods of aws-node, get and list on these objects of Kubernetes,
# cloudtrail:LookupEvents and ec2:DescribeInstances.
# Set AWS_REGION if the AWS CLI has no default, and run it while nodes join and pods
# start: what nobody does nobody can measure.
mkdir -p measured/scrapes

# ipamd's own figures, every 15 s for 10 minutes: node@time.prom. Where Prometheus has
# them already, its answer is enough:
#   curl -sG $PROMETHEUS/api/v1/query_range --data-urlencode 'query={__name__=~"awscni_aws_api_latency_ms_(sum|count)"}' \
#     -d start=... -d end=... -d step=15 > measured/range.json
for round in $(seq 40); do
  for pod in $(kubectl get pods -n kube-system -l k8s-app=aws-node -o name); do
    node=$(kubectl get -n kube-system "$pod" -o jsonpath='{.spec.nodeName}')
    kubectl get --raw "/api/v1/namespaces/kube-system/pods/${pod#pod/}:61678/proxy/metrics" > "measured/scrapes/$node@$(date +%s).prom" &
  done
  wait
  sleep 15
done

# how long nodes boot and system images are pulled; events live for an hour
kubectl get nodes -o json > measured/nodes.json
kubectl get nodeclaims -o json > measured/nodeclaims.json # with Karpenter
kubectl get events -A --field-selector reason=Pulled -o json > measured/events.json
aws ec2 describe-instances --filters Name=instance-state-name,Values=pending,running --output json > measured/instances.json

# who asks EC2, and whom it refuses: the files that a trail delivers are better than these,
# of which there are 90 days and two requests a second
aws cloudtrail lookup-events --lookup-attributes AttributeKey=EventSource,AttributeValue=ec2.amazonaws.com \
  --start-time "$(date -u -d '1 hour ago' +%FT%TZ)" --output json > measured/trail.json

ipamsim calibrate measured > profile.yaml
`
}
