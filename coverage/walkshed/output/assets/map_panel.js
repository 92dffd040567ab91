"use strict";

/** The panel beside the map: headline, search, layers with legends, ranked gaps, what it all means. */
walkshed.panel = (() => {
  const { el, fill } = walkshed;
  const GAPS_AT_FIRST = 10;

  function head(data, state) {
    const headline = el("div", { class: "headline", "aria-live": "polite" });
    const show = () => headline.replaceChildren(...headlineParts((state.view ?? data).headlines[state.cutoff]));
    state.listeners.push(show);
    show();
    return el(
      "header",
      { class: "head" },
      data.invented ? el("p", { class: "badge" }, data.words.invented) : null,
      el("h1", { dir: "auto" }, data.title),
      cutoffChoice(data, state),
      data.views.length ? categoryChoice(data, state) : null,
      data.then ? el("p", { class: "then" }, data.then) : null,
      headline,
      el("p", { class: "actions" }, ...actions(data)),
    );
  }

  /** The report, if it stands beside the map, and a way to paper. */
  function actions(data) {
    const report = data.report && el("a", { class: "link", href: encodeURIComponent(data.report) }, data.words.full_report);
    return [report, el("button", { type: "button", class: "link print", onclick: () => walkshed.print() }, data.words.print)];
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
      const input = el("input", { type: "radio", name: "cutoff", value: i, checked: i === state.cutoff, onchange: () => state.choose({ cutoff: i }) });
      return el("label", {}, input, el("span", {}, cutoff));
    });
    return el("fieldset", { class: "choice" }, el("legend", {}, data.words.cutoff_label), ...choices);
  }

  function categoryChoice(data, state) {
    const names = data.views.map(({ category }) => data.categories[category]);
    const options = names.map(({ name, count }, i) => el("option", { value: i }, fill(data.words.legend_count, { name, count })));
    const select = el("select", { id: "category", onchange: () => state.choose({ view: data.views[select.value] ?? null }) },
      el("option", { value: "" }, data.words.category_all), ...options);
    return el("p", { class: "choice" }, el("label", { for: "category" }, data.words.category_label), select);
  }

  function layerList(data, state, listed) {
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
      const name = el("span", {});
      const legend = el("ul", { class: "legend" });
      const write = () => {
        name.textContent = layer.name;
        legend.replaceChildren(...(box.disabled ? [{ text: data.words.category_aside }] : layer.legend()).map(legendEntry));
        legend.hidden = !legend.childElementCount;
      };
      state.listeners.push(() => {
        layer.choose?.(state.cutoff, state.view);
        setAside(layer, box, state.view !== null);
        write();
      });
      write();
      return el("li", {}, el("label", {}, box, name, layer.swatch ? swatch(layer.swatch) : null), legend);
    });
    return section(data.words.layers, el("ul", { class: "layers" }, ...items));
  }

  /** A layer that tells of all stations together is put aside while one category alone is shown. */
  function setAside(layer, box, on) {
    if (!layer.isForAll || box.disabled === on) return;
    box.disabled = on;
    layer.show(!on && box.checked);
  }

  const legendEntry = (entry) =>
    el("li", {}, entry.swatch ? swatch(entry) : null, el("span", { dir: "auto", class: entry.swatch ? null : "hint" }, entry.text));

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
    const heading = fill(words.gaps_heading, { cutoff: data.cutoffs[data.cutoffs.length - 1] });
    return section(heading, el("p", { class: "hint" }, data.gaps_line), list, more);
  }

  function siteList(data, select) {
    const { words, sites } = data;
    const items = sites.map((site, i) => el("li", {}, el(
      "button",
      { type: "button", onclick: () => select(i), "aria-label": `${fill(words.show_site, { order: site.order })}: ${site.brief}` },
      walkshed.sites.badge(site),
      el("span", { dir: "auto" }, site.brief),
    )));
    return section(words.sites_heading, el("p", { class: "hint" }, words.sites_hint), el("ol", { class: "gaps" }, ...items));
  }

  function about(data) {
    const { name, date, own, credit } = data.source;
    return section(
      data.words.about,
      ...data.notes.map((note) => el("p", { class: "hint" }, note)),
      el("p", { class: "hint keys" }, data.words.keys),
      el("p", { class: "hint", dir: "auto" }, [date, name, own, credit].filter(Boolean).join(" · ")),
    );
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
    const details = el("div", { class: "details", id: "details" }, walkshed.search.build(data, go), layerList(data, state, listed));
    if (data.sites.length) details.append(siteList(data, go.site));
    if (data.gaps.length) details.append(gapList(data, go.gap));
    details.append(about(data));
    panel.append(head(data, state), fold, details);
    return { collapse: () => panel.classList.contains("open") && fold.click() };
  }

  return { build };
})();
