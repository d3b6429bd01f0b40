"""A region as data: types of a profile and the reader of its folder."""
