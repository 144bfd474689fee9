# ipamsim: everything a developer runs. CI runs .ci/run.
GO ?= go

.PHONY: run test properties lint race machines bench growth docs site release image real-daemon real-binary conformance clients browser alerts

run: ## The main job: the latency cliff, its explanation and its fixes.
	$(GO) run ./cmd/ipamsim run latency-cliff

test: ## Every test; formatting and the layout are among them.
	$(GO) test ./...

properties: ## The random cases that nobody has seen, a thousand of each. Takes an hour.
	RAPID_SEED=0 RAPID_CHECKS=1000 $(GO) test -timeout 3h ./...

lint: ## gofmt, vet, staticcheck, govulncheck.
	.ci/lint

race: ## The race detector over what is concurrent.
	.ci/race

machines: ## The same bytes on 386, amd64-v3, arm64 (qemu) and WebAssembly (Node).
	.ci/machines

bench: ## The budgets: each with its figure, and ok or over.
	$(GO) test -run '^$$' -bench . -benchmem ./sim/des ./ec2model
	$(GO) run ./internal/budgets

growth: ## How the cost of a run grows with the fleet. Takes half an hour.
	$(GO) run ./internal/budgets -growth

docs: ## Rewrites the generated pages and pictures.
	$(GO) generate ./...

site: ## The pages as HTML, in site/.
	$(GO) run ./internal/site -out site

release: ## Archives for six platforms with manual pages, completions, SBOM and digests, in dist/.
	$(GO) run ./internal/release -out dist

image: ## The Dockerfile's steps without an engine, and its program with nothing around it. Linux.
	.ci/image

real-daemon: ## The whole real ipamd beside ours: the set, or SCENARIO=a file or a name; FLAGS=-release v1.23.1, ... Linux, iptables; a module of its own.
	cd validation/live && $(GO) run ./realdaemon -table $(FLAGS) $(if $(SCENARIO),$(if $(filter %.yaml %.yml %.json,$(SCENARIO)),$(abspath $(SCENARIO)),$(SCENARIO)))

real-binary: ## The real ipamd and plugin as processes, in a namespace, against ipamsim serve. Linux, ip, iptables, nft; four minutes.
	cd validation/live/real && $(GO) test -count 1 -timeout 30m -v ./wire

conformance: ## The real datastore beside ours, 10,000 random sequences. Linux; a module of its own.
	cd validation/oracle && $(GO) test -count 1 -timeout 60m -v -run 'RealDatastore|Oracle' -rapid.checks 10000 .

clients: ## The served account, asked by the SDK's EC2 client and the AWS CLI. A module of its own.
	cd validation/liveclients && $(GO) test -count 1 -timeout 30m .

browser: ## HTML reports in headless Chromium. Needs Chromium and Node.
	.ci/browser

alerts: ## The findings' PromQL in Prometheus' own engine, a module of its own, and in a Prometheus that is installed.
	cd validation/promql && ALERTS=all $(GO) test -count 1 -timeout 30m ./...
	.ci/prometheus
