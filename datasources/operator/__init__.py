"""What operators register by hand: the page «Регистрация»."""
