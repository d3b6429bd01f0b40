"""The Telegram Bot API: what citizens write in chats that the operator named, as a bot sees it."""
