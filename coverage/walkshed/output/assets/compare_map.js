"use strict";

/** The map of a comparison: the difference, before and after, beside the base map of every walkshed map. */
walkshed.compare = (() => {
  const { el } = walkshed;
  const { PackedPath } = walkshed.draw;
  const { integers, lines, places } = walkshed.codec;
  const { ground } = walkshed;
  const VIEWS = ["change", "before", "after"];
  /** Kept, gained, lost, never, new, gone: how thick each is, and in which order they are drawn and told. */
  const THICKER = [1, 1.6, 1.6, 0.8, 1.4, 1.2];
  const ORDER = [3, 5, 0, 4, 2, 1];
  const LEGEND = [1, 2, 0, 3, 4, 5];
  const GONE = 5;
  const KINDS = ["added", "removed", "moved", "kept"];
  const SIGNS = ["+", "×", "↗", ""];
  const KEPT = 3;

  function renderers(map) {
    const made = {};
    ["base", "ground", "streets", "labels"].forEach((name, i) => {
      const pane = map.createPane(`walkshed-${name}`);
      pane.style.zIndex = 210 + 40 * i;
      pane.style.pointerEvents = "none";
      made[name] = L.canvas({ pane: `walkshed-${name}`, padding: 0.15 });
    });
    return made;
  }

  /** Pixels that a street is wide: paths, streets and main roads grow with the zoom. */
  function streetWidth(kind, thicker) {
    const [least, most] = [[0.5, 3.4], [0.9, 5.5], [1.5, 9]][kind];
    return (zoom) => thicker * Math.min(most, Math.max(0.6 * least, least * 1.42 ** (zoom - 12)));
  }

  /** The numbers of the lines for which `has` holds, by how wide they are drawn. */
  function byWidth(width, has) {
    const lists = [[], [], []];
    width.forEach((kind, i) => has(i) && lists[kind].push(i));
    return lists.map((list) => Int32Array.from(list));
  }

  /** What lies under the compared streets, and the outline of the area. */
  function drawGround(data, map, renderer) {
    const around = lines(data.base.streets);
    byWidth(integers(data.base.width), () => true).forEach((pick, kind) =>
      new PackedPath(around, { renderer: renderer.base, color: ["#d9d5cc", "#cfcabf", "#c0b9ab"][kind], width: streetWidth(kind, 0.8) }, pick).addTo(map));
    ground.surroundings(data.base, renderer.ground).forEach((path) => path.addTo(map));
    const outline = lines(data.area);
    new PackedPath(outline, { renderer: renderer.labels, color: "#4a463f", width: 1.8, dash: [10, 4, 2, 4], opacity: 0.9 }).addTo(map);
    ground.placeLabels(data.base, renderer.labels, () => []).forEach((layer) => layer.addTo(map));
    return outline;
  }

  /** The compared streets; the function handed back draws them for what is chosen. */
  function streetLayer(data, map, renderer) {
    const all = lines(data.lines);
    const width = integers(data.width);
    const change = data.change.map(integers);
    const covered = data.sides_covered.map((sides) => sides.map(integers));
    const ofChange = (own) => ORDER.map((kind) => ({
      color: data.kinds[kind].color,
      dash: kind === GONE ? [3, 4] : null,
      thicker: THICKER[kind],
      has: (i) => own[i] === kind,
    }));
    const ofSide = (own) => [1, 0].map((at) => ({
      color: at ? data.colors.uncovered : data.colors.covered,
      thicker: 1.2,
      has: (i) => own[i] === at,
    }));
    let paths = [];
    const draw = ({ cutoff, view }) => {
      paths.forEach((path) => path.remove());
      const classes = view === "change" ? ofChange(change[cutoff]) : ofSide(covered[cutoff][view === "before" ? 0 : 1]);
      paths = classes.flatMap(({ color, dash, thicker, has }) =>
        byWidth(width, has).flatMap((pick, kind) =>
          pick.length ? [new PackedPath(all, { renderer, color, dash, width: streetWidth(kind, thicker) }, pick).addTo(map)] : []));
    };
    return { all, draw };
  }

  /** The stations, by what became of them; in a side's view those that stand there. */
  function stationLayer(data, map) {
    const { stations } = data;
    const spots = places(stations.points);
    const stood = places(stations.points_before);
    const show = (i) => L.popup({ maxWidth: 280, autoPanPadding: [20, 20] })
      .setLatLng(markers[i].getLatLng()).setContent(card(stations, i)).openOn(map);
    const markers = spots.map((at, i) => marker(stations, at, i).on("click", () => show(i)));
    const draw = ({ view }) => markers.forEach((mark, i) => {
      const kind = KINDS[stations.change[i]];
      const isAbsent = (view === "before" && kind === "added") || (view === "after" && kind === "removed");
      mark.setLatLng((view === "before" ? stood : spots)[i]);
      if (isAbsent) mark.remove();
      else mark.addTo(map);
    });
    return { at: (i) => markers[i].getLatLng(), show, draw };
  }

  function marker(stations, at, i) {
    const kind = stations.change[i];
    const isUsed = stations.is_used[i] || stations.was_used[i];
    const size = kind === KEPT ? 13 : 20;
    const spot = el("span", { class: `spot spot-${KINDS[kind]}${isUsed ? "" : " spot-unused"}`, "aria-hidden": "true" }, SIGNS[kind]);
    const icon = L.divIcon({ html: spot, className: "station", iconSize: [size, size] });
    const title = stations.title[i];
    return L.marker(at, { icon, title, alt: title, keyboard: kind !== KEPT, zIndexOffset: kind === KEPT ? 0 : 1000 });
  }

  function card(stations, i) {
    const rows = stations.rows[i].flatMap(([label, text]) => [el("dt", {}, label), el("dd", { dir: "auto" }, text)]);
    return el("div", { class: "card" }, el("h3", { dir: "auto" }, stations.title[i]), el("dl", {}, ...rows));
  }

  const section = (heading, ...children) => el("section", { class: "part" }, el("h2", {}, heading), ...children);

  function radio(name, legend, texts, checked, onchange) {
    const choices = texts.map((text, i) => el("label", {},
      el("input", { type: "radio", name, value: i, checked: i === checked, onchange: () => onchange(i) }), el("span", {}, text)));
    return el("fieldset", { class: "choice" }, el("legend", {}, legend), ...choices);
  }

  /** What the colours mean, with the kilometres of each where the difference is shown. */
  function legendEntries(data, { cutoff, view }) {
    const entries = view === "change"
      ? LEGEND.filter((kind) => data.is_there[kind]).map((kind) =>
        [kind === GONE ? "dotted" : "line", data.kinds[kind].color, data.kinds[kind].text, data.km[cutoff][kind]])
      : [["line", data.colors.covered, data.covered[cutoff], ""], ["line", data.colors.uncovered, data.words.compare_uncovered, ""]];
    return entries.map(([kind, color, text, km]) => {
      const swatch = el("span", { class: `swatch swatch-${kind}`, "aria-hidden": "true" });
      swatch.style.color = color;
      return el("li", {}, swatch, el("span", {}, text), el("span", { class: "key-km" }, km));
    });
  }

  /** The stations that changed, each a button to its place. */
  function changeList(data, go) {
    const { stations, words } = data;
    const changed = stations.change.flatMap((kind, i) => (kind === KEPT ? [] : [i]));
    if (!changed.length) return el("p", { class: "hint" }, words.compare_stations_none);
    const items = changed.map((i) => el("li", {}, el("button", { type: "button", onclick: () => go(i) },
      el("small", {}, stations.kinds[stations.change[i]]), el("span", { dir: "auto" }, stations.title[i]))));
    return el("ul", { class: "changes" }, ...items);
  }

  function about(data) {
    const { words, sides } = data;
    const hint = (...children) => el("p", { class: "hint", dir: "auto" }, ...children);
    return section(words.compare_notes,
      hint(`${words.compare_before}: ${sides[0]}`),
      hint(`${words.compare_after}: ${sides[1]}`),
      ...data.notes.map((note) => hint(note)),
      data.report ? hint(el("a", { href: encodeURIComponent(data.report) }, words.full_report)) : null);
  }

  /** Where the screen is narrow the details are folded away. */
  function foldButton(panel, words) {
    const fold = el("button", { type: "button", class: "fold", "aria-expanded": "false", "aria-controls": "details" }, words.details);
    fold.addEventListener("click", () => {
      const open = panel.classList.toggle("open");
      fold.setAttribute("aria-expanded", String(open));
      fold.textContent = open ? words.map_only : words.details;
    });
    return fold;
  }

  /** The panel; the function handed back writes it for what is chosen. */
  function buildPanel(data, state, choose, goTo) {
    const { words } = data;
    const panel = document.getElementById("panel");
    panel.setAttribute("aria-label", words.panel_label);
    const headline = el("p", { class: "sentence", "aria-live": "polite" });
    const legend = el("ul", { class: "legend" });
    const fold = foldButton(panel, words);
    const go = (i) => {
      if (panel.classList.contains("open")) fold.click();
      goTo(i);
    };
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
        el("section", { class: "part" }, legend), section(words.compare_stations, changeList(data, go)), about(data)),
    );
    return () => {
      headline.textContent = data.headlines[state.cutoff];
      legend.replaceChildren(...legendEntries(data, state));
    };
  }

  /** Until the reader has moved the map it keeps showing the whole area. */
  function keepFitted(map, fit) {
    let isTouched = false;
    const touch = () => { isTouched = true; };
    map.on("dragstart popupopen", touch);
    for (const name of ["wheel", "pointerdown", "keydown"]) map.getContainer().addEventListener(name, touch, { passive: true });
    new ResizeObserver(() => {
      map.invalidateSize({ pan: false });
      if (!isTouched && map.getSize().x) fit();
    }).observe(map.getContainer());
  }

  return { renderers, drawGround, streetLayer, stationLayer, buildPanel, keepFitted };
})();

/** Put the page together on the map that folium made. */
walkshed.start = (map) => {
  const { compare, codec } = walkshed;
  const data = JSON.parse(document.getElementById("walkshed-data").textContent);
  for (const name of ["station", "station_edge"]) {
    document.documentElement.style.setProperty(`--${name.replace("_", "-")}`, data.colors[name]);
  }
  const state = { cutoff: data.cutoffs.length - 1, view: "change" };
  const renderer = compare.renderers(map);
  const outline = compare.drawGround(data, map, renderer);
  const streets = compare.streetLayer(data, map, renderer.streets);
  const stations = compare.stationLayer(data, map);
  const choose = (changes) => {
    Object.assign(state, changes);
    map.closePopup();
    streets.draw(state);
    stations.draw(state);
    write();
  };
  const write = compare.buildPanel(data, state, choose, (i) => {
    map.setView(stations.at(i), Math.max(map.getZoom(), 15), { animate: false });
    stations.show(i);
  });
  const whole = codec.bounds(outline) ?? codec.bounds(streets.all);
  const fit = () => map.fitBounds(whole, { padding: [16, 16], animate: false });
  map.options.zoomSnap = 0.25;
  map.options.zoomDelta = 0.5;
  map.getContainer().setAttribute("aria-label", data.words.map_label);
  map.setView(whole.getCenter(), 12, { animate: false });
  choose({});
  walkshed.controls(map, data, fit);
  compare.keepFitted(map, fit);
};
