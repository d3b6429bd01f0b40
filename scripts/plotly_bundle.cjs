// What of Plotly a page needs: its core (with lines), bars and the areas of the map. scripts/vendor.py bundles it.
const Plotly = require("plotly.js/lib/core");
Plotly.register([require("plotly.js/lib/bar"), require("plotly.js/lib/choroplethmap")]);
module.exports = Plotly;
