# ipamsim in an image with nothing else in it: the program is static, the
# scenarios that are shipped are inside it, and it runs as nobody.
#
#	docker build -t ipamsim .
#	docker run --rm -v "$PWD:/work" ipamsim run scenario.yaml
FROM golang:1.26 AS build
WORKDIR /src
COPY . .
RUN CGO_ENABLED=0 go build -trimpath -ldflags="-s -w -buildid=" -o /ipamsim ./cmd/ipamsim

FROM scratch
COPY --from=build /ipamsim /ipamsim
COPY --from=build /src/LICENSE /LICENSE
WORKDIR /work
USER 65534:65534
ENTRYPOINT ["/ipamsim"]
