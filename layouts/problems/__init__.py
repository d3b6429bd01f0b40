"""What the page «Проблемы» is made of."""
