"use strict";
// Everything stands in the page already: this shows one variant, and one moment
// of the maps, at a time.
document.documentElement.classList.add("js");

// Tabs, as https://www.w3.org/WAI/ARIA/apg/patterns/tabs/ has them: the chosen one
// is in the order of the tab key, arrows, Home and End choose.
for (const box of document.querySelectorAll("[data-tabs]")) {
  const panels = [...box.children].filter((e) => e.tagName === "SECTION");
  if (panels.length < 2) continue;
  const list = document.createElement("div");
  list.setAttribute("role", "tablist");
  list.setAttribute("aria-label", box.dataset.tabs);
  const tabs = panels.map((panel) => {
    const tab = document.createElement("button");
    tab.type = "button";
    tab.id = panel.id + "-tab";
    tab.setAttribute("role", "tab");
    tab.setAttribute("aria-controls", panel.id);
    tab.textContent = panel.querySelector("h3").textContent;
    panel.setAttribute("role", "tabpanel");
    panel.setAttribute("aria-labelledby", tab.id);
    tab.addEventListener("click", () => choose(tab));
    list.append(tab);
    return tab;
  });
  const choose = (chosen) => {
    tabs.forEach((tab, i) => {
      const is = tab === chosen;
      tab.setAttribute("aria-selected", String(is));
      tab.tabIndex = is ? 0 : -1;
      panels[i].hidden = !is;
    });
  };
  list.addEventListener("keydown", (event) => {
    const at = tabs.indexOf(document.activeElement), last = tabs.length - 1;
    const to = { ArrowRight: at === last ? 0 : at + 1, ArrowLeft: at === 0 ? last : at - 1, Home: 0, End: last }[event.key];
    if (at < 0 || to === undefined) return;
    event.preventDefault();
    choose(tabs[to]);
    tabs[to].focus();
  });
  box.prepend(list);
  box.classList.add("on");
  choose(tabs[0]);
  // A link into a panel that is not shown shows it.
  const follow = () => {
    const target = location.hash.length > 1 && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    const i = target ? panels.findIndex((panel) => panel.contains(target)) : -1;
    if (i >= 0) {
      choose(tabs[i]);
      target.scrollIntoView();
    }
  };
  addEventListener("hashchange", follow);
  follow();
}

// Maps: a slider over their moments, which it begins at the end of.
for (const maps of document.querySelectorAll(".maps")) {
  const moments = maps.dataset.moments.split(",");
  if (moments.length < 2) continue;
  const strips = [...maps.querySelectorAll(".frames")].map((e) => [...e.children]);
  const slide = document.createElement("div");
  slide.className = "slide";
  const play = document.createElement("button");
  play.type = "button";
  play.textContent = "Play";
  const input = document.createElement("input");
  input.type = "range";
  input.min = "0";
  input.max = String(moments.length - 1);
  input.value = input.max;
  input.setAttribute("aria-label", "Moment of the maps");
  const output = document.createElement("output");
  const show = () => {
    const at = Number(input.value);
    output.textContent = moments[at];
    input.setAttribute("aria-valuetext", moments[at]);
    for (const frames of strips) frames.forEach((frame, i) => { frame.hidden = i !== at; });
  };
  let timer = 0;
  const stop = () => {
    clearInterval(timer);
    timer = 0;
    play.textContent = "Play";
  };
  input.addEventListener("input", () => { stop(); show(); });
  play.addEventListener("click", () => {
    if (timer) return stop();
    play.textContent = "Pause";
    if (input.value === input.max) input.value = "0";
    show();
    timer = setInterval(() => {
      input.value = String(Number(input.value) + 1);
      show();
      if (input.value === input.max) stop();
    }, 700);
  });
  slide.append(play, input, output);
  maps.querySelector("h4").after(slide);
  maps.classList.add("on");
  show();
}

// On paper everything is open, but for what is long and of the screen.
addEventListener("beforeprint", () => {
  for (const more of document.querySelectorAll("details:not([open], .screen)")) {
    more.open = true;
    more.dataset.opened = "";
  }
});
addEventListener("afterprint", () => {
  for (const more of document.querySelectorAll("details[data-opened]")) {
    more.open = false;
    delete more.dataset.opened;
  }
});
