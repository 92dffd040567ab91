"use strict";

/** The streets by walk to the stations of one category alone. */
walkshed.categories = (() => {
  const { integers, drawnLines } = walkshed.codec;
  const EARTH_ROUND_M = 40075016.686;

  /** Metres of one unit of the world's square, where a line starts. */
  const metresPerUnit = ({ y, start }, line) => EARTH_ROUND_M / 256 / Math.cosh(Math.PI * (1 - y[start[line]] / 128));

  function lengthOf({ x, y, start }, line) {
    let length = 0;
    for (let i = start[line]; i < start[line + 1] - 1; i++) length += Math.hypot(x[i + 1] - x[i], y[i + 1] - y[i]);
    return length;
  }

  const metresOf = (lines, line) => lengthOf(lines, line) * metresPerUnit(lines, line);

  /** The costs of a view, in metres, at both ends of each line; infinite beyond the largest budget. */
  function costs(view, data) {
    const step = data.budgets_m[data.budgets_m.length - 1] / data.cost_steps;
    return [view.start, view.end].map((packed) => Float64Array.from(integers(packed), (steps) => (steps < 0 ? Infinity : steps * step)));
  }

  /** A reader of the cost in metres at a share of a line: the lesser of the ways from both its ends. */
  function coster(view, data, lines) {
    const [start, end] = costs(view, data);
    return (line, share) => {
      const metres = metresOf(lines, line);
      return Math.min(start[line] + share * metres, end[line] + (1 - share) * metres);
    };
  }

  /** Where on a line, in metres from its start, a budget ends. */
  function cutsOf(start, end, metres, budgets) {
    const cuts = [];
    for (const budget of budgets) {
      const [before, after] = [Math.max(0, budget - start), Math.max(0, budget - end)];
      if (before + after < metres) cuts.push(...[before, metres - after].filter((at) => at > 0 && at < metres));
    }
    return cuts.sort((a, b) => a - b);
  }

  /** Hand the points of a line between two lengths along it to `put`. */
  function slice({ x, y, start }, line, from, to, put) {
    let along = 0;
    for (let i = start[line]; i < start[line + 1] - 1 && along < to; i++) {
      const [dx, dy] = [x[i + 1] - x[i], y[i + 1] - y[i]];
      const step = Math.hypot(dx, dy);
      if (along + step > from) {
        const [a, b] = [from - along, to - along].map((at) => Math.min(1, Math.max(0, at / step)));
        if (from >= along) put(x[i] + a * dx, y[i] + a * dy);
        put(x[i] + b * dx, y[i] + b * dy);
      }
      along += step;
    }
  }

  /**
   * All lines, cut where a budget ends: `lines` as the codec makes them, of each piece the `line` that it is of,
   * and its `kind`: the first budget that covers it, or one past the last.
   */
  function cut(view, data, lines) {
    const [starts, ends] = costs(view, data);
    const [x, y, start, kind, line] = [[], [], [0], [], []];
    const put = (east, south) => { x.push(east); y.push(south); };
    for (let own = 0; own < lines.size; own++) {
      const unit = metresPerUnit(lines, own);
      const metres = lengthOf(lines, own) * unit;
      let from = 0;
      for (const to of [...cutsOf(starts[own], ends[own], metres, data.budgets_m), metres]) {
        const middle = (from + to) / 2;
        const cost = Math.min(starts[own] + middle, ends[own] + metres - middle);
        const covering = data.budgets_m.findIndex((budget) => cost <= budget);
        slice(lines, own, from / unit, to / unit, put);
        start.push(x.length);
        kind.push(covering < 0 ? data.budgets_m.length : covering);
        line.push(own);
        from = to;
      }
    }
    return { lines: drawnLines(x, y, start), kind, line };
  }

  return { cut, coster, metresOf };
})();
