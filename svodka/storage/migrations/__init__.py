"""Alembic's folder: the steps that bring a database from any earlier schema to the present one."""
