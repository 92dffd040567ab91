"use strict";

/** All layers that can be shown and hidden, each with its legend, in the order of the panel. */
walkshed.layers = (() => {
  const { streets: roads, marks, ground, sites } = walkshed;
  const { integers, lines } = walkshed.codec;

  const PANES = ["base", "covered", "ground", "gaps", "streets", "people", "labels", "marked"];

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

  /** A group of paths to show or hide as one. */
  const toggler = (map) => (paths) => (on) => paths.forEach((path) => (on ? path.addTo(map) : path.remove()));

  /**
   * Show or hide a layer; while no layer colours the streets of the area, they are drawn grey, and while zones or
   * people are shown, whose colours would drown among them, streets and gaps are drawn faintly.
   */
  function tracked(layer, listed, showGrey, map) {
    const { show } = layer;
    return (on) => {
      layer.shown = on;
      show(on);
      if (layer.isOnStage) {
        const faint = listed.some((other) => other.isOnStage && other.shown);
        for (const name of ["streets", "gaps"]) map.getPane(`walkshed-${name}`).style.opacity = faint ? 0.35 : "";
      }
      if (layer.group === "streets") showGrey(!listed.some((other) => other.group === "streets" && other.shown));
    };
  }

  /** Switch on the layer that the page is to open with, and those off that it takes the place of. */
  function showFirst(listed, key) {
    const first = listed.find((layer) => layer.key === key);
    if (!first) return;
    for (const other of listed) if (first.group && other.group === first.group) other.on = false;
    first.on = true;
  }

  /** `scale` tells how far the map is zoomed in from the first view; `select` shows what was clicked. */
  function build(data, map, scale, select) {
    const renderer = makeRenderers(map);
    const toggled = toggler(map);
    const streets = roads.read(data.streets);
    const around = lines(data.base.streets);
    roads.greyStreets(around, integers(data.base.width), renderer.base).forEach((path) => path.addTo(map));
    const showGrey = toggled(roads.greyStreets(streets.lines, streets.width, renderer.base));
    const stations = marks.stationLayer(data, map, toggled, select);
    const gaps = marks.gapLayer(data, map, renderer.gaps, scale, toggled, select.gap);
    const proposed = data.sites.length ? sites.siteLayer(data, map, toggled, select.site) : null;
    const clearings = { avoid: () => [...gaps.taken, ...(proposed?.heads() ?? [])], shun: () => stations.inView() };
    const listed = [
      proposed,
      stations,
      gaps,
      roads.minutesLayer(data, streets, renderer.streets, toggled),
      roads.depthLayer(data, streets, renderer.streets, toggled),
      ground.coveredLayer(data, map, renderer.covered),
      data.zones && ground.zoneLayer(data, renderer.covered, toggled),
      data.people && ground.peopleLayer(data, renderer.people, toggled),
      ground.straightLayer(data, map, renderer.people, stations.spots),
      ground.areaLayer(data, renderer.labels, toggled),
      baseLayer(data, map, renderer, clearings, toggled),
      data.tiles && ground.tileLayer(data, toggled),
    ].filter(Boolean);
    showFirst(listed, data.first);
    for (const layer of listed) layer.show = tracked(layer, listed, showGrey, map);
    return { listed, streets, around, renderer, layer: (key) => listed.find((layer) => layer.key === key) };
  }

  /** The base map, if there is any; place names keep clear of `clearings` (see `draw.Labels`). */
  function baseLayer(data, map, renderer, clearings, toggled) {
    if (!data.base_name) return null;
    const labels = ground.placeLabels(data.base, renderer.labels, clearings);
    map.on("numbers", () => labels.forEach((layer) => layer._update()));
    const paths = [...ground.surroundings(data.base, renderer.ground), ...labels];
    return { key: "base", name: data.base_name, on: true, legend: () => [], show: toggled(paths) };
  }

  return { build };
})();
