// Colours for what CSS cannot reach (Plotly figures, the canvas) and heights of rows: read from the tokens of
// assets/css/tokens.css, so that each is written once.

export function readTokens(element) {
  const style = getComputedStyle(element);
  const token = (name) => style.getPropertyValue(`--${name}`).trim();
  const height = (name) => parseFloat(token(name)) * 10; // rem are ten scene pixels
  return {
    rows: { sector: height("sector-row"), feed: height("feed-row") },
    ground: token("map-ground"),
    border: token("map-border"),
    shades: { none: token("shade-none"), steps: [1, 2, 3, 4, 5, 6].map((n) => token(`shade-${n}`)), missed: [1, 2, 3].map((n) => token(`shade-missed-${n}`)) },
    cluster: token("cluster"),
    clusterEdge: token("cluster-edge"),
    mark: token("mark"),
    muted: token("muted"),
    leader: token("leader"),
    tones: Object.fromEntries(["critical", "warning", "notice", "info"].map((tone) => [tone, token(`tone-${tone}`)])),
    bar: token("bar"),
    barUnfinished: token("bar-unfinished"),
    lineAnswered: token("line-answered"),
    lineWeekAgo: token("line-week-ago"),
    gaugeTarget: token("gauge-target"),
    textPrimary: token("text-primary"),
    textSecondary: token("text-secondary"),
    textWeekAgo: token("text-week-ago"),
    grid: token("grid"),
    axis: token("axis"),
  };
}
