// What the benchmark asks of dash-leaflet's page: draw, a new point, a move.
window.run = {
  total: () => [...document.querySelectorAll("#map .marker-cluster")].reduce((n, one) => n + Number(one.textContent), 0)
    + document.querySelectorAll("#map .leaflet-marker-icon:not(.marker-cluster)").length,
  draw: async ({ points }) => {
    const began = performance.now();
    window.features = points.map(([lat, lon]) => ({ type: "Feature", properties: {}, geometry: { type: "Point", coordinates: [lon, lat] } }));
    dash_clientside.set_props("points", { data: { type: "FeatureCollection", features } });
    return (await watch.painted(() => document.querySelector("#map .leaflet-marker-icon"))) - began;
  },
  add: async ([lat, lon]) => {
    const began = performance.now();
    window.features = [...features, { type: "Feature", properties: {}, geometry: { type: "Point", coordinates: [lon, lat] } }];
    const layer = document.querySelector("#map .leaflet-marker-pane");
    let changed = false;
    const seen = new MutationObserver(() => (changed = true));
    seen.observe(layer, { childList: true, subtree: true });
    dash_clientside.set_props("points", { data: { type: "FeatureCollection", features } });
    const at = await watch.painted(() => changed);
    seen.disconnect();
    return at - began;
  },
  move: (nearer, { center, zoom }) => {
    dash_clientside.set_props("map", { viewport: { center: [center.lat, center.lon], zoom: Math.round(zoom + 1 + (nearer ? 2 : 0)), transition: "flyTo" } });
  },
};
