// What of Plotly a page needs: its core (with lines), bars, the areas of the map, and Russian: its decimal comma, months
// and days, for pages in that language (English is Plotly's own). scripts/vendor.py bundles it.
const Plotly = require("plotly.js/lib/core");
Plotly.register([require("plotly.js/lib/bar"), require("plotly.js/lib/choroplethmap"), require("plotly.js/lib/locales/ru")]);
Plotly.setPlotConfig({ locale: document.documentElement.lang });
module.exports = Plotly;
