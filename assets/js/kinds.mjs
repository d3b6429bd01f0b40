// The functions that fill panels, by kind: `render(value, context, tables) -> {children, aside?, table?, empty, figure?: {build, paths}}`.
// `context` has config, format, measure, tokens, now, views, unit, `params` (the panel's own) and `room`, the size of its body in
// scene pixels. A kind in `TELLS_AGES` has words that may be others with every second.

import { renderAreaFacts } from "./panels/area-facts.mjs";
import { renderFlow } from "./panels/flow.mjs";
import { renderIncidentList, renderLevels } from "./panels/incident-list.mjs";
import { kpiPanels } from "./panels/kpi.mjs";
import { renderFeed, renderIncidents, renderSectors, renderSources } from "./panels/lists.mjs";
import { renderRating } from "./panels/rating.mjs";
import { renderSourceTable } from "./panels/source-table.mjs";
import { renderTopics } from "./panels/topics.mjs";
import { renderWeek } from "./panels/week.mjs";

export const KINDS = { ...kpiPanels, flow: renderFlow, sectors: renderSectors, incidents: renderIncidents, feed: renderFeed, sources: renderSources, rating: renderRating, topics: renderTopics, week: renderWeek, "source-table": renderSourceTable, "incident-list": renderIncidentList, levels: renderLevels, "area-facts": renderAreaFacts };
export const OF_SOURCES = new Set(["sources", "source-table"]); // what they show are the ages themselves
export const OF_INCIDENTS = new Set(["incidents", "incident-list"]); // they tell what was missed, too
export const TELLS_AGES = new Set([...OF_SOURCES, ...OF_INCIDENTS, "feed"]);
