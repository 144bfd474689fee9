module ipamsim/validation/oracle

go 1.26.4

require (
	ahead/quiet v0.0.0
	github.com/aws/amazon-vpc-cni-k8s v1.23.2
	ipamsim v0.0.0
	pgregory.net/rapid v1.3.0
)

replace (
	ahead/quiet => ./quiet
	ipamsim => ../..
)
