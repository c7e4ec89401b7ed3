// The number beside a slider follows the thumb; the room itself is solved by the server.
(() => {
  "use strict";
  document.addEventListener("input", (event) => {
    if (!event.target.matches?.("input[type=range]")) return;
    const told = document.querySelector(`output[for="${CSS.escape(event.target.id)}"]`);
    if (told) told.value = Number(event.target.value).toFixed(1);
  });
})();
