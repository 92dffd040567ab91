"use strict";

/** Everything this page's scripts share. */
const walkshed = {};

/** Text with its braces filled: fill("within {cutoff}", { cutoff: "15 min" }). */
walkshed.fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, key) => values[key]);

/** An element; children that are text become text, never HTML. */
walkshed.el = (tag, attributes = {}, ...children) => {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value != null) element.setAttribute(name, value);
  }
  element.append(...children.filter((child) => child != null));
  return element;
};

/** Numbers and shapes as `packing.py` writes them: text, five bits a character, the sixth says "more". */
walkshed.codec = (() => {
  const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  const VALUE = new Uint8Array(128);
  for (let i = 0; i < 64; i++) VALUE[ALPHABET.charCodeAt(i)] = i;

  function integers(text) {
    let count = 0;
    for (let i = 0; i < text.length; i++) if (VALUE[text.charCodeAt(i)] < 32) count++;
    const numbers = new Int32Array(count);
    for (let i = 0, at = 0; at < count; at++) {
      let folded = 0;
      let shift = 0;
      let five;
      do {
        five = VALUE[text.charCodeAt(i++)];
        folded += (five & 31) * 2 ** shift;
        shift += 5;
      } while (five & 32);
      numbers[at] = folded % 2 ? -(folded + 1) / 2 : folded / 2;
    }
    return numbers;
  }

  /** Whether places are drawn in GCJ-02, as tiles of Chinese services are. All data stay WGS 84. */
  let isShifted = false;

  /** WGS 84 to GCJ-02, by the formula that is public since 2010; outside China nothing is shifted. */
  function gcj02(lon, lat) {
    if (lon < 72.004 || lon > 137.8347 || lat < 0.8293 || lat > 55.8271) return [lon, lat];
    const { sin, cos, sqrt, abs, PI } = Math;
    const [x, y] = [lon - 105, lat - 35];
    const wave = (20 * sin(6 * x * PI) + 20 * sin(2 * x * PI)) * (2 / 3);
    const north = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * sqrt(abs(x)) + wave
      + (20 * sin(y * PI) + 40 * sin((y / 3) * PI) + 160 * sin((y / 12) * PI) + 320 * sin((y * PI) / 30)) * (2 / 3);
    const east = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * sqrt(abs(x)) + wave
      + (20 * sin(x * PI) + 40 * sin((x / 3) * PI) + 150 * sin((x / 12) * PI) + 300 * sin((x / 30) * PI)) * (2 / 3);
    const [axis, flat] = [6378245, 0.00669342162296594323]; // of Krasovsky's ellipsoid
    const phi = (lat * PI) / 180;
    const bend = 1 - flat * sin(phi) ** 2;
    const perNorth = (axis * (1 - flat) * PI) / (bend * sqrt(bend) * 180);
    return [lon + (east * 180) / ((axis / sqrt(bend)) * cos(phi) * PI), lat + north / perNorth];
  }

  const drawn = (lon, lat) => (isShifted ? gcj02(lon, lat) : [lon, lat]);

  /** A place of the data as Leaflet's. */
  function place(lat, lon) {
    const [east, north] = drawn(lon, lat);
    return L.latLng(north, east);
  }

  /** The world as a square of 256: what Leaflet's zoom 0 shows. */
  const worldX = (lon) => 256 * (lon / 360 + 0.5);
  const worldY = (lat) => {
    const sine = Math.sin((lat * Math.PI) / 180);
    return 256 * (0.5 - Math.log((1 + sine) / (1 - sine)) / (4 * Math.PI));
  };

  /**
   * Lines in world coordinates. Line i is the points start[i] to start[i + 1] of x and y;
   * box holds its least x, least y, greatest x and greatest y.
   */
  function lines(packed) {
    const counts = integers(packed.n);
    const steps = integers(packed.xy);
    const start = new Int32Array(counts.length + 1);
    for (let i = 0; i < counts.length; i++) start[i + 1] = start[i] + counts[i];
    const x = new Float64Array(steps.length / 2);
    const y = new Float64Array(steps.length / 2);
    for (let i = 0, lon = 0, lat = 0; i < x.length; i++) {
      lon += steps[2 * i];
      lat += steps[2 * i + 1];
      const [east, north] = drawn(lon / 1e5, lat / 1e5);
      x[i] = worldX(east);
      y[i] = worldY(north);
    }
    return { x, y, start, box: boxes(x, y, start), size: counts.length };
  }

  /** Several packed shapes as one. */
  function joined(all) {
    const [x, y, start] = [[], [], [0]];
    for (const own of all.map(lines)) {
      for (let i = 1; i < own.start.length; i++) start.push(x.length + own.start[i]);
      for (let i = 0; i < own.x.length; i++) {
        x.push(own.x[i]);
        y.push(own.y[i]);
      }
    }
    return drawnLines(x, y, start);
  }

  function boxes(x, y, start) {
    const box = new Float64Array(4 * (start.length - 1));
    for (let line = 0; line < start.length - 1; line++) {
      let [west, north, east, south] = [Infinity, Infinity, -Infinity, -Infinity];
      for (let i = start[line]; i < start[line + 1]; i++) {
        west = Math.min(west, x[i]);
        east = Math.max(east, x[i]);
        north = Math.min(north, y[i]);
        south = Math.max(south, y[i]);
      }
      box.set([west, north, east, south], 4 * line);
    }
    return box;
  }

  /** The box around all lines, or null if there is none. */
  function bounds(shape) {
    if (!shape.size) return null;
    const all = [Infinity, Infinity, -Infinity, -Infinity];
    for (let i = 0; i < shape.box.length; i += 4) {
      all[0] = Math.min(all[0], shape.box[i]);
      all[1] = Math.min(all[1], shape.box[i + 1]);
      all[2] = Math.max(all[2], shape.box[i + 2]);
      all[3] = Math.max(all[3], shape.box[i + 3]);
    }
    return L.latLngBounds(latLng(all[0], all[3]), latLng(all[2], all[1]));
  }

  function latLng(x, y) {
    const lat = (Math.atan(Math.sinh(Math.PI * (1 - y / 128))) * 180) / Math.PI;
    return L.latLng(lat, (x / 256 - 0.5) * 360);
  }

  /** All points, as Leaflet's places. */
  function places(packed) {
    const shape = lines(packed);
    return Array.from(shape.x, (x, i) => latLng(x, shape.y[i]));
  }

  /** Lines from lists of points in world coordinates. */
  function shape(rings) {
    const start = new Int32Array(rings.length + 1);
    rings.forEach((ring, i) => { start[i + 1] = start[i] + ring.length; });
    const all = rings.flat();
    return drawnLines(all.map((point) => point[0]), all.map((point) => point[1]), start);
  }

  /** Lines from plain lists: all points, and the place of each line's first one. */
  function drawnLines(xs, ys, starts) {
    const [x, y, start] = [Float64Array.from(xs), Float64Array.from(ys), Int32Array.from(starts)];
    return { x, y, start, box: boxes(x, y, start), size: start.length - 1 };
  }

  /** A ring of points `metres` away in a straight line, on the WGS 84 ellipsoid. */
  function ring(at, metres) {
    const phi = (at.lat * Math.PI) / 180;
    const perLat = 111132.92 - 559.82 * Math.cos(2 * phi) + 1.175 * Math.cos(4 * phi);
    const perLon = 111412.84 * Math.cos(phi) - 93.5 * Math.cos(3 * phi) + 0.118 * Math.cos(5 * phi);
    return Array.from({ length: 97 }, (_, i) => {
      const turn = (i / 48) * Math.PI;
      return [worldX(at.lng + (metres * Math.cos(turn)) / perLon), worldY(at.lat + (metres * Math.sin(turn)) / perLat)];
    });
  }

  const shiftChina = (on) => { isShifted = on; };

  return { integers, lines, joined, bounds, latLng, place, places, worldX, worldY, shape, drawnLines, ring, shiftChina, gcj02 };
})();
