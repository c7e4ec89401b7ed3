// The map of themes: ECharts over the table beside it, so both hold the same numbers.
(() => {
  "use strict";
  const figure = document.getElementById("map");
  const rows = [...document.querySelectorAll(`${figure.dataset.points} tbody tr`)];
  const number = (cell) => Number(cell.textContent.trim().split(/\s/)[0].replace(/\D/g, "")) || 0;
  const points = rows.map((row) => {
    const [title, , impact, companies] = row.cells;
    return {
      name: title.textContent.trim(),
      href: title.querySelector("a").getAttribute("href"),
      value: [Number(row.dataset.x), Number(row.dataset.y), number(impact), number(companies)],
      colour: Number(row.dataset.c),
      found: "found" in row.dataset,
      here: "here" in row.dataset,
    };
  });
  const searching = points.some((point) => point.found);

  // light-dark() resolves only in computed colours: a probe asks for each.
  function colours() {
    const probe = document.createElement("span");
    figure.append(probe);
    const read = (name) => { probe.style.color = `var(--${name})`; return getComputedStyle(probe).color; };
    const found = { ink: read("ink"), soft: read("ink-2"), line: read("line"), surface: read("surface"), shu: read("shu"), areas: [1, 2, 3, 4, 5, 6].map((n) => read(`d-${n}`)) };
    probe.remove();
    return found;
  }

  // Which side of its circle a title stands on: those of the highest impact first, none over
  // another title, another circle or the edge. What finds no room is told by the tooltip.
  // On a phone they are wrapped.
  const wide = () => (figure.clientWidth < 600 ? 132 : 560);
  const EDGE = 8, LINE = 16, FONT = 12, LEAST = -0.06, MOST = 1.06;
  const radius = (point) => Math.min(44, 7 + 3 * Math.sqrt(point.value[3])) / 2;
  const at = (value, length) => EDGE + ((value - LEAST) / (MOST - LEAST)) * (length - 2 * EDGE);
  function sides() {
    const [width, height] = [figure.clientWidth, figure.clientHeight];
    const pen = document.createElement("canvas").getContext("2d");
    pen.font = `${FONT}px ${getComputedStyle(figure).fontFamily}`;
    const box = (point, left, right, tall) => {
      const y = height - at(point.value[1], height);
      return { left, right, top: y - tall, bottom: y + tall };
    };
    const taken = points.map((point) => {
      const x = at(point.value[0], width);
      return { point, ...box(point, x - radius(point), x + radius(point), radius(point)) };
    });
    const hits = (a, b) => a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
    const wanted = points.filter((point) => (searching ? point.found || point.here : true));
    const found = new Map();
    for (const point of wanted.sort((a, b) => b.here - a.here || b.value[2] - a.value[2])) {
      const x = at(point.value[0], width), gap = radius(point) + 6, whole = pen.measureText(point.name).width;
      const long = Math.min(whole, wide()), lines = Math.ceil(whole / (0.92 * wide()));
      for (const side of ["right", "left"]) {
        const [left, right] = side === "right" ? [x + gap, x + gap + long] : [x - gap - long, x - gap];
        const title = box(point, left, right, (lines * LINE) / 2);
        if (left < 2 || right > width - 2 || taken.some((other) => other.point !== point && hits(title, other))) continue;
        taken.push(title);
        found.set(point, side);
        break;
      }
    }
    return found;
  }

  function option(colour) {
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    const labelled = sides();
    return {
      animation: !still, animationDuration: 200, animationDurationUpdate: 200,
      aria: { enabled: false },
      grid: { left: EDGE, right: EDGE, top: EDGE, bottom: EDGE },
      xAxis: { type: "value", min: LEAST, max: MOST, show: false },
      yAxis: { type: "value", min: LEAST, max: MOST, show: false },
      dataZoom: [{ type: "inside", xAxisIndex: 0, filterMode: "none" }, { type: "inside", yAxisIndex: 0, filterMode: "none" }],
      // Drawn in the picture: mark-up with inline style is against the page's policy.
      tooltip: {
        renderMode: "richText", backgroundColor: colour.surface, borderColor: colour.line, textStyle: { color: colour.ink, fontSize: 13 },
        formatter: ({ data }) => `${data.name}\n${figure.dataset.impact} ${data.value[2]} · ${figure.dataset.companies} ${data.value[3]}`,
      },
      series: [{
        type: "scatter", cursor: "pointer",
        symbolSize: (_value, { data }) => 2 * radius(data),
        data: points.map((point) => ({
          ...point,
          itemStyle: {
            color: colour.areas[point.colour - 1], opacity: searching && !point.found ? 0.18 : 0.78,
            borderColor: point.here || point.found ? colour.shu : colour.surface, borderWidth: point.here || point.found ? 3 : 1,
          },
          label: {
            show: labelled.has(point), position: labelled.get(point) || "right", formatter: "{b}",
            width: wide(), overflow: "break", lineHeight: LINE, color: colour.ink, opacity: 1, fontSize: FONT, fontFamily: getComputedStyle(figure).fontFamily, textBorderColor: colour.surface, textBorderWidth: 3,
          },
        })),
        emphasis: { focus: "none", label: { show: true } },
      }],
    };
  }

  const chart = echarts.init(figure, null, { renderer: "svg" });
  const draw = () => chart.setOption(option(colours()), true);
  draw();
  chart.on("click", ({ data }) => { location.href = data.href; });
  addEventListener("resize", () => { chart.resize(); draw(); });
  new MutationObserver(draw).observe(document.documentElement, { attributeFilter: ["data-theme"] });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
})();
