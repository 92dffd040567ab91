"use strict";

/** Put the page of a comparison together on the map that folium made. */
walkshed.start = (map) => {
  const { el } = walkshed;
  const { PackedPath } = walkshed.draw;
  const { integers, lines, places, bounds } = walkshed.codec;
  const { ground } = walkshed;
  const data = JSON.parse(document.getElementById("walkshed-data").textContent);
  const words = data.words;
  const VIEWS = ["change", "before", "after"];
  const state = { cutoff: data.cutoffs.length - 1, view: "change", listeners: [] };
  const choose = (changes) => {
    Object.assign(state, changes);
    state.listeners.forEach((listener) => listener());
  };
  for (const name of ["station", "station_edge"]) {
    document.documentElement.style.setProperty(`--${name.replace("_", "-")}`, data.colors[name]);
  }

  // Layers, the lowest first.
  const renderer = {};
  ["base", "ground", "streets", "labels"].forEach((name, i) => {
    const pane = map.createPane(`walkshed-${name}`);
    pane.style.zIndex = 210 + 40 * i;
    pane.style.pointerEvents = "none";
    renderer[name] = L.canvas({ pane: `walkshed-${name}`, padding: 0.15 });
  });
  const all = lines(data.lines);
  const width = integers(data.width);
  const change = data.change.map(integers);
  const covered = data.sides_covered.map((sides) => sides.map(integers));

  const streetWidth = (kind, thicker) => {
    const [least, most] = [[0.5, 3.4], [0.9, 5.5], [1.5, 9]][kind];
    return (zoom) => thicker * Math.min(most, Math.max(0.6 * least, least * 1.42 ** (zoom - 12)));
  };
  const pickWidths = (size, of) => {
    const lists = [[], [], []];
    for (let i = 0; i < size; i++) if (of(i) !== null) lists[of(i)].push(i);
    return lists.map((list) => Int32Array.from(list));
  };

  /** The classes of the view, the least important first: color, which lines, and how. */
  function classes() {
    const { kinds } = data;
    if (state.view === "change") {
      const own = change[state.cutoff];
      return [3, 5, 0, 4, 2, 1].map((kind) => ({ // never, gone, kept, new, lost, gained
        color: kinds[kind].color,
        dash: kind === 5 ? [3, 4] : null,
        thicker: [1, 1.6, 1.6, 0.8, 1.4, 1.2][kind],
        has: (i) => own[i] === kind,
      }));
    }
    const own = covered[state.cutoff][state.view === "before" ? 0 : 1];
    return [1, 0].map((at) => ({ color: at ? data.colors.uncovered : data.colors.covered, thicker: 1.2, has: (i) => own[i] === at }));
  }

  let paths = [];
  function drawStreets() {
    paths.forEach((path) => path.remove());
    paths = classes().flatMap(({ color, dash, thicker, has }) =>
      pickWidths(all.size, (i) => (has(i) ? width[i] : null)).flatMap((pick, kind) =>
        pick.length ? [new PackedPath(all, { renderer: renderer.streets, color, dash, width: streetWidth(kind, thicker) }, pick).addTo(map)] : []));
  }

  const around = lines(data.base.streets);
  const aroundWidth = integers(data.base.width);
  pickWidths(around.size, (i) => aroundWidth[i]).forEach((pick, kind) =>
    new PackedPath(around, { renderer: renderer.base, color: ["#d9d5cc", "#cfcabf", "#c0b9ab"][kind], width: streetWidth(kind, 0.8) }, pick).addTo(map));
  ground.surroundings(data.base, renderer.ground).forEach((path) => path.addTo(map));
  const outline = lines(data.area);
  new PackedPath(outline, { renderer: renderer.labels, color: "#4a463f", width: 1.8, dash: [10, 4, 2, 4], opacity: 0.9 }).addTo(map);
  ground.placeLabels(data.base, renderer.labels, () => []).forEach((layer) => layer.addTo(map));

  // Stations: what was added, removed, moved; in a side's view those that stand there.
  const spots = places(data.stations.points);
  const KINDS = ["added", "removed", "moved", "kept"];
  const SIGNS = ["+", "×", "↗", ""];
  const markers = spots.map((at, i) => {
    const kind = data.stations.change[i];
    const used = data.stations.is_used[i] || data.stations.was_used[i];
    const size = kind === 3 ? 13 : 20;
    const spot = el("span", { class: `spot spot-${KINDS[kind]}${used ? "" : " spot-unused"}`, "aria-hidden": "true" }, SIGNS[kind]);
    const icon = L.divIcon({ html: spot, className: "station", iconSize: [size, size] });
    const title = data.stations.title[i];
    return L.marker(at, { icon, title, alt: title, keyboard: kind !== 3, zIndexOffset: kind === 3 ? 0 : 1000 })
      .on("click", () => showStation(i));
  });
  const card = (title, rows) => el("div", { class: "card" }, el("h3", { dir: "auto" }, title),
    el("dl", {}, ...rows.flatMap(([label, text]) => [el("dt", {}, label), el("dd", { dir: "auto" }, text)])));
  const showStation = (i) => L.popup({ maxWidth: 280, autoPanPadding: [20, 20] })
    .setLatLng(spots[i]).setContent(card(data.stations.title[i], data.stations.rows[i])).openOn(map);
  function drawStations() {
    markers.forEach((marker, i) => {
      const kind = KINDS[data.stations.change[i]];
      const hidden = (state.view === "before" && kind === "added") || (state.view === "after" && kind === "removed");
      if (hidden) marker.remove();
      else marker.addTo(map);
    });
  }

  // The panel.
  const panel = document.getElementById("panel");
  panel.setAttribute("aria-label", words.panel_label);
  const radio = (name, legend, texts, checked, onchange) => el("fieldset", { class: "choice" }, el("legend", {}, legend),
    ...texts.map((text, i) => el("label", {},
      el("input", { type: "radio", name, value: i, checked: i === checked, onchange: () => onchange(i) }), el("span", {}, text))));
  const headline = el("p", { class: "sentence", "aria-live": "polite" });
  const legend = el("ul", { class: "legend" });
  const swatch = (kind, color) => {
    const box = el("span", { class: `swatch swatch-${kind}`, "aria-hidden": "true" });
    box.style.color = color;
    return box;
  };
  function writeLegend() {
    const entries = state.view === "change"
      ? [1, 2, 0, 3, 4, 5].filter((kind) => data.is_there[kind]).map((kind) => [
        kind === 5 ? "dotted" : "line", data.kinds[kind].color, data.kinds[kind].text, data.km[state.cutoff][kind]])
      : [["line", data.colors.covered, data.covered[state.cutoff], ""], ["line", data.colors.uncovered, words.compare_uncovered, ""]];
    legend.replaceChildren(...entries.map(([kind, color, text, km]) =>
      el("li", {}, swatch(kind, color), el("span", {}, text), el("span", { class: "key-km" }, km))));
  }
  const section = (heading, ...children) => el("section", { class: "part" }, el("h2", {}, heading), ...children);
  const changed = data.stations.change.flatMap((kind, i) => (kind === 3 ? [] : [i]));
  const stationList = changed.length
    ? el("ul", { class: "changes" }, ...changed.map((i) => el("li", {}, el("button", {
      type: "button",
      onclick: () => {
        collapse();
        map.setView(spots[i], Math.max(map.getZoom(), 15), { animate: false });
        showStation(i);
      },
    }, el("small", {}, data.stations.kinds[data.stations.change[i]]), el("span", { dir: "auto" }, data.stations.title[i])))))
    : el("p", { class: "hint" }, words.compare_stations_none);
  const fold = el("button", { type: "button", class: "fold", "aria-expanded": "false", "aria-controls": "details" }, words.details);
  fold.addEventListener("click", () => {
    const open = panel.classList.toggle("open");
    fold.setAttribute("aria-expanded", String(open));
    fold.textContent = open ? words.map_only : words.details;
  });
  const collapse = () => panel.classList.contains("open") && fold.click();
  const views = [words.compare_view_change, words.compare_before, words.compare_after];
  panel.append(
    el("header", { class: "head" },
      data.invented ? el("p", { class: "badge" }, words.invented) : null,
      el("h1", { dir: "auto" }, data.title),
      radio("cutoff", words.cutoff_label, data.cutoffs, state.cutoff, (cutoff) => choose({ cutoff })),
      radio("view", words.compare_view, views, 0, (i) => choose({ view: VIEWS[i] })),
      el("div", { class: "headline" }, headline)),
    fold,
    el("div", { class: "details", id: "details" },
      el("section", { class: "part" }, legend),
      section(words.compare_stations, stationList),
      section(words.compare_notes,
        el("p", { class: "hint", dir: "auto" }, `${words.compare_before}: ${data.sides[0]}`),
        el("p", { class: "hint", dir: "auto" }, `${words.compare_after}: ${data.sides[1]}`),
        ...data.notes.map((note) => el("p", { class: "hint" }, note)),
        data.report ? el("p", { class: "hint" }, el("a", { href: encodeURIComponent(data.report) }, words.full_report)) : null)),
  );
  state.listeners.push(() => { headline.textContent = data.headlines[state.cutoff]; }, writeLegend, drawStreets, drawStations, () => map.closePopup());

  // The view.
  const whole = bounds(outline) ?? bounds(all);
  const fit = () => map.fitBounds(whole, { padding: [16, 16], animate: false });
  map.options.zoomSnap = 0.25;
  map.options.zoomDelta = 0.5;
  map.getContainer().setAttribute("aria-label", words.map_label);
  map.setView(whole ? whole.getCenter() : [0, 0], 12, { animate: false });
  choose({});
  walkshed.controls(map, data, fit);
  let isTouched = false;
  map.on("dragstart popupopen", () => { isTouched = true; });
  for (const name of ["wheel", "pointerdown", "keydown"]) map.getContainer().addEventListener(name, () => { isTouched = true; }, { passive: true });
  new ResizeObserver(() => {
    map.invalidateSize({ pan: false });
    if (!isTouched && whole && map.getSize().x) fit();
  }).observe(map.getContainer());
};
