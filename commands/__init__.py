"""Words of app.py, one module each: `add_arguments(parser)` and `run(args, settings) -> exit code`."""
