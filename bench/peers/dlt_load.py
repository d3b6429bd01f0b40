"""dlt loading the same pages of JSON into one table; runs in an environment of its own, knows nothing of the product.

`python bench/peers/dlt_load.py FEED DESTINATION DATABASE PAGE_N FOLDER` prints one JSON line. The pages are fetched by
dlt's own REST client with its page-number paging, loaded into an empty dataset (`append`: dlt's fastest way; it looks
for no duplicates), with telemetry and progress off. Workers stay at dlt's defaults. What it does beyond an INSERT:
extract to files, infer a schema and normalise, load with its own bookkeeping. What it leaves out: areas, topics,
terms, quarantine, history, numbers, a log.
"""

from __future__ import annotations

import json
import os
import sys
import time


def main() -> int:
    """Load everything once, and print the seconds and the rows that are there."""
    feed, destination, database, page_n, folder = sys.argv[1:]
    os.environ |= {
        "RUNTIME__DLTHUB_TELEMETRY": "false",
        "RUNTIME__LOG_LEVEL": "CRITICAL",
        "DLT_DATA_DIR": folder,
    }
    import dlt  # noqa: PLC0415 - only after its settings
    from dlt.sources.helpers.rest_client import RESTClient  # noqa: PLC0415
    from dlt.sources.helpers.rest_client.paginators import PageNumberPaginator  # noqa: PLC0415

    base, _, path = feed.rpartition("/")

    @dlt.resource(name="appeals", write_disposition="append")
    def appeals() -> object:
        paginator = PageNumberPaginator(base_page=1, page_param="page", total_path=None, stop_after_empty_page=True)
        client = RESTClient(base_url=base, paginator=paginator, data_selector="items")
        for page in client.paginate(path, params={"per_page": int(page_n)}):
            yield [item for item in page if isinstance(item, dict)]  # dlt loads objects only

    kind = dlt.destinations.sqlalchemy if destination == "sqlalchemy" else dlt.destinations.postgres
    pipeline = dlt.pipeline(
        pipeline_name="bench", destination=kind(database), dataset_name="bench", pipelines_dir=folder
    )
    began_s, cpu_began_s = time.perf_counter(), time.process_time()
    info = pipeline.run(appeals())
    seconds, cpu_s = time.perf_counter() - began_s, time.process_time() - cpu_began_s
    info.raise_on_failed_jobs()
    counts = pipeline.last_trace.last_normalize_info.row_counts
    steps = {step.step: (step.finished_at - step.started_at).total_seconds() for step in pipeline.last_trace.steps}
    print(json.dumps({"seconds": seconds, "cpu_s": cpu_s, "rows": counts.get("appeals", 0), "steps_s": steps}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
