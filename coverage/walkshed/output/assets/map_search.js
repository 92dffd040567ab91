"use strict";

/** The search box over stations, gaps and places. */
walkshed.search = (() => {
  const { el } = walkshed;
  const FOUND_AT_MOST = 8;

  /** A search box over stations, gaps and places; arrow keys move, Enter goes. */
  function search(data, targets) {
    const words = data.words;
    const list = el("ul", { class: "found", id: "found", role: "listbox", hidden: true, "aria-label": words.search_label });
    const input = el("input", {
      type: "search", placeholder: words.search_label, "aria-label": words.search_label, autocomplete: "off",
      role: "combobox", "aria-expanded": "false", "aria-controls": "found", "aria-autocomplete": "list",
    });
    let [found, at] = [[], -1];

    const close = () => {
      list.hidden = true;
      input.setAttribute("aria-expanded", "false");
      input.removeAttribute("aria-activedescendant");
    };
    const go = (target) => {
      close();
      input.value = target.text;
      target.go();
    };
    const mark = (index) => {
      at = index;
      [...list.children].forEach((option, i) => option.setAttribute("aria-selected", String(i === at)));
      if (at >= 0) input.setAttribute("aria-activedescendant", `found-${at}`);
    };
    const look = () => {
      const wanted = folded(input.value);
      if (!wanted) return close();
      found = best(targets, wanted);
      const options = found.map((target, i) =>
        el("li", { role: "option", id: `found-${i}`, onpointerdown: (event) => { event.preventDefault(); go(target); } },
          el("span", { dir: "auto" }, target.text), el("small", { dir: "auto" }, target.kind)));
      list.replaceChildren(...(options.length ? options : [el("li", { class: "none" }, words.search_none)]));
      list.hidden = false;
      input.setAttribute("aria-expanded", "true");
      mark(found.length ? 0 : -1);
    };

    input.addEventListener("input", look);
    input.addEventListener("blur", close);
    input.addEventListener("keydown", (event) => {
      if (event.isComposing) return; // Enter and the arrows belong to the Chinese input method
      const move = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (move && found.length) mark((at + move + found.length) % found.length);
      else if (event.key === "Enter" && found[at] && !list.hidden) go(found[at]);
      else if (event.key === "Escape") close();
      else return;
      event.preventDefault();
    });
    return el("div", { class: "search" }, input, list);
  }

  function folded(text) {
    return text.trim().normalize("NFKC").toLowerCase();
  }

  function best(targets, wanted) {
    const found = [];
    for (const target of targets) {
      const at = target.folded.indexOf(wanted);
      if (at >= 0) found.push([at, target]);
    }
    return found.sort((a, b) => a[0] - b[0]).slice(0, FOUND_AT_MOST).map(([, target]) => target);
  }

  function targets(data, go) {
    const listed = [
      ...data.stations.title.map((text, i) => ({ text, kind: data.categories[data.stations.category[i]].name, go: () => go.station(i) })),
      ...data.sites.map((site, i) => ({ text: site.title, kind: site.brief, go: () => go.site(i) })),
      ...data.gaps.map((gap, i) => ({ text: gap.title, kind: gap.brief, go: () => go.gap(i) })),
      ...(data.base.places?.names ?? []).map((text, i) => ({ text, kind: data.words.place, go: () => go.place(i) })),
    ];
    return listed.map((target) => ({ ...target, folded: folded(target.text) }));
  }

  return { build: (data, go) => search(data, targets(data, go)) };
})();
