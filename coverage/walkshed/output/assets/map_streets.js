"use strict";

/** The streets: grey, by minutes to the nearest station, or by the number of stations in reach. */
walkshed.streets = (() => {
  const { fill } = walkshed;
  const { PackedPath } = walkshed.draw;
  const { integers, lines } = walkshed.codec;
  const { cut } = walkshed.categories;

  /** Pixels that a street is wide: paths, streets and main roads grow with the zoom. */
  function streetWidth(kind, thicker) {
    const [least, most] = [[0.4, 3], [0.7, 5], [1.3, 9]][kind];
    return (zoom) => thicker * Math.min(most, Math.max(0.55 * least, least * 1.42 ** (zoom - 12)));
  }

  /** The numbers of the lines for which `of` gives each of `count` classes. */
  function picks(size, count, of) {
    const lists = Array.from({ length: count }, () => []);
    for (let i = 0; i < size; i++) lists[of(i)].push(i);
    return lists.map((list) => Int32Array.from(list));
  }

  /** Coloured lines: a path for every class and width, those that matter least below. `style` colours a class. */
  function streetPaths(lines, widthOf, count, classOf, style, renderer) {
    const picked = picks(lines.size, 3 * count, (i) => widthOf(i) * count + classOf(i));
    return picked.flatMap((pick, at) => {
      if (!pick.length) return [];
      const { color, dash, thinner } = style(at % count);
      const width = streetWidth(Math.floor(at / count), thinner ?? 1.25);
      const path = new PackedPath(lines, { renderer, color, dash, width }, pick);
      return [Object.assign(path, { streetClass: at % count })];
    });
  }

  function greyStreets(shape, widths, renderer) {
    return picks(shape.size, 3, (i) => widths[i]).map(
      (pick, kind) => new PackedPath(shape, { renderer, color: ["#d3cfc6", "#c9c4b9", "#b9b2a3"][kind], width: streetWidth(kind, 1) }, pick),
    );
  }

  /** Streets by minutes, to any station or to those of one category. What lies beyond the cutoff chosen is coloured as not covered. */
  function minutesLayer(data, streets, renderer, toggled) {
    const { words, colors, cutoffs } = data;
    const last = cutoffs.length - 1;
    let chosen = last;
    const style = (kind) => {
      if (kind > last + 1) return { color: colors.unreached, dash: [3, 4] };
      return kind > chosen ? { color: colors.gap, thinner: kind > last ? 1 : 1.25 } : { color: colors.ramp[kind] };
    };
    const isUnreached = streets.kind.includes(last + 2);
    const pathsOf = (view) => {
      if (!view) return streetPaths(streets.lines, (i) => streets.width[i], last + 3, (i) => streets.kind[i], style, renderer);
      const pieces = cut(view, data, streets.lines);
      return streetPaths(pieces.lines, (i) => streets.width[pieces.line[i]], last + 2, (i) => pieces.kind[i], style, renderer);
    };
    let shown = false;
    let view = null;
    let paths = pathsOf(view);
    const legend = () => [
      ...cutoffs.slice(0, chosen + 1).map((cutoff, i) => ({ swatch: "line", color: colors.ramp[i], text: fill(words.within, { cutoff }) })),
      { swatch: "line", color: colors.gap, text: fill(words.beyond, { cutoff: cutoffs[chosen] }) },
      ...(isUnreached && !view ? [{ swatch: "dotted", color: colors.unreached, text: words.unreached }] : []),
    ];
    const choose = (index, wanted) => {
      chosen = index;
      if (wanted !== view) {
        toggled(paths)(false);
        [view, paths] = [wanted, pathsOf(wanted)];
        toggled(paths)(shown);
      }
      for (const path of paths) {
        path.options.color = style(path.streetClass).color;
        path._update();
      }
    };
    const show = (on) => { shown = on; toggled(paths)(on); };
    return { key: "streets", group: "streets", name: words.layer_streets, on: true, legend, choose, show };
  }

  function depthLayer(data, streets, renderer, toggled) {
    const { words, colors } = data;
    const texts = [words.depth_none, ...[1, 2].map((count) => fill(words.depth_some, { count })), fill(words.depth_more, { count: 3 })];
    const paths = streetPaths(streets.lines, (i) => streets.width[i], 4, (i) => Math.min(streets.depth[i], 3), (i) => ({ color: colors.depths[i] }), renderer);
    return {
      key: "depth",
      group: "streets",
      name: fill(words.layer_depth, { cutoff: data.cutoffs[data.cutoffs.length - 1] }),
      on: false,
      isForAll: true,
      legend: () => texts.map((text, i) => ({ swatch: "line", color: colors.depths[i], text })),
      show: toggled(paths),
    };
  }

  /** Read the columns of the streets. */
  function read(packed) {
    const streets = { lines: lines(packed.lines), names: packed.names };
    for (const column of ["kind", "width", "tenths", "station", "depth", "gap", "name"]) streets[column] = integers(packed[column]);
    return streets;
  }

  return { read, greyStreets, minutesLayer, depthLayer, streetWidth };
})();
