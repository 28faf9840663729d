"use strict";
(function () {
  const rule = "#e4e2dc", soft = "#6b7076";
  const tones = { all: "#0a6b66", raw: "#8b9098", scenarios: "#b9791a", other: "#5a4a9c", good: "#0a6b66", bad: "#b3372b", muted: "#a9adb2" };
  const font = "12px system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif";
  const percent = (v) => (v == null ? "–" : +(v * 100).toFixed(v < 0.1 ? 2 : 1) + "%");
  const plain = (v) => (v == null ? "–" : Math.abs(v) >= 100 ? Math.round(v).toLocaleString("en") : +v.toPrecision(3) + "");
  const label = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", timeZone: "UTC" });
  const hour = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", timeZone: "UTC" });
  const day = (v) => (v == null ? "–" : new Date(v * 1000).toISOString().slice(0, 10));

  function axis(title, kind, side) {
    const one = { label: title, font, labelFont: font, stroke: soft, labelSize: 20, grid: { stroke: rule, width: 1 }, ticks: { stroke: rule, width: 1, size: 4 } };
    one.size = side === "y" ? 52 : 32;
    one.labelGap = 2;
    if (kind === "share") { one.values = (u, ticks) => ticks.map((v) => (v == null ? "" : Math.round(v * 100) + "%")); }
    if (kind === "time") { one.values = (u, ticks, at, space, step) => ticks.map((v) => (step < 86400 ? hour : label).format(v * 1000)); one.space = 64; }
    if (kind === "number") { one.values = (u, ticks) => ticks.map((v) => (v == null ? "" : plain(v))); }
    if (kind === "log") { one.values = (u, ticks) => ticks.map((v) => (v == null ? "" : v < 1 ? +v.toPrecision(1) + "" : v.toLocaleString("en"))); }
    return one;
  }

  function series(line, yKind) {
    const colour = tones[line.tone];
    const show = yKind === "share" ? percent : plain;
    const one = { label: line.label, stroke: colour, width: line.mark === "points" ? 0 : 2, spanGaps: true, value: (u, v) => show(v) };
    if (line.dashed) { one.dash = [6, 5]; one.width = 1.5; }
    one.points = line.mark === "points" ? { show: true, size: 5, width: 0, fill: colour } : { show: false };
    if (line.mark === "points") { one.paths = () => null; }
    if (line.mark === "steps") { one.paths = uPlot.paths.stepped({ align: 1 }); }
    return one;
  }

  function scale(kind, data) {
    if (kind === "share") { return { range: [0, 1], time: false }; }
    if (kind === "log") { return { distr: 3, log: 10, time: false, range: (u, low, high) => [low, high] }; }
    return { time: kind === "time" };
  }

  function options(chart, width) {
    const say = { share: percent, number: plain, log: plain, time: day }[chart.x_kind];
    return {
      width, height: Math.max(260, Math.min(360, Math.round(width * 0.52))),
      tzDate: (ts) => uPlot.tzDate(new Date(ts * 1e3), "Etc/UTC"),
      scales: { x: scale(chart.x_kind), y: scale(chart.y_kind) },
      axes: [axis(chart.x_title, chart.x_kind, "x"), axis(chart.y_title, chart.y_kind, "y")],
      series: [{ label: chart.x_title, value: (u, v) => say(v) }].concat(chart.lines.map((l) => series(l, chart.y_kind))),
      cursor: { points: { size: 7 }, drag: { x: false, y: false } },
      legend: { live: width > 520, markers: { width: 0, fill: (u, i) => (i ? tones[chart.lines[i - 1].tone] : "transparent") } }
    };
  }

  function joined(lines) {
    return uPlot.join(lines.map((line) => {
      const order = line.x.map((_, i) => i).sort((a, b) => line.x[a] - line.x[b]);
      const x = [], y = [];
      for (const i of order) {
        if (x.length && x[x.length - 1] === line.x[i]) { y[y.length - 1] = Math.max(y[y.length - 1], line.y[i]); } else { x.push(line.x[i]); y.push(line.y[i]); }
      }
      return [x, y];
    }));
  }

  const charts = JSON.parse(document.getElementById("charts").textContent);
  const drawn = [];
  for (const chart of charts) {
    const place = document.getElementById("chart-" + chart.key);
    if (!place) { continue; }
    const lines = chart.lines.filter((l) => l.x.length);
    if (!lines.length) { place.textContent = "Nothing to draw."; continue; }
    const fit = () => Math.max(280, Math.floor(place.clientWidth));
    const plot = new uPlot(options({ ...chart, lines }, fit()), joined(lines), place);
    drawn.push(() => plot.setSize({ width: fit(), height: plot.height }));
  }
  let waiting = 0;
  window.addEventListener("resize", () => { clearTimeout(waiting); waiting = setTimeout(() => drawn.forEach((f) => f()), 80); });
  document.documentElement.classList.add("drawn");
})();
