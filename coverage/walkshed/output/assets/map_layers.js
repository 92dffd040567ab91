"use strict";

/** The layers that can be shown and hidden, each with its legend. */
walkshed.layers = (() => {
  const { PackedPath, Labels, hatch } = walkshed.draw;
  const { integers, lines, places, worldX, worldY } = walkshed.codec;

  const FONT = getComputedStyle(document.documentElement).getPropertyValue("--font");

  // What is covered comes in the blues of `colours.py`; an orange that every kind of colour vision tells
  // from them is what is not, near-black dots what cannot be reached.
  const BEYOND = "#dd7d1c";
  const UNREACHED = "#2b2b2b";
  const GAP = "#a5003a";
  const DEPTHS = [BEYOND, "#a79fcb", "#6f55a8", "#3b0f70"];
  const MARKS = ["circle", "square", "diamond", "triangle", "pentagon", "ring"];
  const MARK_COLORS = ["#1f1f1f", "#b3006b", "#00664b", "#7a4a00", "#5b2a86", "#4d4d4d"];
  const GAPS_STRONG = 10;
  const NUMBERS_APART = 34;
  const NUMBERS_APART_FAR = 44;
  const NUMBERS_FAR = 30;
  const FAR_ZOOM = 12.5;
  const PANES = ["base", "covered", "ground", "gaps", "streets", "labels", "marked"];

  /** Pixels that a street is wide: paths, streets and main roads grow with the zoom. */
  function streetWidth(kind, thicker) {
    const [least, most] = [[0.4, 3], [0.7, 5], [1.3, 9]][kind];
    return (zoom) => thicker * Math.min(most, Math.max(least, least * 1.42 ** (zoom - 12)));
  }

  function makeRenderers(map) {
    const made = {};
    PANES.forEach((name, i) => {
      const pane = map.createPane(`walkshed-${name}`);
      pane.style.zIndex = 210 + 40 * i;
      pane.style.pointerEvents = "none";
      made[name] = L.canvas({ pane: `walkshed-${name}`, padding: 0.15 });
    });
    return made;
  }

  /** The numbers of the lines for which `of` gives each of `count` classes. */
  function picks(size, count, of) {
    const lists = Array.from({ length: count }, () => []);
    for (let i = 0; i < size; i++) lists[of(i)].push(i);
    return lists.map((list) => Int32Array.from(list));
  }

  /** Coloured streets: a path for every class and width, those that matter least below. */
  function streetPaths(streets, classes, classOf, renderer) {
    const count = classes.length;
    const picked = picks(streets.lines.size, 3 * count, (i) => streets.width[i] * count + classOf(i));
    return picked.flatMap((pick, at) => {
      if (!pick.length) return [];
      const { color, dash, thinner } = classes[at % count];
      const width = streetWidth(Math.floor(at / count), thinner ?? 1.25);
      return [new PackedPath(streets.lines, { renderer, color, dash, width }, pick)];
    });
  }

  function greyStreets(shape, widths, renderer) {
    return picks(shape.size, 3, (i) => widths[i]).map(
      (pick, kind) => new PackedPath(shape, { renderer, color: ["#d3cfc6", "#c9c4b9", "#b9b2a3"][kind], width: streetWidth(kind, 1) }, pick),
    );
  }

  /** Water, rail and buildings. They lie above the covered area: a canal must be seen to cut through it. */
  function surroundings(base, renderer) {
    if (!base.water) return [];
    const rail = lines(base.rail);
    const grown = (least, most) => (zoom) => Math.min(most, Math.max(least, least * 1.4 ** (zoom - 12)));
    return [
      new PackedPath(lines(base.buildings), { renderer, fill: "rgba(92, 78, 54, 0.13)", width: 0, minZoom: 13 }),
      new PackedPath(lines(base.water), { renderer, fill: "#b4d8e7", color: "#86bdd4", width: 0.7 }),
      new PackedPath(lines(base.waterways), { renderer, color: "#86bdd4", width: grown(1.2, 7) }),
      new PackedPath(rail, { renderer, color: "#8d8d8d", width: grown(1.6, 4.4) }),
      new PackedPath(rail, { renderer, color: "#ffffff", width: grown(0.8, 2.6), dash: [7, 7] }),
    ];
  }

  function placeLabels(base, renderer, avoid) {
    if (!base.places) return [];
    const at = places(base.places.points);
    const labels = base.places.names.map((text, i) => {
      const rank = base.places.rank[i];
      return {
        x: worldX(at[i].lng),
        y: worldY(at[i].lat),
        text,
        size: rank < 2 ? 15 : rank < 5 ? 13 : 12,
        weight: rank < 2 ? 600 : 500,
        color: "#3f3b34",
        minZoom: [0, 9, 11, 11, 12, 12, 13, 13, 14][rank],
      };
    });
    return [new Labels(labels, { renderer, font: FONT, avoid })];
  }

  /** A group of paths to show or hide as one. */
  function toggled(map, paths) {
    return (on) => paths.forEach((path) => (on ? path.addTo(map) : path.remove()));
  }

  function coveredLayer(data, map, renderer, colors, words) {
    const shapes = data.covered.map(lines);
    let paths = [];
    let [shown, chosen] = [false, shapes.length - 1];
    const draw = () => {
      paths.forEach((path) => path.remove());
      paths = shown
        ? shapes.slice(0, chosen + 1).reverse().map((shape, i) =>
          new PackedPath(shape, {
            renderer, fill: colors[chosen - i], fillOpacity: 0.16, color: colors[chosen - i], width: i ? 0.8 : 1.6, opacity: 0.75,
          }).addTo(map))
        : [];
    };
    return {
      key: "covered",
      name: words.layer_covered,
      on: true,
      legend: data.cutoffs.map((cutoff, i) => ({ swatch: "area", color: colors[i], text: walkshed.fill(words.within, { cutoff }) })),
      show: (on) => { shown = on; draw(); },
      choose: (index) => { chosen = index; draw(); },
    };
  }

  function minutesLayer(data, map, streets, renderer, colors, words) {
    const last = data.cutoffs[data.cutoffs.length - 1];
    const classes = [
      ...data.cutoffs.map((cutoff, i) => ({ color: colors[i], text: walkshed.fill(words.within, { cutoff }) })),
      { color: BEYOND, thinner: 1, text: walkshed.fill(words.beyond, { cutoff: last }) },
      { color: UNREACHED, dash: [3, 4], text: words.unreached },
    ];
    return {
      key: "streets",
      group: "streets",
      name: words.layer_streets,
      on: true,
      legend: classes.map(({ color, dash, text }) => ({ swatch: dash ? "dotted" : "line", color, text })),
      show: toggled(map, streetPaths(streets, classes, (i) => streets.kind[i], renderer)),
    };
  }

  function depthLayer(map, streets, renderer, words) {
    const texts = [words.depth_none, ...[1, 2].map((count) => walkshed.fill(words.depth_some, { count })), walkshed.fill(words.depth_more, { count: 3 })];
    const classes = texts.map((text, i) => ({ color: DEPTHS[i], text }));
    return {
      key: "depth",
      group: "streets",
      name: words.layer_depth,
      on: false,
      legend: classes.map(({ color, text }) => ({ swatch: "line", color, text })),
      show: toggled(map, streetPaths(streets, classes, (i) => Math.min(streets.depth[i], 3), renderer)),
    };
  }

  function gapLayer(data, map, renderer, words, select) {
    const pattern = hatch("rgba(165, 0, 58, 0.2)");
    const shapes = data.gaps.map((gap) => lines(gap.rings));
    const outlines = shapes.map(shells);
    const outline = (zoom) => Math.min(1.4, Math.max(0.4, 0.4 * 1.5 ** (zoom - 12)));
    const paths = shapes.flatMap((shape, i) => [
      new PackedPath(shape, { renderer, fill: pattern, width: 0 }),
      new PackedPath(shape, { renderer, color: GAP, width: outline, opacity: i < GAPS_STRONG ? 0.95 : 0.55 }, outlines[i]),
    ]);
    const numbers = data.gaps.map((gap, i) => numberMarker(gap, () => select(i)));
    const show = toggled(map, paths);
    let shown = false;
    const taken = [];
    const thin = () => {
      thinOut(map, numbers, shown, taken);
      map.fire("numbers"); // place names keep clear of them
    };
    map.on("zoomend moveend", thin);
    return {
      key: "gaps",
      name: words.layer_gaps,
      on: true,
      shapes,
      outlines,
      legend: [{ swatch: "gap", color: GAP, text: words.legend_gap }],
      show: (on) => { shown = on; show(on); thin(); },
      taken,
      visible: () => shown,
    };
  }

  /** The numbers of the rings that run the way of shells: a hole's outline would only be noise. */
  function shells({ x, y, start, size }) {
    const found = [];
    for (let ring = 0; ring < size; ring++) {
      let area = 0;
      for (let i = start[ring]; i < start[ring + 1] - 1; i++) area += x[i] * y[i + 1] - x[i + 1] * y[i];
      if (area < 0) found.push(ring); // y grows southward here, so shells, counter-clockwise on the ground, are negative
    }
    return Int32Array.from(found);
  }

  function numberMarker(gap, select) {
    const badge = walkshed.el("span", { class: "gap-number" }, String(gap.rank));
    const icon = L.divIcon({ html: badge, className: "gap-marker", iconSize: [24, 24] });
    const marker = L.marker(gap.at, { icon, keyboard: gap.rank <= 20, title: gap.title, alt: gap.title });
    return marker.on("click", select);
  }

  /** Of the numbers that would overlap only the one of the better rank is shown; `taken` receives their places. */
  function thinOut(map, markers, shown, taken) {
    const view = map.getBounds().pad(0.25);
    const far = map.getZoom() < FAR_ZOOM;
    const apart = far ? NUMBERS_APART_FAR : NUMBERS_APART;
    taken.length = 0;
    for (const [i, marker] of markers.entries()) {
      const at = map.latLngToLayerPoint(marker.getLatLng());
      const free = shown && (!far || i < NUMBERS_FAR) && view.contains(marker.getLatLng()) && !taken.some((t) => t.distanceTo(at) < apart);
      if (free) taken.push(at);
      if (free !== map.hasLayer(marker)) free ? marker.addTo(map) : marker.remove();
    }
  }

  function stationLayer(data, map, words, select) {
    const { stations, categories } = data;
    const many = stations.title.length > 100;
    const markers = places(stations.points).map((at, i) => {
      const title = stations.title[i];
      const mark = stations.status[i] ? "unused" : MARKS[stations.category[i] % MARKS.length];
      const html = markImage(mark, MARK_COLORS[stations.category[i] % MARK_COLORS.length]);
      const icon = L.divIcon({ html, className: `station station-${mark}`, iconSize: [24, 24] });
      const marker = L.marker(at, { icon, title, alt: title, keyboard: !many, zIndexOffset: 500, riseOnHover: true });
      return marker.on("click", () => select(i));
    });
    const legend = categories.map(({ name, count }, i) => ({
      swatch: "mark", image: () => markImage(MARKS[i % MARKS.length], MARK_COLORS[i % MARK_COLORS.length]), text: `${name} (${count})`,
    }));
    if (stations.status.some(Boolean)) legend.push({ swatch: "mark", image: () => markImage("unused"), text: words.legend_unused });
    // From afar the marks shrink, so that they do not hide the town.
    const shrink = () => map.getContainer().classList.toggle("far", map.getZoom() < FAR_ZOOM);
    map.on("zoomend", shrink);
    shrink();
    return { key: "stations", name: words.layer_stations, on: true, legend, markers, show: toggled(map, markers) };
  }

  const MARK_PATHS = {
    circle: "M8 1.8a6.2 6.2 0 1 0 .01 0z",
    square: "M2.6 2.6h10.8v10.8H2.6z",
    diamond: "M8 .9 15.1 8 8 15.1.9 8z",
    triangle: "M8 1.3 15 14H1z",
    pentagon: "M8 1.2l6.8 5-2.6 8.1H3.8L1.2 6.2z",
    ring: "M8 1.8a6.2 6.2 0 1 0 .01 0zM8 5.4a2.6 2.6 0 1 1-.01 0z",
    unused: "M3 3l10 10M13 3 3 13",
  };

  function markImage(mark, color) {
    const space = "http://www.w3.org/2000/svg";
    const image = document.createElementNS(space, "svg");
    image.setAttribute("viewBox", "-1 -1 18 18");
    image.setAttribute("class", `mark mark-${mark}`);
    image.setAttribute("aria-hidden", "true");
    const path = document.createElementNS(space, "path");
    path.setAttribute("d", MARK_PATHS[mark]);
    if (color) path.style.fill = color;
    image.append(path);
    return image;
  }

  function areaLayer(data, map, renderer, words) {
    const shape = lines(data.area);
    const path = new PackedPath(shape, { renderer, color: "#4a463f", width: 1.8, dash: [10, 4, 2, 4], opacity: 0.9 });
    return { key: "area", name: words.layer_area, on: true, shape, swatch: { swatch: "dashed", color: "#4a463f" }, legend: [], show: toggled(map, [path]) };
  }

  /** Show or hide a layer; while no layer colours the streets of the area, they are drawn grey. */
  function tracked(layer, listed, showGrey) {
    return (on) => {
      layer.shown = on;
      layer.show(on);
      if (layer.group === "streets") showGrey(!listed.some((other) => other.group === "streets" && other.shown));
    };
  }

  /** Read the columns of the streets. */
  function readStreets(packed) {
    const read = { lines: lines(packed.lines), names: packed.names };
    for (const column of ["kind", "width", "tenths", "station", "depth", "gap", "name"]) read[column] = integers(packed[column]);
    return read;
  }

  function build(data, map, select) {
    const words = data.words;
    const renderer = makeRenderers(map);
    const { colors } = data;
    const streets = readStreets(data.streets);
    const around = lines(data.base.streets);
    greyStreets(around, integers(data.base.width), renderer.base).forEach((path) => path.addTo(map));
    const showGrey = toggled(map, greyStreets(streets.lines, streets.width, renderer.base));
    const near = surroundings(data.base, renderer.ground);
    const listed = [
      stationLayer(data, map, words, select.station),
      gapLayer(data, map, renderer.gaps, words, select.gap),
      minutesLayer(data, map, streets, renderer.streets, colors, words),
      depthLayer(map, streets, renderer.streets, words),
      coveredLayer(data, map, renderer.covered, colors, words),
      areaLayer(data, map, renderer.labels, words),
    ];
    if (near.length) {
      const showNear = toggled(map, near);
      const labels = placeLabels(data.base, renderer.labels, listed.find((layer) => layer.key === "gaps").taken);
      map.on("numbers", () => labels.forEach((layer) => layer._update()));
      const showNames = toggled(map, labels);
      listed.push({ key: "base", name: words.layer_base, on: true, legend: [], show: (on) => { showNear(on); showNames(on); } });
    }
    return { listed: listed.map((layer) => ({ ...layer, show: tracked(layer, listed, showGrey) })), streets, around, renderer };
  }

  return { build, streetWidth, GAP };
})();
