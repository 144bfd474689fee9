package main

import (
	"context"
	"fmt"
	"slices"
	"time"

	"ipamsim/internal/words"
	"ipamsim/scenarios"
	"ipamsim/sim/fleet"
	"ipamsim/sim/ipamd"
	"ipamsim/sim/scrape"
)

// scrapeLess is what to do where a collection has no room for a run.
const scrapeLess = "collect less: --scrape-interval 2m, single nodes with --node NAME, one --variant, a shorter duration or fewer nodes"

// checkScrapes says before a run what does not go together.
func (a *app) checkScrapes(variants []scenarios.Expanded, flags *runFlags) error {
	every := flags.scrapeEvery
	if !flags.scrapes() {
		if every.given {
			return usagef("--scrape-interval is of openmetrics and watch: it goes with --out openmetrics=FILE or --out watch=FILE")
		}
		return nil
	}
	if every.given && (time.Duration(every.value) < scrape.EveryLeast || time.Duration(every.value) > scrape.EveryMost) {
		return usagef("--scrape-interval %v: want from %v to %v", every.value, scenarios.Duration(scrape.EveryLeast), scenarios.Duration(scrape.EveryMost))
	}
	if flags.needs(scrapedRequests, scrapedAnswers, scrapedEvents) && len(variants) > 1 {
		return usagef("the records of %s would be one account's: choose one of them with --variant NAME", words.Plural(len(variants), "variant"))
	}
	if len(variants) > 1 && !flags.quiet {
		fmt.Fprintf(a.stderr, "ipamsim: the series of %s go into one file, apart by the label variant; a rule that sums them up without it sees them as one cluster: --variant NAME\n", words.Plural(len(variants), "variant"))
	}
	return nil
}

// collect scrapes the first replication of each variant, in runs of their own.
func collect(ctx context.Context, variants []scenarios.Expanded, flags *runFlags, progress func(fleet.Progress)) ([]*scrape.Scrapes, error) {
	options := scrape.Options{Every: scrape.EveryDefault, Nodes: flags.nodes.values, Progress: progress,
		Requests: flags.needs(scrapedRequests), Answers: flags.needs(scrapedAnswers), Events: flags.needs(scrapedEvents), NoSeries: !flags.needs(scrapedSeries)}
	if flags.scrapeEvery.given {
		options.Every = time.Duration(flags.scrapeEvery.value)
	}
	var all []*scrape.Scrapes
	samples := 0
	for i := range variants {
		s, err := scrape.Collect(ctx, variants[i], options)
		if err != nil {
			return nil, err
		}
		all = append(all, s)
		if samples += s.Samples() + len(s.Answers) + len(s.Events); samples > scrape.Limit {
			return nil, fmt.Errorf("%w: %s of all variants together", scrape.ErrLimit, words.Count(scrape.Limit))
		}
	}
	for _, name := range flags.nodes.values {
		if !slices.ContainsFunc(all, func(s *scrape.Scrapes) bool { return s.Has(ipamd.Label{Name: "node", Value: name}) }) {
			return nil, usagef("--node %s: no node of this name came to the cluster", name)
		}
	}
	return all, nil
}
