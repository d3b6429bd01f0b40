"""Parts of the page «Пульт»."""
