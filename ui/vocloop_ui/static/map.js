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

  function option(colour) {
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    const most = figure.clientWidth < 600 ? 4 : 14;
    const labelled = new Set([...points].sort((a, b) => b.value[2] - a.value[2]).slice(0, most));
    return {
      animation: !still, animationDuration: 200, animationDurationUpdate: 200,
      aria: { enabled: false },
      grid: { left: 8, right: 8, top: 8, bottom: 8 },
      xAxis: { type: "value", min: -0.06, max: 1.06, show: false },
      yAxis: { type: "value", min: -0.06, max: 1.06, show: false },
      dataZoom: [{ type: "inside", xAxisIndex: 0, filterMode: "none" }, { type: "inside", yAxisIndex: 0, filterMode: "none" }],
      // Drawn in the picture: mark-up with inline style is against the page's policy.
      tooltip: {
        renderMode: "richText", backgroundColor: colour.surface, borderColor: colour.line, textStyle: { color: colour.ink, fontSize: 13 },
        formatter: ({ data }) => `${data.name}\n${figure.dataset.impact} ${data.value[2]} · ${figure.dataset.companies} ${data.value[3]}`,
      },
      series: [{
        type: "scatter", cursor: "pointer",
        symbolSize: (value) => Math.min(44, 7 + 3 * Math.sqrt(value[3])),
        data: points.map((point) => ({
          ...point,
          itemStyle: {
            color: colour.areas[point.colour - 1], opacity: searching && !point.found ? 0.18 : 0.78,
            borderColor: point.here || point.found ? colour.shu : colour.surface, borderWidth: point.here || point.found ? 3 : 1,
          },
          label: {
            show: point.here || point.found || (!searching && labelled.has(point)), position: point.value[0] > 0.55 ? "left" : "right", formatter: "{b}",
            color: colour.ink, opacity: 1, fontSize: 12, textBorderColor: colour.surface, textBorderWidth: 3,
          },
        })),
        labelLayout: { hideOverlap: true },
        emphasis: { focus: "none", label: { show: true } },
      }],
    };
  }

  const chart = echarts.init(figure, null, { renderer: "svg" });
  const draw = () => chart.setOption(option(colours()), true);
  draw();
  chart.on("click", ({ data }) => { location.href = data.href; });
  addEventListener("resize", () => chart.resize());
  new MutationObserver(draw).observe(document.documentElement, { attributeFilter: ["data-theme"] });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
})();
