// The button of the briefing; the browser's own print command does the same.
(() => {
  "use strict";
  document.addEventListener("click", (event) => { if (event.target.closest("[data-print]")) print(); });
})();
