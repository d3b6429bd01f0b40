"""Pure nouns of the trade: appeals, incidents, clocks, frames. No I/O, no framework."""
