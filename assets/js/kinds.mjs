// The functions that fill panels, by kind: `render(value, context, tables) -> {children, aside?, table?, empty, figure?: {build, paths}}`.
// `context` has config, format, measure, tokens, now, views, unit, `params` (the panel's own) and `room`, the size of its body in
// scene pixels. A kind in `TELLS_AGES` has words that may be others with every second.

import { renderFlow } from "./panels/flow.mjs";
import { kpiPanels } from "./panels/kpi.mjs";
import { renderFeed, renderIncidents, renderSectors, renderSources } from "./panels/lists.mjs";
import { renderRating } from "./panels/rating.mjs";
import { renderTopics } from "./panels/topics.mjs";

export const KINDS = { ...kpiPanels, flow: renderFlow, sectors: renderSectors, incidents: renderIncidents, feed: renderFeed, sources: renderSources, rating: renderRating, topics: renderTopics };
export const TELLS_AGES = new Set(["incidents", "feed", "sources"]);
