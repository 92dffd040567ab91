"use strict";

/** What lies under the streets: the base map, covered area, zones, people, straight circles, the study area. */
walkshed.ground = (() => {
  const { fill } = walkshed;
  const { PackedPath, Dots, Labels } = walkshed.draw;
  const { integers, lines, joined, places, shape, ring, worldX, worldY } = walkshed.codec;

  const FONT = getComputedStyle(document.documentElement).getPropertyValue("--font");
  const AREA_COLOR = "#4a463f";

  /** Water, rail and buildings. They lie above the covered area: a canal must be seen to cut through it. */
  function surroundings(base, renderer) {
    const grown = (least, most) => (zoom) => Math.min(most, Math.max(least, least * 1.4 ** (zoom - 12)));
    const paths = [];
    const add = (key, options) => base[key] && paths.push(new PackedPath(lines(base[key]), { renderer, ...options }));
    add("buildings", { fill: "rgba(92, 78, 54, 0.13)", width: 0, minZoom: 13 });
    add("water", { fill: "#b4d8e7", color: "#86bdd4", width: 0.7 });
    add("waterways", { color: "#86bdd4", width: grown(1.2, 7) });
    add("rail", { color: "#8d8d8d", width: grown(1.6, 4.4) });
    add("rail", { color: "#ffffff", width: grown(0.8, 2.6), dash: [7, 7] });
    return paths;
  }

  function placeLabels(base, renderer, clearings) {
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
        isFirst: rank < 2,
        color: "#3f3b34",
        minZoom: [0, 9, 11, 11, 12, 12, 13, 13, 14][rank],
      };
    });
    return [new Labels(labels, { renderer, font: FONT, ...clearings })];
  }

  function coveredLayer(data, map, renderer) {
    const colors = data.colors.ramp;
    const all = data.covered.map(lines);
    let shapes = all;
    let paths = [];
    let [shown, chosen, category] = [false, all.length - 1, null];
    const draw = () => {
      paths.forEach((path) => path.remove());
      const outline = (i) => (category ? 0 : i ? 0.8 : 1.6); // the areas of a category's stations overlap: no line where they meet
      paths = shown
        ? shapes.slice(0, chosen + 1).reverse().flatMap((area, i) => (area ? [new PackedPath(area, {
          renderer, fill: colors[chosen - i], fillOpacity: 0.13, color: colors[chosen - i], width: outline(i), opacity: 0.75,
        }).addTo(map)] : []))
        : [];
    };
    const choose = (index, view) => {
      if (view !== category) [category, shapes] = [view, view ? ownAreas(data, view) : all];
      chosen = index;
      draw();
    };
    return {
      key: "covered",
      group: "areas",
      name: data.words.layer_covered,
      on: true,
      legend: () => data.cutoffs.slice(0, chosen + 1).map((cutoff, i) => ({ swatch: "area", color: colors[i], text: fill(data.words.within, { cutoff }) })),
      show: (on) => { shown = on; draw(); },
      choose,
    };
  }

  /** The areas of one category's stations, one shape a cutoff; null where the map does not carry them. */
  function ownAreas(data, view) {
    const { circles, category } = data.stations;
    return circles.map((own) => own && joined(own.filter((area, i) => area && category[i] === view.category)));
  }

  /** Zones by the share covered at the cutoff chosen; they take the place of the covered area. */
  function zoneLayer(data, renderer, toggled) {
    const { zones, words, colors } = data;
    const shapes = zones.rings.map(lines);
    const color = (at, i) => (zones.classes[at][i] < 0 ? colors.unknown : colors.shares[zones.classes[at][i]]);
    const last = data.cutoffs.length - 1;
    const paths = shapes.map((outline, i) =>
      new PackedPath(outline, { renderer, fill: color(last, i), fillOpacity: 0.72, color: "#5e584e", width: 1.2 }));
    const step = 100 / colors.shares.length;
    const classes = colors.shares.map((shade, i) => ({ swatch: "fill", color: shade, text: fill(words.share_class, { low: i * step, high: (i + 1) * step }) }));
    if (zones.classes.flat().includes(-1)) classes.push({ swatch: "fill", color: colors.unknown, text: words.share_unknown });
    const show = toggled(paths);
    let shown = false;
    return {
      key: "zones",
      isOnStage: true,
      isForAll: true,
      group: "areas",
      name: words[`layer_zones_${zones.by}`],
      on: false,
      legend: () => classes,
      shapes,
      visible: () => shown,
      show: (on) => { shown = on; show(on); },
      choose: (at) => paths.forEach((path, i) => {
        path.options.fill = color(at, i);
        path._update();
      }),
    };
  }

  function peopleLayer(data, renderer, toggled) {
    const { people, words, colors } = data;
    const states = ["covered", "gap", "scattered", "unknown"];
    const [at, count] = [places(people.points), integers(people.count)];
    const most = count.length ? count[0] : 1; // the largest comes first
    const groups = states.map((state) => ({ color: colors.people[state], x: [], y: [], share: [] }));
    at.forEach((place, i) => {
      const group = groups[people.state[i]];
      group.x.push(worldX(place.lng));
      group.y.push(worldY(place.lat));
      group.share.push(count[i] / most);
    });
    const legend = people.legend.map(({ state, text }) => ({ swatch: "dot", color: colors.people[state], text }));
    return {
      key: "people",
      isOnStage: true,
      isForAll: true,
      name: words.layer_people,
      on: false,
      legend: () => [...legend, { text: people.note }],
      show: toggled([new Dots(groups, { renderer })]),
    };
  }

  /** Straight circles of the cutoff's budget round every station that is used: what walking is not. */
  function straightLayer(data, map, renderer, spots) {
    const { words, colors, stations } = data;
    const used = (view) => spots.filter((_, i) => stations.status[i] === 0 && (!view || stations.category[i] === view.category));
    let path = null;
    let [shown, chosen, category] = [false, data.cutoffs.length - 1, null];
    const layer = {
      key: "straight",
      on: false,
      legend: () => [{ swatch: "dashed", color: colors.straight, text: words.straight_legend }],
      show: (on) => { shown = on; draw(); },
      choose: (index, view) => { [chosen, category] = [index, view]; draw(); },
    };
    const draw = () => {
      path?.remove();
      path = shown ? new PackedPath(shape(used(category).map((at) => ring(at, data.budgets_m[chosen]))), straightStyle(data, renderer)).addTo(map) : null;
      layer.name = fill(words.layer_straight, { metres: data.budgets[chosen] });
    };
    draw();
    return layer;
  }

  function straightStyle(data, renderer) {
    return { renderer, color: data.colors.straight, width: 1.8, dash: [8, 5], opacity: 0.95 };
  }

  function areaLayer(data, renderer, toggled) {
    const outline = lines(data.area);
    const path = new PackedPath(outline, { renderer, color: AREA_COLOR, width: 1.8, dash: [10, 4, 2, 4], opacity: 0.9 });
    return { key: "area", name: data.words.layer_area, on: true, shape: outline, swatch: { swatch: "dashed", color: AREA_COLOR }, legend: () => [], show: toggled([path]) };
  }

  /** Tiles of an online service, if the map was made with one. */
  function tileLayer(data, toggled) {
    const { layers, max_zoom: maxNativeZoom } = data.tiles;
    const options = { maxNativeZoom, maxZoom: 20, opacity: 0.75, pane: "tilePane" };
    return { key: "tiles", name: data.words.layer_tiles, on: true, legend: () => [], show: toggled(layers.map((url) => L.tileLayer(url, options))) };
  }

  return { surroundings, placeLabels, coveredLayer, zoneLayer, peopleLayer, straightLayer, straightStyle, areaLayer, tileLayer };
})();
