"use strict";

/** The walk from a street point to its nearest station, line by line, as `mapdata.py` packs it. */
walkshed.routes = (() => {
  const { integers, shape, worldX, worldY } = walkshed.codec;
  const [TO_START, TO_END, FIRST_PEAK] = [0, 1, 2];

  /** For each line where it turns, and the lines to go on with; -1 where the station is. */
  function read(packed) {
    const turn = integers(packed.turn);
    const steps = integers(packed.next);
    const onward = { start: new Int32Array(turn.length).fill(-1), end: new Int32Array(turn.length).fill(-1) };
    let at = 0;
    for (let line = 0; line < turn.length; line++) {
      for (const [end, unused] of [["start", TO_END], ["end", TO_START]]) {
        if (turn[line] === unused) continue;
        const step = steps[at++];
        onward[end][line] = step ? line + step : -1;
      }
    }
    return { turn, onward };
  }

  /** Where the walk is longest on a line, 0 to 1: who stands before that goes to its start. */
  const peak = (turn) => (turn === TO_START ? 1 : turn === TO_END ? 0 : (turn - FIRST_PEAK) / 100);

  /** A finder of walks over the streets inside the area and around it. */
  function finder(packed, inside, around) {
    const { turn, onward } = read(packed);
    const of = (line) => (line < inside.size ? [inside, line] : [around, line - inside.size]);

    /** Put the points of a line on the walk, from one of its points to its start or end. */
    function walk(points, [lines, own], from, backward) {
      const [first, last] = [lines.start[own], lines.start[own + 1] - 1];
      if (backward) for (let i = Math.min(from, last); i >= first; i--) points.push([lines.x[i], lines.y[i]]);
      else for (let i = Math.max(from, first); i <= last; i++) points.push([lines.x[i], lines.y[i]]);
    }

    /** Metres that the walk from a share of a line is longer than from its middle. */
    const beyondMiddle = (line, share) => {
      const top = peak(turn[line]);
      return (Math.abs(0.5 - top) - Math.abs(share - top)) * walkshed.categories.metresOf(inside, line);
    };

    /** The walk from a point of a line (see `nearestPoint`) to a station's place, as one line to draw. */
    const route = ({ line, segment, share, x, y }, station) => {
      const points = [[x, y]];
      let backward = share < peak(turn[line]);
      walk(points, of(line), backward ? segment : segment + 1, backward);
      let next = onward[backward ? "start" : "end"][line];
      for (let left = turn.length; next >= 0 && left > 0; left--) {
        backward = peak(turn[next]) >= 0.5;
        walk(points, of(next), backward ? Infinity : -Infinity, backward);
        next = onward[backward ? "start" : "end"][next];
      }
      points.push([worldX(station.lng), worldY(station.lat)]);
      return shape([points]);
    };
    return { route, beyondMiddle };
  }

  return { finder };
})();
