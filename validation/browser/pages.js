// The pages that are tested, made by the program that IPAMSIM names, and a browser.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, existsSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "playwright-core";

const program = process.env.IPAMSIM;
if (!program) throw new Error("IPAMSIM is to name the program that makes the pages");

const folder = mkdtempSync(join(tmpdir(), "ipamsim-pages-"));

// Each page's name and how it is made. A run whose thresholds fail exits with 99.
const commands = {
  failed: ["run", "hello", "--set", "nodeGroups.workers.count=0"],
  drop: ["run", "silent-drop", "--variant", "pods-recreated", "--remedies-events", "1"],
  pair: ["run", "latency-cliff", "--variant", "default", "--variant", "warm-targets-ahead", "--replications", "2", "--remedies-events", "1"],
  faults: ["run", "rolling-restart", "--variant", "all-at-once", "--replications", "1", "--remedies-events", "1"],
  cliff: ["run", "latency-cliff", "--replications", "2", "--remedies-events", "1"],
  test: ["test", "hello", "cooldown-stall", "--set", "nodeGroups.workers.count=1", "--remedies", "untried"],
  compare: ["compare", "cooldown-stall", "--variant", "default", "--variant", "more-warm"],
  plan: ["plan", "hello"],
  tune: ["tune", "hello", "--settings", "4", "--replications", "2"],
};

export const names = Object.keys(commands);

// Those that a checker of accessibility looks at: cliff is pair with more of the same,
// and takes it most of a minute.
export const checked = names.filter((name) => name !== "cliff");
export const files = {};
for (const [name, args] of Object.entries(commands)) {
  files[name] = join(folder, name + ".html");
  try {
    execFileSync(program, [...args, "--quiet", "--out", "html=" + files[name]], { stdio: ["ignore", "ignore", "pipe"] });
  } catch (error) {
    if (error.status !== 99) throw error;
  }
}

// jenkins is the policy that its HTML Publisher serves archived pages under.
const jenkins = "sandbox; default-src 'none'; img-src 'self'; style-src 'self';";

const server = createServer((request, response) => {
  const [, policy, name] = request.url.split("/");
  if (!files[name]) return response.writeHead(404).end();
  response.setHeader("Content-Type", "text/html; charset=utf-8");
  if (policy === "jenkins") response.setHeader("Content-Security-Policy", jenkins);
  response.end(readFileSync(files[name]));
});
await new Promise((listening) => server.listen(0, "127.0.0.1", listening));
export const address = (policy, name) => `http://127.0.0.1:${server.address().port}/${policy}/${name}`;

const executablePath = process.env.CHROMIUM || "/usr/bin/chromium";
if (!existsSync(executablePath)) throw new Error(`there is no ${executablePath}`);
export const browser = await chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-gpu"] });

export async function close() {
  await browser.close();
  server.close();
  rmSync(folder, { recursive: true });
}

// open opens a page and keeps what the browser complains of.
export async function open(name, { policy = "none", ...options } = {}) {
  const context = await browser.newContext({ viewport: { width: 1200, height: 900 }, ...options });
  const page = await context.newPage();
  const complaints = [];
  page.on("console", (m) => { if (["error", "warning"].includes(m.type())) complaints.push(m.text()); });
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("request", (r) => { if (r.url() !== address(policy, name) && !r.url().endsWith("/favicon.ico")) complaints.push("asks for " + r.url()); });
  await page.goto(address(policy, name));
  return { page, complaints, context };
}
