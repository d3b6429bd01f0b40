/* The one script that Dash injects. It imports the modules of the page; they are evaluated once.
   Must not: hold any logic of its own. */
(function () {
  "use strict";
  var base = document.currentScript.src;
  import(new URL("js/main.mjs", base).href).then(function (main) {
    return main.start(new URL(".", base).href);
  });
})();
