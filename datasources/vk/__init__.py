"""VK: what citizens write on the walls of communities, in comments there, and where they mention them."""
