import { geoInterpolate, geoNaturalEarth1, geoPath } from 'd3-geo';
import { feature } from 'topojson-client';
import world from 'world-atlas/land-110m.json';
import { at, CALM_MS, count, isCalm, withColours, write } from './dom.js';

const LIFE_MS = 6000, POINTS = 48, FLIGHTS_MAX = 120;
const FRAME_MS = 30; // twice as often looks the same and costs twice as much
const land = feature(world, world.objects.land);
const antarctica = -60; // nobody flies there
const polygons = land.features[0].geometry.coordinates.filter(([ring]) =>
  ring.some(([, latitude]) => latitude > antarctica));
const inhabited = { type: 'MultiPolygon', coordinates: polygons };

/** Flights as arcs on a map; the land is drawn once, only what moves is drawn per frame. */
export class Flights {
  #canvas = at('map'); #pen = this.#canvas.getContext('2d');
  #ground = document.createElement('canvas');
  #projection = geoNaturalEarth1().rotate([-11, 0]);
  #flights = []; #seen = 0; #passengers = 0; #colour = {}; #width = 0; #height = 0; #scale = 1;
  #next = 0;

  start() {
    withColours((colour) => {
      this.#colour = Object.fromEntries(['land', 'accent', 'warm'].map((name) => [name, colour(name)]));
      this.#drawGround();
    });
    new ResizeObserver(() => this.#resize()).observe(this.#canvas.parentElement);
    const frame = (now) => {
      requestAnimationFrame(frame);
      if (now < this.#next) return;
      this.#next = now + (isCalm.matches ? CALM_MS : FRAME_MS);
      this.#draw(now);
    };
    requestAnimationFrame(frame);
    setInterval(() => write(at('flights-say'),
      `${count(this.#seen)} departures · ${count(this.#passengers)} passengers · ${this.#flights.length} in the air`), 500);
  }

  flight({ data }) {
    ++this.#seen;
    this.#passengers += data.passengers ?? 0;
    if (document.hidden) return;
    const way = geoInterpolate([data.from.lon, data.from.lat], [data.to.lon, data.to.lat]);
    const places = Array.from({ length: POINTS + 1 }, (_, i) => way(i / POINTS));
    this.#flights.push({ places, points: null, since: performance.now(), code: data.to.code });
    if (this.#flights.length > FLIGHTS_MAX) this.#flights.shift();
  }

  #resize() {
    const box = this.#canvas.parentElement;
    this.#width = box.clientWidth;
    this.#height = box.clientHeight;
    if (!this.#width || !this.#height) return;
    this.#scale = devicePixelRatio;
    for (const canvas of [this.#canvas, this.#ground]) {
      canvas.width = this.#width * this.#scale;
      canvas.height = this.#height * this.#scale;
    }
    const seen = { type: 'MultiPoint', coordinates: [[-168, 0], [-169.5, 0], [11, 78], [11, -56]] };
    this.#projection.fitExtent([[4, 4], [this.#width - 4, this.#height - 4]], seen);
    for (const flight of this.#flights) flight.points = null;
    this.#drawGround();
  }

  #drawGround() {
    if (!this.#width) return;
    const pen = this.#ground.getContext('2d');
    pen.setTransform(this.#scale, 0, 0, this.#scale, 0, 0);
    pen.clearRect(0, 0, this.#width, this.#height);
    pen.beginPath();
    geoPath(this.#projection, pen)(inhabited);
    pen.fillStyle = this.#colour.land;
    pen.fill();
  }

  #draw(now) {
    if (!this.#width) return;
    const pen = this.#pen;
    pen.setTransform(1, 0, 0, 1, 0, 0);
    pen.clearRect(0, 0, this.#canvas.width, this.#canvas.height);
    pen.drawImage(this.#ground, 0, 0);
    pen.setTransform(this.#scale, 0, 0, this.#scale, 0, 0);
    this.#flights = this.#flights.filter((flight) => now - flight.since < LIFE_MS);
    for (const flight of this.#flights) this.#drawFlight(pen, flight, (now - flight.since) / LIFE_MS);
    pen.globalAlpha = 1;
  }

  /** part: of its life, 0 to 1. It flies for the most of it, then its arc fades. */
  #drawFlight(pen, flight, part) {
    flight.points ??= flight.places.map((place) => this.#projection(place));
    const flown = isCalm.matches ? 1 : Math.min(1, Math.max(0, part) / 0.75);
    const end = flown * POINTS, whole = Math.floor(end);
    pen.globalAlpha = 0.55 * Math.min(1, (1 - part) * 4);
    pen.strokeStyle = this.#colour.accent;
    const size = Math.max(1, this.#width / 900); // on a wall
    pen.lineWidth = 1.1 * size;
    pen.beginPath();
    for (let i = 0; i <= whole; ++i) this.#lineTo(pen, flight.points, i);
    const head = between(flight.points[whole], flight.points[Math.min(POINTS, whole + 1)], end - whole);
    if (isNear(flight.points[whole], head, this.#width)) pen.lineTo(...head);
    pen.stroke();
    pen.globalAlpha = Math.min(1, (1 - part) * 4);
    pen.fillStyle = this.#colour.warm;
    pen.beginPath();
    pen.arc(...head, size * (flown < 1 ? 2.1 : 2.1 + 5 * (part - 0.75)), 0, 7);
    pen.fill();
  }

  #lineTo(pen, points, i) {
    // Across the edge of the map there is no line.
    if (i === 0 || !isNear(points[i - 1], points[i], this.#width)) pen.moveTo(...points[i]);
    else pen.lineTo(...points[i]);
  }
}

function between([x0, y0], [x1, y1], part) {
  return Math.abs(x1 - x0) > 200 ? [x0, y0] : [x0 + (x1 - x0) * part, y0 + (y1 - y0) * part];
}

function isNear([x0], [x1], width) {
  return Math.abs(x1 - x0) < width / 3;
}
