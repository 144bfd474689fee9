import assert from "node:assert/strict";
import { mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { after, test } from "node:test";
import { checked, close, names, open } from "./pages.js";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

after(close);

// A favicon is what every browser asks every server for.
const own = (complaints) => complaints.filter((text) => !text.includes("favicon") && !text.includes("404"));

for (const name of checked) {
  test(`${name}: nothing to complain of, for the browser and for axe, in light and in dark`, async () => {
    for (const colorScheme of ["light", "dark"]) {
      const { page, complaints, context } = await open(name, { colorScheme });
      await page.evaluate(axe);
      // Everything is looked at, what is folded and what another tab has, too.
      // The sources are the same in each page of a run, and are looked at in one.
      await page.evaluate((sources) => {
        document.querySelectorAll("details").forEach((d) => { d.open = true; });
        document.querySelectorAll("[role=tabpanel], .frame").forEach((e) => { e.hidden = false; });
        if (!sources) document.querySelectorAll("#sources, nav a[href='#sources']").forEach((e) => e.remove());
      }, name === "failed");
      // What differs between light and dark are colours.
      const rules = colorScheme === "dark" ? { runOnly: ["color-contrast"] } : {};
      const found = await page.evaluate((rules) => globalThis.axe.run(document, { resultTypes: ["violations"], ...rules }), rules);
      assert.deepEqual(found.violations.map((v) => `${v.id}: ${v.help}: ${v.nodes.slice(0, 3).map((n) => n.html.slice(0, 160)).join(" | ")}`), []);
      assert.deepEqual(own(complaints), []);
      await context.close();
    }
  });
}

for (const name of names) {
  test(`${name}: whole without scripts, and under a policy that lets neither scripts nor styles through`, async () => {
    const whole = await open(name);
    const text = await textsOf(whole.page);
    await whole.context.close();
    for (const options of [{ javaScriptEnabled: false }, { policy: "jenkins" }]) {
      const { page, context } = await open(name, options);
      assert.equal(await page.locator("html.js").count(), 0, "scripts run");
      const hidden = await page.locator("main section, main table, main svg[role=img], .frame").evaluateAll((list) =>
        list.filter((e) => !e.closest("details") && e.getBoundingClientRect().height < 5).map((e) => e.outerHTML.slice(0, 120)));
      assert.deepEqual(hidden, []);
      assert.deepEqual(await textsOf(page), text);
      if (options.policy) {
        for (const width of [800, 1600]) { // on a telephone a table without CSS has no room
          await page.setViewportSize({ width, height: 800 });
          const wide = await page.evaluate(() => document.scrollingElement.scrollWidth);
          assert.ok(wide <= width, `${wide} pixels at ${width} without CSS`);
        }
        assert.equal(await page.evaluate(() => getComputedStyle(document.body).maxWidth), "none", "styles are let through");
      }
      await context.close();
    }
  });

  test(`${name}: no scrolling to the side on a telephone`, async () => {
    for (const width of [320, 400, 800, 1600]) {
      const { page, context } = await open(name, { viewport: { width, height: 800 } });
      const wide = await page.evaluate(() => document.scrollingElement.scrollWidth);
      assert.ok(wide <= width, `${wide} pixels at ${width}`);
      await context.close();
    }
  });

  test(`${name}: the first stop of the tab key skips to the report`, async () => {
    const { page, context } = await open(name);
    await page.keyboard.press("Tab");
    assert.equal(await page.evaluate(() => document.activeElement.getAttribute("href")), "#main");
    await context.close();
  });
}

for (const name of names) {
  test(`${name}: no text of a picture lies on another, or runs over its edge`, async () => {
    const { page, context } = await open(name);
    const found = await page.evaluate(() => {
      document.querySelectorAll("[role=tabpanel], .frame").forEach((e) => { e.hidden = false; });
      document.querySelectorAll("details").forEach((e) => { e.open = true; });
      const list = [];
      for (const svg of document.querySelectorAll("main svg")) {
        const edge = svg.getBoundingClientRect();
        const parts = [...svg.querySelectorAll("text, rect")].map((e) => ({ text: e.tagName === "text" && e.textContent, box: e.getBoundingClientRect() }));
        for (const a of parts.filter((p) => p.text)) {
          if (a.box.left < edge.left - 1 || a.box.right > edge.right + 1) list.push(`${a.text} over the edge`);
          for (const b of parts) {
            const wide = Math.min(a.box.right, b.box.right) - Math.max(a.box.left, b.box.left);
            const high = Math.min(a.box.bottom, b.box.bottom) - Math.max(a.box.top, b.box.top);
            if (a !== b && wide > 1 && high > 4) list.push(`${a.text} on ${b.text || "a swatch"}`);
          }
        }
      }
      return list.slice(0, 5);
    });
    assert.deepEqual(found, []);
    await context.close();
  });

  test(`${name}: nothing is cut off on paper`, async () => {
    const { page, context } = await open(name, { viewport: { width: 703, height: 1000 } }); // A4 within its margins
    await page.emulateMedia({ media: "print" });
    await page.evaluate(() => dispatchEvent(new Event("beforeprint")));
    const wide = await page.evaluate(() => [...document.querySelectorAll("main table, main pre, main figure")]
      .filter((e) => !e.closest("details:not([open])") && e.getBoundingClientRect().right > innerWidth + 1)
      .map((e) => e.caption?.textContent || e.outerHTML.slice(0, 100)));
    assert.deepEqual(wide, []);
    await context.close();
  });

  test(`${name}: what the tab key comes to is seen to have it`, async () => {
    const { page, context } = await open(name);
    for (let i = 0; i < 25; i++) {
      await page.keyboard.press("Tab");
      const style = await page.evaluate(() => document.activeElement === document.body ? "" : getComputedStyle(document.activeElement).outlineStyle);
      assert.notEqual(style, "none", await page.evaluate(() => document.activeElement.outerHTML.slice(0, 100)));
    }
    await context.close();
  });
}

// textsOf is what stands in a page's sections, whatever is shown of it.
const textsOf = (page) => page.evaluate(() => [...document.querySelectorAll("main h2, main h3, main th, main td, main li, main pre, main svg desc")].map((e) => e.textContent));

const visible = (page, selector) => page.locator(selector).evaluateAll((list) => list.map((e) => e.getBoundingClientRect().height > 0));

test("tabs are chosen by mouse and by keyboard, one panel at a time", async () => {
  const { page, context } = await open("cliff");
  const shown = () => visible(page, "#over-time .tabs > section");
  const only = (i) => [0, 1, 2, 3].map((k) => k === i);
  assert.deepEqual(await shown(), only(0));
  await page.getByRole("tab").nth(2).click();
  assert.deepEqual(await shown(), only(2));
  await page.keyboard.press("ArrowRight");
  assert.deepEqual(await shown(), only(3));
  await page.keyboard.press("ArrowRight");
  assert.deepEqual(await shown(), only(0));
  await page.keyboard.press("End");
  assert.deepEqual(await shown(), only(3));
  assert.equal(await page.evaluate(() => document.activeElement.getAttribute("aria-selected")), "true");
  assert.deepEqual(await page.getByRole("tab").evaluateAll((list) => list.map((e) => e.tabIndex)), [-1, -1, -1, 0]);
  await context.close();
});

test("the slider shows one moment of the maps of all subnets", async () => {
  const { page, context } = await open("cliff");
  const slider = page.getByRole("slider").first();
  const strips = page.locator("#v1-map .frames");
  const shown = () => strips.evaluateAll((list) => list.map((strip) => [...strip.children].map((f) => f.getBoundingClientRect().height > 0)));
  const moments = (await page.locator("#v1-map").getAttribute("data-moments")).split(",");
  const at = async (i) => {
    for (const strip of await shown()) assert.deepEqual(strip, moments.map((_, k) => k === i));
    assert.equal(await slider.getAttribute("aria-valuetext"), moments[i]);
    assert.equal(await page.locator("#v1-map output").textContent(), moments[i]);
  };
  assert.ok(moments.length > 5);
  await at(moments.length - 1);
  await slider.focus();
  await page.keyboard.press("Home");
  await at(0);
  await page.keyboard.press("ArrowRight");
  await at(1);
  await page.locator("#v1-map").getByRole("button", { name: "Play" }).click();
  await page.locator("#v1-map").getByRole("button", { name: "Pause" }).waitFor();
  await context.close();
});

test("on paper all panels and moments are there, and of what is long what was opened", async () => {
  const { page, context } = await open("cliff");
  await page.emulateMedia({ media: "print" });
  await page.evaluate(() => dispatchEvent(new Event("beforeprint")));
  assert.ok((await visible(page, "#over-time .tabs > section, .frame, details:not(.screen) table")).every((v) => v));
  assert.equal(await page.locator("#sources details[open]").count(), 0);
  await page.locator("#sources details").first().evaluate((e) => { e.open = true; });
  assert.ok((await visible(page, "#sources details[open] table")).every((v) => v));
  await context.close();
});

test("a print is what one hands to a colleague", async () => {
  const { page, context } = await open("cliff");
  const pages = (await page.pdf({ format: "A4" })).toString("latin1").match(/\/Type \/Page\b/g).length;
  assert.ok(pages <= 24, `${pages} pages`);
  await context.close();
});

test("what failed comes first", async () => {
  const { page, context } = await open("failed");
  const first = page.locator("main > section").first();
  assert.match(await first.textContent(), /thresholds? failed/);
  assert.ok((await first.boundingBox()).y < 400);
  await context.close();
});

test("screenshots, where somebody wants to look", { skip: !process.env.SHOTS }, async () => {
  mkdirSync(process.env.SHOTS, { recursive: true });
  for (const name of names) {
    for (const width of [400, 800, 1600]) {
      for (const colorScheme of ["light", "dark"]) {
        const { page, context } = await open(name, { viewport: { width, height: 1000 }, colorScheme });
        await page.screenshot({ path: join(process.env.SHOTS, `${name}-${width}-${colorScheme}.png`), fullPage: true });
        await context.close();
      }
    }
  }
});
