// Draws the path of the money from the data that the page carries. Positions come from the server: time runs from
// left to right, on a narrow screen from top to bottom. Without this file the page shows the table alone.
"use strict";

(function () {
  const box = document.getElementById("flow");
  if (!box || typeof cytoscape === "undefined") return;
  const graph = JSON.parse(box.dataset.graph);
  const upright = box.parentElement.clientWidth < 560;
  const READABLE = 0.5;
  const said = document.getElementById("flow-said");

  for (const id of ["flow", "flow-tools", "flow-legend", "flow-said"]) document.getElementById(id).hidden = false;
  document.getElementById("flow-table").open = false;
  if (upright) document.querySelector('[data-flow="direction"]').textContent = "from top to bottom";

  function colours() {
    const style = getComputedStyle(document.documentElement);
    const read = (name) => style.getPropertyValue(name).trim();
    return { ink: read("--ink"), muted: read("--muted"), surface: read("--surface"), page: read("--page"),
      line: read("--strong-line"), alert: read("--critical"), focus: read("--focus"), low: read("--low-soft") };
  }

  function look() {
    const c = colours();
    const font = getComputedStyle(document.body).fontFamily;
    return [
      { selector: "node", style: {
        shape: "round-rectangle", width: 108, height: 42, "background-color": c.surface, "border-width": 1.5,
        "border-color": c.line, label: "data(label)", color: c.ink, "font-size": 12.5, "font-family": font,
        "text-valign": "center", "text-halign": "center", "text-wrap": "wrap", "line-height": 1.15 } },
      { selector: "node[?alerted]", style: { "border-color": c.alert, "border-width": 2 } },
      { selector: "edge", style: {
        width: 1.5, "line-color": c.line, "target-arrow-color": c.line, "target-arrow-shape": "triangle",
        "curve-style": "bezier", "control-point-step-size": 46, label: "data(label)", color: c.muted, "font-size": 11.5,
        "font-family": font, "text-background-color": c.page, "text-background-opacity": 0.88,
        "text-background-padding": 2, "arrow-scale": 1.1 } },
      { selector: "edge[bow > 0]", style: {
        "curve-style": "unbundled-bezier", "control-point-distances": "data(bow)", "control-point-weights": 0.5 } },
      { selector: "edge[?alert]", style: {
        width: 3, "line-color": c.alert, "target-arrow-color": c.alert, color: c.alert, "font-weight": "bold",
        "z-index": 5 } },
      { selector: ":selected", style: { "border-color": c.focus, "border-width": 3, "line-color": c.focus,
        "target-arrow-color": c.focus } },
      { selector: ".faded", style: { opacity: 0.25 } },
    ];
  }

  const place = (node) => (upright ? { x: node.narrow_x, y: node.narrow_y } : { x: node.x, y: node.y });
  const cy = cytoscape({
    container: box,
    elements: {
      nodes: graph.nodes.map((node) => ({ data: node, position: place(node) })),
      edges: graph.edges.map((edge) => ({ data: edge })),
    },
    layout: { name: "preset", padding: 24 },
    style: look(),
    userZoomingEnabled: false,
    userPanningEnabled: !upright,
    autoungrabify: true,
    boxSelectionEnabled: false,
    maxZoom: 2.5,
    minZoom: 0.15,
  });

  // The box is as tall as the drawing needs at the width that there is.
  function whole() {
    const drawn = cy.elements().boundingBox();
    const scale = Math.min(1.15, (box.clientWidth - 48) / drawn.w);
    const tallest = upright ? 620 : 560;
    const least = scale < READABLE ? tallest : 170;
    box.style.height = Math.round(Math.min(tallest, Math.max(least, drawn.h * scale + 70))) + "px";
    cy.resize();
    cy.fit(undefined, 24);
    if (cy.zoom() > 1.15) { cy.zoom(1.15); cy.center(); }
  }

  // A large drawing begins near its last alert, large enough to read; it can be dragged.
  function begin() {
    whole();
    if (cy.zoom() >= READABLE) return;
    cy.zoom(0.8);
    cy.center(cy.edges("[?alert]").last().connectedNodes());
    cy.userPanningEnabled(true);
    document.querySelector('[data-flow="drag"]').hidden = false;
  }

  cy.on("tap", "node, edge", function (event) {
    const chosen = event.target;
    said.textContent = chosen.data("words");
    cy.elements().addClass("faded");
    chosen.closedNeighborhood().union(chosen.connectedNodes ? chosen.connectedNodes() : []).removeClass("faded");
  });
  cy.on("tap", function (event) {
    if (event.target === cy) { cy.elements().removeClass("faded"); said.textContent = ""; }
  });
  document.getElementById("flow-tools").addEventListener("click", function (event) {
    const step = event.target.dataset.flow;
    const middle = { x: box.clientWidth / 2, y: box.clientHeight / 2 };
    if (step === "fit") { whole(); cy.userPanningEnabled(!upright); return; }
    if (!step) return;
    cy.zoom({ level: cy.zoom() * (step === "in" ? 1.35 : 1 / 1.35), renderedPosition: middle });
    cy.userPanningEnabled(true);
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => cy.style(look()));
  addEventListener("resize", begin);
  begin();
})();
