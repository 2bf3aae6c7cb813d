// Drawings of the tables below them: the numbers are read from the page itself.

import "./console.js";

const color = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

const numbersOf = (id) => [...document.querySelectorAll(`#${id} tbody tr`)].map((row) => {
  const cells = row.querySelectorAll("td");
  return [cells[0].textContent.trim(), Number(cells[1].textContent)];
});

const options = (kind, rows) => {
  const hours = kind === "hours";
  const full = hours ? Array.from({ length: 24 }, (_, h) => String(h).padStart(2, "0")) : rows.map(([name]) => name).reverse();
  const known = new Map(rows);
  const names = { type: "category", data: full, axisLabel: { color: color("--muted") }, axisTick: { show: false }, axisLine: { lineStyle: { color: color("--line") } } };
  const values = { type: "value", minInterval: 1, axisLabel: { color: color("--muted") }, splitLine: { lineStyle: { color: color("--line") } } };
  return {
    animation: false,
    grid: { left: 8, right: 16, top: 12, bottom: 4, containLabel: true },
    textStyle: { fontFamily: getComputedStyle(document.body).fontFamily },
    tooltip: { renderMode: "richText", trigger: "axis" },
    xAxis: hours ? names : values,
    yAxis: hours ? values : names,
    series: [{ type: "bar", data: full.map((name) => known.get(name) ?? 0), itemStyle: { color: color("--accent") }, barMaxWidth: 18 }],
  };
};

const charts = [...document.querySelectorAll("[data-chart]")].map((box) => {
  const chart = echarts.init(box);
  const draw = () => chart.setOption(options(box.dataset.chart, numbersOf(box.dataset.of)));
  draw();
  return { chart, draw };
});
addEventListener("resize", () => { for (const { chart } of charts) chart.resize(); });
new MutationObserver(() => { for (const { draw } of charts) draw(); }).observe(document.documentElement, { attributes: true, attributeFilter: ["data-bs-theme"] });
