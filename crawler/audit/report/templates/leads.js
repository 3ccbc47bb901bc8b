"use strict";
(() => {
  const table = document.getElementById("lead-table");
  if (!table) return;
  const rows = [...table.tBodies[0].rows];
  const bar = document.getElementById("lead-filter"), input = bar.querySelector("input");
  const said = bar.querySelector("[aria-live]"), whole = said.dataset.of;
  const words = rows.map((row) => row.textContent.toLowerCase());
  const filter = () => {
    const wanted = input.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    rows.forEach((row, index) => {
      row.hidden = !wanted.every((word) => words[index].includes(word));
      shown += row.hidden ? 0 : 1;
    });
    said.textContent = `${shown.toLocaleString("en")} of ${whole} shown`;
  };
  input.addEventListener("input", filter);
  input.addEventListener("keydown", (event) => {
    if (event.key === "Escape") { input.value = ""; filter(); }
  });
  bar.hidden = false;
  filter();
})();
