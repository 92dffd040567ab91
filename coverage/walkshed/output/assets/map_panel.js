"use strict";

/** The panel beside the map: headline, search, layers with legends, ranked gaps, what it all means. */
walkshed.panel = (() => {
  const { el, fill } = walkshed;
  const GAPS_AT_FIRST = 10;
  const FOUND_AT_MOST = 8;

  function head(data, state) {
    const headline = el("div", { class: "headline", "aria-live": "polite" });
    const show = () => headline.replaceChildren(...headlineParts(data.headlines[state.cutoff]));
    state.listeners.push(show);
    show();
    return el(
      "header",
      { class: "head" },
      data.invented ? el("p", { class: "badge" }, data.words.invented) : null,
      el("h1", { dir: "auto" }, data.title),
      cutoffChoice(data, state),
      headline,
    );
  }

  function headlineParts({ sentence, bars }) {
    return [
      el("p", { class: "sentence" }, sentence),
      ...bars.map(({ name, share, share_text, text }) =>
        el(
          "div",
          { class: "bar" },
          el("span", { class: "bar-name" }, name),
          el("span", { class: "bar-share" }, share_text),
          barTrack(share),
          el("span", { class: "bar-text" }, text),
        )),
    ];
  }

  function barTrack(share) {
    const filled = el("span", { class: "bar-filled" });
    filled.style.width = `${100 * (share ?? 0)}%`;
    return el("span", { class: "bar-track", "aria-hidden": "true" }, filled);
  }

  function cutoffChoice(data, state) {
    const choices = data.cutoffs.map((cutoff, i) => {
      const input = el("input", { type: "radio", name: "cutoff", value: i, checked: i === state.cutoff, onchange: () => state.choose(i) });
      return el("label", {}, input, el("span", {}, cutoff));
    });
    return el("fieldset", { class: "choice" }, el("legend", {}, data.words.cutoff_label), ...choices);
  }

  function layerList(data, listed) {
    const boxes = new Map();
    const set = (layer, on) => {
      boxes.get(layer).checked = on;
      layer.show(on);
    };
    const items = listed.map((layer) => {
      const box = el("input", { type: "checkbox", "data-layer": layer.key, checked: layer.on });
      boxes.set(layer, box);
      box.addEventListener("change", () => {
        const rivals = listed.filter((other) => other !== layer && layer.group && other.group === layer.group);
        if (box.checked) rivals.forEach((rival) => set(rival, false));
        set(layer, box.checked);
      });
      layer.show(layer.on);
      return el("li", {}, el("label", {}, box, el("span", {}, layer.name), layer.swatch ? swatch(layer.swatch) : null), legend(layer.legend));
    });
    return section(data.words.layers, el("ul", { class: "layers" }, ...items));
  }

  function legend(entries) {
    if (!entries.length) return null;
    return el("ul", { class: "legend" }, ...entries.map((entry) => el("li", {}, swatch(entry), el("span", { dir: "auto" }, entry.text))));
  }

  function swatch({ swatch: kind, color, image }) {
    const box = el("span", { class: `swatch swatch-${kind}`, "aria-hidden": "true" });
    if (color) box.style.color = color;
    if (image) box.append(image());
    return box;
  }

  function section(heading, ...children) {
    return el("section", { class: "part" }, el("h2", {}, heading), ...children);
  }

  function gapList(data, select) {
    const words = data.words;
    const item = (gap, i) =>
      el(
        "li",
        {},
        el(
          "button",
          { type: "button", onclick: () => select(i), "aria-label": `${fill(words.show_gap, { rank: gap.rank })}: ${gap.brief}` },
          el("span", { class: "gap-number" }, String(gap.rank)),
          el("span", { dir: "auto" }, gap.brief),
        ),
      );
    const list = el("ol", { class: "gaps" }, ...data.gaps.slice(0, GAPS_AT_FIRST).map(item));
    const rest = data.gaps.slice(GAPS_AT_FIRST);
    const more = rest.length
      ? el("button", { type: "button", class: "link", onclick: () => {
        list.append(...rest.map((gap, i) => item(gap, GAPS_AT_FIRST + i)));
        more.remove();
      } }, fill(words.gaps_more, { count: data.gaps.length }))
      : null;
    return section(words.gaps_heading, el("p", { class: "hint" }, data.headlines[data.headlines.length - 1].gaps), list, more);
  }

  function about(data) {
    const { name, date, credit } = data.source;
    return section(
      data.words.about,
      ...data.notes.map((note) => el("p", { class: "hint" }, note)),
      el("p", { class: "hint", dir: "auto" }, [date, name, credit].filter(Boolean).join(" · ")),
    );
  }

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
      ...data.gaps.map((gap, i) => ({ text: gap.title, kind: gap.brief, go: () => go.gap(i) })),
      ...(data.base.places?.names ?? []).map((text, i) => ({ text, kind: data.words.place, go: () => go.place(i) })),
    ];
    return listed.map((target) => ({ ...target, folded: folded(target.text) }));
  }

  function build(data, state, listed, go) {
    const words = data.words;
    const panel = document.getElementById("panel");
    panel.setAttribute("aria-label", words.panel_label);
    const fold = el("button", { type: "button", class: "fold", "aria-expanded": "false", "aria-controls": "details" }, words.details);
    fold.addEventListener("click", () => {
      const open = panel.classList.toggle("open");
      fold.setAttribute("aria-expanded", String(open));
      fold.textContent = open ? words.map_only : words.details;
    });
    const details = el("div", { class: "details", id: "details" }, search(data, targets(data, go)), layerList(data, listed));
    if (data.gaps.length) details.append(gapList(data, go.gap));
    details.append(about(data));
    panel.append(head(data, state), fold, details);
    return { collapse: () => panel.classList.contains("open") && fold.click() };
  }

  return { build };
})();
